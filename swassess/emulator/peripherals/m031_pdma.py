"""PDMA controller of the Nuvoton M031 (TRM, chapter PDMA): basic transfers and scatter-gather tables.

A request of a peripheral moves one datum; a software request moves one (single type) or all of them (burst type), those
of the tables that follow included. Parameters: requests (number in REQSELx -> name), cycles. Not modelled: time-outs,
stride, round robin.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.dma_common import DmaController, looked_up
from swassess.emulator.peripherals.dma_requests import asks

_IDLE, _SCATTER = 0, 2
_SINGLE, _TBINTDIS = 4, 0x80
_FIXED = 3
_FLAGS = ("ABTSTS", "TDSTS", "ALIGN")


class Pdma(DmaController):
    # RELOAD counts the data that are left of the transfer under way, 0: not begun
    CONTROL: ClassVar[str] = "CTL"

    def _mode(self, n: int) -> int:
        return self.get(f"CTL{n}") & 3

    def enabled(self, channel: int) -> bool:
        return bool(self.get("CHCTL") >> channel & 1 and self._mode(channel) != _IDLE)

    def _enabled_channels(self) -> list[int]:
        return [n for n in self.channels if self.enabled(n)]

    def names(self, channel: int) -> Sequence[str]:
        number = self.get(f"REQSEL{channel // 4}") >> (8 * (channel % 4)) & 0x7F
        name = looked_up(self.parameters.get("requests", {}), number)
        return (name,) if isinstance(name, str) else ()

    def remaining(self, request: str) -> int:
        return sum(
            self.get(f"RELOAD{n}") or (self.get(f"CTL{n}") >> 16) + 1
            for n in self._enabled_channels()
            if request in self.names(n)
        )

    def _ready(self, n: int) -> bool:
        return bool(self.get(f"PULSES{n}")) or any(asks(self.mcu, request) for request in self.names(n))

    def priority(self, channel: int) -> int:
        return self.get("PRISET") >> channel & 1

    def _software_request(self, n: int) -> None:
        if not self.enabled(n):
            return
        if self._mode(n) == _SCATTER and not self.get(f"RELOAD{n}"):
            self._fetch(n)
        control = self.get(f"CTL{n}")
        self.put(f"PULSES{n}", self.get(f"PULSES{n}") + (1 if control & _SINGLE else (control >> 16) + 1))
        self.plan(self.mcu.now)

    # ---- transfers ---------------------------------------------------------------------------------------------
    def _fetch(self, n: int) -> None:
        """The next descriptor of a scatter-gather table."""
        at = self.get("SCATBA") & 0xFFFF0000 | self.get(f"NEXT{n}") & 0xFFFC
        for place, register in enumerate(("CTL", "SA", "DA", "NEXT")):
            self.put(f"{register}{n}", self.mcu.read_memory(at + 4 * place, 4) or 0)
        self._begin(n)

    def _begin(self, n: int) -> None:
        self.put(f"RELOAD{n}", (self.get(f"CTL{n}") >> 16) + 1)
        self.put(f"PERIPHERAL{n}", self.get(f"SA{n}"))
        self.put(f"MEMORY{n}", self.get(f"DA{n}"))

    def transfer(self, channel: int) -> None:
        n = channel
        if not self.get(f"RELOAD{n}"):
            if self._mode(n) == _SCATTER:
                self._fetch(n)
            else:
                self._begin(n)
        control = self.get(f"CTL{n}")
        size = 1 << min(control >> 12 & 3, 2)
        if not self.copy(self.get(f"PERIPHERAL{n}"), size, self.get(f"MEMORY{n}"), size):
            self.put("ABTSTS", self.get("ABTSTS") | 1 << n)
            self._end(n)
            return
        from_fixed, to_fixed = control >> 8 & 3 == _FIXED, control >> 10 & 3 == _FIXED
        self.advance(n, 0 if from_fixed else size, 0 if to_fixed else size)
        left = self.get(f"RELOAD{n}") - 1
        self.put(f"RELOAD{n}", left)
        if left:
            self.put(f"CTL{n}", control & 0xFFFF | (left - 1) << 16)
            return
        self.put(f"CTL{n}", control & 0xFFFF)
        last = self._mode(n) != _SCATTER
        if last or not control & _TBINTDIS:
            self.put("TDSTS", self.get("TDSTS") | 1 << n)
        if last:
            self._end(n)
        else:
            self._fetch(n)
            if not self.names(n) and not self.get(f"CTL{n}") & _SINGLE:
                self.put(f"PULSES{n}", self.get(f"RELOAD{n}"))
        self._lines_now()

    def _end(self, n: int) -> None:
        self.put(f"CTL{n}", self.get(f"CTL{n}") & ~3)
        self.put(f"RELOAD{n}", 0)
        self.put(f"PULSES{n}", 0)
        self._lines_now()

    def _lines_now(self) -> None:
        pending = (self.get("ABTSTS") | self.get("TDSTS") | self.get("ALIGN")) & self.get("INTEN")
        self.set_line(0, bool(pending))

    # ---- registers ---------------------------------------------------------------------------------------------
    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name == "TRGSTS":
            return sum(1 << n for n in self.channels if self.get(f"RELOAD{n}") or self.get(f"PULSES{n}"))
        if name == "INTSTS":
            return sum(1 << bit for bit, register in enumerate(_FLAGS) if self.get(register))
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.due()
        value = merged(0 if name in ("SWREQ", "PAUSE", "CHRST") else self.get(name), offset, value, size)
        if name == "SWREQ":
            for n in self.channels:
                if value >> n & 1:
                    self._software_request(n)
        elif name in ("PAUSE", "CHRST"):
            for n in self.channels:
                if value >> n & 1:
                    self.put(f"PULSES{n}", 0)
                    if name == "CHRST":
                        self._end(n)
        elif name in _FLAGS:
            self.put(name, self.get(name) & ~value)
        elif name == "PRISET":
            self.put(name, self.get(name) | value)
        elif name == "PRICLR":
            self.put("PRISET", self.get("PRISET") & ~value)
        elif name not in ("TRGSTS", "INTSTS"):
            self.put(name, value)
            if name == "CHCTL":
                for n in self.channels:
                    if not value >> n & 1:
                        self.put(f"RELOAD{n}", 0)
                        self.put(f"PULSES{n}", 0)
            self.plan(self.mcu.now)
        self._lines_now()
        return True
