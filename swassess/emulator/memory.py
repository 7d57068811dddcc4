"""RAM and flash as the core's own machinery sees them: exception frames, vectors, the trace, broken cells."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_BLOCK,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_AND,
    C_FAULT_FIRST_READ,
    C_FAULT_OR,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_RAM,
    C_RAM_REGION_COUNT,
    C_RAM_REGIONS,
    C_RAM_SIZE,
    C_RAM_START,
    C_TR_ADDRESS,
    C_TR_BLOCK,
    C_TR_CAPACITY,
    C_TR_COUNT,
    C_TR_KIND,
    C_TR_OVERFLOW,
    C_TR_SIZE,
    C_TR_STEP,
    C_TR_TICKS,
    C_TR_VALUE,
    C_TRACE_ON,
    FAULT_RAM_STUCK,
    STEPS,
    TICKS,
)

# kinds of access in the trace
READ, WRITE, UNSTACKED, STACKED = 0, 1, 2, 3


@njit(cache=True)
def record_access(C: Control, S: State, address: int, value: int, size: int, kind: int) -> None:
    i = C[C_TR_COUNT]
    if i >= C[C_TR_CAPACITY]:
        C[C_TR_OVERFLOW] = 1
        return
    carray(native.uint32_pointer(C[C_TR_ADDRESS]), (i + 1,))[i] = address
    carray(native.uint32_pointer(C[C_TR_VALUE]), (i + 1,))[i] = value
    carray(native.uint8_pointer(C[C_TR_SIZE]), (i + 1,))[i] = size
    carray(native.uint8_pointer(C[C_TR_KIND]), (i + 1,))[i] = kind
    carray(native.uint32_pointer(C[C_TR_BLOCK]), (i + 1,))[i] = C[C_BLOCK]
    carray(native.int64_pointer(C[C_TR_TICKS]), (i + 1,))[i] = S[TICKS]
    carray(native.int64_pointer(C[C_TR_STEP]), (i + 1,))[i] = S[STEPS] - 1
    C[C_TR_COUNT] = i + 1


@njit(cache=True)
def apply_cell_fault(C: Control, S: State, address: int, size: int) -> None:
    """A read is about to see a broken cell: the buffer takes the value that the cell really gives."""
    cell = C[C_FAULT_ADDRESS]
    if address <= cell < address + size:
        memory = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
        index = cell - C[C_RAM_START]
        old = int64(memory[index])
        new = (old | C[C_FAULT_OR]) & C[C_FAULT_AND]
        if new != old:
            memory[index] = new
            if C[C_FAULT_FIRST_READ] == 0:
                C[C_FAULT_FIRST_READ] = 1 + S[TICKS]


@njit(cache=True)
def ram_cell(C: Control, address: int, size: int) -> int:
    """Host address of a cell of any RAM of the MCU; 0 where there is none."""
    if C[C_RAM_START] <= address and address + size <= C[C_RAM_START] + C[C_RAM_SIZE]:
        return C[C_RAM] + address - C[C_RAM_START]
    regions = carray(native.int64_pointer(C[C_RAM_REGIONS]), (C[C_RAM_REGION_COUNT] + 1, 3))
    for i in range(C[C_RAM_REGION_COUNT]):
        if regions[i, 0] <= address and address + size <= regions[i, 0] + regions[i, 1]:
            return regions[i, 2] + address - regions[i, 0]
    return 0


@njit(cache=True)
def in_ram(C: Control, address: int, size: int) -> bool:
    return ram_cell(C, address, size) != 0


@njit(cache=True)
def ram_read(C: Control, S: State, address: int, size: int, kind: int) -> int:
    """A read of RAM that the engine does not make itself; -1 when the address is no RAM."""
    cell = ram_cell(C, address, size)
    if cell == 0:
        return -1
    if C[C_FAULT] == FAULT_RAM_STUCK:
        apply_cell_fault(C, S, address, size)
    memory = carray(native.uint8_pointer(cell), (size,))
    value = 0
    for i in range(size):
        value |= int64(memory[i]) << (8 * i)
    if C[C_TRACE_ON]:
        record_access(C, S, address, value, size, kind)
    return value


@njit(cache=True)
def ram_write(C: Control, S: State, address: int, size: int, value: int, kind: int) -> bool:
    """A write to RAM that the engine does not make itself; False when the address is no RAM."""
    cell = ram_cell(C, address, size)
    if cell == 0:
        return False
    memory = carray(native.uint8_pointer(cell), (size,))
    for i in range(size):
        memory[i] = (value >> (8 * i)) & 0xFF
    if C[C_TRACE_ON]:
        record_access(C, S, address, value, size, kind)
    return True


@njit(cache=True)
def vector_word(C: Control, S: State, address: int) -> int:
    """A word of the vector table in flash, at its alias from 0 on, or in RAM; -1 elsewhere."""
    if address >= 0 and address + 4 <= C[C_FLASH_SIZE]:
        address += C[C_FLASH_START]
    if address < C[C_FLASH_START] or address + 4 > C[C_FLASH_START] + C[C_FLASH_SIZE]:
        return ram_read(C, S, address, 4, READ)
    memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
    value = 0
    for i in range(4):
        value |= int64(memory[address - C[C_FLASH_START] + i]) << (8 * i)
    return value
