"""libunicorn and raw memory as seen from compiled kernels.

Functions of libunicorn are reached by symbol name (registered with LLVM), because kernels that carry ctypes pointers
cannot be cached.
"""

from swassess.emulator import kernel_cache  # isort: skip  (sets the cache folder before numba is imported)

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import unicorn
from numba import types
from numba.extending import intrinsic

assert kernel_cache is not None


def _library() -> ctypes.CDLL:
    import unicorn.unicorn_py3.unicorn as binding  # the binding has already loaded the right library

    library = getattr(binding, "uclib", None)
    if isinstance(library, ctypes.CDLL):
        return library
    folder = Path(unicorn.__file__).parent / "lib"
    for name in ("libunicorn.so.2", "libunicorn.2.dylib", "unicorn.dll", "libunicorn.so", "libunicorn.dylib"):
        if (folder / name).exists():
            return ctypes.CDLL(str(folder / name))
    raise ImportError(f"no libunicorn in {folder}")


library = _library()
for _name in (
    "uc_emu_start",
    "uc_emu_stop",
    "uc_reg_read",
    "uc_reg_write",
    "uc_context_save",
    "uc_context_restore",
):
    llvm.add_symbol("swassess_" + _name, ctypes.cast(getattr(library, _name), ctypes.c_void_p).value)

# the compiled kernels' way out to blocks in plain Python: ask(mcu, what, address, size, value) -> int
ANSWER = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64
)
_answer: Callable[[int, int, int, int, int], int] = lambda *_: -1  # noqa: E731


def answer_with(function: Callable[[int, int, int, int, int], int]) -> None:
    """Names the function that answers all questions of all MCUs of this process. It must not raise."""
    global _answer
    _answer = function


@ANSWER
def _ask(mcu: int, what: int, address: int, size: int, value: int) -> int:
    return _answer(mcu, what, address, size, value)


llvm.add_symbol("swassess_ask", ctypes.cast(_ask, ctypes.c_void_p).value)

llvm.add_symbol("swassess_copy", ctypes.cast(ctypes.memmove, ctypes.c_void_p).value)

_POINTER = types.intp
copy_bytes = types.ExternalFunction("swassess_copy", types.intp(_POINTER, _POINTER, types.uintp))
ask = types.ExternalFunction(
    "swassess_ask", types.int64(types.int64, types.int64, types.int64, types.int64, types.int64)
)
uc_emu_start = types.ExternalFunction(
    "swassess_uc_emu_start", types.int32(_POINTER, types.uint64, types.uint64, types.uint64, types.uintp)
)
uc_emu_stop = types.ExternalFunction("swassess_uc_emu_stop", types.int32(_POINTER))
uc_reg_read = types.ExternalFunction("swassess_uc_reg_read", types.int32(_POINTER, types.int32, _POINTER))
uc_reg_write = types.ExternalFunction("swassess_uc_reg_write", types.int32(_POINTER, types.int32, _POINTER))
uc_context_save = types.ExternalFunction("swassess_uc_context_save", types.int32(_POINTER, _POINTER))
uc_context_restore = types.ExternalFunction("swassess_uc_context_restore", types.int32(_POINTER, _POINTER))


def _pointer_intrinsic(element: Any) -> Any:
    @intrinsic
    def as_pointer(typingctx: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return types.CPointer(element)(types.int64), codegen

    return as_pointer


int32_pointer = _pointer_intrinsic(types.int32)
int64_pointer = _pointer_intrinsic(types.int64)
float64_pointer = _pointer_intrinsic(types.float64)
uint8_pointer = _pointer_intrinsic(types.uint8)
uint16_pointer = _pointer_intrinsic(types.uint16)
uint32_pointer = _pointer_intrinsic(types.uint32)


@intrinsic
def address_of(typingctx: Any, pointer: Any) -> Any:
    """The integer address of a void pointer handed to a hook."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ptrtoint(args[0], context.get_value_type(signature.return_type))

    return types.int64(types.voidptr), codegen
