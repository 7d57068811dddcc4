"""Where compiled kernels are kept, and when one of them is out of date.

numba does not notice an edit in a function that a cached kernel calls. The stamp of a kernel is therefore a digest of
its own file and of every file of this package that it imports, directly or through others: an edit recompiles what can
depend on it and nothing else. Each stamp has a folder of its own, so versions and checkouts live side by side and share
what is equal. Import this module before numba.
"""

import hashlib
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_FOLDERS = ("emulator", "faults")
_IMPORT = re.compile(r"^from (swassess[\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
_NAME = re.compile(r"\w+")


def cache_folder() -> Path:
    """The folder of the kernels; SWASSESS_CACHE overrides the user's cache folder."""
    base = os.environ.get("SWASSESS_CACHE")
    if base:
        root = Path(base)
    elif sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "swassess"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches" / "swassess"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "swassess"
    return root / "kernels"


def _module_file(dotted: str) -> Path | None:
    path = _PACKAGE.parent.joinpath(*dotted.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _imports(path: Path) -> tuple[bytes, tuple[Path, ...]]:
    """A file's bytes and the files of this package that it imports."""
    content = path.read_bytes()
    found = set()
    for module, names in _IMPORT.findall(content.decode()):
        modules = [f"{module}.{name}" for name in _NAME.findall(names)]
        found |= {file for file in map(_module_file, [module, *modules]) if file is not None}
    return content, tuple(sorted(found))


@cache
def stamp_of(path: Path) -> bytes:
    """SHA-256 over a source file, all it imports from this package, and the Python version."""
    closure, waiting = set(), [path]
    while waiting:
        one = waiting.pop()
        if one not in closure:
            closure.add(one)
            waiting.extend(_imports(one)[1])
    digest = hashlib.sha256(sys.version.encode())
    for one in sorted(closure):
        digest.update(one.relative_to(_PACKAGE).as_posix().encode())
        digest.update(_imports(one)[0])
    return digest.digest()


def _source_digest() -> str:
    """First 16 hex digits over the stamps of all files that compile something."""
    digest = hashlib.sha256()
    for folder in _KERNEL_FOLDERS:
        for path in sorted((_PACKAGE / folder).rglob("*.py")):
            if b"from numba import" in _imports(path)[0]:
                digest.update(stamp_of(path))
    return digest.hexdigest()[:16]


def kernels_are_compiled() -> bool:
    """Whether an earlier call has left its kernels behind (otherwise the first call compiles, about a minute)."""
    return (cache_folder() / f"complete-{_source_digest()}").exists()


def mark_complete() -> None:
    """Called once everything has been compiled and stored."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"complete-{_source_digest()}").touch()


os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = f"{__name__}.StampedKernels,InTreeCacheLocator"


def __getattr__(name: str) -> Any:
    """StampedKernels is made when numba asks for it: importing numba earlier would fix its settings."""
    if name != "StampedKernels":
        raise AttributeError(name)
    from numba.core.caching import UserProvidedCacheLocator

    class StampedKernels(UserProvidedCacheLocator):  # type: ignore[misc]
        """Keeps kernels of this package in the user's cache folder, each with the stamp of its sources."""

        def __init__(self, function: Any, file: str) -> None:
            super().__init__(function, file)
            source = Path(file).resolve()
            self._stamp = stamp_of(source)
            self._cache_path = str(cache_folder() / f"{source.stem}-{self._stamp.hex()[:16]}")

        def get_source_stamp(self) -> bytes:
            return self._stamp

        @classmethod
        def from_function(cls, function: Any, file: str) -> Any:
            inside = Path(file).resolve().is_relative_to(_PACKAGE)
            return super().from_function(function, file) if inside else None

    globals()[name] = StampedKernels
    return StampedKernels
