"""Flash controller of the STM32F4 (RM0090, chapter 3): sectors, programming of the width that PSIZE says.

Programming clears bits and does not check that they were set. Not modelled: read protection against the debugger and
PCROP (their option bits are kept).
"""

from collections.abc import Sequence

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.flash_stm32 import LOCKED_OUT, FlashController

_PG, _SER, _MER, _MER1, _STRT, _EOPIE, _ERRIE, _LOCK = 1, 2, 4, 1 << 15, 1 << 16, 1 << 24, 1 << 25, 1 << 31
_EOP, _OPERR, _WRPERR, _PGAERR, _PGPERR, _PGSERR, _BSY = 0x01, 0x02, 0x10, 0x20, 0x40, 0x80, 1 << 16
_ERRORS = 0x1F2
_OPTLOCK, _OPTSTRT = 1, 2
_KIB = 1024
_ERASE_US = {16: 250_000, 64: 550_000, 128: 1_000_000}


class FlashF4(FlashController):
    """Parameters: sectors, KiB of each; program_us, by data sheet for 32 bits at 2.7 V and above.

    Cell NV_OPTCR: the committed option word as difference to that of a delivered part.
    """

    extra = (*FlashController.extra, "NV_OPTCR")
    lasting = ("NV_OPTCR",)
    option_keys = (0x08192A3B, 0x4C5D6E7F)

    def reset(self, cause: int) -> None:
        super().reset(cause)
        self.put("OPTCR", self._stored() | _OPTLOCK)

    def _delivered(self) -> int:
        register = self.block.register("OPTCR")
        return 0 if register is None else register.reset & ~3

    def _stored(self) -> int:
        return self.get("NV_OPTCR") ^ self._delivered()

    def option_area(self) -> bytes:
        stored = self._stored()
        return b"".join(
            (half | 0xFFFF << 16 | 0xFFFF << 32 | 0xFFFF << 48).to_bytes(8, "little")
            for half in (stored & 0xFFEC, stored >> 16 | 0xF000)
        )

    def hardware_watchdog(self) -> bool:
        return not self._stored() & 1 << 5

    def _sectors(self) -> list[tuple[int, int]]:
        """Start and length of each sector that the part has."""
        sizes: Sequence[int] = self.parameters.get("sectors", (16, 16, 16, 16, 64, *(128,) * 7))
        found, start = [], 0
        for size in sizes:
            if start < self.size():
                found.append((start, size * _KIB))
            start += size * _KIB
        return found

    def _protected(self, sector: int) -> bool:
        return sector < 12 and not self.get("OPTCR") >> 16 + sector & 1

    # ---- registers ---------------------------------------------------------------------------------------------
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        new = merged(0 if name in ("SR", "KEYR", "OPTKEYR") else self.get(name), offset, value, size)
        if name == "KEYR":
            return self.key(new)
        if name == "OPTKEYR":
            if self.get("OPTCR") & _OPTLOCK and self.option_key(new):
                self.put("OPTCR", self.get("OPTCR") & ~_OPTLOCK)
            return self.get("OPTION_KEYS") != LOCKED_OUT
        if name == "SR":
            self.put("SR", self.get("SR") & ~(new & (_ERRORS | _EOP)))
        elif name == "OPTCR":
            if not self.get("OPTCR") & _OPTLOCK:
                self._options(new)
        elif name == "CR":
            if not self.get("CR") & _LOCK:
                old = self.get("CR")
                self.put("CR", new & 0x8301FFFF | old & _STRT)
                if new & _STRT and not old & _STRT:
                    self._start(new)
        else:
            self.put(name, new)
        self._set_interrupt()
        return True

    def _options(self, new: int) -> None:
        self.put("OPTCR", new & ~_OPTSTRT)
        if new & _OPTSTRT:
            self.wait()
            self.put("NV_OPTCR", (new & ~3) ^ self._delivered())
            self.begin(_ERASE_US[16])
            self._show_busy()

    def _start(self, control: int) -> None:
        self.wait()
        microseconds = 0
        sectors = self._sectors()
        if control & (_MER | _MER1):
            if any(self._protected(number) for number in range(len(sectors))):
                self._flag(_WRPERR)
            else:
                self.erase(0, self.size())
                microseconds = sum(_ERASE_US.get(length // _KIB, _ERASE_US[128]) for _, length in sectors)
        elif control & _SER:
            number = control >> 3 & 0x1F
            number = number - 4 if number >= 16 else number  # the second bank begins with number 16
            if number >= len(sectors):
                self._flag(_PGSERR)
            elif self._protected(number):
                self._flag(_WRPERR)
            else:
                start, length = sectors[number]
                self.erase(start, length)
                microseconds = _ERASE_US.get(length // _KIB, _ERASE_US[128])
        if microseconds:
            self.begin(microseconds)
        else:
            self.put("CR", self.get("CR") & ~_STRT)
        self._show_busy()

    def program(self, offset: int, size: int, value: int) -> bool:
        if offset + size > self.size():
            return False
        self.wait()
        width = 1 << (self.get("CR") >> 8 & 3)
        starts = [start for start, _ in self._sectors()]
        sector = sum(start <= offset for start in starts) - 1
        if not self.get("CR") & _PG or self.get("CR") & _LOCK or self.get("SR") & _ERRORS & ~_OPERR:
            self._flag(_PGSERR)
        elif size != min(width, 4):
            self._flag(_PGPERR)
        elif offset % size:
            self._flag(_PGAERR)
        elif self._protected(sector):
            self._flag(_WRPERR)
        else:
            self.store(offset, size, self.word(offset, size) & value)
            self.begin(int(self.parameters.get("program_us", 16)))
        self._show_busy()
        return True

    # ---- flags -------------------------------------------------------------------------------------------------
    def finished(self) -> None:
        self.put("CR", self.get("CR") & ~_STRT)
        if self.get("CR") & _EOPIE:
            self._flag(_EOP)
        self._show_busy()

    def _show_busy(self) -> None:
        self.put("SR", self.get("SR") & ~_BSY | (_BSY if self.get("JOB") else 0))

    def _flag(self, bit: int) -> None:
        operation = _OPERR if bit != _EOP and self.get("CR") & _ERRIE else 0
        self.put("SR", self.get("SR") | bit | operation)
        self._set_interrupt()

    def _set_interrupt(self) -> None:
        status, control = self.get("SR"), self.get("CR")
        self.set_line(0, bool((status & _EOP and control & _EOPIE) or (status & _OPERR and control & _ERRIE)))
