"""Registers that the converters of an STM32F4, L4 or G4 share: prescaler, and the status of all in one word.

The converters look at CCR. Not modelled: CDR and the multi-ADC modes.
"""

from swassess.emulator.peripherals.behaviour import Behaviour


class AdcCommon(Behaviour):
    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) != "CSR":
            return super().peek(offset)
        value = 0
        width = int(self.parameters["status_bits"])
        for place, name in enumerate(self.parameters["converters"]):
            block = self.mcu.block(str(name))
            if block is not None:
                status = block.get("SR" if block.has("SR") else "ISR")
                value |= (status & ((1 << width) - 1)) << (width * place)
        return value & 0xFFFFFFFF

    def write(self, offset: int, value: int, size: int) -> bool:
        return True if self.register_at(offset) == "CSR" else super().write(offset, value, size)
