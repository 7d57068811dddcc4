"""Reads the files under targets/ and lays the lines of a series over what they have in common."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from swassess.catalogue import data_folder, load_model, load_models, load_yaml
from swassess.errors import CatalogueError
from swassess.target_data.series_format import (
    UNMODELLED,
    BehaviourModel,
    CoreFile,
    PartModel,
    PeripheralModel,
    SeriesModel,
)

Behaviours = Mapping[str, BehaviourModel]
_PATTERN = re.compile(r"\bpattern:\s*([A-Z0-9x]+)")
_MERGED = ("core", "memories", "clocks", "interrupts", "peripherals")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a series, complete. name: "" for a series without lines; file: relative to the data folder."""

    file: str
    name: str
    title: str
    model: SeriesModel
    parts: tuple[PartModel, ...]


@cache
def behaviours() -> Behaviours:
    """The register maps of targets/behaviours by id. Raises CatalogueError for a malformed file."""
    return load_behaviours(data_folder("targets") / "behaviours")


def load_behaviours(folder: Path) -> Behaviours:
    """The register maps of a folder by id. Raises CatalogueError where a file is malformed or not named by its id."""
    found: dict[str, BehaviourModel] = {}
    for path, model in load_models(folder, BehaviourModel):
        if path.stem != model.id:
            raise CatalogueError(f"{path}: the behaviour's id is {model.id}: name the file {model.id}.yaml")
        found[model.id] = model
    return found


@cache
def core_files() -> Mapping[str, CoreFile]:
    """What every MCU with a core has, by the core's name."""
    return {model.name: model for _, model in load_models(data_folder("targets") / "cores", CoreFile)}


def series_paths(folder: Path) -> tuple[Path, ...]:
    """The series files below a data folder, in name order."""
    return tuple(
        path
        for path in sorted(folder.rglob("*.yaml"))
        if path.is_file() and path.parent.name not in ("behaviours", "cores")
    )


def load_series(folder: Path) -> tuple[Line, ...]:
    """Every line of every series below `folder`. Raises CatalogueError naming file, line of text and key."""
    return tuple(line for path in series_paths(folder) for line in load_file(path, path.relative_to(folder).as_posix()))


def load_file(path: Path, shown: str) -> tuple[Line, ...]:
    """The lines of one series file. Raises CatalogueError naming file, line of text and key."""
    model = load_model(path, SeriesModel)
    if not model.lines:
        _check(path, "", model)
        return (Line(shown, "", model.title, model, tuple(model.parts)),)
    data = load_yaml(path)
    found: list[Line] = []
    for name, line in model.lines.items():
        if line.parts:
            merged = _lay_over(path, data, name, model)
            _check(path, name, merged)
            found.append(Line(shown, name, line.title, merged, tuple(line.parts)))
    return tuple(found)


def _lay_over(path: Path, data: dict[str, Any], name: str, model: SeriesModel) -> SeriesModel:
    """The series as it is for one line, checked like a file of its own."""
    chain: list[str] = []
    at = name
    while at:
        if at in chain or at not in model.lines:
            raise CatalogueError(
                f"{path}: line {name}: it extends {at}, which is {'itself' if at in chain else 'unknown'}"
            )
        chain.append(at)
        at = model.lines[at].extends
    merged = {key: value for key, value in data.items() if key != "lines"}
    for at in reversed(chain):
        line = data["lines"][at]
        for key in _MERGED:
            if key in line:
                merged[key] = _merge(merged[key], line[key])
    own = data["lines"][name]
    merged["sources"] = [*merged["sources"], *own.get("sources", [])]
    for key in ("svd", "pyocd_target"):
        merged[key] = own.get(key, merged.get(key, ""))
    merged["parts"] = own["parts"]
    try:
        return SeriesModel.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise CatalogueError(f"{path}: line {name}: {key}: {first['msg']}") from None


def _merge(under: Any, over: Any) -> Any:
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    merged = dict(under)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged[key], value) if key in merged else value
    return merged


def _check(path: Path, line: str, model: SeriesModel) -> None:
    where = f"{path}: line {line}" if line else f"{path}"
    for problem in _problems(model):
        raise CatalogueError(f"{where}: {problem}")


def _problems(model: SeriesModel) -> Iterator[str]:
    rams = {"flash", "ram", "system", *model.memories.rams}
    yield from (f"an alias shows {a.of}, which is no memory" for a in model.memories.aliases if a.of not in rams)
    for part in model.parts:
        for name in part.rams:
            if name not in model.memories.rams:
                yield f"part {part.pattern} gives the size of {name}, which is no RAM of the line"
    core = core_files()[model.core.name]
    for name in core.peripherals:
        if name in model.peripherals:
            yield f"peripheral {name} belongs to the core {core.name} and is not described here"
    for name, block in model.peripherals.items():
        yield from block_problems(name, block)


def block_problems(name: str, block: PeripheralModel, known: Behaviours | None = None) -> Iterator[str]:
    """What does not fit between a block and its behaviour."""
    if block.behaviour == UNMODELLED:
        if block.reset or block.parameters:
            yield f"peripheral {name} has no behaviour that its parameters or reset values could mean something to"
        return
    behaviour = (behaviours() if known is None else known).get(block.behaviour)
    if behaviour is None:
        yield (
            f"peripheral {name} has the behaviour {block.behaviour}, which is not described: "
            f"write targets/behaviours/{block.behaviour}.yaml or say {UNMODELLED}"
        )
        return
    for register, model in behaviour.registers.items():
        if model.end > block.size:
            yield f"register {name}->{register} lies outside the peripheral's {block.size} bytes"
    for register in block.reset:
        if register not in behaviour.registers:
            yield f"peripheral {name} gives a reset value of {register}, which {block.behaviour} does not have"


@cache
def patterns_in(path: Path) -> tuple[str, ...]:
    """The part patterns that a series file mentions, read without parsing it: where to look first."""
    return tuple(_PATTERN.findall(path.read_text(encoding="utf-8", errors="replace")))


def schema_of(model: type[SeriesModel | CoreFile | BehaviourModel]) -> str:
    """The JSON Schema of a kind of file, as committed beside the files."""
    return json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
