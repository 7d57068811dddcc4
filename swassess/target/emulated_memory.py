"""Memory access without the detour through access port registers, as probes with firmware of their own offer it."""

from collections.abc import Callable, Sequence
from typing import Any

from pyocd.core.exceptions import TransferFaultError
from pyocd.core.memory_interface import MemoryInterface

from swassess.emulator.debug_memory import BusError
from swassess.target.boards import EmulatedBoard
from swassess.target.debug_port import bytes_of, words_of


def transfer_fault(error: BusError, length: int = 4) -> TransferFaultError:
    """pyOCD's exception for a bus error."""
    fault = TransferFaultError(f"memory transfer fault at 0x{error.address:08X}")
    fault.fault_address = error.address
    fault.fault_length = length
    return fault


class EmulatedMemory(MemoryInterface):
    """The memory of one board."""

    def __init__(self, board: EmulatedBoard) -> None:
        self._lock, self._memory = board.lock, board.memory

    def write_memory(self, addr: int, data: int, transfer_size: int = 32, **attributes: Any) -> None:
        try:
            with self._lock:
                if transfer_size == 64:
                    self._memory.write_block(addr, (data & (1 << 64) - 1).to_bytes(8, "little"))
                else:
                    self._memory.write(addr & 0xFFFFFFFF, transfer_size >> 3, data)
        except BusError as error:
            raise transfer_fault(error, transfer_size >> 3) from None

    def read_memory(
        self, addr: int, transfer_size: int = 32, now: bool = True, **attributes: Any
    ) -> int | Callable[[], int]:
        try:
            with self._lock:
                if transfer_size == 64:
                    value = int.from_bytes(self._memory.read_block(addr, 8), "little")
                else:
                    value = self._memory.read(addr & 0xFFFFFFFF, transfer_size >> 3)
        except BusError as error:
            raise transfer_fault(error, transfer_size >> 3) from None
        return value if now else (lambda: value)

    def write_memory_block32(self, addr: int, data: Sequence[int], **attributes: Any) -> None:
        self._write(addr, bytes_of(list(data)))

    def read_memory_block32(self, addr: int, size: int, **attributes: Any) -> Sequence[int]:
        return words_of(self._read(addr, 4 * size))

    def write_memory_block8(self, addr: int, data: Sequence[int], **attributes: Any) -> None:
        self._write(addr, bytes(data))

    def read_memory_block8(self, addr: int, size: int, **attributes: Any) -> Sequence[int]:
        return list(self._read(addr, size))

    def _read(self, addr: int, size: int) -> bytes:
        try:
            with self._lock:
                return self._memory.read_block(addr & 0xFFFFFFFF, size)
        except BusError as error:
            raise transfer_fault(error, size) from None

    def _write(self, addr: int, data: bytes) -> None:
        try:
            with self._lock:
                self._memory.write_block(addr & 0xFFFFFFFF, data)
        except BusError as error:
            raise transfer_fault(error, len(data)) from None
