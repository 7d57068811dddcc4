"""Alternate-function block of the STM32F1: which port each external line listens to (RM0008, 9.4).

Remapping (MAPR) is kept and changes nothing: functions stay on their default pins.
"""

from swassess.emulator.peripherals.behaviour import Behaviour

_FIRST, _LAST = 0x08, 0x14  # EXTICR1 .. EXTICR4


class AfioStm32F1(Behaviour):
    def write(self, offset: int, value: int, size: int) -> bool:
        if not super().write(offset, value, size):
            return False
        word = offset & ~3
        if _FIRST <= word <= _LAST:
            chosen = self.peek(word) or 0
            for line in range(4):
                self.mcu.route_line(word - _FIRST + line, chosen >> 4 * line & 15)
        return True
