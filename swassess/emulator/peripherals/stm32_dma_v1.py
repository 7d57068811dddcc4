"""DMA controller with channels: STM32F1, F0, G0, L4, G4 (RM0008 13, RM0091 10, RM0351 11, RM0440 12).

Parameters:
  requests  channel -> names of the requests wired to it ("USART1_TX", "ADC1", ...), all of which are asked (RM0008
            tables 78 and 79); with a CSELR register (L4): channel -> {selection: name}
  mux, mux_first  name of the DMAMUX block and which of its channels is channel 1 here (G0, G4)
  channels  how many this block has (8 unless given)
  cycles    HCLK cycles of one transfer: arbitration, read, write (AN2548)
Interrupts of the block carry their channels in their names ("DMA1_Channel2_3" serves channels 2 and 3).
"""

from collections.abc import Sequence

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.dma_common import DmaController, looked_up
from swassess.emulator.peripherals.stm32_dmamux_v1 import DmaMux

_EN, _TCIE, _HTIE, _TEIE, _DIR, _CIRC, _PINC, _MINC = (1 << bit for bit in range(8))
_MEM2MEM = 1 << 14
_GIF, _TCIF, _HTIF, _TEIF = 1, 2, 4, 8


class DmaV1(DmaController):
    def names(self, channel: int) -> Sequence[str]:
        mux = self.parameters.get("mux")
        if mux:
            other = self.mcu.block(str(mux))
            if not isinstance(other, DmaMux):
                return ()
            name = other.routed(int(self.parameters.get("mux_first", 0)) + channel - 1)
            return (name,) if name else ()
        wired = looked_up(self.parameters.get("requests", {}), channel)
        if isinstance(wired, dict):
            selected = (self.get("CSELR") >> (4 * (channel - 1))) & 15 if self.has("CSELR") else 0
            wired = looked_up(wired, selected)
        return (wired,) if isinstance(wired, str) else tuple(wired)  # type: ignore[arg-type]

    def priority(self, channel: int) -> int:
        return (self.get(f"CCR{channel}") >> 12) & 3

    def runs_alone(self, channel: int) -> bool:
        return bool(self.get(f"CCR{channel}") & _MEM2MEM)

    def transfer(self, channel: int) -> None:
        n = channel
        control = self.get(f"CCR{n}")
        peripheral = self.get(f"PERIPHERAL{n}"), 1 << min((control >> 8) & 3, 2)
        memory = self.get(f"MEMORY{n}"), 1 << min((control >> 10) & 3, 2)
        if not (self.copy(*memory, *peripheral) if control & _DIR else self.copy(*peripheral, *memory)):
            self.put(f"CCR{n}", self.get(f"CCR{n}") & ~_EN)
            self._flag(n, _TEIF)
            return
        self.advance(n, peripheral[1] if control & _PINC else 0, memory[1] if control & _MINC else 0)
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

    def _point(self, n: int) -> None:
        self.put(f"PERIPHERAL{n}", self.get(f"CPAR{n}"))
        self.put(f"MEMORY{n}", self.get(f"CMAR{n}"))

    def _flag(self, n: int, flags: int) -> None:
        self.put("ISR", self.get("ISR") | (flags | _GIF) << (4 * (n - 1)))
        self._lines_now()

    def _lines_now(self) -> None:
        status = self.get("ISR")
        for place, channels in enumerate(self.served):
            level = any((status >> (4 * (n - 1))) & self.get(f"CCR{n}") & (_TCIE | _HTIE | _TEIE) for n in channels)
            self.set_line(place, level)

    # ---- registers ---------------------------------------------------------------------------------------------
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
                self.plan(self.mcu.now)
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
