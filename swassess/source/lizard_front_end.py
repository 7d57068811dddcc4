"""Function extents of a unit that the C front end cannot parse: lizard reads tokens and needs no headers."""

from pathlib import Path

import lizard

from swassess.source.files import read_text
from swassess.source.model import SourceFunction


def lizard_functions(root: Path, file: str) -> tuple[SourceFunction, ...]:
    """Names and extents, without calls. Raises nothing: a file that lizard cannot digest has no functions."""
    try:
        found = lizard.analyze_file.analyze_source_code(file, read_text(root / file)).function_list
    except Exception:  # lizard raises nearly anything on text that is no C
        return ()
    return tuple(
        SourceFunction(
            name=str(function.name).split("::")[-1],
            file=file,
            line=int(function.start_line),
            end=int(function.end_line),
            static="static" in str(function.long_name).split("(")[0].split(),
            front_end="lizard",
            unit=file,
        )
        for function in found
    )
