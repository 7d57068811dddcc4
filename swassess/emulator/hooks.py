"""The native callbacks that Unicorn calls: basic blocks, memory, peripherals, interrupts, single instructions.

Nothing here may raise: an exception inside a callback is lost. Stops are requested at block boundaries only, and never
inside an IT block, where Unicorn would lose them.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from typing import Any

from numba import carray, cfunc, int64, njit, types

from swassess.emulator import bit_band, bus
from swassess.emulator.arrays import Control, State
from swassess.emulator.attention import attend
from swassess.emulator.cost import (
    COST_INSTRUCTIONS,
    HAS_CAUSE_FOR_ATTENTION,
    HAS_FLOATING_POINT,
    HAS_IT,
    HAS_NEWS,
    charge,
    packed_cost,
)
from swassess.emulator.flash_writes import settle_flash, store_into_flash
from swassess.emulator.layout import (
    C_ANCHOR,
    C_ANCHOR_IS_POLL,
    C_ANCHOR_SKIP,
    C_ATTENTION,
    C_BAD_ADDRESS,
    C_BLOCK,
    C_BLOCK_BYTES,
    C_BLOCK_ENTRIES,
    C_BLOCK_SIZES,
    C_BYPASS,
    C_COVERAGE_ON,
    C_ENGINE,
    C_FAULT,
    C_FLASH_FIX_SIZE,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_FLOATING_KNOWN,
    C_HAS_IT,
    C_IT_END,
    C_KNOWN_BLOCKS,
    C_MARK_WATCH,
    C_MK_ACCESS,
    C_MK_ADDRESS,
    C_MK_CAPACITY,
    C_MK_COUNT,
    C_MK_STEP,
    C_MK_TICKS,
    C_RING_ADDRESS,
    C_RING_CAPACITY,
    C_RING_COUNT,
    C_RING_TICKS,
    C_SPIN_FROM,
    C_SPIN_LIMIT,
    C_SPIN_STEPS,
    C_SPIN_SUM,
    C_STEP_STOP,
    C_STOP,
    C_TR_COUNT,
    C_UNDO_TO,
    C_WATCH,
    C_WATCH_HIT,
    CONTROL_WORDS,
    CYCLE_TICKS,
    DEADLINE,
    FAULT_PC_STUCK,
    FP_WATCH,
    INSTRUCTIONS,
    MASKED_PENDING,
    STEPS,
    STOP_DEADLINE,
    STOP_INTERRUPT,
    STOP_SPIN,
    STOP_STEP,
    STOP_WATCH,
    TICKS,
    WATCH_MARK,
)
from swassess.emulator.polls import drop_anchor
from swassess.emulator.privilege import refuse_unprivileged
from swassess.emulator.registers import in_it_block, packed_masks, save_registers

IT_MARK = -(1 << 63)
_LONGEST_ROUND = 256  # blocks after which a suspected poll is given up
_WRITE_UNMAPPED, _WRITE_PROTECTED = 20, 22  # UC_MEM_WRITE_UNMAPPED, UC_MEM_WRITE_PROT
BLOCK_SIGNATURE = types.void(types.voidptr, types.uint64, types.uint32, types.voidptr)
MEMORY_SIGNATURE = types.void(types.voidptr, types.int32, types.uint64, types.int32, types.int64, types.voidptr)
BAD_ACCESS_SIGNATURE = types.boolean(types.voidptr, types.int32, types.uint64, types.int32, types.int64, types.voidptr)
INTERRUPT_SIGNATURE = types.void(types.voidptr, types.uint32, types.voidptr)
READ_SIGNATURE = types.uint64(types.voidptr, types.uint64, types.uint32, types.voidptr)
WRITE_SIGNATURE = types.void(types.voidptr, types.uint64, types.uint32, types.uint64, types.voidptr)


@njit(cache=True)
def control_of(user: Any) -> Control:
    return carray(native.int64_pointer(native.address_of(user)), (CONTROL_WORDS,))


@njit(cache=True)
def _mark(C: Control, S: State, address: int) -> None:
    i = C[C_MK_COUNT]
    if i < C[C_MK_CAPACITY]:
        carray(native.int64_pointer(C[C_MK_TICKS]), (i + 1,))[i] = S[TICKS]
        carray(native.uint32_pointer(C[C_MK_ADDRESS]), (i + 1,))[i] = address
        carray(native.int64_pointer(C[C_MK_STEP]), (i + 1,))[i] = S[STEPS]
        carray(native.int64_pointer(C[C_MK_ACCESS]), (i + 1,))[i] = C[C_TR_COUNT]
    C[C_MK_COUNT] = i + 1


@njit(cache=True)
def _look_for_spin(C: Control, S: State, address: int) -> int:
    """With interrupts masked, a block is chosen as anchor; each return to it lets the run loop compare states."""
    if C[C_ANCHOR]:
        if address == C[C_ANCHOR]:
            if C[C_ANCHOR_SKIP]:
                C[C_ANCHOR_SKIP] = 0
                return 0
            return STOP_SPIN
        if C[C_ANCHOR_IS_POLL]:
            if S[STEPS] > C[C_SPIN_STEPS] + _LONGEST_ROUND:
                drop_anchor(C, S)
        elif S[STEPS] > C[C_SPIN_FROM] + 4 * C[C_SPIN_LIMIT]:
            C[C_ANCHOR] = 0
            C[C_SPIN_FROM] = S[STEPS] + 64 * C[C_SPIN_LIMIT]
    elif S[STEPS] >= C[C_SPIN_FROM] + C[C_SPIN_LIMIT]:
        if packed_masks(C) & 1:
            C[C_ANCHOR] = address
            C[C_SPIN_FROM] = S[STEPS]
            C[C_SPIN_SUM] = 0
            return STOP_SPIN
        C[C_SPIN_FROM] = S[STEPS]
    return 0


@njit(cache=True)
def needs_attention(C: Control, S: State) -> int:
    """Whether blocks have more to do than to let time pass. Hooks that change one of these set C_ATTENTION."""
    on = C[C_UNDO_TO] | C[C_FLASH_FIX_SIZE] | S[MASKED_PENDING] | C[C_SPIN_LIMIT] | C[C_ANCHOR] | C[C_BYPASS]
    if C[C_FLOATING_KNOWN]:
        on |= S[FP_WATCH]
    return on | C[C_RING_CAPACITY] | (C[C_STEP_STOP] + 1) | (1 if C[C_FAULT] == FAULT_PC_STUCK else 0)


@njit(cache=True)
def _remember(C: Control, S: State, address: int, size: int) -> None:
    """A block that is not watched, and does nothing that has to be noticed, takes the short way from now on."""
    half_words = C[C_FLASH_SIZE] >> 1
    index = (address - C[C_FLASH_START]) >> 1
    cost = packed_cost(C, S, address, size)
    plain = cost & HAS_NEWS == 0 and cost >> 32 == 0
    if plain and cost & HAS_FLOATING_POINT:
        plain = S[FP_WATCH] == 0
        if plain:
            C[C_FLOATING_KNOWN] = 1
    watch = carray(native.uint8_pointer(C[C_WATCH]), (half_words,))[index]
    known = (IT_MARK if cost & HAS_IT else 0) | size << 32 | (cost & 0xFFFF0000) | (cost & COST_INSTRUCTIONS)
    table = carray(native.int64_pointer(C[C_KNOWN_BLOCKS]), (half_words,))
    table[index] = known if plain and watch == 0 else 0


@njit(cache=True)
def _look_at_block(C: Control, S: State, address: int, size: int) -> None:
    stop = 0
    C[C_IT_END] = 0
    if C[C_FLASH_FIX_SIZE]:
        settle_flash(C)
    if C[C_UNDO_TO]:
        native.uc_emu_stop(C[C_ENGINE])
        return
    if S[TICKS] >= S[DEADLINE] or (S[MASKED_PENDING] and S[MASKED_PENDING] != 1 + packed_masks(C)):
        stop = STOP_DEADLINE
    elif S[STEPS] == C[C_STEP_STOP]:
        stop = STOP_STEP
    offset = address - C[C_FLASH_START]
    if 0 <= offset < C[C_FLASH_SIZE]:
        watch = carray(native.uint8_pointer(C[C_WATCH]), (C[C_FLASH_SIZE] >> 1,))[offset >> 1]
        if watch and stop == 0 and C[C_BYPASS] != address and watch & ~WATCH_MARK:
            stop = STOP_WATCH
            C[C_WATCH_HIT] = watch
        if stop == 0 and watch & WATCH_MARK and C[C_MARK_WATCH]:
            _mark(C, S, address)
    if (C[C_SPIN_LIMIT] or C[C_ANCHOR]) and stop == 0:
        stop = _look_for_spin(C, S, address)
    cost = packed_cost(C, S, address, size)
    if stop == 0 and cost & HAS_CAUSE_FOR_ATTENTION:
        stop = attend(C, S, address, cost)
    if stop and not in_it_block(C):
        C[C_STOP] = stop
        native.uc_emu_stop(C[C_ENGINE])
        return
    C[C_BYPASS] = 0
    C[C_BLOCK] = address
    C[C_HAS_IT] = 1
    if C[C_RING_CAPACITY]:
        slot = C[C_RING_COUNT] % C[C_RING_CAPACITY]
        carray(native.uint32_pointer(C[C_RING_ADDRESS]), (C[C_RING_CAPACITY],))[slot] = address
        carray(native.int64_pointer(C[C_RING_TICKS]), (C[C_RING_CAPACITY],))[slot] = S[TICKS]
        C[C_RING_COUNT] += 1
    charge(C, S, size, cost)
    if 0 <= offset < C[C_FLASH_SIZE]:
        half_words = C[C_FLASH_SIZE] >> 1
        if C[C_COVERAGE_ON]:
            carray(native.int64_pointer(C[C_BLOCK_ENTRIES]), (half_words,))[offset >> 1] += 1
            carray(native.uint16_pointer(C[C_BLOCK_SIZES]), (half_words,))[offset >> 1] = size
        _remember(C, S, address, size)
    C[C_ATTENTION] = needs_attention(C, S)


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_block(engine: Any, address_unsigned: int, size_unsigned: int, user: Any) -> None:
    """Every basic block: time, stops, watched addresses, coverage. Nearly all take the short way."""
    C = control_of(user)
    S = bus.state_of(C)
    address = int64(address_unsigned)
    size = int64(size_unsigned)
    offset = address - C[C_FLASH_START]
    if C[C_ATTENTION] == 0 and S[TICKS] < S[DEADLINE] and 0 <= offset < C[C_FLASH_SIZE]:
        known = carray(native.int64_pointer(C[C_KNOWN_BLOCKS]), (C[C_FLASH_SIZE] >> 1,))[offset >> 1]
        if (known >> 32) & 0x7FFFFFFF == size:
            C[C_HAS_IT] = known < 0
            S[TICKS] += ((known >> 16) & 0xFFFF) * S[CYCLE_TICKS]
            S[INSTRUCTIONS] += known & 0xFFFF
            S[STEPS] += 1
            C[C_BLOCK] = address
            C[C_BLOCK_BYTES] = size
            if C[C_COVERAGE_ON]:
                carray(native.int64_pointer(C[C_BLOCK_ENTRIES]), (C[C_FLASH_SIZE] >> 1,))[offset >> 1] += 1
            return
    _look_at_block(C, S, address, size)


@cfunc(INTERRUPT_SIGNATURE, cache=True)
def on_interrupt(engine: Any, number: int, user: Any) -> None:
    """SVC, breakpoint, undefined, prefetch abort or EXC_RETURN: leave; the run loop acts on it."""
    C = control_of(user)
    C[C_STOP] = STOP_INTERRUPT
    C[C_WATCH_HIT] = int64(number)
    native.uc_emu_stop(C[C_ENGINE])


@cfunc(BAD_ACCESS_SIGNATURE, cache=True)
def on_bad_access(engine: Any, kind: int, address: int, size: int, value: int, user: Any) -> bool:
    """No memory there, or not for this: the access fails (BFAR gets the address) unless it programs flash."""
    C = control_of(user)
    if kind == _WRITE_PROTECTED and int64(size) <= 4 and store_into_flash(C, int64(address), int64(size), int64(value)):
        bus.state_of(C)[DEADLINE] = 0
        C[C_ATTENTION] = 1
        return True
    C[C_BAD_ADDRESS] = int64(address)
    if kind in (_WRITE_UNMAPPED, _WRITE_PROTECTED):
        save_registers(C)  # the engine goes on behind a bad store to the end of the block: that is undone
    return False


@cfunc(READ_SIGNATURE, cache=True)
def on_peripheral_read(engine: Any, offset: int, size: int, user: Any) -> int:
    C = control_of(user)
    return bus.register_read(C, bus.PERIPHERAL_START + int64(offset), int64(size))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_peripheral_write(engine: Any, offset: int, size: int, value: int, user: Any) -> None:
    C = control_of(user)
    bus.register_write(C, bus.PERIPHERAL_START + int64(offset), int64(size), int64(value))


@cfunc(READ_SIGNATURE, cache=True)
def on_high_peripheral_read(engine: Any, offset: int, size: int, user: Any) -> int:
    """Behind the bit-band alias."""
    C = control_of(user)
    return bus.register_read(C, bus.BEHIND_BIT_BAND + int64(offset), int64(size))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_high_peripheral_write(engine: Any, offset: int, size: int, value: int, user: Any) -> None:
    C = control_of(user)
    bus.register_write(C, bus.BEHIND_BIT_BAND + int64(offset), int64(size), int64(value))


@cfunc(READ_SIGNATURE, cache=True)
def on_far_read(engine: Any, offset: int, size: int, user: Any) -> int:
    return bus.register_read(control_of(user), bus.FAR_START + int64(offset), int64(size))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_far_write(engine: Any, offset: int, size: int, value: int, user: Any) -> None:
    bus.register_write(control_of(user), bus.FAR_START + int64(offset), int64(size), int64(value))


@cfunc(READ_SIGNATURE, cache=True)
def on_system_read(engine: Any, offset: int, size: int, user: Any) -> int:
    C = control_of(user)
    if refuse_unprivileged(C, bus.SYSTEM_START + int64(offset)):
        return 0
    return bus.register_read(C, bus.SYSTEM_START + int64(offset), int64(size))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_system_write(engine: Any, offset: int, size: int, value: int, user: Any) -> None:
    C = control_of(user)
    if not refuse_unprivileged(C, bus.SYSTEM_START + int64(offset)):
        bus.register_write(C, bus.SYSTEM_START + int64(offset), int64(size), int64(value))


@cfunc(READ_SIGNATURE, cache=True)
def on_peripheral_bit_read(engine: Any, offset: int, size: int, user: Any) -> int:
    return bit_band.read_peripheral_bit(control_of(user), int64(offset))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_peripheral_bit_write(engine: Any, offset: int, size: int, value: int, user: Any) -> None:
    bit_band.write_peripheral_bit(control_of(user), int64(offset), int64(value))


@cfunc(READ_SIGNATURE, cache=True)
def on_ram_bit_read(engine: Any, offset: int, size: int, user: Any) -> int:
    return bit_band.read_ram_bit(control_of(user), int64(offset))


@cfunc(WRITE_SIGNATURE, cache=True)
def on_ram_bit_write(engine: Any, offset: int, size: int, value: int, user: Any) -> None:
    bit_band.write_ram_bit(control_of(user), int64(offset), int64(value))
