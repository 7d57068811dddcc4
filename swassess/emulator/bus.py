"""One bus function for core, stacking, DMA, debugger and expressions: RAM, flash, peripherals, system space."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit

from swassess.emulator import cycle_counter, shadow
from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    ASK_READ,
    ASK_WRITE,
    B_EXTI,
    B_GPIO,
    B_IWDG,
    B_PYTHON,
    B_TIMER,
    B_UNMODELLED,
    C_BLOCK,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_INTERRUPT,
    C_MCU,
    C_MEMO,
    C_OUTSIDE_READS,
    C_PAGE_BEHAVIOUR,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_REGISTER_READS,
    C_RG_ADDRESS,
    C_RG_BLOCK,
    C_RG_CAPACITY,
    C_RG_COUNT,
    C_RG_KIND,
    C_RG_SIZE,
    C_RG_STEP,
    C_RG_TICKS,
    C_RG_VALUE,
    C_STATE,
    C_TIMED_READS,
    C_TRACE_ON,
    C_VERSION,
    CLEAN,
    DEADLINE,
    MEMO_ROWS,
    MEMO_WORDS,
    STATE_WORDS,
    STEPS,
    TICKS,
    TIMER,
    TIMER_WORDS,
)
from swassess.emulator.peripherals import exti, gpio, iwdg, nvic, timer
from swassess.emulator.polls import suspect_poll
from swassess.emulator.statistics import LEARNED, SERVED, SHADOWED, count_access

PERIPHERAL_START = 0x40000000
PERIPHERAL_SIZE = 0x20000000
BEHIND_BIT_BAND = 0x44000000
PAGE_BYTES = 256
PAGES = PERIPHERAL_SIZE // PAGE_BYTES
FAR_START = 0xA0000000  # devices beyond external memory; nothing but shadow registers
FAR_SIZE = 0x40000000
SYSTEM_START = 0xE0000000
SYSTEM_SIZE = 0x100000
SYSTEM_CONTROL = 0xE000E000
SYSTEM_CONTROL_SIZE = 0x1000


@njit(cache=True)
def state_of(C: Control) -> State:
    return carray(native.int64_pointer(C[C_STATE]), (STATE_WORDS,))


@njit(cache=True)
def behaviour_at(C: Control, address: int) -> int:
    """behaviour << 16 | instance of the block at an address; 0 where nothing is modelled."""
    if not PERIPHERAL_START <= address < PERIPHERAL_START + PERIPHERAL_SIZE:
        return 0
    page = (address - PERIPHERAL_START) // PAGE_BYTES
    return int64(carray(native.int32_pointer(C[C_PAGE_BEHAVIOUR]), (PAGES,))[page])


@njit(cache=True)
def _python_read(C: Control, S: State, address: int, size: int, instance: int) -> tuple[int, bool]:
    """A clean register (Behaviour.is_clean) is asked for again only after something has happened that may change it."""
    memo = carray(native.int64_pointer(C[C_MEMO]), (MEMO_ROWS, MEMO_WORDS))
    row = memo[(address >> 2) % MEMO_ROWS]
    if row[0] == address + 1 and row[2] == C[C_VERSION] and S[TICKS] < S[DEADLINE]:
        return row[1], True
    value = native.ask(C[C_MCU], ASK_READ, address, size, instance)
    if value >= CLEAN:
        value -= CLEAN
        row[0] = address + 1
        row[1] = value
        row[2] = C[C_VERSION]
    return max(value, 0), value >= 0


@njit(cache=True)
def _peripheral_read(C: Control, S: State, address: int, size: int) -> tuple[int, bool]:
    entry = behaviour_at(C, address)
    behaviour = entry >> 16
    instance = entry & 0xFFFF
    offset = address & 0x3FF
    if behaviour == B_PYTHON:
        return _python_read(C, S, address, size, instance)
    if behaviour == B_GPIO:
        return gpio.read(C, S, instance, offset)
    if behaviour == B_TIMER:
        return timer.read(S, instance, offset)
    if behaviour == B_EXTI:
        return exti.read(S, instance, offset)
    if behaviour == B_IWDG:
        return iwdg.read(S, offset)
    return 0, False


@njit(cache=True)
def _peripheral_write(C: Control, S: State, address: int, size: int, value: int) -> bool:
    """`value` is what the core sends, in the low bits; compiled blocks see it as a word in its byte lane."""
    entry = behaviour_at(C, address)
    behaviour = entry >> 16
    instance = entry & 0xFFFF
    if behaviour == B_PYTHON:
        return native.ask(C[C_MCU], ASK_WRITE, address, size | instance << 8, value) >= 0
    value = (value << (8 * (address & 3))) & 0xFFFFFFFF
    offset = address & 0x3FC
    if behaviour == B_GPIO:
        return gpio.write(S, instance, offset, value)
    if behaviour == B_TIMER:
        return timer.write(S, instance, offset, value)
    if behaviour == B_EXTI:
        return exti.write(S, instance, offset, value)
    if behaviour == B_IWDG:
        return iwdg.write(C, S, offset, value)
    return False


@njit(cache=True)
def _record_register(C: Control, S: State, address: int, value: int, size: int, kind: int) -> None:
    i = C[C_RG_COUNT]
    if i < C[C_RG_CAPACITY]:
        carray(native.uint32_pointer(C[C_RG_ADDRESS]), (i + 1,))[i] = address
        carray(native.uint32_pointer(C[C_RG_VALUE]), (i + 1,))[i] = value
        carray(native.uint8_pointer(C[C_RG_SIZE]), (i + 1,))[i] = size
        carray(native.uint8_pointer(C[C_RG_KIND]), (i + 1,))[i] = kind
        carray(native.uint32_pointer(C[C_RG_BLOCK]), (i + 1,))[i] = C[C_BLOCK]
        carray(native.int64_pointer(C[C_RG_TICKS]), (i + 1,))[i] = S[TICKS]
        carray(native.int64_pointer(C[C_RG_STEP]), (i + 1,))[i] = S[STEPS] - 1
    C[C_RG_COUNT] = i + 1


@njit(cache=True)
def _tells_time(C: Control, address: int) -> bool:
    """Whether a register may change by the passing of time alone. Python blocks tell it themselves."""
    if address >= SYSTEM_START:
        return address < SYSTEM_CONTROL + nvic.CPUID_AT
    behaviour = behaviour_at(C, address) >> 16
    return behaviour not in (B_PYTHON, B_UNMODELLED, B_GPIO, B_EXTI)


@njit(cache=True)
def _shows_outside(C: Control, address: int) -> bool:
    """Whether a register's value depends on pins, signals, frames or a clock that runs on through a reset."""
    entry = behaviour_at(C, address)
    behaviour = entry >> 16
    offset = address & 0x3FF
    if behaviour == B_GPIO:
        return offset == 0x08 or offset == 0x10
    if behaviour == B_TIMER:
        return offset == 0x10 or 0x34 <= offset <= 0x40
    if behaviour == B_EXTI:
        return exti.shows_outside(entry & 0xFFFF, offset)
    return False


