"""Small blocks of the STM32: debug support (RM0008, 31.16), backup registers (RM0444, 31)."""

from collections.abc import Mapping

from swassess.emulator.peripherals.behaviour import Behaviour, merged


class DebugMcu(Behaviour):
    """IDCODE and freeze bits; only a power-on resets it. Parameter freeze: register and bit by block name."""

    def keeps(self, name: str) -> bool:
        return True

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        return True if name == "IDCODE" else super().write(offset, value, size)

    def freezes(self, block: str) -> bool:
        """Whether a block stands still while the core is halted by the debugger."""
        table: Mapping[str, tuple[str, int]] = self.parameters.get("freeze", {})
        if block not in table:
            return False
        register, bit = table[block]
        return bool(self.has(register) and self.get(register) >> int(bit) & 1)


class BackupRegisters(Behaviour):
    """Registers of the backup domain: written with DBP only, cleared by the reset of the domain or by power-on.

    Tamper detection is not modelled; its registers are kept.
    """

    def keeps(self, name: str) -> bool:
        return True

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        asked = getattr(self.mcu.block("PWR") or self.mcu.block("PMU"), "backup_writable", None)
        if asked is None or asked():
            self.put(name, merged(self.get(name), offset, value, size))
        return True
