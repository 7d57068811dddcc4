"""Flash controller of STM32G0, G4 and L4 (RM0444, chapter 3; RM0440, chapter 3; RM0351, chapter 3).

Double words as two words in a row, pages, errors that block what follows until they are cleared, option registers
that are committed by OPTSTRT and loaded at power-on or by OBL_LAUNCH, ECC. Fast programming writes double words too,
without the check that they are erased. Not modelled: PCROP and securable areas (their registers are kept), MISERR.
"""

from swassess.emulator.peripherals.behaviour import OPTION_BYTES, POWER_ON, merged
from swassess.emulator.peripherals.flash_stm32 import LOCKED_OUT, FlashController

_EOP, _OPERR, _PROGERR, _WRPERR, _PGAERR, _SIZERR, _PGSERR, _FASTERR = 0x01, 0x02, 0x08, 0x10, 0x20, 0x40, 0x80, 0x200
_ERRORS = 0xC3FA
_BSY, _CFGBSY = 1 << 16, 1 << 18
_PG, _PER, _MER1, _MER2 = 1, 2, 4, 1 << 15
_STRT, _OPTSTRT, _FSTPG = 1 << 16, 1 << 17, 1 << 18
_EOPIE, _ERRIE, _OBL_LAUNCH, _OPTLOCK, _LOCK = 1 << 24, 1 << 25, 1 << 27, 1 << 30, 1 << 31
_ECCIE, _ECCC, _ECCD = 1 << 24, 1 << 30, 1 << 31
_OPTION_REGISTERS = (
    "OPTR",
    "PCROP1ASR",
    "PCROP1AER",
    "PCROP1BSR",
    "PCROP1BER",
    "PCROP1SR",
    "PCROP1ER",
    "PCROP2SR",
    "PCROP2ER",
    "PCROP2ASR",
    "PCROP2AER",
    "WRP1AR",
    "WRP1BR",
    "WRP2AR",
    "WRP2BR",
    "SECR",
    "SEC1R",
    "SEC2R",
)


