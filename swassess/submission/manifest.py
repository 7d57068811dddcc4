"""Reads submission.toml and the scenario files it names into plain data."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from swassess.catalogue import annex4_items
from swassess.model.declared import (
    AddressRange,
    CheckValue,
    Declaration,
    Hazard,
    Measure,
    Oracle,
    PinLevel,
    Scenario,
)
from swassess.submission.explain import add_validation_problems, place
from swassess.submission.manifest_models import HazardTable, ManifestModel, MeasureTable
from swassess.submission.paths import matching, path_fault
from swassess.submission.problems import Problems
from swassess.submission.references import check_references, resolve_item
from swassess.submission.scenario import read_scenario
from swassess.submission.toml_file import TomlFile, read_toml

MANIFEST_NAME = "submission.toml"
VERSION_CONTROL = (".git", ".hg", ".svn", ".bzr", "CVS")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What submission.toml says.

    documents: (Annex 4 item id, path, title), one entry an item even where one paper answers several.
    not_applicable: (subject, reason); the subject is an Annex 4 item id such as "A4-5.2" or a table row such as "6.2".
    declared_files: (path, where it is declared) of every single file named, existing or not, sorted.
    unmatched: source paths and patterns for which there is no file. raw: the parsed tables as they stand in the file.
    """

    declaration: Declaration
    documents: tuple[tuple[str, str, str], ...]
    not_applicable: tuple[tuple[str, str], ...]
    declared_files: tuple[tuple[str, str], ...]
    unmatched: tuple[str, ...]
    raw: dict[str, Any]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the submission in `folder`, with its scenario files.

    Raises one SubmissionError that lists every problem found (the first ten), each with file and line.
    """
    file = read_toml(folder, MANIFEST_NAME)
    problems = Problems()
    model: ManifestModel | None = None
    try:
        model = ManifestModel.model_validate(file.data)
    except ValidationError as error:
        add_validation_problems(error, ManifestModel, file, problems)
    check_references(file, annex4_items(), problems)
    scenarios = tuple(_scenarios(folder, file, problems))
    problems.raise_if_any()
    assert model is not None  # a model that failed has left a problem
    files = tuple(_files(folder))
    safety, lost_safety = _expand(model.sources.safety, files)
    application, lost_application = _expand(model.sources.application, files)
    application = tuple(path for path in application if path not in set(safety))
    return Manifest(
        declaration=_declaration(model, scenarios, safety, application),
        documents=_documents(model),
        not_applicable=_not_applicable(model),
        declared_files=_declared_files(model, safety, application),
        unmatched=tuple(sorted({*lost_safety, *lost_application})),
        raw=file.data,
    )


def _scenarios(folder: Path, file: TomlFile, problems: Problems) -> Iterator[Scenario]:
    """Reads every scenario file that is named, even when other tables are wrong."""
    entries = file.data.get("scenario")
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("id", "kind", "path")):
            continue
        path, title = entry["path"], entry.get("title", "")
        if path_fault(path):  # the model says so
            continue
        if not os.path.lexists(folder / path):
            text = f"{place(('scenario', number), file.data)}: there is no file {path}"
            problems.add(file.name, file.line(("scenario", number, "path")), text)
            continue
        title = title if isinstance(title, str) else ""
        scenario = read_scenario(folder, path, entry["id"], title, entry["kind"], problems)
        if scenario is not None:
            yield scenario


def _files(root: Path) -> Iterator[str]:
    """Relative paths of the files in the folder, without version control's own; links to folders are not followed."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if name not in VERSION_CONTROL)
        base = Path(folder).relative_to(root)
        yield from sorted((base / name).as_posix() for name in names)


