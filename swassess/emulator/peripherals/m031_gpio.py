"""Ports of the Nuvoton M031 (TRM, chapter GPIO): modes, masked outputs, bit access, interrupts by edge and level.

A port is a block named PA, PB, ...; the words of single pins (PDIO) are a block of their own. Of a port's interrupts
the first is raised. Not modelled: de-bouncing, wake-up, external interrupt pins (EINT), pins that the package does not
have.
"""

import numpy as np
import numpy.typing as npt

from swassess.emulator.peripherals.behaviour import Behaviour, Surroundings, merged
from swassess.model.target import Peripheral

PINS = 16
_INPUT, _OUTPUT = 0, 1
_PULL_UP = 1
# mode -> kind, open drain, pull: input, push-pull, open drain, quasi-bidirectional
_MODES = ((_INPUT, 0, 0), (_OUTPUT, 0, 0), (_OUTPUT, 1, 0), (_OUTPUT, 1, _PULL_UP))


class Port(Behaviour):
    outside = frozenset({"PIN"})

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        super().__init__(block, cells, mcu)
        self.number = ord(block.name[-1].upper()) - ord("A")

    # ---- pins --------------------------------------------------------------------------------------------------
    def reset(self, cause: int) -> None:
        super().reset(cause)
        self._configure(0xFFFF)

    def _configure(self, changed: int) -> None:
        """Tells the MCU how pins are driven now."""
        mode, output = self.get("MODE"), self.get("DOUT")
        for pin in range(PINS):
            if changed >> pin & 1:
                kind, open_drain, pull = _MODES[mode >> 2 * pin & 3]
                self.mcu.configure_pin(self.number, pin, kind, open_drain, pull, output >> pin & 1)

    def levels(self) -> int:
        """Levels of all pins, as PIN shows them."""
        off = self.get("DINOFF") >> 16
        return sum(self.mcu.pin(self.number, pin) << pin for pin in range(PINS) if not off >> pin & 1)

    def drive(self, mask: int, value: int) -> None:
        """Sets the outputs of some pins."""
        before = self.get("DOUT")
        after = before & ~mask | value & mask
        self.put("DOUT", after)
        self._configure(before ^ after)

    def pin_changed(self, port: int, number: int, level: int) -> None:
        if port != self.number or self.get("DINOFF") >> (16 + number) & 1:
            return
        if not self.get("INTTYPE") >> number & 1:
            edge = self.get("INTEN") >> (number + (16 if level else 0)) & 1
            self.put("INTSRC", self.get("INTSRC") | edge << number)
        self._update()

    def _update(self) -> None:
        """Level-triggered pins, then the line."""
        by_level = self.get("INTTYPE")
        if by_level:
            enabled, levels = self.get("INTEN"), self.levels()
            low, high = enabled & 0xFFFF & ~(enabled >> 16), enabled >> 16 & ~enabled
            self.put("INTSRC", self.get("INTSRC") | by_level & (high & levels | low & ~levels))
        self.set_line(0, bool(self.get("INTSRC")))

    # ---- registers ---------------------------------------------------------------------------------------------
    def peek(self, offset: int) -> int | None:
        return self.levels() if self.register_at(offset) == "PIN" else super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        value = merged(self.get(name), offset, value, size)
        if name == "DOUT":
            self.drive(0xFFFF & ~self.get("DATMSK"), value)
        elif name == "INTSRC":
            self.put(name, self.get(name) & ~value)
            self._update()
        elif name == "MODE":
            before = self.get(name)
            self.put(name, value)
            self._configure(sum(1 << pin for pin in range(PINS) if (before ^ value) >> 2 * pin & 3))
        elif name != "PIN":
            self.put(name, value)
            self._update()
        return True


class Pins(Behaviour):
    """One word for each pin, 16 for each port: reads the level, writes the output whatever the port's mask says."""

    outside = frozenset({"PDIO"})

    def _port(self, offset: int) -> tuple[Port | None, int]:
        index = offset >> 2
        port = self.mcu.block("P" + chr(ord("A") + index // PINS))
        return port if isinstance(port, Port) else None, index % PINS

    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) is None:
            return None
        port, pin = self._port(offset)
        return 0 if port is None else port.levels() >> pin & 1

    def write(self, offset: int, value: int, size: int) -> bool:
        if self.register_at(offset) is None:
            return False
        port, pin = self._port(offset)
        if port is not None:
            port.drive(1 << pin, (value & 1) << pin)
        return True