@njit(cache=True)
def register_read(C: Control, address: int, size: int) -> int:
    """A read by the core of a peripheral or system register; narrower reads take their part of the word."""
    S = state_of(C)
    word_address = address & ~3
    C[C_REGISTER_READS] += 1
    served = SERVED
    if word_address >= SYSTEM_START:
        modelled = False
        value = 0
        if SYSTEM_CONTROL <= word_address < SYSTEM_CONTROL + SYSTEM_CONTROL_SIZE:
            value, modelled = nvic.read(S, word_address - SYSTEM_CONTROL, C[C_INTERRUPT])
        if not modelled and cycle_counter.serves(S, word_address):
            value, modelled = cycle_counter.read(S, word_address), True
    else:
        value, modelled = _peripheral_read(C, S, word_address, size)
    if not modelled:
        value = shadow.read(C, S, word_address, size)
        served = LEARNED if shadow.is_learned(C, word_address) else SHADOWED
    count_access(C, word_address, False, served)
    if _tells_time(C, word_address):
        C[C_TIMED_READS] += 1
    else:
        suspect_poll(C, S, word_address, value)
    if _shows_outside(C, word_address):
        C[C_OUTSIDE_READS] += 1
    value = (value >> (8 * (address & 3))) & ((1 << (8 * size)) - 1)
    if C[C_TRACE_ON]:
        _record_register(C, S, address, value, size, 0)
    return value


