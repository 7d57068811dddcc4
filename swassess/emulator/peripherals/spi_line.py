"""What SPI blocks have in common: frames in both directions at the bus's pace, as a master.

Frames go out and come in at the same time; devices on the bus are those of bus_peers.py, without one the input reads as
ones. Not modelled: slave mode, CRC, the I2S part, TI and NSS pulse modes, NSS as an input (taken as high).
"""

from typing import ClassVar

from swassess.emulator.peripherals.behaviour import NEVER, merged
from swassess.emulator.peripherals.bus_peers import PeerBus
from swassess.emulator.peripherals.kernel_clock import clock_period

RXNE, TXE, MODF, OVR, BSY = 1, 2, 0x20, 0x40, 0x80
MSTR, SPE, LSBFIRST, SSI, SSM, RXONLY = 4, 0x40, 0x80, 0x100, 0x200, 0x400
BIDIOE, BIDIMODE = 0x4000, 0x8000
RXDMAEN, TXDMAEN, ERRIE, RXNEIE, TXEIE = 1, 2, 0x20, 0x40, 0x80
PLACES = 8  # the longest queue of any kind


class SpiLine(PeerBus):
    """Frames lie in TX0.. and RX0.. in the order of the line."""

    # SEEN: an overrun has been met by a read of DR (1); a mode fault by a read of SR (2)
    extra: ClassVar[tuple[str, ...]] = (
        *PeerBus.extra,
        *("SHIFT", "UNTIL", "TX_COUNT", "RX_COUNT", "RX_LAST", "SEEN", "REQUESTED"),
        *(f"TX{i}" for i in range(PLACES)),
        *(f"RX{i}" for i in range(PLACES)),
    )
    outside = frozenset({"DR"})

    # ---- what a kind says --------------------------------------------------------------------------------------
    def bits(self) -> int:
        """Bits of a frame."""
        raise NotImplementedError

    def places(self) -> int:
        """Frames that the transmit and the receive queue hold each."""
        return 1

    def bit_ticks(self) -> int:
        """Ticks of one bit; 0 while the clock stands."""
        return clock_period(self) << (1 + ((self.get("CR1") >> 3) & 7))

    def lsb_first(self) -> bool:
        return bool(self.get("CR1") & LSBFIRST)

    def overran(self) -> None:
        """A frame found no place in the receive queue."""
        self.flag(OVR, True)

    def flags(self) -> None:
        """Brings RXNE, TXE and levels up to date with the queues."""
        self.flag(RXNE, bool(self.get("RX_COUNT")))
        self.flag(TXE, not self.get("TX_COUNT"))

    def load(self, value: int, size: int) -> None:
        """A write of DR."""
        self.push(value)

    def unload(self) -> int:
        """A read of DR."""
        return self.pop()

    # ---- helpers -----------------------------------------------------------------------------------------------
    def flag(self, mask: int, on: bool) -> None:
        self.put("SR", self.get("SR") | mask if on else self.get("SR") & ~mask)

    def push(self, frame: int) -> None:
        count = self.get("TX_COUNT")
        if count >= self.places():  # the last one is overwritten
            count = self.places() - 1
        self.put(f"TX{count}", frame & ((1 << self.bits()) - 1))
        self.put("TX_COUNT", count + 1)

    def pop(self) -> int:
        count = self.get("RX_COUNT")
        if count:
            self.put("RX_LAST", self.get("RX0"))
            for place in range(count - 1):
                self.put(f"RX{place}", self.get(f"RX{place + 1}"))
            self.put("RX_COUNT", count - 1)
        return self.get("RX_LAST")

    def master(self) -> bool:
        return self.get("CR1") & (MSTR | SPE) == MSTR | SPE

    def listens_only(self) -> bool:
        """Receiving without sending: the clock runs as long as the block is enabled."""
        control = self.get("CR1")
        return bool(control & RXONLY) if not control & BIDIMODE else not control & BIDIOE

    def talks_only(self) -> bool:
        return self.get("CR1") & (BIDIMODE | BIDIOE) == BIDIMODE | BIDIOE

    def next_frame(self) -> None:
        """Starts the next frame when there is one and the line is free."""
        began = self.get("UNTIL") or self.mcu.now
        self.put("UNTIL", 0)
        count = self.get("TX_COUNT")
        bit = self.bit_ticks()
        if not self.master() or not bit or not (count or self.listens_only()):
            return
        if self.listens_only():
            self.put("SHIFT", (1 << self.bits()) - 1)
        else:
            self.put("SHIFT", self.get("TX0"))
            for place in range(count - 1):
                self.put(f"TX{place}", self.get(f"TX{place + 1}"))
            self.put("TX_COUNT", count - 1)
        self.put("UNTIL", began + self.bits() * bit)

    def frame_over(self) -> None:
        frame, bits = self.get("SHIFT"), self.bits()
        reverse = self.lsb_first() and bits == 8
        answer = 0
        for shift in range(8 * ((bits - 1) // 8), -8, -8):
            byte = (frame >> shift) & 0xFF
            got = self.exchange(_reversed(byte) if reverse else byte)
            answer |= (_reversed(got) if reverse else got) << shift
        if not self.listens_only():
            self.mcu.sent(self.block.name, frame)
        if not self.talks_only():
            count = self.get("RX_COUNT")
            if count < self.places():
                self.put(f"RX{count}", answer & ((1 << bits) - 1))
                self.put("RX_COUNT", count + 1)
            else:
                self.overran()

    # ---- Behaviour ---------------------------------------------------------------------------------------------
    def read(self, offset: int) -> int | None:
        self.catch_up()
        name = self.register_at(offset)
        value = self.peek(offset)
        if name == "DR":
            value = self.unload()
            self.put("SEEN", self.get("SEEN") | int(bool(self.get("SR") & OVR)))
        elif name == "SR":
            seen = self.get("SEEN")
            self.flag(OVR, bool(self.get("SR") & OVR and not seen & 1))  # a read of DR, then one of SR (25.3.10)
            self.put("SEEN", seen & ~1 | (2 if self.get("SR") & MODF else 0))
        if name in ("DR", "SR"):
            self.update()
        return value

    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) == "DR":
            return self.get("RX0") if self.get("RX_COUNT") else self.get("RX_LAST")
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.catch_up()
        if name == "DR":
            self.load(value, size)
            if not self.get("UNTIL"):
                self.next_frame()
        elif name == "SR":
            self.put("SR", self.get("SR") & (merged(0xFFFFFFFF, offset, value, size) | ~0x10))
        elif name == "CR1":
            self._control(merged(self.get("CR1"), offset, value, size))
        else:
            self.put(name, merged(self.get(name), offset, value, size) & 0xFFFF)
        self.update()
        return True

    def _control(self, value: int) -> None:
        if self.get("SEEN") & 2:  # a mode fault goes by a read of SR and a write of CR1
            self.flag(MODF, False)
            self.put("SEEN", self.get("SEEN") & ~2)
        if value & MSTR and value & SSM and not value & SSI:
            value &= ~(MSTR | SPE)
            self.flag(MODF, True)
        self.put("CR1", value & 0xFFFF)
        if not self.get("UNTIL"):
            self.next_frame()
        elif not value & SPE:
            self.put("UNTIL", 0)
            self.disabled()

    def disabled(self) -> None:
        """The block has been disabled in the middle of a frame."""

    def due(self) -> None:
        self.catch_up()
        self.update()

    def clock_changed(self) -> None:
        if not self.get("UNTIL"):
            self.next_frame()
            self.update()

    def catch_up(self) -> None:
        while 0 < self.get("UNTIL") <= self.mcu.now:
            self.frame_over()
            self.next_frame()

    def wants_dma(self, request: str) -> bool:
        control, status = self.get("CR2"), self.get("SR")
        if request.endswith("_TX"):
            return bool(control & TXDMAEN and status & TXE)
        return bool(control & RXDMAEN and status & RXNE)

    def update(self) -> None:
        self.flags()
        self.flag(BSY, bool(self.get("UNTIL") or (self.get("TX_COUNT") and self.master())))
        control, status = self.get("CR2"), self.get("SR")
        self.set_line(
            0,
            bool(
                (control & RXNEIE and status & RXNE)
                or (control & TXEIE and status & TXE)
                or (control & ERRIE and status & (OVR | MODF))
            ),
        )
        self.plan()

    def plan(self) -> None:
        """Next event and DMA requests."""
        planned = self.get("UNTIL") or NEVER
        if planned != self.next_event:
            self.next_event = planned
        before = self.get("REQUESTED")
        wanted = [self.wants_dma(f"_{side}") for side in ("RX", "TX")]
        self.put("REQUESTED", wanted[0] | wanted[1] << 1)
        for bit, side in enumerate(("RX", "TX")):
            if wanted[bit] and not before >> bit & 1:
                self.mcu.request_dma(f"{self.block.name}_{side}")


def _reversed(byte: int) -> int:
    return int(f"{byte:08b}"[::-1], 2)
