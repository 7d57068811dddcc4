"""Flash controller of the Nuvoton M031 (TRM 6.4): ISP commands read, program, erase and check the APROM.

Not modelled: LDROM and SPROM (commands on them fail), boot selection, remapping of the vector page (kept in ISPSTS).
A direct write of the core into the flash is a bus fault.
"""

import zlib

from swassess.emulator.peripherals.behaviour import POWER_ON, merged
from swassess.emulator.peripherals.flash_stm32 import FlashController
from swassess.emulator.peripherals.sys_nuvoton_m031 import unlocked

_ISPEN, _APUEN, _CFGUEN, _ISPFF = 1, 1 << 3, 1 << 4, 1 << 6
_READ, _UID, _COMPANY, _DEVICE, _READ_SUM, _PROGRAM, _ERASE, _RUN_SUM, _REMAP = (
    0x00, 0x04, 0x0B, 0x0C, 0x0D, 0x21, 0x22, 0x2D, 0x2E,
)  # fmt: skip
_CONFIG = 0x300000
_CONFIGS = ("CONFIG0", "CONFIG1", "CONFIG2")
_ALL_ONES = 0xFFFFFFFF
_COMPANY_ID = 0xDA
_READ_US = 1


class FmcM031(FlashController):
    """Parameters: page (bytes), program_us, erase_us, unique_id (three words). Cells CONFIG0..2: the user configuration
    as difference to the erased state; SUM: the latest checksum; GOING: the command under way."""

    extra = (*FlashController.extra, *_CONFIGS, "SUM", "GOING")
    lasting = _CONFIGS

    def reset(self, cause: int) -> None:
        remapped = self.get("ISPSTS") & 0x3FFFFE00
        super().reset(cause)
        if cause != POWER_ON:
            self.put("ISPSTS", self.get("ISPSTS") | remapped)
        self.put("DFBA", self._config(1))

    def _config(self, number: int) -> int:
        return self.get(_CONFIGS[number]) ^ _ALL_ONES

    def hardware_watchdog(self) -> bool:
        """CWDTEN (CONFIG0[31], [4], [3]) is not all ones."""
        return self._config(0) & 0x80000018 != 0x80000018

    def program(self, offset: int, size: int, value: int) -> bool:
        return False

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        new = merged(self.get(name), offset, value, size)
        written = merged(0, offset, value, size)
        if name in ("ISPCTL", "ISPTRG", "FTCTL", "ISPSTS") and not unlocked(self.mcu):
            return True
        if name == "ISPCTL":
            self.put(name, new & ~_ISPFF | self.get(name) & _ISPFF & ~written)
            self._mirror()
        elif name == "ISPSTS":
            self.put("ISPCTL", self.get("ISPCTL") & ~(written & _ISPFF))
            self._mirror()
        elif name == "ISPTRG":
            if new & 1:
                self._go()
        elif name not in ("DFBA", "MPSTS", "MPADDR", "VERSION"):
            self.put(name, new)
        return True

    def _mirror(self) -> None:
        self.put("ISPSTS", self.get("ISPSTS") & ~_ISPFF | self.get("ISPCTL") & _ISPFF)

    def _fail(self) -> None:
        self.put("ISPCTL", self.get("ISPCTL") | _ISPFF)
        self._mirror()

    # ---- commands ----------------------------------------------------------------------------------------------
    def _go(self) -> None:
        self.wait()
        if not self.get("ISPCTL") & _ISPEN:
            return
        command = self.get("ISPCMD") & 0x7F
        time = self._carry_out(command, self.get("ISPADDR"))
        if time is None:
            self._fail()
            return
        self.put("ISPTRG", 1)
        self.put("ISPSTS", self.get("ISPSTS") | 1)
        self.begin(time)

    def finished(self) -> None:
        self.put("ISPTRG", 0)
        self.put("ISPSTS", self.get("ISPSTS") & ~1)

    def _carry_out(self, command: int, address: int) -> int | None:
        """Microseconds that a command takes; None when it is refused."""
        if command == _READ:
            return self._read(address)
        if command == _PROGRAM:
            return self._program(address)
        if command == _ERASE:
            return self._erase(address)
        if command == _RUN_SUM:
            return self._sum(address)
        if command == _REMAP:
            self.put("ISPSTS", self.get("ISPSTS") & ~0x3FFFFE00 | address & 0x3FFFFE00)
            return _READ_US
        identity = {
            _COMPANY: _COMPANY_ID,
            _DEVICE: self._device(),
            _READ_SUM: self.get("SUM"),
            _UID: self._uid(address),
        }
        if command not in identity:
            return None
        self.put("ISPDAT", identity[command])
        return _READ_US

    def _device(self) -> int:
        system = self.mcu.block("SYS")
        return 0 if system is None else system.peek(0) or 0

    def _uid(self, address: int) -> int:
        words = list(self.parameters.get("unique_id", (0, 0, 0)))
        return int(words[address >> 2]) if address >> 2 < len(words) else 0

    def _read(self, address: int) -> int | None:
        if address & 3:
            return None
        if _CONFIG <= address < _CONFIG + 12:
            self.put("ISPDAT", self._config(address - _CONFIG >> 2))
        elif address < self.size():
            self.put("ISPDAT", self.word(address, 4))
        else:
            return None
        return _READ_US

    def _program(self, address: int) -> int | None:
        data = self.get("ISPDAT")
        if address & 3:
            return None
        if _CONFIG <= address < _CONFIG + 12:
            if not self.get("ISPCTL") & _CFGUEN:
                return None
            number = address - _CONFIG >> 2
            self.put(_CONFIGS[number], (self._config(number) & data) ^ _ALL_ONES)
        elif address < self.size() and self.get("ISPCTL") & _APUEN:
            self.store(address, 4, self.word(address, 4) & data)
        else:
            return None
        return int(self.parameters.get("program_us", 20))

    def _erase(self, address: int) -> int | None:
        page = int(self.parameters.get("page", 512))
        if _CONFIG <= address < _CONFIG + 12:
            if not self.get("ISPCTL") & _CFGUEN:
                return None
            for name in _CONFIGS:
                self.put(name, 0)
        elif address < self.size() and self.get("ISPCTL") & _APUEN:
            self.erase(address // page * page, page)
        else:
            return None
        return int(self.parameters.get("erase_us", 20_000))

    def _sum(self, address: int) -> int | None:
        length = self.get("ISPDAT")
        if address % 512 or length % 512 or not length or address + length > self.size():
            return None
        self.put("SUM", zlib.crc32(self.mcu.flash_view()[address : address + length].tobytes()))
        return max(length // 32, 1)
