"""The registers of the breakpoint unit (FPB, BPU) and of the watchpoint unit (DWT), as a debugger programmes them.

Sources: Armv7-M ARM C1.8 and C1.11, Armv6-M ARM C1.8 and C1.9, Armv8-M ARM D1.2. Not modelled: remapping of flash
(FP_REMAP is kept but has no effect), literal comparators, value and cycle matches, trace events.
"""

from dataclasses import dataclass

from swassess.emulator.debug_cores import DebugCore

READ, WRITE, EXECUTE = 1, 2, 4
FLASH_PATCH_END = 0x20000000  # version 1 compares addresses below only
_MATCHED = 1 << 24
_LARGEST_MASK = 15


@dataclass(frozen=True, slots=True)
class WatchedRange:
    """Addresses first..behind-1. kinds: READ, WRITE, EXECUTE. comparator: its number."""

    first: int
    behind: int
    kinds: int
    comparator: int


class BreakpointUnit:
    """FP_CTRL, FP_REMAP and the comparators."""

    def __init__(self, core: DebugCore) -> None:
        self._version = core.flash_patch
        self._code = core.breakpoints
        self._identity = (core.breakpoints & 0xF) << 4 | (core.breakpoints & 0x70) << 8 | core.literals << 8
        if self._version == 2:
            self._identity |= 1 << 28
        self._enabled = 0
        self._remap = 0x20000000
        self._comparators = [0] * (core.breakpoints + core.literals)

    def read(self, offset: int) -> int:
        if offset == 0:
            return self._identity | self._enabled
        if offset == 4:
            return self._remap if self._version == 1 else 0
        index = (offset - 8) >> 2
        return self._comparators[index] if 0 <= index < len(self._comparators) else 0

    def write(self, offset: int, value: int) -> None:
        index = (offset - 8) >> 2
        if offset == 0:
            if value & 2:  # KEY
                self._enabled = value & 1
        elif offset == 4:
            self._remap = 0x20000000 | (value & 0x1FFFFFE0)
        elif 0 <= index < len(self._comparators):
            self._comparators[index] = value & (0xDFFFFFFD if self._version == 1 else 0xFFFFFFFF)

    def addresses(self) -> list[int]:
        """Addresses at which the core halts."""
        found: list[int] = []
        if not self._enabled:
            return found
        for comparator in self._comparators[: self._code]:
            if not comparator & 1:
                continue
            if self._version == 2:
                found.append(comparator & 0xFFFFFFFE)
                continue
            word = comparator & 0x1FFFFFFC
            if comparator >> 30 & 1:
                found.append(word)
            if comparator >> 31 & 1:
                found.append(word | 2)
        return sorted(set(found))


class WatchpointUnit:
    """The comparators of the DWT; the cycle counter lives in the MCU's state, since firmware reads it too."""

    def __init__(self, core: DebugCore) -> None:
        self._version = core.watch_version
        self._comparators = [[0, 0, 0] for _ in range(core.watchpoints)]

    @property
    def count(self) -> int:
        return len(self._comparators)

    def read(self, offset: int, matched: int) -> tuple[int, int]:
        """The word at 0x20 and above, and which bits of `matched` the read clears."""
        index, column = (offset - 0x20) >> 4, (offset & 0xF) >> 2
        if not 0 <= index < len(self._comparators) or column > 2:
            return 0, 0
        value = self._comparators[index][column]
        if column != 2:
            return value, 0
        if self._version == 2:
            value |= 0b01011 << 27 if index else 0b01010 << 27  # ID: data and instruction addresses
        return value | (_MATCHED if matched >> index & 1 else 0), 1 << index

    def write(self, offset: int, value: int) -> None:
        index, column = (offset - 0x20) >> 4, (offset & 0xF) >> 2
        if 0 <= index < len(self._comparators) and column <= 2:
            if column == 1:
                value = min(value, _LARGEST_MASK) if self._version == 1 else 0
            elif column == 2:
                value &= 0x000FFDAF if self._version == 1 else 0x00000C3F
            self._comparators[index][column] = value

    def ranges(self) -> list[WatchedRange]:
        """What halts the core."""
        found = []
        for number, (address, mask, function) in enumerate(self._comparators):
            if self._version == 2:
                size = 1 << (function >> 10 & 3)
                kinds = {2: EXECUTE, 4: READ | WRITE, 5: WRITE, 6: READ}.get(function & 0xF, 0)
                if function >> 4 & 3 != 1:  # ACTION: debug event
                    kinds = 0
            else:
                size = 1 << mask
                kinds = {4: EXECUTE, 5: READ, 6: WRITE, 7: READ | WRITE}.get(function & 0xF, 0)
            if kinds:
                first = address & ~(size - 1)
                found.append(WatchedRange(first, first + size, kinds, number))
        return found
