"""System configuration: what is seen at address 0, ports of the external lines, RAM parity (RM0091, 10; RM0444, 8).

Kept but without effect: remapping of DMA requests and timers, fast-mode drive of pins, analog switches.
"""

from typing import ClassVar

from swassess.emulator.peripherals.behaviour import Behaviour, merged

_PARITY_FLAG, _PARITY_BREAKS = 1 << 8, 1 << 1
_LOCKS = 0xF
_MEMORIES = {0: "flash", 1: "system", 2: "flash", 3: "ram"}


class LineRouting(Behaviour):
    """EXTICR: four lines a register, four bits a line."""

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        new = merged(self.get(name), offset, value, size)
        if name.startswith("EXTICR"):
            new &= 0xFFFF
        self.take(name, new)
        if name.startswith("EXTICR"):
            register = self.block.register("EXTICR")
            first = (offset & ~3) - (8 if register is None else register.offset)
            for line in range(4):
                self.mcu.route_line(first + line, new >> 4 * line & 15)
        return True

    def reset(self, cause: int) -> None:
        super().reset(cause)
        for line in range(16 if self.block.register("EXTICR") else 0):
            self.mcu.route_line(line, 0)

    def take(self, name: str, new: int) -> None:
        self.put(name, new)


class Syscfg(LineRouting):
    """Parameters: parity, whether the RAM has a parity bit; nothing else differs between F0, F4, L4 and G4 but the
    register that holds MEM_MODE (CFGR1 or MEMRMP)."""

    mode_in: ClassVar[tuple[str, ...]] = ("MEMRMP", "CFGR1")

    def reset(self, cause: int) -> None:
        super().reset(cause)
        self._show()

    def _mode_register(self) -> str:
        return next(name for name in self.mode_in if self.has(name))

    def _show(self) -> None:
        self.mcu.show_at_zero(_MEMORIES[self.get(self._mode_register()) & 3])

    def take(self, name: str, new: int) -> None:
        if name == "CFGR2":  # locks can only be set, the parity flag is cleared by writing 1
            old = self.get("CFGR2")
            new = (new | old & _LOCKS) & ~_PARITY_FLAG | old & ~new & _PARITY_FLAG
        if name == "VREFBUF_CSR":
            new = new & 7 | (8 if new & 1 else 0)  # ready as soon as it is on
        if name == "CMPCR":
            new = new & 1 | (1 << 8 if new & 1 else 0)
        if name.startswith("ITLINE"):
            return
        self.put(name, new)
        if name == self._mode_register():
            self._show()

    def inject_parity(self) -> bool:
        """A read of the RAM has met a parity error. False, and nothing happens, where the RAM has no parity or the
        option bytes leave its check off."""
        enabled = getattr(self.mcu.block("FLASH"), "ram_parity", None)
        if not self.parameters.get("parity", True) or (enabled is not None and not enabled()):
            return False
        self.put("CFGR2", self.get("CFGR2") | _PARITY_FLAG)
        if self.get("CFGR2") & _PARITY_BREAKS:
            self.mcu.break_timers()
        self.mcu.line_changed()
        self.mcu.raise_nmi()
        return True

    def holds_nmi(self) -> bool:
        return self.has("CFGR2") and bool(self.get("CFGR2") & _PARITY_FLAG)
