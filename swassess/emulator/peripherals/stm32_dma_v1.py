"""DMA controller with channels: STM32F1, F0, G0, L4, G4 (RM0008 13, RM0091 10, RM0351 11, RM0440 12).

Parameters:
  requests  channel -> names of the requests wired to it ("USART1_TX", "ADC1", ...), all of which are asked (RM0008
            tables 78 and 79); with a CSELR register (L4): channel -> {selection: name}
  mux, mux_first  name of the DMAMUX block and which of its channels is channel 1 here (G0, G4)
  channels  how many this block has (8 unless given)
  cycles    HCLK cycles of one transfer: arbitration, read, write (AN2548)
Interrupts of the block carry their channels in their names ("DMA1_Channel2_3" serves channels 2 and 3).
Not modelled: the bus bandwidth the core loses.
"""

import re

import numpy as np
import numpy.typing as npt

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, Surroundings, merged
from swassess.emulator.peripherals.dma_requests import asks
from swassess.emulator.peripherals.stm32_dmamux_v1 import DmaMux
from swassess.model.target import Peripheral

_EN, _TCIE, _HTIE, _TEIE, _DIR, _CIRC, _PINC, _MINC = (1 << bit for bit in range(8))
_MEM2MEM = 1 << 14
_GIF, _TCIF, _HTIF, _TEIF = 1, 2, 4, 8
CHANNELS = 8  # most that any family has


