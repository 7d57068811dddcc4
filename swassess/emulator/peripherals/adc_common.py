"""What the generations of the STM32 ADC have in common: sequences with their times, codes of channels.

The end of a conversion is an event of its own only when it changes something besides the data register: a converter
that runs on and on while nobody reads it costs nothing. The data register is brought up to date when it is looked at.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, merged

FULL_BITS = 12
_LEFT_SHIFT = {12: 4, 10: 6, 8: 8, 6: 2}  # half-word basis, 6 bits on byte basis (RM0090 13.4, RM0091 13.4.6)


class AdcSequencer(Behaviour):
    """Runs the sequences. Times that a subclass gives are half cycles of the ADC clock."""

    # DONE, INJECTED_DONE: end of the conversion under way (0: none). STEP, INJECTED_STEP: its place in the sequence.
    # PAUSED: a regular conversion waits for the injected ones to end. HELD: it waits for the data register to be read.
    # READY_AT, CALIBRATED_AT: end of power-up and calibration. REQUESTED: level of the DMA request before.
    extra: ClassVar[tuple[str, ...]] = (
        *("DONE", "STEP", "INJECTED_DONE", "INJECTED_STEP", "PAUSED", "HELD", "READY_AT", "CALIBRATED_AT"),
        *("REQUESTED", "ARMED", "INJECTED_ARMED", "LATEST"),
    )
    timed = frozenset({"DR"})
    outside = frozenset({"DR", "JDR1", "JDR2", "JDR3", "JDR4"})

    # ---- what a generation says --------------------------------------------------------------------------------
    def clock(self) -> int:
        """Ticks of one cycle of the ADC clock; 0 while it stands."""
        raise NotImplementedError

    def regular(self) -> Sequence[int]:
        """Channels of the regular sequence."""
        raise NotImplementedError

    def injected(self) -> Sequence[int]:
        return ()

    def conversion_halves(self, channel: int) -> int:
        """Sampling and conversion time of a channel in half ADC cycles."""
        raise NotImplementedError

    def converted(self, channel: int, code: int, last: bool) -> None:
        """A regular conversion has ended."""
        raise NotImplementedError

    def injected_converted(self, place: int, channel: int, code: int, last: bool) -> None:
        """An injected conversion has ended."""

    def continuous(self) -> bool:
        return False

    def pieces(self) -> int:
        """How many conversions of the regular sequence one trigger makes (discontinuous mode); 0 for all."""
        return 0

    def waits(self) -> bool:
        """Whether the next conversion has to wait for the data register to be read."""
        return False

    def sequence_ended(self) -> bool:
        """The regular sequence is through; True to start the injected one after it (automatic injection)."""
        return False

    def injected_ended(self) -> None:
        """The injected sequence is through."""

    def ready(self) -> None:
        """Power-up has ended."""

    def calibrated(self) -> None:
        """Calibration has ended."""

    def conversion_shows(self) -> bool:
        """Whether the end of the next regular conversion changes more than the data register."""
        raise NotImplementedError

    def line(self) -> bool:
        """Level of the interrupt line."""
        raise NotImplementedError

    def dma_request(self) -> bool:
        """Level of the DMA request."""
        return False

    def written(self, name: str, value: int) -> None:
        """A write of a whole register."""
        raise NotImplementedError

    def was_read(self, name: str) -> None:
        """Side effects of a read."""

    # ---- helpers -----------------------------------------------------------------------------------------------
    def code(self, channel: int) -> int:
        """12-bit code: what the outside drives; of an inner channel that nobody drives, the typical one.

        Parameters: inputs (channel of this converter -> channel as the scenario numbers it), internal (channel ->
        typical code of temperature sensor, reference, battery).
        """
        value = self.mcu.analog(_looked_up(self.parameters.get("inputs", {}), channel, channel))
        if not value:
            value = _looked_up(self.parameters.get("internal", {}), channel, 0)
        return min(max(value, 0), (1 << FULL_BITS) - 1)

    def start(self, at: int) -> None:
        """Starts the regular sequence from where it stands (STEP)."""
        sequence = self.regular()
        if not sequence or not self.clock():
            return
        if self.get("STEP") >= len(sequence):
            self.put("STEP", 0)
        if self.get("INJECTED_DONE"):
            self.put("PAUSED", 1)
        else:
            self.put("DONE", at + self._duration(sequence[self.get("STEP")]))

    def start_injected(self, at: int) -> None:
        """Starts the injected sequence; a regular conversion under way is broken off and done again after it."""
        sequence = self.injected()
        if not sequence or not self.clock():
            return
        if self.get("DONE"):
            self.put("DONE", 0)
            self.put("PAUSED", 1)
        if self.get("INJECTED_STEP") >= len(sequence):
            self.put("INJECTED_STEP", 0)
        self.put("INJECTED_DONE", at + self._duration(sequence[self.get("INJECTED_STEP")]))

    def stop(self, *, injected: bool = False) -> None:
        for name in ("INJECTED_DONE", "INJECTED_STEP") if injected else ("DONE", "STEP", "PAUSED", "HELD"):
            self.put(name, 0)

    def release(self) -> None:
        """The data register has been read: a conversion that waited for it starts."""
        if self.get("HELD"):
            self.put("HELD", 0)
            self.start(self.mcu.now)

    def _duration(self, channel: int) -> int:
        return max(self.conversion_halves(channel) * self.clock() // 2, 1)

    # ---- Behaviour ---------------------------------------------------------------------------------------------
    def is_clean(self, name: str) -> bool:
        return True  # those with side effects are the data registers, which show the outside

    def read(self, offset: int) -> int | None:
        self.catch_up()
        value = super().peek(offset)
        if value is not None:
            self.was_read(self.register_at(offset) or "")
            self.update()
        return value

    def peek(self, offset: int) -> int | None:
        if (self.register_at(offset) or "").partition("[")[0] in self.timed:
            self.catch_up()  # nothing but the data register can change by it (conversion_shows)
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.catch_up()
        self.written(name, merged(self.get(name), offset, value, size))
        self.update()
        return True

    def due(self) -> None:
        self.catch_up()
        self.update()

    def wants_dma(self, request: str) -> bool:
        return self.dma_request()

    # ---- time --------------------------------------------------------------------------------------------------
    def catch_up(self) -> None:
        now = self.mcu.now
        if 0 < self.get("CALIBRATED_AT") <= now:
            self.put("CALIBRATED_AT", 0)
            self.calibrated()
        if 0 < self.get("READY_AT") <= now:
            self.put("READY_AT", 0)
            self.ready()
        self._skip(now)
        while True:
            injected, regular = self.get("INJECTED_DONE"), self.get("DONE")
            if 0 < injected <= now:
                self._end_injected(injected)
            elif 0 < regular <= now:
                self._end_regular(regular)
            else:
                break

    def _skip(self, now: int) -> None:
        """Passes over rounds of a continuous sequence that nobody saw: their data have been overwritten since."""
        done = self.get("DONE")
        if not done or now <= done or not self.continuous() or self.conversion_shows():
            return
        period = sum(self._duration(channel) for channel in self.regular())
        rounds = (now - done) // period - 1
        if rounds > 0:
            self.put("DONE", done + rounds * period)

    def _end_regular(self, at: int) -> None:
        sequence = self.regular()
        step = self.get("STEP")
        self.put("DONE", 0)
        if step >= len(sequence):
            return
        last = step == len(sequence) - 1
        self.put("STEP", 0 if last else step + 1)
        channel = sequence[step]
        self.converted(channel, self.code(channel), last)
        if last and self.sequence_ended():
            self.put("PAUSED", int(self.continuous()))
            self.start_injected(at)
            return
        pieces = self.pieces()
        goes_on = self.continuous() if last else not pieces or (step + 1) % pieces != 0
        if goes_on and not self.get("DONE"):
            if self.waits():
                self.put("HELD", 1)
            else:
                self.start(at)

    def _end_injected(self, at: int) -> None:
        sequence = self.injected()
        step = self.get("INJECTED_STEP")
        self.put("INJECTED_DONE", 0)
        if step >= len(sequence):
            return
        last = step == len(sequence) - 1
        self.put("INJECTED_STEP", 0 if last else step + 1)
        self.injected_converted(step, sequence[step], self.code(sequence[step]), last)
        if not last and not self.injected_pieces():
            self.start_injected(at)
            return
        if last:
            self.injected_ended()
        if self.get("PAUSED"):
            self.put("PAUSED", 0)
            self.start(at)

    def injected_pieces(self) -> bool:
        """Whether one trigger makes one injected conversion only (discontinuous mode)."""
        return False

    def update(self) -> None:
        """Interrupt line, DMA request and next event after anything has changed."""
        self.set_line(0, self.line())
        times = [time for name in ("CALIBRATED_AT", "READY_AT", "INJECTED_DONE") if (time := self.get(name))]
        done = self.get("DONE")
        if done and self.conversion_shows():
            times.append(done)
        planned = min(times, default=NEVER)
        if planned != self.next_event:
            self.next_event = planned
        before, wanted = self.get("REQUESTED"), int(self.dma_request())
        self.put("REQUESTED", wanted)
        if wanted and not before:
            self.mcu.request_dma(str(self.parameters.get("request", self.block.name)))

    def clock_changed(self) -> None:
        self.catch_up()
        self.update()


def shown(code: int, bits: int, left: bool) -> int:
    """A 12-bit code as the data register shows it at a resolution of 12, 10, 8 or 6 bits."""
    code >>= FULL_BITS - bits
    return code << _LEFT_SHIFT[bits] if left else code


def outside_window(code: int, bits: int, low: int, high: int) -> bool:
    """Analog watchdog: thresholds are compared with the left-aligned 12-bit value (RM0091 13.7.1)."""
    value = code >> (FULL_BITS - bits) << (FULL_BITS - bits)
    return value < low or value > high


def _looked_up(table: dict[int | str, int], channel: int, otherwise: int) -> int:
    return int(table.get(channel, table.get(str(channel), otherwise)))
