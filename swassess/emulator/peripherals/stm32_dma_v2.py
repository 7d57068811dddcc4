"""DMA controller with streams (STM32F4; RM0090 10).

Parameters: requests (stream -> {channel: name or names}; RM0090 tables 42 and 43), cycles. In FIFO mode data of
different sizes follow each other as bytes; the FIFO itself, bursts and the peripheral as flow controller are not
modelled.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.dma_common import DmaController, looked_up

_EN, _TEIE, _HTIE, _TCIE, _CIRC, _PINC, _MINC = 1, 4, 8, 0x10, 0x100, 0x200, 0x400
_DBM, _CT = 1 << 18, 1 << 19
_TO_PERIPHERAL, _MEMORY_TO_MEMORY = 1, 2
_TEIF, _HTIF, _TCIF = 8, 0x10, 0x20
_FLAGS = 0x3D
_PLACES = (0, 6, 16, 22)  # of the flags of streams 0..3 in LISR, 4..7 in HISR


class DmaV2(DmaController):
    CONTROL: ClassVar[str] = "CR"
    COUNT: ClassVar[str] = "NDTR"

    def names(self, channel: int) -> Sequence[str]:
        wired = looked_up(self.parameters.get("requests", {}), channel)
        chosen = looked_up(wired, (self.get(f"CR{channel}") >> 25) & 7)
        return (chosen,) if isinstance(chosen, str) else tuple(chosen)  # type: ignore[arg-type]

    def priority(self, channel: int) -> int:
        return (self.get(f"CR{channel}") >> 16) & 3

    def _way(self, n: int) -> int:
        return (self.get(f"CR{n}") >> 6) & 3

    def runs_alone(self, channel: int) -> bool:
        return self._way(channel) == _MEMORY_TO_MEMORY

    def transfer(self, channel: int) -> None:
        n = channel
        control = self.get(f"CR{n}")
        size = 1 << min((control >> 11) & 3, 2)
        peripheral, memory = self.get(f"PERIPHERAL{n}"), self.get(f"MEMORY{n}")
        if self._way(n) == _TO_PERIPHERAL:
            done = self.copy(memory, size, peripheral, size)
        else:
            done = self.copy(peripheral, size, memory, size)
        if not done:
            self.put(f"CR{n}", self.get(f"CR{n}") & ~_EN)
            self._flag(n, _TEIF)
            return
        self.advance(n, size if control & _PINC else 0, size if control & _MINC else 0)
        left, reload = self.get(f"NDTR{n}") - 1, self.get(f"RELOAD{n}")
        self.put(f"NDTR{n}", left)
        flags = _HTIF if reload > 1 and left == reload - reload // 2 else 0
        if left == 0:
            flags |= _TCIF
            self._ended(n)
        if flags:
            self._flag(n, flags)

    def _ended(self, n: int) -> None:
        control = self.get(f"CR{n}")
        if control & (_CIRC | _DBM) and self._way(n) != _MEMORY_TO_MEMORY:
            if control & _DBM:
                self.put(f"CR{n}", control ^ _CT)
            self.put(f"NDTR{n}", self.get(f"RELOAD{n}"))
            self._point(n)
        else:
            self.put(f"CR{n}", control & ~_EN)

    def _point(self, n: int) -> None:
        target = 1 if self.get(f"CR{n}") & _DBM and self.get(f"CR{n}") & _CT else 0
        self.put(f"PERIPHERAL{n}", self.get(f"PAR{n}"))
        self.put(f"MEMORY{n}", self.get(f"M{target}AR{n}"))

    # ---- flags -------------------------------------------------------------------------------------------------
    def _flags_of(self, n: int) -> int:
        return (self.get("LISR" if n < 4 else "HISR") >> _PLACES[n & 3]) & _FLAGS

    def _flag(self, n: int, flags: int) -> None:
        register = "LISR" if n < 4 else "HISR"
        self.put(register, self.get(register) | flags << _PLACES[n & 3])
        self._lines_now()

    def _lines_now(self) -> None:
        pairs = ((_TEIE, _TEIF), (_HTIE, _HTIF), (_TCIE, _TCIF))
        for place, streams in enumerate(self.served):
            level = any(
                self.get(f"CR{n}") & enable and self._flags_of(n) & flag for n in streams for enable, flag in pairs
            )
            self.set_line(place, level)

    # ---- registers ---------------------------------------------------------------------------------------------
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.due()
        value = merged(self.get(name), offset, value, size)
        if name in ("LIFCR", "HIFCR"):
            register = name[0] + "ISR"
            self.put(register, self.get(register) & ~value)
        elif name[-1].isdigit():
            self._stream(name, int(name[-1]), value)
        self._lines_now()
        return True

    def _stream(self, name: str, n: int, value: int) -> None:
        enabled = self.enabled(n)
        if name.startswith("CR"):
            self.put(name, value & 0x0FEFFFFF)
            if enabled and not value & _EN:
                self._flag(n, _TCIF)  # a stream that is switched off reports its end (10.3.15)
            elif value & _EN and not enabled and n in self.channels:
                self.put(f"RELOAD{n}", self.get(f"NDTR{n}"))
                self.put(f"PULSES{n}", 0)
                self._point(n)
                self.plan(self.mcu.now)
        elif name.startswith("NDTR"):
            if not enabled:
                self.put(name, value & 0xFFFF)
        elif not enabled or (name[:2] in ("M0", "M1") and self.get(f"CR{n}") & _DBM):
            self.put(name, value)  # with two buffers, the one not in use may be replaced