class DmaV1(Behaviour):
    # per channel: where the next transfer reads and writes, count that a circular channel starts over with,
    # one-shot requests (of blocks that cannot be asked) not served yet; CHOSEN: channel that has the bus + 1
    extra = (
        "CHOSEN",
        *(f"{name}{n}" for n in range(1, CHANNELS + 1) for name in ("PERIPHERAL", "MEMORY", "RELOAD", "PULSES")),
    )

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        super().__init__(block, cells, mcu)
        number = int(self.parameters.get("channels") or CHANNELS)
        self.channels = tuple(n for n in range(1, number + 1) if self.has(f"CCR{n}"))
        self._served = tuple(channels_of(interrupt.name, block.name, self.channels) for interrupt in block.interrupts)

    # ---- requests ----------------------------------------------------------------------------------------------
    def names(self, channel: int) -> tuple[str, ...]:
        """The requests that reach a channel as things are set now."""
        mux = self.parameters.get("mux")
        if mux:
            other = self.mcu.block(str(mux))
            if not isinstance(other, DmaMux):
                return ()
            name = other.routed(int(self.parameters.get("mux_first", 0)) + channel - 1)
            return (name,) if name else ()
        requests = self.parameters.get("requests", {})
        wired = requests.get(channel, requests.get(str(channel), ()))
        if isinstance(wired, dict):
            selected = (self.get("CSELR") >> (4 * (channel - 1))) & 15 if self.has("CSELR") else 0
            wired = wired.get(selected, wired.get(str(selected), ()))
        return tuple(str(name) for name in ([wired] if isinstance(wired, str) else wired))

    def dma_requested(self, request: str) -> None:
        for n in self.channels:
            if self.get(f"CCR{n}") & _EN and request in self.names(n):
                if asks(self.mcu, request) is None:
                    self.put(f"PULSES{n}", self.get(f"PULSES{n}") + 1)
                self._plan(self.mcu.now)

    def remaining(self, request: str) -> int:
        """Data that the enabled channel of a request has still to move; 0 when there is none."""
        for n in self.channels:
            if self.get(f"CCR{n}") & _EN and request in self.names(n):
                return self.get(f"CNDTR{n}")
        return 0

    def _ready(self, n: int) -> bool:
        control = self.get(f"CCR{n}")
        if not control & _EN or not self.get(f"CNDTR{n}"):
            return False
        if control & _MEM2MEM or self.get(f"PULSES{n}"):
            return True
        return any(asks(self.mcu, request) for request in self.names(n))

    def _plan(self, now: int) -> None:
        """Gives the bus to the channel with the highest priority (lower numbers first among equals)."""
        if self.get("CHOSEN"):
            return
        ready = [n for n in self.channels if self._ready(n)]
        period = self.mcu.period("HCLK")
        if not ready or not period:
            return
        best = min(ready, key=lambda n: (-((self.get(f"CCR{n}") >> 12) & 3), n))
        self.put("CHOSEN", best + 1)
        self.next_event = now + int(self.parameters.get("cycles", 5)) * period

    # ---- transfers ---------------------------------------------------------------------------------------------
    def due(self) -> None:
        while self.next_event <= self.mcu.now:
            at = self.next_event
            n = self.get("CHOSEN") - 1
            self.next_event = NEVER
            if n > 0:
                # The bus counts as taken during the transfer: requests that it brings about are looked at after it.
                if self._ready(n):
                    self._transfer(n)
                self.put("CHOSEN", 0)
            self._plan(at)

    def _transfer(self, n: int) -> None:
        control = self.get(f"CCR{n}")
        peripheral, memory = self.get(f"PERIPHERAL{n}"), self.get(f"MEMORY{n}")
        peripheral_size, memory_size = 1 << min((control >> 8) & 3, 2), 1 << min((control >> 10) & 3, 2)
        if control & _DIR:
            done = self._copy(memory, memory_size, peripheral, peripheral_size)
        else:
            done = self._copy(peripheral, peripheral_size, memory, memory_size)
        if self.get(f"PULSES{n}"):
            self.put(f"PULSES{n}", self.get(f"PULSES{n}") - 1)
        if not done:
            self.put(f"CCR{n}", self.get(f"CCR{n}") & ~_EN)
            self._flag(n, _TEIF)
            return
        self.put(f"PERIPHERAL{n}", (peripheral + (peripheral_size if control & _PINC else 0)) & 0xFFFFFFFF)
        self.put(f"MEMORY{n}", (memory + (memory_size if control & _MINC else 0)) & 0xFFFFFFFF)
        left, reload = self.get(f"CNDTR{n}") - 1, self.get(f"RELOAD{n}")
        self.put(f"CNDTR{n}", left)
        flags = _HTIF if reload > 1 and left == reload - reload // 2 else 0
        if left == 0:
            flags |= _TCIF
            if control & _CIRC and not control & _MEM2MEM:
                self.put(f"CNDTR{n}", reload)
                self._point(n)
        if flags:
            self._flag(n, flags)

    def _copy(self, source: int, source_size: int, target: int, target_size: int) -> bool:
        """One datum, zero-extended or cut to the target's size (RM0008 13.3.4)."""
        value = self.mcu.read_memory(source & -source_size, source_size)
        if value is None:
            return False
        return self.mcu.write_memory(target & -target_size, target_size, value & ((1 << (8 * target_size)) - 1))

    def _point(self, n: int) -> None:
        self.put(f"PERIPHERAL{n}", self.get(f"CPAR{n}"))
        self.put(f"MEMORY{n}", self.get(f"CMAR{n}"))

    def _flag(self, n: int, flags: int) -> None:
        self.put("ISR", self.get("ISR") | (flags | _GIF) << (4 * (n - 1)))
        self._lines_now()

    def _lines_now(self) -> None:
        status = self.get("ISR")
        for place, channels in enumerate(self._served):
            level = any((status >> (4 * (n - 1))) & self.get(f"CCR{n}") & (_TCIE | _HTIE | _TEIE) for n in channels)
            self.set_line(place, level)

    # ---- registers ---------------------------------------------------------------------------------------------
    def read(self, offset: int) -> int | None:
        self.due()
        return self.peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.due()
        value = merged(self.get(name), offset, value, size)
        n = int(name[-1]) if name[-1].isdigit() else 0
        enabled = n and self.get(f"CCR{n}") & _EN
        if name == "IFCR":
            self._clear(value)
        elif name.startswith("CCR"):
            self.put(name, value & 0x7FFF)
            if value & _EN and not enabled:
                self.put(f"RELOAD{n}", self.get(f"CNDTR{n}"))
                self.put(f"PULSES{n}", 0)
                self._point(n)
                self._plan(self.mcu.now)
        elif name.startswith("CNDTR"):
            if not enabled:
                self.put(name, value & 0xFFFF)
        elif name != "ISR" and not enabled:  # addresses of an enabled channel must not be written
            self.put(name, value)
        self._lines_now()
        return True

    def _clear(self, value: int) -> None:
        status = self.get("ISR")
        for n in self.channels:
            shift = 4 * (n - 1)
            flags = (value >> shift) & 15
            if flags & _GIF:
                flags = 15
            left = (status >> shift) & ~flags & (_TCIF | _HTIF | _TEIF)
            status = status & ~(15 << shift) | (left | _GIF if left else 0) << shift
        self.put("ISR", status)

    def clock_changed(self) -> None:
        self._plan(self.mcu.now)


def channels_of(interrupt: str, block: str, channels: tuple[int, ...]) -> tuple[int, ...]:
    """A controller's channels in the name of an interrupt: "DMA1_Channel4_5" has 4 and 5, "DMA1_Ch4_7_DMAMUX1_OVR" 4 to
    7, "DMA1_Ch2_3_DMA2_Ch1_2" 2 and 3 of DMA1, 1 and 2 of DMA2."""
    named = r"_?(?:Channel|Ch|CH)(\d)((?:_\d)*)"
    match = re.search(block + named, interrupt) or re.search(named, interrupt)
    if match is None:
        return ()
    first, last = int(match[1]), int((match[2] or match[1])[-1])
    return tuple(n for n in channels if first <= n <= last)
