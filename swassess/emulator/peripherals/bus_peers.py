"""Devices on an I2C or SPI bus, as a scenario declares them. What they remember lies in the cells of the bus's block.

A device has registers behind a pointer (sensors, memories, expanders) or replies to requests, or both. Bytes that
firmware writes into declared registers are read back; the last NOTES of them are remembered. A device is not reset
with the MCU.
"""

from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.model.declared import BusPeer

PEERS = 8  # most devices on one bus
REQUEST_BYTES = 16
NOTES = 64
OPEN_LINE = 0xFF
_NOTED = 1 << 40

_STATE = (
    "PEER",  # number + 1 of the device addressed or selected
    "AT",  # bytes exchanged since
    "REQUEST_LENGTH",
    "REPLIED",  # bytes of the reply that have gone out
    "NOTES",  # bytes written into registers so far
    *(f"REQUEST{i}" for i in range(REQUEST_BYTES)),
    *(f"POINTER{i}" for i in range(PEERS)),
    *(f"OFFSET{i}" for i in range(PEERS)),
    *(f"NOTE{i}" for i in range(NOTES)),
)


class PeerBus(Behaviour):
    """The devices on a block's bus. Subclasses add PeerBus.extra to their own cells."""

    extra = _STATE
    kept = frozenset(_STATE)

    def peers(self) -> tuple[BusPeer, ...]:
        return self.mcu.peers(self.block.name)[:PEERS]

    def _peer(self) -> BusPeer | None:
        number = self.get("PEER") - 1
        peers = self.peers()
        return peers[number] if 0 <= number < len(peers) else None

    # ---- I2C ---------------------------------------------------------------------------------------------------
    def address_peer(self, address: int, read: bool) -> bool:
        """The address after a start condition; whether a device acknowledges it."""
        for number, peer in enumerate(self.peers()):
            if peer.address == address:
                self.put("PEER", number + 1)
                self.put("AT", 0)
                self.put("REPLIED", 0)
                self._settle(number, peer)
                if not read:
                    self.put("REQUEST_LENGTH", 0)
                return True
        self.put("PEER", 0)
        return False

    def write_peer(self, byte: int) -> bool:
        """A byte to the device addressed; whether it acknowledges."""
        peer = self._peer()
        if peer is None:
            return False
        number, at = self.get("PEER") - 1, self.get("AT")
        self.put("AT", at + 1)
        self._request(byte)
        if peer.registers:
            if at < peer.pointer_bytes:
                self._point(number, (0 if at == 0 else self.get(f"POINTER{number}") << 8) | byte)
            else:
                self._store(number, peer, byte)
        return True

    def read_peer(self) -> int:
        """A byte from the device addressed."""
        peer = self._peer()
        if peer is None:
            return OPEN_LINE
        reply = self._reply(peer)
        if reply is not None:
            at = self.get("REPLIED")
            self.put("REPLIED", at + 1)
            return reply[at] if at < len(reply) else OPEN_LINE
        return self._fetch(self.get("PEER") - 1, peer)

    # ---- SPI ---------------------------------------------------------------------------------------------------
    def exchange(self, byte: int) -> int:
        """One byte out and, at the same time, one in."""
        number = self._selected()
        if number is None:
            self.put("PEER", 0)
            return OPEN_LINE
        peer = self.peers()[number]
        at = self.get("AT")
        answer = OPEN_LINE
        reply = self._reply(peer)
        if reply is not None:
            place = at - len(self._matching(peer) or b"")
            if not peer.select and reply:
                place %= len(reply)
            answer = reply[place] if place < len(reply) else OPEN_LINE
        elif peer.registers and at >= peer.pointer_bytes:
            if self.get("REQUEST0") & peer.read_flag:
                answer = self._fetch(number, peer)
            else:
                self._store(number, peer, byte)
        if peer.registers and at < peer.pointer_bytes:
            before = 0 if at == 0 else self.get(f"POINTER{number}") << 8
            self._point(number, before | (byte & ~peer.read_flag if at == 0 else byte))
        self._request(byte)
        self.put("AT", at + 1)
        return answer

    def _selected(self) -> int | None:
        """The device whose select line is low. A line that has been high since the last byte starts a new request."""
        for number, peer in enumerate(self.peers()):
            if peer.select:
                port, pin = ord(peer.select[1]) - ord("A"), int(peer.select[2:])
                rose = self.mcu.pin_rose(port, pin)
                if self.mcu.pin(port, pin):
                    continue
            else:
                rose = False
            if rose or self.get("PEER") != number + 1:
                for name in ("AT", "REQUEST_LENGTH", "REPLIED"):
                    self.put(name, 0)
                self.put("PEER", number + 1)
            return number
        return None

    # ---- requests and replies ----------------------------------------------------------------------------------
    def _request(self, byte: int) -> None:
        length = self.get("REQUEST_LENGTH")
        if length < REQUEST_BYTES:
            self.put(f"REQUEST{length}", byte & 0xFF)
            self.put("REQUEST_LENGTH", length + 1)

    def _matching(self, peer: BusPeer) -> bytes | None:
        """The longest declared request that what has been written begins with."""
        written = bytes(self.get(f"REQUEST{i}") for i in range(self.get("REQUEST_LENGTH")))
        fitting = [request for request, _ in peer.replies if written.startswith(request)]
        return max(fitting, key=len, default=None)

    def _reply(self, peer: BusPeer) -> bytes | None:
        request = self._matching(peer)
        return None if request is None else dict(peer.replies)[request]

    # ---- registers ---------------------------------------------------------------------------------------------
    def _point(self, number: int, register: int) -> None:
        self.put(f"POINTER{number}", register)
        self.put(f"OFFSET{number}", 0)

    def _settle(self, number: int, peer: BusPeer) -> None:
        """A new transfer: within a run of registers the pointer has moved on, a register of its own starts over."""
        pointer = self.get(f"POINTER{number}")
        if all(start != pointer for start, _ in peer.registers):
            self.put(f"POINTER{number}", pointer + self.get(f"OFFSET{number}"))
        self.put(f"OFFSET{number}", 0)

    def _declared(self, number: int, peer: BusPeer) -> tuple[int, int] | None:
        """(place among all declared bytes, declared value) of the next byte; None where nothing is declared."""
        pointer, offset = self.get(f"POINTER{number}"), self.get(f"OFFSET{number}")
        first = 0
        found = None
        for start, data in peer.registers:
            if start == pointer and offset < len(data):
                return first + offset, data[offset]
            if start <= pointer + offset < start + len(data) and found is None:
                found = first + pointer + offset - start, data[pointer + offset - start]
            first += len(data)
        return found

    def _fetch(self, number: int, peer: BusPeer) -> int:
        place = self._declared(number, peer)
        self.put(f"OFFSET{number}", self.get(f"OFFSET{number}") + 1)
        if place is None:
            return OPEN_LINE
        key = _NOTED | number << 32 | place[0] << 8
        written = self.get("NOTES")
        for note in range(written - 1, max(written - NOTES, 0) - 1, -1):
            if self.get(f"NOTE{note % NOTES}") & ~0xFF == key:
                return self.get(f"NOTE{note % NOTES}") & 0xFF
        return place[1]

    def _store(self, number: int, peer: BusPeer, byte: int) -> None:
        place = self._declared(number, peer)
        self.put(f"OFFSET{number}", self.get(f"OFFSET{number}") + 1)
        if place is not None:
            written = self.get("NOTES")
            self.put(f"NOTE{written % NOTES}", _NOTED | number << 32 | place[0] << 8 | byte & 0xFF)
            self.put("NOTES", written + 1)
