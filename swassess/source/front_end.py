"""The C front end: libclang over the submission's own files and our stub headers, and nothing else on the disk.

libclang gets a file system overlay that lists exactly the files it may see; every other path does not exist for it.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clang import cindex

from swassess.source.compile_commands import Unit
from swassess.source.model import SourceCall, SourceFunction

_STUBS = Path(__file__).resolve().parent / "stub_headers"
_TARGETS = {
    "cortex-m0": "thumbv6m",
    "cortex-m0plus": "thumbv6m",
    "cortex-m1": "thumbv6m",
    "cortex-m3": "thumbv7m",
    "cortex-m4": "thumbv7em",
    "cortex-m7": "thumbv7em",
    "cortex-m23": "thumbv8m.base",
    "cortex-m33": "thumbv8m.main",
}
_MOST_ERRORS = 3
_LARGEST_SOURCE = 8 * 1024 * 1024


class CFrontEnd:
    """Parses units one after another; use as a context manager, it owns a temporary folder.

    root: the submission's folder; files: relative paths that may be read; core: "cortex-m3" and the like.
    """

    def __init__(self, root: Path, files: Iterable[str], core: str) -> None:
        self._root = root.resolve()
        self._files = tuple(files)
        self._target = f"{_TARGETS.get(core.lower(), 'thumbv7m')}-none-eabi"
        self._folder = tempfile.TemporaryDirectory(prefix="swassess-")
        self._overlay = Path(self._folder.name) / "overlay.json"
        self._overlay.write_text(json.dumps(self._describe_overlay()), encoding="utf-8")
        self._index = cindex.Index.create()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def parse(self, unit: Unit) -> tuple[tuple[SourceFunction, ...], str]:
        """(functions of the unit, headers of the submission included; why it was not parsed, "" when it was)."""
        path = self._root / unit.file
        try:
            tree = self._index.parse(str(path), args=self._arguments(unit))
        except cindex.TranslationUnitLoadError:
            return (), "libclang cannot load it"
        errors = [_message(found) for found in tree.diagnostics if found.severity >= cindex.Diagnostic.Error]
        if errors:
            more = f" (and {len(errors) - _MOST_ERRORS} more)" if len(errors) > _MOST_ERRORS else ""
            return (), "; ".join(errors[:_MOST_ERRORS]) + more
        return tuple(self._functions(tree, unit.file)), ""

    def _arguments(self, unit: Unit) -> list[str]:
        arguments = ["-x", "c", "-target", self._target, "-ffreestanding", "-nostdinc", "-nostdlib", "-w"]
        arguments += ["-fno-spell-checking", "-ivfsoverlay", str(self._overlay), "-ferror-limit=20"]
        arguments.append(f"-std={unit.standard or 'gnu11'}")
        for folder in unit.includes:
            arguments.append(f"-I{self._root / folder}")
        arguments += ["-isystem", str(_STUBS)]
        arguments += [f"-{kind}{text}" for kind, text in unit.macros]
        return arguments

    def _describe_overlay(self) -> dict[str, Any]:
        """Each file under its own path, and no way to any other ("redirect-only")."""
        shown = [self._root / path for path in self._files if _is_readable(self._root / path)]
        shown += sorted(_STUBS.glob("*.h"))
        folders: dict[Path, list[dict[str, str]]] = {}
        for path in shown:
            entry = {"type": "file", "name": path.name, "external-contents": str(path)}
            folders.setdefault(path.parent, []).append(entry)
        roots = [
            {"type": "directory", "name": str(folder), "contents": entries}
            for folder, entries in sorted(folders.items())
        ]
        return {"version": 0, "redirecting-with": "redirect-only", "case-sensitive": True, "roots": roots}

    def _functions(self, tree: Any, unit: str) -> Iterator[SourceFunction]:
        for cursor in tree.cursor.get_children():
            if cursor.kind != cindex.CursorKind.FUNCTION_DECL or not cursor.is_definition():
                continue
            file = cursor.location.file
            relative = self._relative(file.name) if file is not None else None
            if relative is None:
                continue
            yield SourceFunction(
                name=cursor.spelling,
                file=relative,
                line=cursor.extent.start.line,
                end=cursor.extent.end.line,
                static=cursor.storage_class == cindex.StorageClass.STATIC,
                front_end="libclang",
                unit=unit,
                calls=tuple(_calls(cursor)),
            )

    def _relative(self, name: str) -> str | None:
        try:
            return Path(name).resolve().relative_to(self._root).as_posix()
        except (ValueError, OSError):
            return None


def _calls(function: Any) -> Iterator[SourceCall]:
    for cursor in function.walk_preorder():
        if cursor.kind == cindex.CursorKind.CALL_EXPR:
            target = cursor.referenced
            direct = target is not None and target.kind == cindex.CursorKind.FUNCTION_DECL
            yield SourceCall(target.spelling if direct else "", cursor.location.line)


def _is_readable(path: Path) -> bool:
    try:
        return path.stat().st_size <= _LARGEST_SOURCE
    except OSError:
        return False


def _message(diagnostic: Any) -> str:
    line = diagnostic.location.line
    return f"line {line}: {diagnostic.spelling}" if line else str(diagnostic.spelling)
