"""Backup registers of the STM32F1: 16 bits each, kept through resets, written only while DBP is set (RM0008, 6.4)."""

from swassess.emulator.peripherals.behaviour import Behaviour, merged


class BkpStm32F1(Behaviour):
    """Tamper detection is not modelled."""

    def keeps(self, name: str) -> bool:
        return True

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        asked = getattr(self.mcu.block("RCC"), "backup_writable", None)
        if asked is None or asked():
            self.put(name, merged(self.get(name), offset, value, size) & 0xFFFF)
        return True
