"""Names of registers, who serves them, and which of them are never learned."""

from bisect import bisect_right

from swassess.boot.rules import never_learned
from swassess.emulator.serving import served_by
from swassess.model.target import Peripheral, TargetDescription

CORE_START = 0xE0000000
_CYCLE_COUNTER = 0xE0001004  # counts for a debugger only; for a program that waits for it, it is learned
_CORE_UNITS = ((0xE0000000, "ITM"), (0xE0001000, "DWT"), (0xE0002000, "FPB"), (0xE000E000, "SCS"), (0xE0040000, "TPIU"))
_CORE_NAMES = {
    0xE0001000: "DWT.CTRL", 0xE0001004: "DWT.CYCCNT", 0xE000E004: "SCS.ICTR", 0xE000E008: "SCS.ACTLR",
    0xE000ED00: "SCB.CPUID", 0xE000ED04: "SCB.ICSR", 0xE000ED08: "SCB.VTOR", 0xE000ED0C: "SCB.AIRCR",
    0xE000ED10: "SCB.SCR", 0xE000ED14: "SCB.CCR", 0xE000ED18: "SCB.SHPR1", 0xE000ED1C: "SCB.SHPR2",
    0xE000ED20: "SCB.SHPR3", 0xE000ED24: "SCB.SHCSR", 0xE000ED28: "SCB.CFSR", 0xE000ED2C: "SCB.HFSR",
    0xE000ED34: "SCB.MMFAR", 0xE000ED38: "SCB.BFAR", 0xE000ED88: "SCB.CPACR", 0xE000EDF0: "SCS.DHCSR",
    0xE000EDFC: "SCS.DEMCR", 0xE000EF34: "FPU.FPCCR",
}  # fmt: skip


class RegisterMap:
    """What the target data say about an address."""

    def __init__(self, target: TargetDescription) -> None:
        self._blocks = sorted(target.peripherals, key=lambda block: block.base)
        self._bases = [block.base for block in self._blocks]
        self._names: dict[int, str] = {}
        for block in self._blocks:
            for register in block.registers:
                for index in range(register.count):
                    address = (block.base + register.offset + index * register.stride) & ~3
                    label = register.name if register.count == 1 else f"{register.name}[{index}]"
                    self._names.setdefault(address, f"{block.name}.{label}")

    def block(self, address: int) -> Peripheral | None:
        place = bisect_right(self._bases, address) - 1
        if place < 0 or address >= self._bases[place] + max(self._blocks[place].size, 4):
            return None
        return self._blocks[place]

    def name(self, address: int) -> str:
        """ "RCC.CR", "RCC+0x30" for a register that the map of its block does not have, "" outside every block."""
        known = _CORE_NAMES.get(address) or self._names.get(address)
        if known:
            return known
        block = self.block(address)
        if block is not None:
            return f"{block.name}+0x{address - block.base:02X}"
        if address >= CORE_START:
            unit = max((one for one in _CORE_UNITS if one[0] <= address), default=None)
            return f"{unit[1]}+0x{address - unit[0]:02X}" if unit is not None else ""
        return ""

    def layer(self, address: int) -> str:
        """Who answers: "core", "compiled", "python", or "shadow" where no behaviour is."""
        if address >= CORE_START:
            return "core"
        block = self.block(address)
        return served_by(block) if block is not None else "shadow"

    def never(self, address: int) -> str:
        """Why a register must not be learned; "" where it may be."""
        name = self.name(address)
        if address >= CORE_START and address != _CYCLE_COUNTER:
            return "the core's own registers are never learned"
        if name and never_learned(name):
            return f"{name} is never learned: watchdogs, reset cause, CRC, clock failure and ADC results"
        return ""
