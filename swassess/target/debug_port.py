"""The serial-wire debug port and its one AHB access port (Arm debug interface architecture, ADIv5.2, B2 and C2)."""

from swassess.emulator.debug_memory import BusError
from swassess.target.boards import EmulatedBoard

BASE = 0xE00FF003
_DPIDR, _CTRL_STAT, _SELECT, _RDBUFF = 0x0, 0x4, 0x8, 0xC
_CSW, _TAR, _DRW, _BD0, _CFG, _BASE, _IDR = 0x00, 0x04, 0x0C, 0x10, 0xF4, 0xF8, 0xFC
_STICKY_ORUN, _STICKY_CMP, _STICKY_ERR, _WDATAERR = 1 << 1, 1 << 4, 1 << 5, 1 << 7
_STICKY = _STICKY_ORUN | _STICKY_CMP | _STICKY_ERR | _WDATAERR
_POWER_REQUESTS = 0x50000000
_CSW_DEVICE_ENABLED = 0x40
_CSW_WRITABLE = 0x7F000037
_INCREMENT = 0x30
_INCREMENT_REACH = 0x3FF  # auto-increment is only sure within 1 KiB


class PoweredDown(Exception):
    """The access port is used although the debug domain has not been powered up."""


class StickyError(Exception):
    """An earlier access failed; nothing is done until ABORT clears the error."""


class DebugPort:
    """Registers of the debug port and the access port. Raises BusError when the bus refuses an access."""

    def __init__(self, board: EmulatedBoard) -> None:
        self._board = board
        self._select = self._control = self._tar = self._last = 0
        self._csw = 0x23000042

    def line_reset(self) -> None:
        self._select = 0

    # ---- debug port ------------------------------------------------------------------------------------------------
    def read_dp(self, address: int) -> int:
        register = address & 0xC
        if register == _DPIDR:
            return self._board.unit.core.dpidr if not self._select & 0xF else 0
        if register == _CTRL_STAT:
            if self._select & 0xF:
                return 0x40 if self._select & 0xF == 1 else 0  # DLCR: one turnaround cycle
            return self._control | (self._control & _POWER_REQUESTS) << 1
        return self._last

    def write_dp(self, address: int, value: int) -> None:
        register = address & 0xC
        if register == 0:  # ABORT
            for bit, cleared in ((1, _STICKY_CMP), (2, _STICKY_ERR), (3, _WDATAERR), (4, _STICKY_ORUN)):
                if value >> bit & 1:
                    self._control &= ~cleared
        elif register == _CTRL_STAT and not self._select & 0xF:
            self._control = (value & (_POWER_REQUESTS | 0xF0F)) | (self._control & _STICKY)
        elif register == _SELECT:
            self._select = value & 0xFFFFFFFF

    # ---- access port -----------------------------------------------------------------------------------------------
    def _register(self, address: int) -> int | None:
        """Offset of the access port's register; None for access ports that are not there."""
        if self._control & _STICKY_ERR:
            raise StickyError
        if not self._control & 0x10000000:
            raise PoweredDown
        if self._select >> 24:
            return None
        return (self._select & 0xF0) | (address & 0xC)

    def _size(self) -> int:
        return 1 << min(self._csw & 7, 2)

    def _advance(self, size: int) -> None:
        if self._csw & _INCREMENT:
            self._tar = (self._tar & ~_INCREMENT_REACH) | ((self._tar + size) & _INCREMENT_REACH)

    def read_ap(self, address: int) -> int:
        register = self._register(address)
        if register is None:
            value = 0
        elif register == _CSW:
            value = self._csw
        elif register == _TAR:
            value = self._tar
        elif _DRW <= register <= 0x1C:
            value = self._read_memory(register)
        else:
            value = {_BASE: BASE, _IDR: self._board.unit.core.ap_idr}.get(register, 0)
        self._last = value
        return value

    def _read_memory(self, register: int) -> int:
        banked = register >= _BD0
        size = 4 if banked else self._size()
        at = (self._tar & ~0xF) | (register & 0xC) if banked else self._tar
        try:
            with self._board.lock:
                value = self._board.memory.read(at, size) << 8 * (at & 3 & ~(size - 1))
        except BusError:
            self._control |= _STICKY_ERR
            raise
        if not banked:
            self._advance(size)
        return value

    def write_ap(self, address: int, value: int) -> None:
        register = self._register(address)
        value &= 0xFFFFFFFF
        if register == _CSW:
            self._csw = (value & _CSW_WRITABLE) | _CSW_DEVICE_ENABLED
        elif register == _TAR:
            self._tar = value
        elif register is not None and _DRW <= register <= 0x1C:
            banked = register >= _BD0
            size = 4 if banked else self._size()
            at = (self._tar & ~0xF) | (register & 0xC) if banked else self._tar
            try:
                with self._board.lock:
                    self._board.memory.write(at, size, value >> 8 * (at & 3 & ~(size - 1)))
            except BusError:
                self._control |= _STICKY_ERR
                raise
            if not banked:
                self._advance(size)

    # ---- many words at once ----------------------------------------------------------------------------------------
    def _is_run_of_words(self, address: int) -> bool:
        return self._register(address) == _DRW and self._csw & 0x37 == 0x12

    def read_many(self, address: int, count: int) -> list[int]:
        if not self._is_run_of_words(address):
            return [self.read_ap(address) for _ in range(count)]
        try:
            with self._board.lock:
                data = self._board.memory.read_block(self._tar, 4 * count)
        except BusError:
            self._control |= _STICKY_ERR
            raise
        self._advance(4 * count)
        return words_of(data)

    def write_many(self, address: int, values: list[int]) -> None:
        if not self._is_run_of_words(address):
            for value in values:
                self.write_ap(address, value)
            return
        try:
            with self._board.lock:
                self._board.memory.write_block(self._tar, bytes_of(values))
        except BusError:
            self._control |= _STICKY_ERR
            raise
        self._advance(4 * len(values))


def words_of(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]


def bytes_of(words: list[int]) -> bytes:
    """Words may be given wider than 32 bits or negative, as a wire would cut them off."""
    return b"".join((word & 0xFFFFFFFF).to_bytes(4, "little") for word in words)
