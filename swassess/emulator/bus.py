"""One bus function for core, exception stacking and expressions: RAM, flash, peripherals, system control space."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    AFIO,
    B_ADC,
    B_AFIO,
    B_BKP,
    B_EXTI,
    B_FLASH,
    B_GPIO,
    B_IWDG,
    B_PWR,
    B_RCC,
    B_RTC,
    B_TIMER,
    B_UNMODELLED,
    B_USART,
    C_BLOCK,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_INTERRUPT,
    C_OUTSIDE_READS,
    C_PAGE_BEHAVIOUR,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_REGISTER_READS,
    C_REGISTER_STATS,
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
    C_STATS_ON,
    C_TIMED_READS,
    C_TRACE_ON,
    PWR_CR,
    SHADOW,
    SHADOW_COUNT,
    SHADOW_PAIRS,
    STATE_WORDS,
    STEPS,
    TICKS,
    TIMER,
    TIMER_WORDS,
)
from swassess.emulator.peripherals import adc, exti, gpio, iwdg, nvic, rcc, rtc, timer, usart

PERIPHERAL_START = 0x40000000
PERIPHERAL_SIZE = 0x24000
SYSTEM_START = 0xE0000000
SYSTEM_SIZE = 0x100000
SYSTEM_CONTROL = 0xE000E000
SYSTEM_CONTROL_SIZE = 0x1000
_PAGES = PERIPHERAL_SIZE >> 10
_PERIPHERAL_WORDS = PERIPHERAL_SIZE >> 2
STATISTICS_WORDS = 2 * (_PERIPHERAL_WORDS + (SYSTEM_CONTROL_SIZE >> 2))
_PWR_CR_MASK = 0x1F3
_AFIO_LAST = 0x14


@njit(cache=True)
def state_of(C: Control) -> State:
    return carray(native.int64_pointer(C[C_STATE]), (STATE_WORDS,))


@njit(cache=True)
def _shadow_read(S: State, address: int) -> int:
    for i in range(S[SHADOW_COUNT]):
        if S[SHADOW + 2 * i] == address:
            return S[SHADOW + 2 * i + 1]
    return 0


@njit(cache=True)
def _shadow_write(S: State, address: int, value: int) -> None:
    for i in range(S[SHADOW_COUNT]):
        if S[SHADOW + 2 * i] == address:
            S[SHADOW + 2 * i + 1] = value
            return
    if S[SHADOW_COUNT] < SHADOW_PAIRS:
        S[SHADOW + 2 * S[SHADOW_COUNT]] = address
        S[SHADOW + 2 * S[SHADOW_COUNT] + 1] = value
        S[SHADOW_COUNT] += 1


@njit(cache=True)
def _peripheral_read(C: Control, S: State, address: int) -> tuple[int, bool]:
    page = (address - PERIPHERAL_START) >> 10
    entry = carray(native.int64_pointer(C[C_PAGE_BEHAVIOUR]), (_PAGES,))[page]
    behaviour = entry >> 8
    instance = entry & 0xFF
    offset = address & 0x3FF
    if behaviour == B_GPIO:
        return gpio.read(S, instance, offset)
    if behaviour == B_TIMER:
        return timer.read(S, instance, offset)
    if behaviour == B_RCC:
        return rcc.read(S, offset)
    if behaviour == B_FLASH:
        return rcc.flash_read(S, offset)
    if behaviour == B_PWR:
        return S[PWR_CR] if offset == 0 else 0, offset <= 4
    if behaviour == B_BKP:
        return rtc.backup_read(S, offset)
    if behaviour == B_RTC:
        return rtc.read(S, offset)
    if behaviour == B_AFIO:
        return S[AFIO + (offset >> 2)] if offset <= _AFIO_LAST else 0, offset <= _AFIO_LAST
    if behaviour == B_EXTI:
        return exti.read(S, offset)
    if behaviour == B_ADC:
        return adc.read(S, offset)
    if behaviour == B_USART:
        return usart.read(S, offset)
    if behaviour == B_IWDG:
        return iwdg.read(S, offset)
    return 0, False


@njit(cache=True)
def _peripheral_write(C: Control, S: State, address: int, value: int) -> bool:
    page = (address - PERIPHERAL_START) >> 10
    entry = carray(native.int64_pointer(C[C_PAGE_BEHAVIOUR]), (_PAGES,))[page]
    behaviour = entry >> 8
    instance = entry & 0xFF
    offset = address & 0x3FF
    if behaviour == B_GPIO:
        return gpio.write(S, instance, offset, value)
    if behaviour == B_TIMER:
        return timer.write(S, instance, offset, value)
    if behaviour == B_RCC:
        return rcc.write(S, offset, value)
    if behaviour == B_FLASH:
        return rcc.flash_write(S, offset, value)
    if behaviour == B_PWR:
        if offset == 0:
            S[PWR_CR] = value & _PWR_CR_MASK
        return offset <= 4
    if behaviour == B_BKP:
        return rtc.backup_write(S, offset, value)
    if behaviour == B_RTC:
        return rtc.write(S, offset, value)
    if behaviour == B_AFIO:
        if offset <= _AFIO_LAST:
            S[AFIO + (offset >> 2)] = value
        return offset <= _AFIO_LAST
    if behaviour == B_EXTI:
        return exti.write(S, offset, value)
    if behaviour == B_ADC:
        return adc.write(S, offset, value)
    if behaviour == B_USART:
        return usart.write(S, offset, value)
    if behaviour == B_IWDG:
        return iwdg.write(S, offset, value)
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
def _count_access(C: Control, address: int, write: int, modelled: bool) -> None:
    """Evidence: per register reads and writes, and whether a behaviour served it."""
    if C[C_STATS_ON] == 0:
        return
    word = (address - PERIPHERAL_START) >> 2
    if address >= SYSTEM_START:
        word = _PERIPHERAL_WORDS + ((address & 0xFFF) >> 2)
    stats = carray(native.int64_pointer(C[C_REGISTER_STATS]), (STATISTICS_WORDS,))
    stats[2 * word + write] += 1 if modelled else 1 << 32


@njit(cache=True)
def _tells_time(C: Control, address: int) -> bool:
    """Whether a register may change by the passing of time alone: everything but ports, clock control and the like."""
    if address >= SYSTEM_START:
        return address < SYSTEM_CONTROL + nvic.CPUID_AT
    page = (address - PERIPHERAL_START) >> 10
    behaviour = carray(native.int64_pointer(C[C_PAGE_BEHAVIOUR]), (_PAGES,))[page] >> 8
    return behaviour not in (B_GPIO, B_RCC, B_FLASH, B_PWR, B_BKP, B_AFIO, B_EXTI)


@njit(cache=True)
def _shows_outside(C: Control, address: int) -> bool:
    """Whether a register's value depends on pins, signals, frames or a clock that runs on through a reset."""
    if address >= SYSTEM_START:
        return False
    page = (address - PERIPHERAL_START) >> 10
    behaviour = carray(native.int64_pointer(C[C_PAGE_BEHAVIOUR]), (_PAGES,))[page] >> 8
    offset = address & 0x3FF
    if behaviour == B_GPIO:
        return offset == 0x08
    if behaviour == B_TIMER:
        return offset == 0x10 or 0x34 <= offset <= 0x40
    if behaviour == B_EXTI:
        return offset == 0x14
    return behaviour in (B_ADC, B_USART, B_RTC)


