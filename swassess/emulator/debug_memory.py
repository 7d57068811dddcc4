"""Memory as a debugger's access port reaches it: through the MCU's bus, with the side effects of a read or write."""

import numpy as np
import numpy.typing as npt

from swassess.emulator import bit_band, bus
from swassess.emulator import layout as at
from swassess.emulator.debug import DebugUnit

_AIRCR = 0xE000ED0C
_VECTKEY = 0x05FA
_SYSRESETREQ, _VECTCLRACTIVE, _VECTRESET = 4, 2, 1


class BusError(Exception):
    """Nothing answers at `address`, or it refuses the access."""

    def __init__(self, address: int) -> None:
        super().__init__(f"bus error at 0x{address:08X}")
        self.address = address


class DebugMemory:
    """Accesses of 1, 2 or 4 bytes, and of blocks. Raises BusError where the bus answers with an error."""

    def __init__(self, unit: DebugUnit) -> None:
        self.unit, self.mcu = unit, unit.mcu
        mcu = self.mcu
        self._ram = (mcu.ram_start, mcu.ram_start + mcu.ram_size)
        flash = mcu.flash[: mcu.flash_size]
        self._plain: list[tuple[int, int, npt.NDArray[np.uint8]]] = [
            (mcu.ram_start, mcu.ram_start + mcu.ram_size, mcu.ram),
            (mcu.flash_start, mcu.flash_start + mcu.flash_size, flash),
            (0, mcu.flash_size, flash),
        ]
        self._factory = [
            (memory.range.start, memory.range.end) for memory in mcu.target.memories if memory.shows is None
        ]

    # ---- single accesses -------------------------------------------------------------------------------------------
    def read(self, address: int, size: int) -> int:
        for first, behind, bytes_ in self._plain:
            if first <= address and address + size <= behind:
                return int.from_bytes(bytes_[address - first : address - first + size].tobytes(), "little")
        return self._read_register(address, size)

    def _read_register(self, address: int, size: int) -> int:
        mcu, word = self.mcu, address & ~3
        if address & (size - 1):
            raise BusError(address)
        if self.unit.serves(word):
            return self.unit.read(word) >> 8 * (address & 3) & ((1 << 8 * size) - 1)
        if self._is_register(address):
            return int(bus.register_read(mcu.control, address, size)) & 0xFFFFFFFF
        if mcu.target.bit_band and bit_band.PERIPHERAL_ALIAS <= address < self._peripheral_alias_end:
            return int(bit_band.read_peripheral_bit(mcu.control, address - bit_band.PERIPHERAL_ALIAS))
        if mcu.target.bit_band and 0 <= address - self._ram_alias < mcu.ram_size * bit_band.RATIO:
            return int(bit_band.read_ram_bit(mcu.control, address - self._ram_alias))
        for first, behind in self._factory:
            if first <= address and address + size <= behind:
                return int.from_bytes(mcu.engine.mem_read(address, size), "little")
        raise BusError(address)

    def write(self, address: int, size: int, value: int) -> None:
        first, behind = self._ram
        value &= (1 << 8 * size) - 1
        if first <= address and address + size <= behind:
            self.mcu.ram[address - first : address - first + size] = list(value.to_bytes(size, "little"))
            self.unit.code_changed(address, size)
            return
        self._write_register(address, size, value)

    def _write_register(self, address: int, size: int, value: int) -> None:
        mcu, word = self.mcu, address & ~3
        if address & (size - 1):
            raise BusError(address)
        if self.unit.serves(word):
            if size == 4:
                self.unit.write(word, value)
        elif word == _AIRCR and size == 4 and value >> 16 == _VECTKEY and value & 7:
            self._reset_control(value)
        elif self._is_register(address):
            bus.register_write(mcu.control, address, size, value)
            if mcu.state[at.RESET_REQUEST]:
                self.unit.system_reset(int(mcu.state[at.RESET_REQUEST]))
        elif mcu.target.bit_band and bit_band.PERIPHERAL_ALIAS <= address < self._peripheral_alias_end:
            bit_band.write_peripheral_bit(mcu.control, address - bit_band.PERIPHERAL_ALIAS, value)
        elif mcu.target.bit_band and 0 <= address - self._ram_alias < mcu.ram_size * bit_band.RATIO:
            bit_band.write_ram_bit(mcu.control, address - self._ram_alias, value)
        else:
            raise BusError(address)

    def _reset_control(self, value: int) -> None:
        bus.register_write(self.mcu.control, _AIRCR, 4, value & ~7)
        if value & _VECTCLRACTIVE:
            self.unit.clear_active()
        if value & _SYSRESETREQ:
            self.unit.system_reset()
        elif value & _VECTRESET:
            self.unit.local_reset()

    @staticmethod
    def _is_register(address: int) -> bool:
        return (
            bus.PERIPHERAL_START <= address < bus.PERIPHERAL_START + bus.PERIPHERAL_SIZE
            or bus.SYSTEM_START <= address < bus.SYSTEM_START + bus.SYSTEM_SIZE
        )

    @property
    def _peripheral_alias_end(self) -> int:
        return bit_band.PERIPHERAL_ALIAS + bit_band.PERIPHERAL_ALIAS_SIZE

    @property
    def _ram_alias(self) -> int:
        return self.mcu.ram_start + bit_band.ALIAS_OFFSET

    # ---- blocks ----------------------------------------------------------------------------------------------------
    def read_block(self, address: int, size: int) -> bytes:
        """`size` bytes as a run of word accesses (whole words for registers)."""
        for first, behind, bytes_ in self._plain:
            if first <= address and address + size <= behind:
                return bytes_[address - first : address - first + size].tobytes()
        low, high = address & ~3, (address + size + 3) & ~3
        data = b"".join(self.read(word, 4).to_bytes(4, "little") for word in range(low, high, 4))
        return data[address - low : address - low + size]

    def write_block(self, address: int, data: bytes) -> None:
        """Bytes as a run of word accesses; single bytes at the ends."""
        first, behind = self._ram
        if first <= address and address + len(data) <= behind:
            self.mcu.ram[address - first : address - first + len(data)] = np.frombuffer(data, np.uint8)
            self.unit.code_changed(address, len(data))
            return
        index = 0
        while index < len(data):
            size = 4 if (address + index) & 3 == 0 and len(data) - index >= 4 else 1
            self.write(address + index, size, int.from_bytes(data[index : index + size], "little"))
            index += size
