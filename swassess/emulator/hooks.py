"""The native callbacks that Unicorn calls: basic blocks, memory, peripherals, interrupts, single instructions.

Nothing here may raise: an exception inside a callback is lost. Stops are requested at block boundaries only, and never
inside an IT block, where Unicorn would lose them.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, cfunc, int64, njit, types
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_PRIMASK, UC_ARM_REG_R0, UC_ARM_REG_XPSR

from swassess.emulator import bus
from swassess.emulator.core import apply_cell_fault, get_register, record_access, set_register
from swassess.emulator.layout import (
    C_ANCHOR,
    C_ANCHOR_SKIP,
    C_BLOCK,
    C_BLOCK_ENTRIES,
    C_BLOCK_SIZES,
    C_BYPASS,
    C_CODE_FORWARD,
    C_COST,
    C_COST_SIZE,
    C_ENGINE,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_AND,
    C_FAULT_FIRST_BLOCK,
    C_FAULT_FIRST_READ,
    C_FAULT_OR,
    C_FAULT_UNDO,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_IN_IT_SKIPS,
    C_INTERRUPT,
    C_MARK_WATCH,
    C_MK_ACCESS,
    C_MK_ADDRESS,
    C_MK_CAPACITY,
    C_MK_COUNT,
    C_MK_STEP,
    C_MK_TICKS,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_REDIRECTS,
    C_SPIN_FROM,
    C_SPIN_LIMIT,
    C_SPIN_SUM,
    C_STEP_STOP,
    C_STOP,
    C_TR_COUNT,
    C_TRACE_ON,
    C_WATCH,
    C_WATCH_HIT,
    CONTROL_WORDS,
    CYCLE_TICKS,
    DEADLINE,
    FAULT_CALL_REMOVED,
    FAULT_FLASH_DATA,
    FAULT_PC_STUCK,
    FAULT_RAM_STUCK,
    INSTRUCTIONS,
    MASKED_PENDING,
    STEPS,
    STOP_DEADLINE,
    STOP_INTERRUPT,
    STOP_REDIRECT,
    STOP_SPIN,
    STOP_STEP,
    STOP_WATCH,
    TICKS,
    WATCH_MARK,
    WATCH_STOP,
)

BLOCK_SIGNATURE = types.void(types.voidptr, types.uint64, types.uint32, types.voidptr)
MEMORY_SIGNATURE = types.void(types.voidptr, types.int32, types.uint64, types.int32, types.int64, types.voidptr)
INTERRUPT_SIGNATURE = types.void(types.voidptr, types.uint32, types.voidptr)
READ_SIGNATURE = types.uint64(types.voidptr, types.uint64, types.uint32, types.voidptr)
WRITE_SIGNATURE = types.void(types.voidptr, types.uint64, types.uint32, types.uint64, types.voidptr)


@njit(cache=True)
def control_of(user):
    return carray(native.int64_pointer(native.address_of(user)), (CONTROL_WORDS,))


@njit(cache=True)
def in_it_block(C):
    return get_register(C, UC_ARM_REG_XPSR) & 0x0600FC00 != 0


@njit(cache=True)
def drop_stale_it_state(C):
    """Unicorn restores the IT state when it calls a memory hook inside an IT block, and nothing clears it again: the
    next block would then run as if it were conditional. Clearing is right, since translated code does not read it."""
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    if xpsr & 0x0600FC00:
        set_register(C, UC_ARM_REG_XPSR, xpsr & ~0x0600FC00)


@njit(cache=True)
def _bit_count(value):
    count = 0
    while value:
        value &= value - 1
        count += 1
    return count


@njit(cache=True)
def block_cost(code, offset, size):
    """Cycles and instructions of a block, packed cycles << 16 | instructions.

    The stated model: one cycle an instruction, one more for each word moved to or from memory, two more for refilling
    the pipeline at the block's end, eight for a division (Cortex-M3 TRM, chapter 3.3, averages).
    """
    cycles = 2
    instructions = 0
    at = offset
    end = offset + size
    while at < end:
        first = int64(code[at]) | int64(code[at + 1]) << 8
        cycles += 1
        instructions += 1
        top = first >> 11
        if top >= 29:
            if first & 0xFE40 == 0xE800:
                cycles += _bit_count(int64(code[at + 2]) | int64(code[at + 3]) << 8)
            elif first & 0xFE00 == 0xE800:
                cycles += 2
            elif first & 0xFE00 == 0xF800:
                cycles += 1
            elif first & 0xFFD0 == 0xFB90:
                cycles += 7
            at += 4
        else:
            if top == 9 or 10 <= top <= 19:
                cycles += 1
            elif first & 0xF600 == 0xB400 or top == 24 or top == 25:
                cycles += _bit_count(first & 0x1FF if top < 24 else first & 0xFF)
            at += 2
    return cycles << 16 | instructions


@njit(cache=True)
def _charge(C, S, address, size):
    offset = address - C[C_FLASH_START]
    if 0 <= offset < C[C_FLASH_SIZE]:
        half_words = C[C_FLASH_SIZE] >> 1
        sizes = carray(native.uint16_pointer(C[C_COST_SIZE]), (half_words,))
        costs = carray(native.uint32_pointer(C[C_COST]), (half_words,))
        index = offset >> 1
        if sizes[index] != size:
            code = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE] + 4,))
            costs[index] = block_cost(code, offset, size)
            sizes[index] = size
        cost = int64(costs[index])
    else:
        cost = (size + 2) << 16 | (size >> 1)
        if 0 <= address - C[C_RAM_START] < C[C_RAM_SIZE] - size:
            code = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
            cost = block_cost(code, address - C[C_RAM_START], size)
    S[TICKS] += (cost >> 16) * S[CYCLE_TICKS]
    S[INSTRUCTIONS] += cost & 0xFFFF
    S[STEPS] += 1


@njit(cache=True)
def _mark(C, S, address):
    i = C[C_MK_COUNT]
    if i < C[C_MK_CAPACITY]:
        carray(native.int64_pointer(C[C_MK_TICKS]), (i + 1,))[i] = S[TICKS]
        carray(native.uint32_pointer(C[C_MK_ADDRESS]), (i + 1,))[i] = address
        carray(native.int64_pointer(C[C_MK_STEP]), (i + 1,))[i] = S[STEPS]
        carray(native.int64_pointer(C[C_MK_ACCESS]), (i + 1,))[i] = C[C_TR_COUNT]
    C[C_MK_COUNT] = i + 1


@njit(cache=True)
def _look_for_spin(C, S, address):
    """With interrupts masked, a block is chosen as anchor; each return to it lets the run loop compare states."""
    if C[C_ANCHOR]:
        if address == C[C_ANCHOR]:
            if C[C_ANCHOR_SKIP]:
                C[C_ANCHOR_SKIP] = 0
                return 0
            return STOP_SPIN
        if S[STEPS] > C[C_SPIN_FROM] + 4 * C[C_SPIN_LIMIT]:
            C[C_ANCHOR] = 0
            C[C_SPIN_FROM] = S[STEPS] + 64 * C[C_SPIN_LIMIT]
    elif S[STEPS] >= C[C_SPIN_FROM] + C[C_SPIN_LIMIT]:
        if get_register(C, UC_ARM_REG_PRIMASK) & 1:
            C[C_ANCHOR] = address
            C[C_SPIN_FROM] = S[STEPS]
            C[C_SPIN_SUM] = 0
            return STOP_SPIN
        C[C_SPIN_FROM] = S[STEPS]
    return 0


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_block(engine, address_unsigned, size_unsigned, user):
    """Every basic block: time, stops, watched addresses, coverage."""
    C = control_of(user)
    S = bus.state_of(C)
    address = int64(address_unsigned)
    size = int64(size_unsigned)
    stop = 0
    if S[TICKS] >= S[DEADLINE]:
        stop = STOP_DEADLINE
    elif S[MASKED_PENDING] and get_register(C, UC_ARM_REG_PRIMASK) == 0:
        stop = STOP_DEADLINE
    elif S[STEPS] == C[C_STEP_STOP]:
        stop = STOP_STEP
    offset = address - C[C_FLASH_START]
    if 0 <= offset < C[C_FLASH_SIZE]:
        watch = carray(native.uint8_pointer(C[C_WATCH]), (C[C_FLASH_SIZE] >> 1,))[offset >> 1]
        if watch and stop == 0 and C[C_BYPASS] != address:
            if watch & ~WATCH_MARK:
                stop = STOP_WATCH
                C[C_WATCH_HIT] = watch
        if stop == 0 and watch & WATCH_MARK and C[C_MARK_WATCH]:
            _mark(C, S, address)
    if C[C_SPIN_LIMIT] and stop == 0:
        stop = _look_for_spin(C, S, address)
    if stop and not in_it_block(C):
        C[C_STOP] = stop
        native.uc_emu_stop(C[C_ENGINE])
        return
    C[C_BYPASS] = 0
    C[C_BLOCK] = address
    if C[C_TRACE_ON] and 0 <= offset < C[C_FLASH_SIZE]:
        half_words = C[C_FLASH_SIZE] >> 1
        carray(native.int64_pointer(C[C_BLOCK_ENTRIES]), (half_words,))[offset >> 1] += 1
        carray(native.uint16_pointer(C[C_BLOCK_SIZES]), (half_words,))[offset >> 1] = size
    _charge(C, S, address, size)


@cfunc(INTERRUPT_SIGNATURE, cache=True)
def on_interrupt(engine, number, user):
    """SVC, breakpoint, undefined, prefetch abort or EXC_RETURN: leave; the run loop acts on it."""
    C = control_of(user)
    C[C_STOP] = STOP_INTERRUPT
    C[C_WATCH_HIT] = int64(number)
    native.uc_emu_stop(C[C_ENGINE])


@cfunc(READ_SIGNATURE, cache=True)
def on_peripheral_read(engine, offset, size, user):
    C = control_of(user)
    return bus.register_read(C, bus.PERIPHERAL_START + int64(offset), int64(size))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_peripheral_write(engine, offset, size, value, user):
    C = control_of(user)
    bus.register_write(C, bus.PERIPHERAL_START + int64(offset), int64(size), int64(value))


@cfunc(READ_SIGNATURE, cache=True)
def on_system_read(engine, offset, size, user):
    C = control_of(user)
    return bus.register_read(C, bus.SYSTEM_START + int64(offset), int64(size))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_system_write(engine, offset, size, value, user):
    C = control_of(user)
    bus.register_write(C, bus.SYSTEM_START + int64(offset), int64(size), int64(value))


@njit(cache=True)
def _memory_value(C, address, size):
    return bus.look(C, address, size)


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_ram_access(engine, kind, address, size, value, user):
    """RAM: the trace, and cells that are broken. Runs before the access (kind 16: read, 17: write)."""
    C = control_of(user)
    drop_stale_it_state(C)
    S = bus.state_of(C)
    if kind == 16:
        if C[C_FAULT] == FAULT_RAM_STUCK:
            apply_cell_fault(C, S, int64(address), int64(size))
        if C[C_TRACE_ON]:
            record_access(C, S, int64(address), _memory_value(C, int64(address), int64(size)), int64(size), 0)
    elif C[C_TRACE_ON]:
        record_access(C, S, int64(address), int64(value) & ((1 << (8 * int64(size))) - 1), int64(size), 1)


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_flash_read(engine, kind, address, size, value, user):
    """Flash read as data: the trace, and a cell whose data view is flipped for this one read."""
    C = control_of(user)
    drop_stale_it_state(C)
    S = bus.state_of(C)
    if C[C_FAULT] == FAULT_FLASH_DATA:
        cell = C[C_FAULT_ADDRESS]
        if int64(address) <= cell < int64(address) + int64(size):
            memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
            index = cell - C[C_FLASH_START]
            memory[index] = int64(memory[index]) ^ C[C_FAULT_OR]
            C[C_FAULT_UNDO] = 1
            if C[C_FAULT_FIRST_READ] == 0:
                C[C_FAULT_FIRST_READ] = 1 + S[TICKS]
    if C[C_TRACE_ON]:
        record_access(C, S, int64(address), _memory_value(C, int64(address), int64(size)), int64(size), 0)


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_flash_read_done(engine, kind, address, size, value, user):
    """Puts the byte back right after the read, so that execution never sees it."""
    C = control_of(user)
    drop_stale_it_state(C)
    if C[C_FAULT_UNDO]:
        memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
        index = C[C_FAULT_ADDRESS] - C[C_FLASH_START]
        memory[index] = int64(memory[index]) ^ C[C_FAULT_OR]
        C[C_FAULT_UNDO] = 0


@njit(cache=True)
def register_sum(C):
    """A number that two different register sets are unlikely to share; equal sets always do."""
    total = 0
    for i in range(13):
        total = total * 1000003 + get_register(C, UC_ARM_REG_R0 + i)
    total = total * 1000003 + get_register(C, UC_ARM_REG_LR)
    total = total * 1000003 + get_register(C, UC_ARM_REG_XPSR)
    return total


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_instruction(engine, address_unsigned, size, user):
    """Every instruction, in the engine for programme-counter faults: a stuck bit of PC, or a call that is not made."""
    C = control_of(user)
    address = int64(address_unsigned)
    if C[C_FAULT] == FAULT_PC_STUCK:
        forced = (address | C[C_FAULT_OR]) & C[C_FAULT_AND]
        if forced != address and address < 0xF0000000:
            if in_it_block(C):
                C[C_IN_IT_SKIPS] += 1
                return
            S = bus.state_of(C)
            C[C_REDIRECTS] += 1
            S[TICKS] += 2 * S[CYCLE_TICKS]
            if C[C_FAULT_FIRST_READ] == 0:
                C[C_FAULT_FIRST_READ] = 1 + S[TICKS]
            if C[C_REDIRECTS] & 31 == 0:
                total = register_sum(C)
                if total == C[C_CODE_FORWARD] and forced == C[C_FAULT_FIRST_BLOCK]:
                    if S[DEADLINE] > S[TICKS]:
                        S[TICKS] = S[DEADLINE]
                C[C_CODE_FORWARD] = total
                C[C_FAULT_FIRST_BLOCK] = forced
            if S[TICKS] >= S[DEADLINE]:
                C[C_STOP] = STOP_REDIRECT
                C[C_WATCH_HIT] = forced
                native.uc_emu_stop(C[C_ENGINE])
                return
            set_register(C, UC_ARM_REG_PC, forced | 1)
    elif C[C_FAULT] == FAULT_CALL_REMOVED and address == C[C_FAULT_ADDRESS]:
        if C[C_FAULT_FIRST_READ] == 0:
            C[C_FAULT_FIRST_READ] = 1 + bus.state_of(C)[TICKS]
        set_register(C, UC_ARM_REG_PC, (address + C[C_FAULT_OR]) | 1)
