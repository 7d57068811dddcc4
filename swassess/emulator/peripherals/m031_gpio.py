"""Ports of the Nuvoton M031 (TRM, chapter GPIO): modes, masked outputs, bit access, interrupts by edge and level.

All ports are one block: words of port n (0 is A) lie 64 bytes apart. Parameter ports: interrupt -> ports that share it
(by their letters in the interrupt's name unless given). Not modelled: de-bouncing, wake-up, pins that the package does
not have.
"""

import re

from swassess.emulator.peripherals.behaviour import Behaviour, merged

PORTS, PINS = 8, 16
_INPUT, _OUTPUT = 0, 1
_PULL_UP = 1
# mode -> kind, open drain, pull: input, push-pull, open drain, quasi-bidirectional
_MODES = ((_INPUT, 0, 0), (_OUTPUT, 0, 0), (_OUTPUT, 1, 0), (_OUTPUT, 1, _PULL_UP))


class Gpio(Behaviour):
    outside = frozenset({"PIN", "PDIO"})

    # ---- pins --------------------------------------------------------------------------------------------------
    def reset(self, cause: int) -> None:
        super().reset(cause)
        for port in range(PORTS):
            self._configure(port, 0xFFFF)

    def _configure(self, port: int, changed: int) -> None:
        """Tells the MCU how pins are driven now."""
        mode, output = self.get(f"MODE[{port}]"), self.get(f"DOUT[{port}]")
        for pin in range(PINS):
            if changed >> pin & 1:
                kind, open_drain, pull = _MODES[mode >> 2 * pin & 3]
                self.mcu.configure_pin(port, pin, kind, open_drain, pull, output >> pin & 1)

    def _levels(self, port: int) -> int:
        off = self.get(f"DINOFF[{port}]") >> 16
        return sum(self.mcu.pin(port, pin) << pin for pin in range(PINS) if not off >> pin & 1)

    def pin_changed(self, port: int, number: int, level: int) -> None:
        if port >= PORTS or self.get(f"DINOFF[{port}]") >> (16 + number) & 1:
            return
        if not self.get(f"INTTYPE[{port}]") >> number & 1:
            edge = self.get(f"INTEN[{port}]") >> (number + (16 if level else 0)) & 1
            self.put(f"INTSRC[{port}]", self.get(f"INTSRC[{port}]") | edge << number)
        self._update(port)

    # ---- interrupts --------------------------------------------------------------------------------------------
    def _update(self, port: int) -> None:
        """Level-triggered pins, then the lines."""
        by_level = self.get(f"INTTYPE[{port}]")
        if by_level:
            enabled, levels = self.get(f"INTEN[{port}]"), self._levels(port)
            low, high = enabled & 0xFFFF & ~(enabled >> 16), enabled >> 16 & ~enabled
            self.put(f"INTSRC[{port}]", self.get(f"INTSRC[{port}]") | by_level & (high & levels | low & ~levels))
        for place, interrupt in enumerate(self.block.interrupts):
            ports = self._ports_of(interrupt.name)
            if port in ports:
                self.set_line(place, any(self.get(f"INTSRC[{one}]") for one in ports))

    def _ports_of(self, interrupt: str) -> tuple[int, ...]:
        letters = self.parameters.get("ports", {}).get(interrupt)
        if letters is None:
            letters = re.findall(r"P([A-H])", interrupt.removeprefix("GPIO"))
        return tuple(ord(letter) - ord("A") for letter in letters)

    # ---- registers ---------------------------------------------------------------------------------------------
    def peek(self, offset: int) -> int | None:
        name, index = self._named(offset)
        if name == "PIN":
            return self._levels(index)
        if name == "PDIO":
            return self._levels(index // PINS) >> (index % PINS) & 1
        return super().peek(offset)

    def _named(self, offset: int) -> tuple[str, int]:
        """Name and index of the register at an offset."""
        name = self.register_at(offset) or ""
        base, _, index = name.partition("[")
        return base, int(index[:-1] or 0) if index else 0

    def write(self, offset: int, value: int, size: int) -> bool:
        full = self.register_at(offset)
        if full is None:
            return False
        name, index = self._named(offset)
        if name == "PIN":
            return True
        value = merged(self.get(full), offset, value, size)
        if name == "PDIO":
            self._output(index // PINS, 1 << index % PINS, (value & 1) << index % PINS)
        elif name == "DOUT":
            self._output(index, 0xFFFF & ~self.get(f"DATMSK[{index}]"), value)
        elif name == "INTSRC":
            self.put(full, self.get(full) & ~value)
            self._update(index)
        elif name == "MODE":
            before = self.get(full)
            self.put(full, value)
            self._configure(index, sum(1 << pin for pin in range(PINS) if (before ^ value) >> 2 * pin & 3))
        else:
            self.put(full, value)
            if name in ("INTEN", "INTTYPE", "DINOFF"):
                self._update(index)
        return True

    def _output(self, port: int, mask: int, value: int) -> None:
        before = self.get(f"DOUT[{port}]")
        after = before & ~mask | value & mask
        self.put(f"DOUT[{port}]", after)
        self._configure(port, before ^ after)
