"""Reads all sources of a submission."""

from pathlib import Path

from swassess.model.declared import Declaration
from swassess.model.evaluation import SourceSummary
from swassess.model.finding import Finding, Place, Severity
from swassess.source.assembly import assembly_functions
from swassess.source.compile_commands import Unit, read_units
from swassess.source.files import is_assembly, is_c, matching, read_text, submission_files
from swassess.source.front_end import CFrontEnd
from swassess.source.lizard_front_end import lizard_functions
from swassess.source.model import SourceFunction, SourceModel

_SUBJECT = "sources"
_READ = (".c", ".h", ".inc", ".def", ".s", ".asm", ".hpp", ".tab")


def summarise_sources(root: Path, declaration: Declaration) -> tuple[SourceSummary, SourceModel, tuple[Finding, ...]]:
    """Parse every unit that is compiled or declared. Raises SubmissionError for a bad compilation database.

    Findings: SRC-MISSING (the build names a file that was not handed in), SRC-NOT-COMPILED (a declared source that the
    build does not name), SRC-NOT-ANALYSED (a unit that no front end fully understood).
    """
    files = submission_files(root)
    known = set(files)
    patterns = (*declaration.safety_sources, *declaration.application_sources)
    compiled = read_units(root, declaration.compile_commands, patterns)
    declared = [path for path in matching(patterns, files) if is_c(path) or is_assembly(path)]
    names = {unit.file for unit in compiled}
    left = [path for path in declared if path not in names]
    shared = compiled[0].includes if compiled else ()
    units = [unit for unit in compiled if unit.file in known] + [Unit(path, shared) for path in left]
    functions, not_analysed, parsed = _read(root, files, units, declaration.core)
    safety = frozenset(matching(declaration.safety_sources, files))
    model = SourceModel(
        functions=tuple(sorted(functions, key=lambda f: (f.file, f.line, f.name, f.unit))),
        units=tuple(sorted(unit.file for unit in units)),
        not_analysed=dict(sorted(not_analysed.items())),
        safety_files=safety,
    )
    summary = SourceSummary(
        parsed=tuple(sorted(parsed)),
        not_analysed=tuple(model.not_analysed.items()),
        functions=len(model.functions),
        lines=sum(len(read_text(root / path).splitlines()) for path in model.units),
        safety_functions=model.safety_functions,
    )
    return summary, model, tuple(_findings(declaration, sorted(names - known), left, model))


def _read(
    root: Path, files: tuple[str, ...], units: list[Unit], core: str
) -> tuple[set[SourceFunction], dict[str, str], list[str]]:
    functions: set[SourceFunction] = set()
    seen: set[tuple[str, str, int]] = set()
    not_analysed: dict[str, str] = {}
    parsed: list[str] = []
    visible = [path for path in files if path.lower().endswith(_READ)]
    with CFrontEnd(root, visible, core) as front_end:
        for unit in sorted(units, key=lambda unit: unit.file):
            if is_assembly(unit.file):
                found = assembly_functions(read_text(root / unit.file), unit.file)
                not_analysed[unit.file] = "assembly: labels only"
            else:
                found, reason = front_end.parse(unit)
                if reason:
                    found = lizard_functions(root, unit.file)
                    not_analysed[unit.file] = f"{reason}; function extents by lizard"
                else:
                    parsed.append(unit.file)
            for function in found:  # a function in a header is met in every unit that includes it
                if (function.file, function.name, function.line) not in seen:
                    seen.add((function.file, function.name, function.line))
                    functions.add(function)
    return functions, not_analysed, parsed


def _findings(declaration: Declaration, missing: list[str], left: list[str], model: SourceModel) -> list[Finding]:
    findings = [
        Finding(
            "SRC-MISSING",
            _SUBJECT,
            Severity.NONCONFORMITY,
            f"The build compiles {path}, which is not in the submission.",
            (Place(file=declaration.compile_commands),),
        )
        for path in missing
    ]
    if declaration.compile_commands:
        findings += [
            Finding(
                "SRC-NOT-COMPILED",
                _SUBJECT,
                Severity.REMARK,
                f"{path} is declared as a source, but the build does not compile it.",
                (Place(file=path),),
            )
            for path in left
        ]
    for path, reason in model.not_analysed.items():
        severity = Severity.NOTE if is_assembly(path) else Severity.REMARK
        findings.append(
            Finding("SRC-NOT-ANALYSED", _SUBJECT, severity, f"{path} is not analysed: {reason}.", (Place(file=path),))
        )
    return sorted(findings, key=lambda finding: (finding.rule, finding.message))
