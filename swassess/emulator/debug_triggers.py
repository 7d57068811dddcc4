"""Breakpoints and watchpoints as the debugger programmed them, handed to the engine's hooks."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import ctypes

import unicorn

from swassess.emulator import debug_hooks
from swassess.emulator import layout as at
from swassess.emulator.debug_comparators import FLASH_PATCH_END, BreakpointUnit, WatchpointUnit
from swassess.emulator.debug_cores import DebugCore
from swassess.emulator.mcu import Mcu
from swassess.errors import EmulationError


class Triggers:
    """breakpoints: the flash patch unit; watchpoints: the data watchpoint unit."""

    def __init__(self, mcu: Mcu, core: DebugCore) -> None:
        self._mcu = mcu
        self._low_addresses_only = core.flash_patch == 1
        self.breakpoints = BreakpointUnit(core)
        self.watchpoints = WatchpointUnit(core)
        self._hook: ctypes.c_size_t | None = None

    def apply(self, enabled: bool, trace_enabled: bool) -> None:
        """enabled: halting debug is on; trace_enabled: DEMCR.TRCENA, without which the watchpoint unit sleeps."""
        table = self._mcu.debug_table
        places = self.breakpoints.addresses() if enabled else []
        if self._low_addresses_only:
            places = [address for address in places if address < FLASH_PATCH_END]
        places = places[: at.DT_EVENT - at.DT_ADDRESS]
        bits = 0
        for index, address in enumerate(places):
            table[at.DT_ADDRESS + index] = address
            table[at.DT_EVENT + index] = at.D_BREAKPOINT
            bits |= 1 << (address >> 1 & 63)
        table[at.DT_COUNT] = len(places)
        table[at.DT_FILTER] = bits - (1 << 64) if bits >> 63 else bits
        ranges = self.watchpoints.ranges() if enabled and trace_enabled else []
        for index, one in enumerate(ranges):
            row = at.DT_RANGE + 4 * index
            table[row : row + 4] = (one.first, one.behind, one.kinds, one.comparator)
        table[at.DT_RANGE_COUNT] = len(ranges)
        self._mcu.control[at.C_DEBUG_LOOK] = bool(places or ranges)
        self._watch_memory(any(one.kinds & ~debug_hooks.EXECUTES for one in ranges))

    def breakpoint_at(self, address: int) -> int:
        """D_BREAKPOINT when there is one, else 0."""
        table = self._mcu.debug_table
        places = table[at.DT_ADDRESS : at.DT_ADDRESS + int(table[at.DT_COUNT])]
        return at.D_BREAKPOINT if address in places.tolist() else 0

    def read_watchpoint(self, offset: int) -> int:
        """A comparator's register; reading FUNCTION clears its MATCHED bit."""
        table = self._mcu.debug_table
        value, clears = self.watchpoints.read(offset, int(table[at.DT_MATCHED]))
        table[at.DT_MATCHED] &= ~clears
        return value

    def _watch_memory(self, wanted: bool) -> None:
        """Hooks of memory accesses cost much, and only code translated after a change heeds them."""
        if wanted == (self._hook is not None):
            return
        engine = ctypes.c_void_p(self._mcu.handle)
        if self._hook is not None:
            native.library.uc_hook_del(engine, self._hook)
            self._hook = None
        else:
            self._hook = ctypes.c_size_t()
            error = native.library.uc_hook_add(
                engine,
                ctypes.byref(self._hook),
                ctypes.c_int(unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE),
                ctypes.c_void_p(debug_hooks.on_debug_access.address),
                ctypes.c_void_p(self._mcu.control.ctypes.data),
                ctypes.c_uint64(1),
                ctypes.c_uint64(0),
            )
            if error:
                raise EmulationError(f"memory cannot be watched: Unicorn error {error}")
        self._mcu.engine.ctl_flush_tb()