def _expand(patterns: list[str], files: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files that the patterns mean, and the patterns (or plain paths) that mean none."""
    found = {pattern: matching(pattern, files) for pattern in patterns}
    every = {path for paths in found.values() for path in paths}
    return tuple(sorted(every)), tuple(pattern for pattern, paths in found.items() if not paths)


def _documents(model: ManifestModel) -> tuple[tuple[str, str, str], ...]:
    items = annex4_items()
    return tuple(
        dict.fromkeys(
            (item, document.path, document.title)
            for document in model.document
            for name in document.item
            for item in resolve_item(name, items)
        )
    )


def _not_applicable(model: ManifestModel) -> tuple[tuple[str, str], ...]:
    items = annex4_items()
    out: list[tuple[str, str]] = []
    for entry in model.not_applicable:
        subjects = (entry.row,) if entry.row else resolve_item(entry.item or "", items)
        out += [(subject, entry.reason.strip()) for subject in subjects]
    return tuple(out)


def _declared_files(
    model: ManifestModel, safety: tuple[str, ...], application: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str | None, str]] = [(MANIFEST_NAME, "the manifest itself")]
    rows += [(image.path, f"image, role {image.role}") for image in model.image]
    rows += [(scenario.path, f"scenario {scenario.id}") for scenario in model.scenario]
    for document in model.document:
        rows.append((document.path, f"document for item {', '.join(document.item)}"))
    rows.append((model.build.linker_script, "linker script"))
    rows.append((model.build.map_file, "map file"))
    rows.append((model.sources.compile_commands, "compile commands"))
    rows.append((model.baseline.evaluation if model.baseline else None, "baseline"))
    rows += [(path, "safety source") for path in safety]
    rows += [(path, "application source") for path in application]
    where: dict[str, list[str]] = {}
    for path, reason in rows:
        if path is not None:
            where.setdefault(str(PurePosixPath(path)), []).append(reason)
    return tuple((path, "; ".join(dict.fromkeys(reasons))) for path, reasons in sorted(where.items()))


def _declaration(
    model: ManifestModel, scenarios: tuple[Scenario, ...], safety: tuple[str, ...], application: tuple[str, ...]
) -> Declaration:
    product, mcu, build = model.product, model.mcu, model.build
    return Declaration(
        product=product.name,
        product_model=product.model,
        manufacturer=product.manufacturer,
        standard=product.standard,
        part=mcu.part,
        core=mcu.core,
        clock_hz=mcu.clock_hz,
        lsi_hz=(mcu.lsi_hz[0], mcu.lsi_hz[1], mcu.lsi_hz[2]),
        flash=AddressRange(mcu.flash.start, mcu.flash.start + mcu.flash.size),
        ram=AddressRange(mcu.ram.start, mcu.ram.start + mcu.ram.size),
        compiler=build.compiler,
        compiler_version=build.compiler_version,
        compiler_switches=tuple(build.switches),
        linker=f"{build.linker} {build.linker_version}".strip(),
        linker_switches=tuple(build.linker_switches),
        images=tuple((image.role, image.path) for image in model.image),
        check_values=tuple(
            CheckValue(check.name, check.algorithm, check.start, check.end, check.fill, check.value, check.stored_at)
            for check in model.check_value
        ),
        constants=tuple(model.constants.items()),
        mode_expression=model.modes.expression if model.modes else "",
        modes=tuple(model.modes.names.items()) if model.modes else (),
        main_loop=model.program.main_loop,
        hazards=tuple(_hazard(table) for table in model.hazard),
        safe_state=_levels(model.safe_state.pins if model.safe_state else {}),
        measures=tuple(_measure(table) for table in model.measure),
        oracles=tuple(
            Oracle(oracle.id, oracle.function or "", oracle.expression or "", oracle.reset or "")
            for oracle in model.oracle
        ),
        scenarios=scenarios,
        safety_sources=safety,
        application_sources=application,
        compile_commands=model.sources.compile_commands or "",
    )


def _levels(pins: Mapping[str, int]) -> tuple[PinLevel, ...]:
    return tuple(PinLevel(pin, level) for pin, level in pins.items())


def _hazard(table: HazardTable) -> Hazard:
    return Hazard(
        id=table.id,
        title=table.title,
        clause=table.clause,
        function=table.function,
        software_class=table.software_class,
        unsafe=tuple(PinLevel(level.pin, level.level, tuple(level.modes)) for level in table.unsafe),
        unsafe_when=table.unsafe_when.strip(),
        time_to_hazard=table.time_to_hazard,
        measures=tuple(table.measures),
        demanded_by=tuple(table.demanded_by),
    )


def _measure(table: MeasureTable) -> Measure:
    return Measure(
        id=table.id,
        row=table.row,
        technique=table.technique,
        clause=table.clause,
        functions=tuple(table.functions),
        ranges=tuple(AddressRange(span.start, span.end) for span in table.ranges),
        phase=table.phase,
        detection_time=table.detection_time,
        reaction_time=table.reaction_time,
        oracles=tuple(table.oracles),
    )
