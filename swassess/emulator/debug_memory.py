"""Memory as a debugger's access port reaches it: through the MCU's bus, with the side effects of a read or write."""

import numpy as np
import numpy.typing as npt

from swassess.emulator import bit_band
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
        mcu, target = self.mcu, self.mcu.target
        flash = mcu.flash[: mcu.flash_size]
        self._writable: list[tuple[int, int, npt.NDArray[np.uint8]]] = [
            (start, start + memory.size, memory) for start, memory in ((mcu.ram_start, mcu.ram), *mcu.further_ram)
        ]
        self._plain = [*self._writable, (mcu.flash_start, mcu.flash_start + mcu.flash_size, flash)]
        self._factory = []
        for memory in target.memories:
            if memory.shows is None:
                self._factory.append((memory.range.start, memory.range.end))
            elif memory.shows == mcu.flash_start:
                self._plain.append((memory.range.start, memory.range.end, flash))

    # ---- single accesses -------------------------------------------------------------------------------------------
    def read(self, address: int, size: int) -> int:
        for first, behind, cells in self._plain:
            if first <= address and address + size <= behind:
                return int.from_bytes(cells[address - first : address - first + size].tobytes(), "little")
        if address & (size - 1):
            raise BusError(address)
        word = address & ~3
        if self.unit.serves(word):
            return self.unit.read(word) >> 8 * (address & 3) & ((1 << 8 * size) - 1)
        bit = self._bit(address)
        if bit is not None:
            read = bit_band.read_peripheral_bit if bit[0] else bit_band.read_ram_bit
            return int(read(self.mcu.control, bit[1]))
        for first, behind in self._factory:
            if first <= address and address + size <= behind:
                return int.from_bytes(self.mcu.engine.mem_read(address, size), "little")
        value = self.mcu.bus_read(address, size)
        self._raise_failure()
        if value is None:
            raise BusError(address)
        return value & 0xFFFFFFFF

    def write(self, address: int, size: int, value: int) -> None:
        value &= (1 << 8 * size) - 1
        for first, behind, cells in self._writable:
            if first <= address and address + size <= behind:
                cells[address - first : address - first + size] = list(value.to_bytes(size, "little"))
                self.unit.code_changed(address, size)
                return
        if address & (size - 1):
            raise BusError(address)
        word, bit = address & ~3, self._bit(address)
        if self.unit.serves(word):
            if size == 4:
                self.unit.write(word, value)
        elif word == _AIRCR and size == 4 and value >> 16 == _VECTKEY and value & 7:
            self._reset_control(value)
        elif bit is not None:
            write = bit_band.write_peripheral_bit if bit[0] else bit_band.write_ram_bit
            write(self.mcu.control, bit[1], value)
        elif not self.mcu.bus_write(address, size, value):
            raise BusError(address)
        self._raise_failure()
        if self.mcu.state[at.RESET_REQUEST]:
            self.unit.system_reset(int(self.mcu.state[at.RESET_REQUEST]))

    def _raise_failure(self) -> None:
        """What a block in plain Python raised waits in the MCU."""
        failure, self.mcu.failure = self.mcu.failure, None
        if failure is not None:
            self.mcu.control[at.C_ERROR] = 0
            raise failure

    def _bit(self, address: int) -> tuple[bool, int] | None:
        """For a word of a bit band: (of peripherals, offset in the alias)."""
        if not self.mcu.target.bit_band:
            return None
        if 0 <= address - bit_band.PERIPHERAL_ALIAS < bit_band.PERIPHERAL_ALIAS_SIZE:
            return True, address - bit_band.PERIPHERAL_ALIAS
        if 0 <= address - bit_band.RAM_ALIAS < self.mcu.ram_size * bit_band.RATIO:
            return False, address - bit_band.RAM_ALIAS
        return None

    def _reset_control(self, value: int) -> None:
        self.mcu.bus_write(_AIRCR, 4, value & ~7)
        if value & _VECTCLRACTIVE:
            self.unit.clear_active()
        if value & _SYSRESETREQ:
            self.unit.system_reset()
        elif value & _VECTRESET:
            self.unit.local_reset()

    # ---- blocks ----------------------------------------------------------------------------------------------------
    def read_block(self, address: int, size: int) -> bytes:
        """`size` bytes as a run of word accesses (whole words for registers)."""
        for first, behind, cells in self._plain:
            if first <= address and address + size <= behind:
                return cells[address - first : address - first + size].tobytes()
        low, high = address & ~3, (address + size + 3) & ~3
        data = b"".join(self.read(word, 4).to_bytes(4, "little") for word in range(low, high, 4))
        return data[address - low : address - low + size]

    def write_block(self, address: int, data: bytes) -> None:
        """Bytes as a run of word accesses; single bytes at the ends."""
        for first, behind, cells in self._writable:
            if first <= address and address + len(data) <= behind:
                cells[address - first : address - first + len(data)] = np.frombuffer(data, np.uint8)
                self.unit.code_changed(address, len(data))
                return
        index = 0
        while index < len(data):
            size = 4 if (address + index) & 3 == 0 and len(data) - index >= 4 else 1
            self.write(address + index, size, int.from_bytes(data[index : index + size], "little"))
            index += size
