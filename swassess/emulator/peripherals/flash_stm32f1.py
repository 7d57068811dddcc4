"""Flash controller of STM32F1, F0 and GD32F1 (PM0075; RM0091, chapter 3): half-words, pages, option half-words.

A write to the flash while PG is clear, or of another width, is a bus fault. Not modelled: the second bank of
XL-density parts, read protection against the debugger (its flag is, and the erase of everything when it is removed).
"""

from collections.abc import Sequence

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.flash_stm32 import LOCKED_OUT, FlashController

_PG, _PER, _MER, _OPTPG, _OPTER, _STRT, _LOCK, _OPTWRE = 0x01, 0x02, 0x04, 0x10, 0x20, 0x40, 0x80, 0x200
_ERRIE, _EOPIE, _FORCE = 0x400, 0x1000, 0x2000
_BSY, _PGERR, _WRPERR, _EOP = 0x01, 0x04, 0x10, 0x20
_ERASED = 0xFFFF
_OPTIONS = tuple(f"OPTION{index}" for index in range(8))  # RDP, USER, data 0 and 1, WRP 0 to 3
_PROTECTED_BY_A_BIT = 4096


class FlashF1(FlashController):
    """Parameters: page (bytes), widths (bytes that may be written at once), program_us, erase_us, mass_erase_us;
    options, "f1" or "f0": layout of OBR and the key of RDP; reload, whether CR has FORCE_OPTLOAD.

    Option half-words are cells that hold the difference to those of a delivered part.
    """

    extra = (*FlashController.extra, *_OPTIONS)
    lasting = _OPTIONS
    lock = _LOCK

    def reset(self, cause: int) -> None:
        super().reset(cause)
        self._load_options()

    def _f0(self) -> bool:
        return self.parameters.get("options") == "f0"

    def _time(self, name: str, default: int) -> int:
        return int(self.parameters.get(name, default))

    # ---- option bytes ------------------------------------------------------------------------------------------
    def read_option(self, offset: int, size: int) -> int:
        """Bytes of the option area (16 bytes; what is behind reads erased)."""
        content = self.option_area().ljust(offset + size, b"\xff")
        return int.from_bytes(content[offset : offset + size], "little")

    def option_area(self) -> bytes:
        return b"".join(self._option(index).to_bytes(2, "little") for index in range(8))

    def program_option(self, offset: int, size: int, value: int) -> bool:
        """A write to the option area: half-words with OPTPG; the upper byte becomes the complement."""
        if size != 2 or offset & 1 or not self.get("CR") & _OPTPG or not self.get("CR") & _OPTWRE:
            return False
        self.wait()
        if offset < 16:
            if self._option(offset >> 1) != _ERASED:
                self._flag(_PGERR)
                return True
            low = value & 0xFF
            self._put_option(offset >> 1, (~low & 0xFF) << 8 | low)
            if offset == 0 and low == self._open_key() and self.get("OBR") & 2:
                self.erase(0, self.size())
        self.begin(self._time("program_us", 52))
        self._show_busy()
        return True

    def _open_key(self) -> int:
        return 0xAA if self._f0() else 0xA5

    def _delivered(self, index: int) -> int:
        key = self._open_key()
        return (~key & 0xFF) << 8 | key if index == 0 else 0x00FF

    def _option(self, index: int) -> int:
        return self.get(_OPTIONS[index]) ^ self._delivered(index)

    def _put_option(self, index: int, value: int) -> None:
        self.put(_OPTIONS[index], value ^ self._delivered(index))

    def _option_byte(self, index: int) -> tuple[int, bool]:
        """A byte and whether its complement fits; 0xFF if it does not."""
        word = self._option(index)
        fits = word & 0xFF == ~(word >> 8) & 0xFF
        return (word & 0xFF if fits else 0xFF), fits

    def _load_options(self) -> None:
        found = [self._option_byte(index) for index in range(8)]
        wrong = int(not all(fits for _, fits in found))
        (protection, _), (user, _), (data0, _), (data1, _) = found[:4]
        if self._f0():
            level = {0xAA: 0, 0xCC: 3}.get(protection, 1)
            self.put("OBR", wrong | level << 1 | user << 8 | data0 << 16 | data1 << 24)
        else:
            closed = int(protection != 0xA5)
            self.put("OBR", wrong | closed << 1 | (user & 0xFF) << 2 | data0 << 10 | data1 << 18)
        self.put("WRPR", sum(byte << 8 * at for at, (byte, _) in enumerate(found[4:])))

    def hardware_watchdog(self) -> bool:
        return not self._option_byte(1)[0] & 1

    def ram_parity(self) -> bool:
        """Whether the option bytes have the RAM's parity checked (F0)."""
        return self._f0() and not self.get("OBR") & 1 << 14

    def _protected(self, offset: int) -> bool:
        return not self.get("WRPR") >> min(offset // _PROTECTED_BY_A_BIT, 31) & 1

    # ---- registers ---------------------------------------------------------------------------------------------
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        new = merged(0 if name in ("SR", "KEYR", "OPTKEYR") else self.get(name), offset, value, size)
        if name == "KEYR":
            return self.key(new)
        if name == "OPTKEYR":
            return self._option_key(new)
        if name == "ACR":
            self.put("ACR", new & 0x1F | (new & 0x10) << 1)
        elif name == "SR":
            self.put("SR", self.get("SR") & ~(new & (_PGERR | _WRPERR | _EOP)))
        elif name == "AR":
            self.put("AR", new)
        elif name == "CR" and not self.get("CR") & _LOCK:
            self._control(new)
        elif name not in ("OBR", "WRPR", "CR", "PID"):
            self.put(name, new)
        self._set_interrupt()
        return True

    def _option_key(self, value: int) -> bool:
        if self.get("CR") & (_LOCK | _OPTWRE):
            return True
        opened = self.option_key(value)
        if opened:
            self.put("CR", self.get("CR") | _OPTWRE)
        return self.get("OPTION_KEYS") != LOCKED_OUT

    def _control(self, new: int) -> None:
        old = self.get("CR")
        new &= 0x3437 | 0x1000 | _STRT | _LOCK | old & _OPTWRE
        self.put("CR", new & ~_FORCE | old & _STRT)
        if new & _LOCK:
            self.put("CR", self.get("CR") & ~_OPTWRE)
        if new & _FORCE and self.parameters.get("reload"):
            self.mcu.request_reset("option-bytes")
        if new & _STRT and not old & _STRT:
            self._start(new)

    def _start(self, control: int) -> None:
        """STRT: one kind of erase; with PG set nothing happens."""
        self.wait()
        microseconds = 0
        if control & (_PG | _OPTPG):
            pass
        elif control & _OPTER and control & _OPTWRE:
            for index in range(8):
                self._put_option(index, _ERASED)
            microseconds = self._time("erase_us", 20_000)
        elif control & _MER:
            if self.get("WRPR") != 0xFFFFFFFF:
                self._flag(_WRPERR)
            else:
                self.erase(0, self.size())
                microseconds = self._time("mass_erase_us", 20_000)
        elif control & _PER:
            page = self._time("page", 1024)
            start = (self.get("AR") - int(self.parameters.get("start", 0x08000000))) // page * page
            if 0 <= start < self.size():
                if self._protected(start):
                    self._flag(_WRPERR)
                else:
                    self.erase(start, page)
                    microseconds = self._time("erase_us", 20_000)
        if microseconds:
            self.begin(microseconds)
        else:
            self.put("CR", self.get("CR") & ~_STRT)
        self._show_busy()

    def program(self, offset: int, size: int, value: int) -> bool:
        widths: Sequence[int] = self.parameters.get("widths", (2,))
        if size not in widths or offset % size or offset + size > self.size():
            return False
        if not self.get("CR") & _PG or self.get("CR") & _LOCK:
            return False
        self.wait()
        value &= (1 << 8 * size) - 1
        if self._protected(offset):
            self._flag(_WRPERR)
        elif value and any(self.word(offset + at, 2) != _ERASED for at in range(0, size, 2)):
            self._flag(_PGERR)
        else:
            self.store(offset, size, value)
            self.begin(self._time("program_us", 52))
        self._show_busy()
        return True

    # ---- flags -------------------------------------------------------------------------------------------------
    def finished(self) -> None:
        self.put("CR", self.get("CR") & ~_STRT)
        self._flag(_EOP)
        self._show_busy()

    def _show_busy(self) -> None:
        self.put("SR", self.get("SR") & ~_BSY | self.get("JOB"))

    def _flag(self, bit: int) -> None:
        self.put("SR", self.get("SR") | bit)
        self._set_interrupt()

    def _set_interrupt(self) -> None:
        status, control = self.get("SR"), self.get("CR")
        failed = status & (_PGERR | _WRPERR) and control & _ERRIE
        self.set_line(0, bool(failed or (status & _EOP and control & _EOPIE)))
