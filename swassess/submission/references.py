"""What ties the tables of a manifest together: unique ids, and references that lead somewhere.

Works on the parsed tables as they are, so that a wrong type in one place does not hide a dangling reference in another.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from swassess.catalogue import Annex4Item
from swassess.submission.explain import place
from swassess.submission.problems import Problems, suggestion
from swassess.submission.toml_file import TomlFile
from swassess.submission.values import shown

# Rows of Tables R.1 and R.2 with the parent rows that some editions use for all of their sub-rows.
TABLE_ROWS = (
    "1", "1.1", "1.2", "1.3", "1.4", "1.5", "2", "3", "4", "4.1", "4.2", "4.3", "5", "5.1", "5.2",
    "6", "6.1", "6.2", "6.3", "6.3a", "6.3b", "7", "7.1", "7.2", "7.2.1", "7.2.2", "8", "9",
)  # fmt: skip


def resolve_item(text: str, items: Iterable[Annex4Item]) -> tuple[str, ...]:
    """Ids of the Annex 4 items meant by "A4-5.2", "5.2" or a whole row such as "5" or "6.1"; empty when unknown."""
    known = tuple(items)
    name = text.strip().removeprefix("A4-")
    exact = tuple(item.id for item in known if item.id == f"A4-{name}")
    return exact or tuple(item.id for item in known if item.row == name)


def check_references(file: TomlFile, items: tuple[Annex4Item, ...], problems: Problems) -> None:
    """Adds a problem for each id given twice and each reference to nothing."""
    data = file.data
    ids = {name: _ids(file, name, problems) for name in ("hazard", "measure", "oracle", "scenario")}
    abnormal = {e["id"] for _, e in _entries(data, "scenario") if _is_text(e, "id") and e.get("kind") == "abnormal"}
    modes = data.get("modes")
    names = modes.get("names") if isinstance(modes, dict) else None
    mode_names = set(names) if isinstance(names, dict) else set()

    for number, entry in _entries(data, "hazard"):
        at: tuple[str | int, ...] = ("hazard", number)
        _refer(file, (*at, "measures"), entry.get("measures"), ids["measure"], "measure", problems)
        _refer(file, (*at, "demanded_by"), entry.get("demanded_by"), ids["scenario"], "scenario", problems)
        for index, name in _texts(entry.get("demanded_by")):
            if name in ids["scenario"] and name not in abnormal:
                text = f'{place(at, data)}: demanded_by names {shown(name)}, whose kind is not "abnormal"'
                problems.add(file.name, file.line((*at, "demanded_by", index)), text)
        unsafe = entry.get("unsafe")
        for index, level in enumerate(unsafe if isinstance(unsafe, list) else []):
            if isinstance(level, dict):
                _refer(file, (*at, "unsafe", index, "modes"), level.get("modes"), mode_names, "mode", problems)

    for number, entry in _entries(data, "measure"):
        _refer(file, ("measure", number, "oracles"), entry.get("oracles"), ids["oracle"], "oracle", problems)
        _row(file, ("measure", number, "row"), entry.get("row"), problems)

    for number, entry in _entries(data, "document"):
        value = entry.get("item")
        for index, name in _texts([value] if isinstance(value, str) else value):
            path = ("document", number, "item") if isinstance(value, str) else ("document", number, "item", index)
            _item(file, path, name, items, problems)
    for number, entry in _entries(data, "not_applicable"):
        if _is_text(entry, "item"):
            _item(file, ("not_applicable", number, "item"), entry["item"], items, problems)
        _row(file, ("not_applicable", number, "row"), entry.get("row"), problems)

    _unique(file, "image", "role", problems)
    _unique(file, "check_value", "name", problems)
    _inside_memories(file, problems)


def _ids(file: TomlFile, table: str, problems: Problems) -> set[str]:
    _unique(file, table, "id", problems)
    return {entry["id"] for _, entry in _entries(file.data, table) if _is_text(entry, "id")}


def _unique(file: TomlFile, table: str, key: str, problems: Problems) -> None:
    first: dict[str, int] = {}
    for number, entry in _entries(file.data, table):
        if not _is_text(entry, key):
            continue
        line = file.line((table, number, key))
        if entry[key] in first:
            text = f"[[{table}]] has the {key} {shown(entry[key])} twice, first on line {first[entry[key]]}"
            problems.add(file.name, line, text)
        else:
            first[entry[key]] = line


def _refer(
    file: TomlFile, path: tuple[str | int, ...], value: object, known: set[str], what: str, problems: Problems
) -> None:
    for index, name in _texts(value):
        if name not in known:
            where = place(path, file.data)
            text = f"{where} names the {what} {shown(name)}, which is not declared{suggestion(name, known)}"
            problems.add(file.name, file.line((*path, index)), text)


def _item(
    file: TomlFile, path: tuple[str | int, ...], name: str, items: tuple[Annex4Item, ...], problems: Problems
) -> None:
    if not resolve_item(name, items):
        known = {item.id for item in items}
        prefixed = name if name.startswith("A4-") else f"A4-{name}"
        text = f"{place(path, file.data)}: {shown(name)} is no item of Annex 4{suggestion(prefixed, known)}"
        problems.add(file.name, file.line(path), text)


def _row(file: TomlFile, path: tuple[str | int, ...], value: object, problems: Problems) -> None:
    if isinstance(value, str) and value not in TABLE_ROWS:
        text = f"{place(path, file.data)}: {shown(value)} is no row of Table R.1/R.2{suggestion(value, TABLE_ROWS)}"
        problems.add(file.name, file.line(path), text)


def _inside_memories(file: TomlFile, problems: Problems) -> None:
    """Check values are taken over the load image, which lies in flash."""
    mcu = file.data.get("mcu")
    flash = mcu.get("flash") if isinstance(mcu, dict) else None
    if not isinstance(flash, dict) or not _is_integer(flash.get("start")) or not _is_integer(flash.get("size")):
        return
    low, high = flash["start"], flash["start"] + flash["size"]
    for number, entry in _entries(file.data, "check_value"):
        start, end = entry.get("start"), entry.get("end")
        if _is_integer(start) and _is_integer(end) and not (low <= start and end <= high):
            where = place(("check_value", number), file.data)
            text = f"{where} covers 0x{start:X} to 0x{end:X}, not inside the flash 0x{low:X} to 0x{high:X}"
            problems.add(file.name, file.line(("check_value", number, "start")), text)


def _entries(data: dict[str, Any], table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    value = data.get(table)
    for number, entry in enumerate(value if isinstance(value, list) else []):
        if isinstance(entry, dict):
            yield number, entry


def _texts(value: object) -> Iterator[tuple[int, str]]:
    for index, name in enumerate(value if isinstance(value, list) else []):
        if isinstance(name, str):
            yield index, name


def _is_text(entry: dict[str, Any], key: str) -> bool:
    return isinstance(entry.get(key), str)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
