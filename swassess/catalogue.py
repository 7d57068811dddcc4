"""Finds and validates the data folders: `checks` (the table and the document list) and `targets` (MCUs).

The folders are data beside the package. In an installed wheel they lie under `swassess/_data`, in a checkout next to
the package. Every problem with them is a CatalogueError that names the file and the line.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from swassess.errors import CatalogueError

FoundBy = Literal[
    "document", "compiler", "linker", "language", "main_program", "modules", "include_files", "simulation"
]
# The loader in C is ten times as fast; a Python without it reads the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Loc = tuple[int | str, ...]
M = TypeVar("M", bound=BaseModel)


class CatalogueModel(BaseModel):
    """Base of every catalogue entry: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Title(CatalogueModel):
    """A title in both languages of the reports."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Annex4ItemModel(CatalogueModel):
    """One thing the manufacturer hands in. Any one of `found_by` is enough to call it present."""

    id: str = Field(pattern=r"^A4-[1-9](\.[1-9][0-9]*){1,2}$")
    title: Title
    requires: str = Field(min_length=1, description="what must be there")
    found_by: list[FoundBy] = Field(min_length=1, description="declared document, or the machine check that finds it")
    for_the_assessor: str = Field(min_length=1, description="what only a person can judge")
    clause: str = Field(min_length=1, description="place in the source rule")


class Annex4RowModel(CatalogueModel):
    """One file of checks/annex4: a row of Annex 4 with its items."""

    row: Literal["1", "2", "3", "4", "5", "6", "6.1"]
    title: Title
    source: str = Field(min_length=1)
    items: list[Annex4ItemModel] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Annex4Item:
    """An item of Annex 4 as the rest of the house sees it. row: "1" to "6" or "6.1"; id: such as "A4-5.2"."""

    id: str
    row: str
    row_title_zh: str
    row_title_en: str
    title_zh: str
    title_en: str
    requires: str
    found_by: tuple[FoundBy, ...]
    for_the_assessor: str
    clause: str


def data_folder(name: str) -> Path:
    """Folder `checks` or `targets`: the installed copy if there is one, else the repository's own.

    Raises CatalogueError when neither exists.
    """
    installed = Path(str(files("swassess"))) / "_data" / name
    beside = Path(__file__).resolve().parent.parent / name
    for folder in (installed, beside):
        if folder.is_dir():
            return folder
    raise CatalogueError(f"the data folder {name!r} is neither at {installed} nor at {beside}: install swassess again")


def load_yaml(path: Path) -> Any:
    """Content of a YAML file, read safely. Raises CatalogueError (file and line) for unreadable or malformed files."""
    return _read(path)[0]


def load_model(path: Path, model: type[M]) -> M:
    """A YAML file validated against a pydantic model. Raises CatalogueError naming file, line and key."""
    data, root = _read(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        line = _line_of(root, first["loc"])
        raise CatalogueError(f"{path}:{line}: {key}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def load_models(folder: Path, model: type[M], pattern: str = "*.yaml") -> tuple[tuple[Path, M], ...]:
    """Every file of a folder that matches, as (path, model) in name order. Raises CatalogueError when none does."""
    paths = sorted(path for path in folder.rglob(pattern) if path.is_file())
    if not paths:
        raise CatalogueError(f"{folder} holds no {pattern} file")
    return tuple((path, load_model(path, model)) for path in paths)


def load_annex4(folder: Path) -> tuple[Annex4Item, ...]:
    """Annex 4 from a folder of row files, in the order of the Annex. Raises CatalogueError for ids given twice."""
    rows = sorted(load_models(folder, Annex4RowModel), key=lambda entry: entry[1].row)
    items: dict[str, Annex4Item] = {}
    for path, row in rows:
        for item in row.items:
            if item.id in items:
                raise CatalogueError(f"{path}: item {item.id} is defined twice")
            items[item.id] = Annex4Item(
                id=item.id,
                row=row.row,
                row_title_zh=row.title.zh,
                row_title_en=row.title.en,
                title_zh=item.title.zh,
                title_en=item.title.en,
                requires=item.requires,
                found_by=tuple(item.found_by),
                for_the_assessor=item.for_the_assessor,
                clause=item.clause,
            )
    return tuple(items.values())


@cache
def annex4_items() -> tuple[Annex4Item, ...]:
    """The items of Annex 4 that swassess ships, in the order of the Annex."""
    return load_annex4(data_folder("checks") / "annex4")


def _read(path: Path) -> tuple[Any, yaml.Node | None]:
    """The data and the node tree it came from; the tree keeps the lines."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise CatalogueError(f"{path} is not UTF-8 text") from None
    try:
        try:
            root = yaml.compose(text, Loader=_Loader)
            data = yaml.load(text, Loader=_Loader)
        except yaml.MarkedYAMLError:  # the loader in Python tells the line better
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        _refuse_repeated_keys(path, root)
        return data, root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise CatalogueError(f"{path}:{line}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CatalogueError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None


def _refuse_repeated_keys(path: Path, root: yaml.Node | None) -> None:
    """YAML lets the last of two equal keys win without a word; a catalogue must not lose an entry that way."""
    waiting: list[yaml.Node] = [root] if root is not None else []
    visited: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[Hashable] = set()
            for key, value in node.value:
                waiting.append(value)
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        raise CatalogueError(f"{path}:{key.start_mark.line + 1}: the key {key.value!r} stands twice")
                    seen.add(key.value)


def _line_of(root: yaml.Node | None, loc: Loc) -> int:
    """Line (from 1) of the deepest node on the way to `loc`."""
    node, line = root, 1
    for part in loc:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if getattr(key, "value", None) == str(part)]
            if not found:
                break
            line = found[0][0].start_mark.line + 1
            node = found[0][1]
            continue
        else:
            break
        if node is not None:
            line = node.start_mark.line + 1
    return line
