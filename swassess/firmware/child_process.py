"""Runs the ELF parser in a child process with a limit on time and memory, because hostile files hang or break it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from swassess.errors import ImageError

TIME_LIMIT = 20.0  # seconds of wall time
MEMORY_LIMIT = 1024 * 1024 * 1024  # bytes of address space
LARGEST_FILE = 256 * 1024 * 1024


def parse_elf_in_child(path: Path, time_limit: float = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT) -> dict[str, Any]:
    """The child's facts about the ELF file. Raises ImageError with one sentence that begins with the file's name."""
    data = read_file(path)
    try:
        done = subprocess.run(
            # -P: a module lying in the current folder (perhaps the submission's) must never be imported
            [sys.executable, "-P", "-m", "swassess.firmware.child", str(memory_limit)],
            input=data,
            capture_output=True,
            timeout=time_limit,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImageError(
            f"{path.name}: reading the ELF file took more than {time_limit:g} s; it is damaged or not a firmware image."
        ) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ImageError(
            f"{path.name}: the ELF file cannot be read (the parser ended with code {done.returncode}); it is damaged."
        ) from None
    if "error" in answer:
        raise ImageError(f"{path.name}: {answer['error']}")
    facts: dict[str, Any] = answer["facts"]
    return facts


def read_file(path: Path) -> bytes:
    """The file's bytes. Raises ImageError where it is missing or far too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ImageError(f"{path.name}: the file is larger than {LARGEST_FILE >> 20} MiB, too large for an image.")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path.name}: the image cannot be read ({error.strerror}).") from None


def _environment() -> dict[str, str]:
    """The child finds this package and its libraries where this process found them."""
    package_root = str(Path(__file__).resolve().parents[2])
    paths = [package_root, *(entry for entry in sys.path if entry and entry != package_root)]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}