@njit(cache=True)
def register_write(C: Control, address: int, size: int, value: int) -> None:
    """A write by the core. Compiled blocks see half-words as words; bytes of priority registers merge."""
    S = state_of(C)
    word_address = address & ~3
    if C[C_TRACE_ON]:
        _record_register(C, S, address, value, size, 1)
    shift = 8 * (address & 3)
    mask = ((1 << (8 * size)) - 1) << shift
    modelled = False
    if word_address >= SYSTEM_START:
        if SYSTEM_CONTROL <= word_address < SYSTEM_CONTROL + SYSTEM_CONTROL_SIZE:
            offset = word_address - SYSTEM_CONTROL
            full = value << shift
            if size < 4 and (nvic.IPR <= offset < 0x500 or nvic.SCR_AT <= offset < nvic.SHCSR_AT):
                old, _ = nvic.read(S, offset, 0)
                full = (old & ~mask) | (full & mask)
            modelled = nvic.write(S, offset, full)
        if not modelled and size == 4 and cycle_counter.serves(S, word_address):
            cycle_counter.write(S, word_address, value)
            modelled = True
    else:
        modelled = _peripheral_write(C, S, address, size, value)
    if not modelled:
        shadow.write(C, word_address, (value << shift) & 0xFFFFFFFF, mask)
    count_access(C, word_address, True, SERVED if modelled else SHADOWED)


@njit(cache=True)
def look(C: Control, address: int, size: int) -> int:
    """Reads memory or a register without side effects, as an expression does; unmapped memory reads as 0."""
    if C[C_RAM_START] <= address and address + size <= C[C_RAM_START] + C[C_RAM_SIZE]:
        memory = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
        offset = address - C[C_RAM_START]
    elif C[C_FLASH_START] <= address and address + size <= C[C_FLASH_START] + C[C_FLASH_SIZE]:
        memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
        offset = address - C[C_FLASH_START]
    else:
        return look_register(C, address, size)
    value = 0
    for i in range(size):
        value |= int64(memory[offset + i]) << (8 * i)
    return value


@njit(cache=True)
def look_register(C: Control, address: int, size: int) -> int:
    """A register's value for an expression; reading must not clear flags, so only clean registers are offered."""
    S = state_of(C)
    word_address = address & ~3
    value = 0
    entry = behaviour_at(C, word_address)
    behaviour = entry >> 16
    offset = word_address & 0x3FF
    clears = behaviour == B_TIMER and 0x34 <= offset <= 0x40
    if behaviour == B_PYTHON:
        value = native.ask(C[C_MCU], ASK_READ, word_address, 0, entry & 0xFFFF)
        if value < 0:
            value = shadow.peek(C, S, word_address)
    elif behaviour != B_UNMODELLED and not clears:
        value, _ = _peripheral_read(C, S, word_address, 4)
    elif behaviour == B_TIMER:
        value = S[TIMER + TIMER_WORDS * (entry & 0xFFFF) + (offset >> 2)]
    else:
        value = shadow.peek(C, S, word_address)
    return (value >> (8 * (address & 3))) & ((1 << (8 * size)) - 1)
