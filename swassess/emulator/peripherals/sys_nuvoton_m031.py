"""System manager of the Nuvoton M031 (TRM 6.2): reset causes, write protection, resets of blocks.

The brown-out detector, pin functions and oscillator trimming keep what is written and do nothing.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from swassess.emulator.peripherals.behaviour import (
    BLOCK_RESET,
    IWDG,
    PIN,
    POWER_ON,
    SOFTWARE,
    WWDG,
    Behaviour,
    Surroundings,
    merged,
)
from swassess.model.target import Peripheral

_KEYS = (0x59, 0x16, 0x88)
_OPEN = 3
_CHIP, _CPU = 1, 2
_CAUSES = {PIN: 1 << 1, IWDG: 1 << 2, WWDG: 1 << 2, SOFTWARE: 1 << 5}
_POWER_ON_CAUSES = 3
_PROTECTED = frozenset({"IPRST0", "BODCTL", "PORCTL", "SRAM_BISTCTL"})


def unlocked(mcu: Surroundings) -> bool:
    """Whether the protected registers of all blocks may be written."""
    system = mcu.block("SYS")
    return not isinstance(system, SysM031) or system.get("KEYS") == _OPEN


class SysM031(Behaviour):
    """Parameter resets: bits of IPRST0..2 by block name. Cells: KEYS, how many of the three keys have come in a row;
    OWN, the reset by IPRST0 that is under way."""

    extra = ("KEYS", "OWN")
    kept = frozenset({"RSTSTS", "OWN"})

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        super().__init__(block, cells, mcu)
        self._resets: Mapping[str, Mapping[str, int]] = self.parameters.get("resets", {})

    def reset(self, cause: int) -> None:
        if cause == BLOCK_RESET:
            return
        super().reset(cause)
        own = self.get("OWN")
        if cause == POWER_ON:
            flags = _POWER_ON_CAUSES
        elif own:
            flags = 1 if own & _CHIP else 1 << 7
        else:
            flags = _CAUSES.get(cause, 0)
        self.put("RSTSTS", self.get("RSTSTS") | flags)
        self.put("OWN", 0)

    def is_clean(self, name: str) -> bool:
        return True

    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) == "REGLCTL":
            return int(self.get("KEYS") == _OPEN)
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        old = self.get(name)
        new = merged(old, offset, value, size)
        if name == "REGLCTL":
            self._key(value & 0xFF)
        elif name == "RSTSTS":
            self.put(name, old & ~merged(0, offset, value, size))
        elif name in _PROTECTED and not unlocked(self.mcu):
            pass
        elif name == "IPRST0":
            self.put(name, new & ~(_CHIP | _CPU))
            if new & (_CHIP | _CPU):
                self.put("OWN", new & (_CHIP | _CPU))
                self.mcu.request_reset("software")
        elif name != "PDID":
            self.put(name, new)
        for block, bit in self._resets.get(name, {}).items():
            if (self.get(name) & ~old) >> bit & 1:
                self.mcu.reset_block(block, BLOCK_RESET)
        return True

    def _key(self, key: int) -> None:
        step = self.get("KEYS")
        if step < _OPEN and key == _KEYS[step]:
            self.put("KEYS", step + 1)
        else:
            self.put("KEYS", int(key == _KEYS[0]))
