"""Random number generator of the STM32F4, L4, G0 and G4 (RM0090 24, RM0444 19): the same numbers in every run.

Numbers never repeat one after the other, as the continuous test of the hardware demands. Parameter cycles: of the bus
between two numbers. Not modelled: seed and clock errors (their flags stay 0).
"""

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, merged

_RNGEN, _IE, _DRDY = 4, 8, 1
_SEED = 0x2545F491


class Rng(Behaviour):
    extra = ("STATE", "READY_AT")
    kept = frozenset({"STATE"})
    outside = frozenset({"DR"})

    def _next(self) -> None:
        state = self.get("STATE") or _SEED
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        self.put("STATE", state)
        self.put("DR", state)

    def _plan(self) -> None:
        cycle = self.mcu.period("HCLK")
        running = self.get("CR") & _RNGEN and not self.get("SR") & _DRDY and cycle
        self.put("READY_AT", self.mcu.now + int(self.parameters["cycles"]) * cycle if running else 0)

    def _catch_up(self) -> None:
        if 0 < self.get("READY_AT") <= self.mcu.now:
            self.put("READY_AT", 0)
            self._next()
            self.put("SR", self.get("SR") | _DRDY)

    def _update(self) -> None:
        self.set_line(0, bool(self.get("CR") & _IE and self.get("SR") & _DRDY))
        planned = self.get("READY_AT") or NEVER
        if planned != self.next_event:
            self.next_event = planned

    def due(self) -> None:
        self._catch_up()
        self._update()

    def read(self, offset: int) -> int | None:
        self._catch_up()
        name = self.register_at(offset)
        value = self.peek(offset)
        if name == "DR":
            value = self.get("DR") if self.get("SR") & _DRDY else 0
            if self.get("SR") & _DRDY:
                self.put("SR", self.get("SR") & ~_DRDY)
                self._plan()
            self._update()
        return value

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        if name == "CR":
            before = self.get("CR")
            self.put("CR", merged(before, offset, value, size))
            if not value & _RNGEN:
                self.put("SR", 0)
                self.put("READY_AT", 0)
            elif not before & _RNGEN:
                self._plan()
        self._update()
        return True