class FlashG0(FlashController):
    """Parameters: page (bytes), banks (1 or 2), bank_bit (BKER in CR), program_us, erase_us, mass_erase_us, busy:
    "cfg" where CFGBSY exists (G0), ecc_unit (bytes that one step of ADDR_ECC stands for), ecc_bank_bit,
    ram_parity_bit (in OPTR).

    Cells: HALF, 1 + offset of the first word of a double word (0: none), and its value; NV_..., the non-volatile
    option registers as difference to those of a delivered part.
    """

    extra = (*FlashController.extra, "HALF", "HALF_VALUE", *(f"NV_{name}" for name in _OPTION_REGISTERS))
    lasting = tuple(f"NV_{name}" for name in _OPTION_REGISTERS)
    kept = frozenset(_OPTION_REGISTERS)
    option_keys = (0x08192A3B, 0x4C5D6E7F)
    strict = True

    def reset(self, cause: int) -> None:
        super().reset(cause)
        if cause in (POWER_ON, OPTION_BYTES):
            for name in self._options():
                self.put(name, self._stored(name))

    def _time(self, name: str, default: int) -> int:
        return int(self.parameters.get(name, default))

    # ---- options -----------------------------------------------------------------------------------------------
    def _options(self) -> tuple[str, ...]:
        return tuple(name for name in _OPTION_REGISTERS if self.has(name))

    def _delivered(self, name: str) -> int:
        register = self.block.register(name)
        return 0 if register is None else register.reset

    def _stored(self, name: str) -> int:
        return self.get(f"NV_{name}") ^ self._delivered(name)

    def option_area(self) -> bytes:
        stored = self._stored("OPTR")
        return (stored | (stored ^ 0xFFFFFFFF) << 32).to_bytes(8, "little")

    def hardware_watchdog(self) -> bool:
        return not self._stored("OPTR") & 1 << 16

    def ram_parity(self) -> bool:
        """Whether the option bytes have the RAM's parity checked."""
        return not self.get("OPTR") >> self._time("ram_parity_bit", 22) & 1

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
        if name == "SR":
            self.put("SR", self.get("SR") & ~(new & (_ERRORS | _EOP)))
        elif name == "CR":
            if not self.get("CR") & _LOCK:
                self._control(new)
        elif name == "ECCR":
            self._write_ecc(new)
        elif name in _OPTION_REGISTERS:
            if not self.get("CR") & (_OPTLOCK | _LOCK):
                self.put(name, new)
        else:
            self.put(name, new)
        self._set_interrupt()
        return True

    def _option_key(self, value: int) -> bool:
        if self.get("CR") & _LOCK:
            return True
        if self.option_key(value):
            self.put("CR", self.get("CR") & ~_OPTLOCK)
        return self.get("OPTION_KEYS") != LOCKED_OUT

    def _control(self, new: int) -> None:
        old = self.get("CR")
        closed = old & _OPTLOCK
        if closed:
            new &= ~(_OPTSTRT | _OBL_LAUNCH)
        new |= closed | old & (_STRT | _OPTSTRT)
        if new & _LOCK:
            new |= _OPTLOCK
        self.put("CR", new & ~_OBL_LAUNCH)
        if new & _OBL_LAUNCH:
            self.mcu.request_reset("option-bytes")
        if new & _OPTSTRT and not old & _OPTSTRT:
            self._commit()
        if new & _STRT and not old & _STRT:
            self._start(new)

    def _commit(self) -> None:
        self.wait()
        for name in self._options():
            self.put(f"NV_{name}", self.get(name) ^ self._delivered(name))
        self.begin(self._time("erase_us", 22_000))
        self._show_busy()

    def _start(self, control: int) -> None:
        self.wait()
        banks = self._time("banks", 1)
        half = self.size() // banks
        microseconds = 0
        if self.get("SR") & _ERRORS & ~_OPERR:
            self._flag(_PGSERR)
        elif control & (_MER1 | _MER2):
            chosen = [bank for bank, bit in enumerate((_MER1, _MER2)) if control & bit and bank < banks]
            if any(self._protected(bank * half, half) for bank in chosen):
                self._flag(_WRPERR)
            else:
                for bank in chosen:
                    self.erase(bank * half, half)
                microseconds = self._time("mass_erase_us", 22_000) if chosen else 0
        elif control & _PER and not control & (_PG | _FSTPG):
            page, bank_bit = self._time("page", 2048), self._time("bank_bit", 11 if banks == 2 else 13)
            number = control >> 3 & ((1 << min(bank_bit - 3, 10)) - 1)
            start = number * page + (half if banks == 2 and control >> bank_bit & 1 else 0)
            if self._protected(start, page):
                self._flag(_WRPERR)
            else:
                self.erase(start, page)
                microseconds = self._time("erase_us", 22_000)
        else:
            self._flag(_PGSERR)
        if microseconds:
            self.begin(microseconds)
        else:
            self.put("CR", self.get("CR") & ~_STRT)
        self._show_busy()

    def _protected(self, start: int, length: int) -> bool:
        page = self._time("page", 2048)
        half = self.size() // self._time("banks", 1)
        for name in ("WRP1AR", "WRP1BR", "WRP2AR", "WRP2BR"):
            if not self.has(name):
                continue
            first, last = self.get(name) & 0xFF, self.get(name) >> 16 & 0xFF
            base = half if name[3] == "2" else 0
            if first <= last and start < base + (last + 1) * page and start + length > base + first * page:
                return True
        return False

    # ---- programming -------------------------------------------------------------------------------------------
    def program(self, offset: int, size: int, value: int) -> bool:
        if offset + size > self.size():
            return False
        self.wait()
        first = self.get("HALF") - 1
        self.put("HALF", 0)
        error = self._refused(offset, size, first)
        if error:
            self._flag(error)
        elif first < 0:
            self.put("HALF", offset + 1)
            self.put("HALF_VALUE", value & 0xFFFFFFFF)
            if self.parameters.get("busy") == "cfg":
                self.put("SR", self.get("SR") | _CFGBSY)
            return True
        else:
            self._double_word(first, self.get("HALF_VALUE") | (value & 0xFFFFFFFF) << 32)
        self._show_busy()
        return True

    def _refused(self, offset: int, size: int, first: int) -> int:
        if not self.get("CR") & (_PG | _FSTPG) or self.get("SR") & _ERRORS & ~_OPERR:
            return _PGSERR
        if size != 4 or offset & 3:
            return _SIZERR
        if (first < 0 and offset & 7) or (first >= 0 and offset != first + 4):
            return _PGAERR
        return 0

    def _double_word(self, offset: int, value: int) -> None:
        erased = self.word(offset, 8) == (1 << 64) - 1
        if self._protected(offset, 8):
            self._flag(_WRPERR)
        elif value and not erased and not self.get("CR") & _FSTPG:
            self._flag(_PROGERR)
        else:
            self.store(offset, 8, value)
            self.begin(self._time("program_us", 85))

    def finished(self) -> None:
        self.put("CR", self.get("CR") & ~(_STRT | _OPTSTRT))
        if self.get("CR") & _EOPIE:
            self._flag(_EOP)
        self._show_busy()

    def _show_busy(self) -> None:
        shown = (_BSY | _CFGBSY if self.parameters.get("busy") == "cfg" else _BSY) if self.get("JOB") else 0
        self.put("SR", self.get("SR") & ~(_BSY | _CFGBSY) | shown)

    def _flag(self, bit: int) -> None:
        operation = _OPERR if bit != _EOP and self.get("CR") & _ERRIE else 0
        self.put("SR", self.get("SR") | bit | operation)
        self._set_interrupt()

    def _set_interrupt(self) -> None:
        status, control, ecc = self.get("SR"), self.get("CR"), self.get("ECCR")
        wanted = (status & _EOP and control & _EOPIE) or (status & _OPERR and control & _ERRIE)
        self.set_line(0, bool(wanted or (ecc & _ECCC and ecc & _ECCIE)))

    # ---- ECC ---------------------------------------------------------------------------------------------------
    def inject_ecc(self, offset: int, corrected: bool = False) -> None:
        """A read of the double word at an offset of the main flash has met an ECC error: of one bit, corrected, or of
        two bits (NMI)."""
        if self.get("ECCR") & (_ECCC | _ECCD):
            return  # the first error stays until it is cleared
        half = self.size() // self._time("banks", 1)
        bank = 1 << self._time("ecc_bank_bit", 19) if offset >= half else 0
        address = offset % half // 8 * 8 // self._time("ecc_unit", 8)
        self.put("ECCR", self.get("ECCR") & _ECCIE | address | bank | (_ECCC if corrected else _ECCD))
        self._set_interrupt()
        self.mcu.line_changed()
        if not corrected:
            self.mcu.raise_nmi()

    def _write_ecc(self, new: int) -> None:
        old = self.get("ECCR")
        self.put("ECCR", old & ~(new & (_ECCC | _ECCD)) & ~_ECCIE | new & _ECCIE)

    def holds_nmi(self) -> bool:
        return bool(self.get("ECCR") & _ECCD)
