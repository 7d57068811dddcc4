"""MCUs as data: finds the part of a series under targets/<vendor>/<series>.yaml.

targets/cores says what every MCU of a core has, targets/behaviours holds the register maps that series share.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from swassess.catalogue import data_folder
from swassess.errors import CatalogueError
from swassess.model.target import Part, TargetDescription
from swassess.target_data.describe import describe
from swassess.target_data.generic import GENERIC_PARTS, generic_name, generic_target
from swassess.target_data.load import Line, load_file, load_series, patterns_in, series_paths

__all__ = ["all_lines", "find_target", "generic_target", "list_targets", "matches", "normalised"]


def find_target(part: str, load_ranges: Iterable[tuple[int, int]] = ()) -> TargetDescription:
    """The MCU with a part number such as "STM32F103C8T6" (case, "-", "_" and spaces do not matter), or a generic part
    ("cortex-m4f"), whose flash lies where the image lies: load_ranges are the half-open ranges that it fills.

    Raises CatalogueError, with the nearest known patterns, when no series file describes it.
    """
    generic = generic_name(part)
    if generic is not None:
        return generic_target(generic, load_ranges)
    wanted = normalised(part)
    folder = data_folder("targets")
    known: list[str] = []
    for path in series_paths(folder):
        patterns = patterns_in(path)
        known.extend(patterns)
        if any(matches(pattern, wanted) for pattern in patterns):
            for line in _lines_of(path, folder):
                for model in line.parts:
                    if matches(model.pattern, wanted):
                        return describe(wanted, line, model)
    close = get_close_matches(wanted[:40], sorted({*known, *GENERIC_PARTS}), 3, 0.5)
    hint = f"; nearest: {', '.join(close)}" if close else ""
    raise CatalogueError(f"MCU part {part.strip()[:40]!r} is not described under targets/{hint} (see swassess targets)")


def list_targets() -> tuple[Part, ...]:
    """All parts described, by pattern, and the generic ones. Raises CatalogueError for a malformed series file."""
    parts = [
        Part(
            pattern=model.pattern,
            vendor=line.model.vendor,
            series=line.model.series,
            core=line.model.core.name,
            flash_size=model.flash_size,
            ram_size=model.ram_size,
            pyocd_target=line.model.pyocd_target if model.pyocd_target is None else model.pyocd_target,
            line=line.title,
            file=line.file,
        )
        for line in all_lines()
        for model in line.parts
    ]
    for name in GENERIC_PARTS:
        one = generic_target(name)
        sizes = one.flash.end - one.flash.start, one.ram.end - one.ram.start
        parts.append(Part(name, one.vendor, one.series, one.core, *sizes, one.pyocd_target, one.line, one.file))
    return tuple(sorted(parts, key=lambda entry: entry.pattern))


@cache
def all_lines() -> tuple[Line, ...]:
    """Every line of every series that swassess ships."""
    return load_series(data_folder("targets"))


def normalised(part: str) -> str:
    """A part number in capitals without what separates its pieces."""
    return re.sub(r"[-_ /]", "", part.strip().upper())


def matches(pattern: str, part: str) -> bool:
    """Whether a part number, normalised, is one of a pattern. What follows the pattern (package, temperature range,
    packing) changes nothing that is described here."""
    return _expression(pattern).fullmatch(part) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("x", "[A-Z0-9]") + "[A-Z0-9]{0,8}")


@cache
def _lines_of(path: Path, folder: Path) -> tuple[Line, ...]:
    return load_file(path, path.relative_to(folder).as_posix())