@njit(cache=True)
def register_read(C: Control, address: int, size: int) -> int:
    """A read by the core of a peripheral or system register; narrower reads take their part of the word."""
    S = state_of(C)
    word_address = address & ~3
    C[C_REGISTER_READS] += 1
    if word_address >= SYSTEM_START:
        if SYSTEM_CONTROL <= word_address < SYSTEM_CONTROL + SYSTEM_CONTROL_SIZE:
            value, modelled = nvic.read(S, word_address - SYSTEM_CONTROL, C[C_INTERRUPT])
        else:
            value, modelled = _shadow_read(S, word_address), False
    else:
        value, modelled = _peripheral_read(C, S, word_address)
        if not modelled:
            value = _shadow_read(S, word_address)
    _count_access(C, word_address, 0, modelled)
    if _tells_time(C, word_address):
        C[C_TIMED_READS] += 1
    if _shows_outside(C, word_address):
        C[C_OUTSIDE_READS] += 1
    value = (value >> (8 * (address & 3))) & ((1 << (8 * size)) - 1)
    if C[C_TRACE_ON]:
        _record_register(C, S, address, value, size, 0)
    return value


@njit(cache=True)
def register_write(C: Control, address: int, size: int, value: int) -> None:
    """A write by the core. Peripherals of this family see half-words as words; bytes of priority registers merge."""
    S = state_of(C)
    word_address = address & ~3
    if C[C_TRACE_ON]:
        _record_register(C, S, address, value, size, 1)
    shift = 8 * (address & 3)
    mask = ((1 << (8 * size)) - 1) << shift
    if word_address >= SYSTEM_START:
        modelled = False
        if SYSTEM_CONTROL <= word_address < SYSTEM_CONTROL + SYSTEM_CONTROL_SIZE:
            offset = word_address - SYSTEM_CONTROL
            full = value << shift
            if size < 4 and (nvic.IPR <= offset < 0x500 or nvic.SCR_AT <= offset < nvic.SHCSR_AT):
                old, _ = nvic.read(S, offset, 0)
                full = (old & ~mask) | (full & mask)
            modelled = nvic.write(S, offset, full)
        if not modelled:
            _shadow_write(S, word_address, value)
    else:
        modelled = _peripheral_write(C, S, word_address, (value << shift) & 0xFFFFFFFF)
        if not modelled:
            old = _shadow_read(S, word_address)
            _shadow_write(S, word_address, (old & ~mask) | ((value << shift) & mask))
    _count_access(C, word_address, 1, modelled)


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
    if PERIPHERAL_START <= word_address < PERIPHERAL_START + PERIPHERAL_SIZE:
        page = (word_address - PERIPHERAL_START) >> 10
        behaviour = carray(native.int64_pointer(C[C_PAGE_BEHAVIOUR]), (_PAGES,))[page] >> 8
        offset = word_address & 0x3FF
        clears = (behaviour == B_USART and offset == 4) or (behaviour == B_ADC and offset == 0x4C)
        clears = clears or (behaviour == B_TIMER and 0x34 <= offset <= 0x40)
        if behaviour != B_UNMODELLED and not clears:
            value, _ = _peripheral_read(C, S, word_address)
        elif behaviour == B_TIMER:
            instance = carray(native.int64_pointer(C[C_PAGE_BEHAVIOUR]), (_PAGES,))[page] & 0xFF
            value = S[TIMER + TIMER_WORDS * instance + (offset >> 2)]
        else:
            value = _shadow_read(S, word_address)
    return (value >> (8 * (address & 3))) & ((1 << (8 * size)) - 1)
