"""Gives freed memory back to the system, where the C library keeps it."""

import ctypes
import gc
import sys


def release_freed_memory() -> None:
    """After engines and traces are gone: glibc keeps their heap until asked. Elsewhere this does nothing."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
