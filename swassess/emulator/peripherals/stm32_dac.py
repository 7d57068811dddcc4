"""DAC of the STM32 (RM0008 12, RM0091 14, RM0440 22): holding registers of all formats, software and timer triggers.

What a channel puts out is recorded when it changes. Parameters: triggers (TSEL -> event name), software (TSEL of
SWTRIGR), tsel_bits (width of TSEL). Not modelled: noise and triangle waves, underrun, sample and hold.
"""

from swassess.emulator.peripherals.behaviour import Behaviour, merged

# kind of holding register -> how far its contents are shifted to make the code
_SINGLE = {"DHR12R": 0, "DHR12L": -4, "DHR8R": 4}


class Dac(Behaviour):
    extra = ("HELD1", "HELD2", "WANTED")

    def _shift(self, channel: int) -> int:
        return 16 * (channel - 1)

    def _enabled(self, channel: int, bit: int) -> bool:
        return bool(self.get("CR") >> (self._shift(channel) + bit) & 1)

    def _selected(self, channel: int) -> int:
        bits = int(self.parameters["tsel_bits"])
        return self.get("CR") >> (self._shift(channel) + 6 - bits) & ((1 << bits) - 1)

    def _triggered(self, channel: int) -> bool:
        return self._enabled(channel, 2 if int(self.parameters["tsel_bits"]) == 3 else 1)

    def _hold(self, channel: int, code: int) -> None:
        self.put(f"HELD{channel}", code & 0xFFF)
        if not self._triggered(channel):
            self._output(channel)

    def _output(self, channel: int) -> None:
        code = self.get(f"HELD{channel}")
        if self._enabled(channel, 0) and self.get(f"DOR{channel}") != code:
            self.put(f"DOR{channel}", code)
            self.mcu.sent(f"{self.block.name}_OUT{channel}", code)

    def _trigger(self, channel: int) -> None:
        self._output(channel)
        if self._enabled(channel, 12):
            self.put("WANTED", self.get("WANTED") | channel)
            self.mcu.request_dma(f"{self.block.name}_CH{channel}")

    def triggered(self, event: str) -> None:
        triggers = self.parameters["triggers"]
        for channel in (1, 2):
            selected = self._selected(channel)
            if self._triggered(channel) and triggers.get(selected, triggers.get(str(selected))) == event:
                self._trigger(channel)

    def wants_dma(self, request: str) -> bool:
        return bool(self.get("WANTED") & (2 if request.endswith("2") else 1))

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        value = merged(0 if name.startswith("DHR") else self.get(name), offset, value, size)
        if name.startswith("DHR"):
            self._holding(name, value)
        elif name == "SWTRIGR":
            for channel in (1, 2):
                software = self._selected(channel) == int(self.parameters["software"])
                if value & channel and self._triggered(channel) and software:
                    self._trigger(channel)
        elif not name.startswith("DOR") and name != "SR":
            self.put(name, value)
            if name == "CR":
                for channel in (1, 2):
                    if not self._triggered(channel):
                        self._output(channel)
        return True

    def _holding(self, name: str, value: int) -> None:
        self.put(name, value)
        kind, which = name[:-2] if name.endswith("D") else name[:-1], name[-1]
        shift = _SINGLE[name[:-1]]
        width = 8 if kind.startswith("DHR8") else 16
        parts = {1: value, 2: value >> width} if which == "D" else {int(which): value}
        for channel, part in parts.items():
            code = part & ((1 << width) - 1)
            self._hold(channel, code >> -shift if shift < 0 else code << shift)
            self.put("WANTED", self.get("WANTED") & ~channel)
