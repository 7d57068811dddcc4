"""Annex 4 of CQC11-448321-2016: is every document and listing there that the manufacturer has to hand in?

Proved: a declared file exists and opens, the build tools are declared, sources carry their headers. Not proved: that a
paper says what its item asks for; that stays with the assessor. Findings here do not decide a row of the table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from swassess.catalogue import Annex4Item, FoundBy, annex4_items
from swassess.errors import SubmissionError
from swassess.model.evaluation import DocumentItem
from swassess.model.finding import Finding, Place, Severity
from swassess.submission.documents import document_fault, read_text
from swassess.submission.headers import functions_of, missing_fields
from swassess.submission.intake import Submission
from swassess.submission.manifest import MANIFEST_NAME

_LANGUAGES = {".c": "C", ".h": "C", ".cc": "C++", ".cpp": "C++", ".cxx": "C++", ".hpp": "C++",
              ".s": "assembler", ".asm": "assembler", ".inc": "assembler"}  # fmt: skip
_INCLUDE_SUFFIXES = (".h", ".hpp", ".inc")
_UNITS = (".c", ".cc", ".cpp", ".cxx", ".s", ".asm")


@dataclass(frozen=True, slots=True)
class _Source:
    """A source file of the submission: path, text (None when unreadable), header fields missing."""

    path: str
    text: str | None
    lacking: tuple[str, ...]


def judge_documents(submission: Submission) -> tuple[tuple[DocumentItem, ...], tuple[Finding, ...]]:
    """Every item of Annex 4, in the Annex's order, as present, absent or not applicable; and what is wrong with them.

    A finding's rule and subject are the item's id.
    """
    documents: dict[str, list[str]] = {}
    for item_id, path, _ in submission.manifest.documents:
        documents.setdefault(item_id, []).append(path)
    excused = dict(submission.manifest.not_applicable)
    sources = _sources(submission)
    items: list[DocumentItem] = []
    findings: list[Finding] = []
    for item in annex4_items():
        papers = documents.get(item.id, [])
        usable, faults = _open_papers(submission, item, papers)
        findings += faults
        found = list(usable) if "document" in item.found_by else []
        for way in item.found_by:
            if way != "document":
                found += [path for path in _FINDERS[way](submission, sources) if path not in found]
        if found:
            status, reason = "present", ""
        elif item.id in excused:
            status, reason = "not_applicable", excused[item.id]
        else:
            status, reason = "absent", ""
            findings.append(_absent(item, bool(papers)))
        if status == "present" and item.id in excused:
            message = f"{item.id} is declared not applicable ({excused[item.id]}) but was found"
            findings.append(Finding(item.id, item.id, Severity.REMARK, message, (Place(found[0]),)))
        items.append(
            DocumentItem(item.id, item.title_zh, item.title_en, status, tuple(found), reason, item.for_the_assessor)
        )
        if status == "present":
            findings += _judge_headers(item, [s for s in sources if s.path in found])
    return tuple(items), tuple(findings)


def _open_papers(
    submission: Submission, item: Annex4Item, papers: list[str]
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    usable: list[str] = []
    faults: list[Finding] = []
    for path in papers:
        try:
            fault = document_fault(submission.path_of(path))
        except SubmissionError:
            fault = "is not in the submission"
        if fault:
            message = f"the document {path} for {item.title_en} ({item.title_zh}) {fault}"
            faults.append(Finding(item.id, item.id, Severity.NONCONFORMITY, message, (Place(path),)))
        else:
            usable.append(path)
    return tuple(usable), tuple(faults)


def _absent(item: Annex4Item, declared: bool) -> Finding:
    remedy = "mend the document declared" if declared else _REMEDIES[item.found_by[0]].format(id=item.id)
    message = f"{item.title_en} ({item.title_zh}) is missing: {item.requires} To mend it, {remedy}."
    return Finding(item.id, item.id, Severity.NONCONFORMITY, message, (Place(MANIFEST_NAME),), (item.clause,))


def _sources(submission: Submission) -> tuple[_Source, ...]:
    """The declared safety sources, and of the application the file that holds the main program."""
    declaration = submission.manifest.declaration
    out: list[_Source] = []
    for path in (*declaration.safety_sources, *declaration.application_sources):
        if PurePosixPath(path).suffix.lower() not in _LANGUAGES:
            continue
        text = _text(submission, path)
        keep = path in declaration.safety_sources or (text is not None and _has_main(path, text))
        if keep:
            out.append(_Source(path, text, missing_fields(text) if text is not None else ()))
    return tuple(out)


def _text(submission: Submission, path: str) -> str | None:
    try:
        return read_text(submission.path_of(path))
    except (OSError, SubmissionError):
        return None


def _has_main(path: str, text: str) -> bool:
    suffix = PurePosixPath(path).suffix.lower()
    return suffix in (".c", ".cc", ".cpp", ".cxx") and any(f.name == "main" for f in functions_of(text))


def _judge_headers(item: Annex4Item, sources: list[_Source]) -> list[Finding]:
    """One finding an item for all headers, one for all function comments: the files stand in the evidence."""
    if not {"main_program", "modules"} & set(item.found_by):
        return []
    out: list[Finding] = []
    unread = [source.path for source in sources if source.text is None]
    if unread:
        message = f"{len(unread)} source files cannot be read as text (UTF-8 or GB 18030)"
        out.append(_about(item, Severity.NONCONFORMITY, message, [(path, 1) for path in unread], unread))
    poor = [source for source in sources if source.lacking]
    if poor:
        message = (
            f"{len(poor)} of {len(sources)} source files lack fields in their header: write name, purpose, change "
            "note, version, date, author and company at the top of each"
        )
        evidence = [f"{source.path}: no {', '.join(source.lacking)}" for source in poor]
        out.append(_about(item, Severity.NONCONFORMITY, message, [(source.path, 1) for source in poor], evidence))
    functions = [
        (source.path, function)
        for source in sources
        if source.text is not None and source.path.lower().endswith((".c", ".cc", ".cpp", ".cxx"))
        for function in functions_of(source.text)
    ]
    bare = [(path, function) for path, function in functions if not function.commented]
    if bare:
        message = f"{len(bare)} of {len(functions)} functions have no comment directly above them"
        evidence = [f"{path}:{function.line}: {function.name}" for path, function in bare]
        out.append(_about(item, Severity.REMARK, message, [(p, f.line) for p, f in bare], evidence))
    return out


def _about(
    item: Annex4Item, severity: Severity, message: str, places: list[tuple[str, int]], evidence: list[str]
) -> Finding:
    return Finding(
        item.id, item.id, severity, message, tuple(Place(path, line) for path, line in places), tuple(evidence)
    )


def _compiler(submission: Submission, _: tuple[_Source, ...]) -> list[str]:
    declaration = submission.manifest.declaration
    known = declaration.compiler and declaration.compiler_version and declaration.compiler_switches
    return [MANIFEST_NAME] if known else []


def _linker(submission: Submission, _: tuple[_Source, ...]) -> list[str]:
    declaration = submission.manifest.declaration
    return [MANIFEST_NAME] if declaration.linker and declaration.linker_switches else []


def _language(submission: Submission, _: tuple[_Source, ...]) -> list[str]:
    """Sources whose suffix names a language identify it, together with the compiler declared."""
    declaration = submission.manifest.declaration
    paths = (*declaration.safety_sources, *declaration.application_sources)
    return [MANIFEST_NAME] if any(PurePosixPath(path).suffix.lower() in _LANGUAGES for path in paths) else []


def _main_program(_: Submission, sources: tuple[_Source, ...]) -> list[str]:
    return [source.path for source in sources if source.text is not None and _has_main(source.path, source.text)]


def _modules(submission: Submission, sources: tuple[_Source, ...]) -> list[str]:
    safety = set(submission.manifest.declaration.safety_sources)
    return [source.path for source in sources if source.path in safety]


def _include_files(submission: Submission, _: tuple[_Source, ...]) -> list[str]:
    rows = submission.catalogue
    return [row.path for row in rows if row.status != "missing" and row.path.lower().endswith(_INCLUDE_SUFFIXES)]


def _simulation(submission: Submission, _: tuple[_Source, ...]) -> list[str]:
    emulator = submission.manifest.raw.get("samples", {}).get("emulator", "")
    handed_in = emulator > 0 if isinstance(emulator, int) else emulator.strip() not in ("", "0")
    return [MANIFEST_NAME] if handed_in else []


_FINDERS: dict[FoundBy, Callable[[Submission, tuple[_Source, ...]], list[str]]] = {
    "compiler": _compiler,
    "linker": _linker,
    "language": _language,
    "main_program": _main_program,
    "modules": _modules,
    "include_files": _include_files,
    "simulation": _simulation,
}

_REMEDIES: dict[FoundBy, str] = {
    "document": 'declare it by [[document]] with item = "{id}", or say under [[not_applicable]] why it is not needed',
    "compiler": "give compiler, compiler_version and switches under [build]",
    "linker": "give linker and linker_switches under [build]",
    "language": "declare the sources under [sources]",
    "main_program": "hand in the source file that defines main() and declare it under [sources]",
    "modules": "hand in the safety-related source files and declare them under [sources] safety",
    "include_files": "hand in the header files",
    "simulation": "give the emulator under [samples]",
}
