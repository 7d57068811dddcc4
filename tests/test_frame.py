"""The frame of the house: the order of imports, the length of files, nothing of one machine in the repository."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "swassess"

# From the ground to the roof. A room imports only from rooms before it; rooms of one line may not see each other.
ROOMS = (
    "errors",
    "model",
    "catalogue",
    "target_data",
    "firmware",
    "source",
    "submission",
    "expressions",
    "emulator",
    "target",
    "faults",
    "boot",
    "rules",
    "change",
    "report",
    "evaluate",
    "cli",
)
# Outside packages that only some rooms may touch.
ONLY_IN = {
    "unicorn": {"emulator"},
    "pyocd": {"target"},
    "numba": {"emulator", "faults"},
    "typer": {"cli"},
    "jinja2": {"report"},
    "matplotlib": {"report"},
    "clang": {"source"},
    "elftools": {"firmware"},
}
MOST_LINES = 400
FILES = sorted(PACKAGE.rglob("*.py"))


def _names(tree: ast.AST) -> Iterator[str]:
    """Absolute names of everything imported, also inside functions and for type checks alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield node.module
            if node.module == "swassess":  # "from swassess import model" names the room last
                yield from (f"swassess.{alias.name}" for alias in node.names)


def _room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _offences(file: Path, text: str) -> list[str]:
    room = _room(file)
    if room == "__init__":
        return []
    allowed = {*ROOMS[: ROOMS.index(room) + 1], "__version__"}
    found = []
    for name in _names(ast.parse(text)):
        first, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if first == "swassess" and rest and other not in allowed:
            found.append(f"{room} imports {name}")
        if room not in ONLY_IN.get(first, {room}):
            found.append(f"{room} imports {name}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_from_rooms_below_it(file: Path) -> None:
    assert _room(file) in (*ROOMS, "__init__"), "a room that the design does not know"
    assert not _offences(file, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "from swassess.rules.registry import rules",
        "from swassess import report",
        "import swassess.cli.main",
        "import pyocd",
        "def f():\n    import typer",
    ],
)
def test_a_forbidden_import_is_noticed(line: str) -> None:
    assert _offences(PACKAGE / "emulator" / "bus.py", line)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_files_are_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def _tracked() -> list[Path]:
    """Files of the repository; in an unpacked archive, without git, the files of its folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    folders = ("swassess", "checks", "targets", "fixtures", "tests", "docs", "schemas")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


def test_no_path_of_a_machine_is_in_the_repository() -> None:
    # Put together here, so that this file does not match itself.
    places = [
        rb"/ho" rb"me/(?!someone\b)\w",
        rb"/Us" rb"ers/\w",
        rb"/wo" rb"rk/\w",
        rb"/ro" rb"ot/\w",
        rb"[A-Z]:\\Us" rb"ers\\",
    ]
    pattern = re.compile(rb"(?<![\w.])(?:" + b"|".join(places) + rb")")
    assert pattern.search(b'open("/wo' + b'rk/main")')
    files = [path for path in _tracked() if path.is_file()]
    assert len(files) > 100
    assert not [path.relative_to(ROOT).as_posix() for path in files if pattern.search(path.read_bytes())]
