"""Where compiled kernels are kept: one folder for each content of the kernel sources.

numba does not notice an edit in a function that a cached kernel calls, so the folder's name carries a hash of all
sources that are compiled. Import this module before numba.
"""

import hashlib
import os
import sys
from pathlib import Path

_KERNEL_FOLDERS = ("emulator", "faults")


def source_digest() -> str:
    """SHA-256 (first 16 hex digits) over the kernel sources and the Python version."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(sys.version.encode())
    for folder in _KERNEL_FOLDERS:
        for path in sorted((package / folder).rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """The folder for this version's kernels; SWASSESS_CACHE overrides the user's cache folder."""
    base = os.environ.get("SWASSESS_CACHE")
    if base:
        root = Path(base)
    elif sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "swassess"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches" / "swassess"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "swassess"
    return root / f"kernels-{source_digest()}"


def kernels_are_compiled() -> bool:
    """Whether an earlier call has left its kernels behind (otherwise the first call compiles, about a minute)."""
    return (cache_folder() / "complete").exists()


def mark_complete() -> None:
    """Called once everything has been compiled and stored."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "complete").touch()


os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
