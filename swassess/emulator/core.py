"""Registers of the core and exceptions: entry, stacking, return, faults, lockup, reset (Armv7-M ARM, B1.5)."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit
from unicorn.arm_const import (
    UC_ARM_REG_BASEPRI,
    UC_ARM_REG_CONTROL,
    UC_ARM_REG_FAULTMASK,
    UC_ARM_REG_LR,
    UC_ARM_REG_MSP,
    UC_ARM_REG_PC,
    UC_ARM_REG_PRIMASK,
    UC_ARM_REG_PSP,
    UC_ARM_REG_R0,
    UC_ARM_REG_R12,
    UC_ARM_REG_SP,
    UC_ARM_REG_XPSR,
)

from swassess.emulator.bus import state_of
from swassess.emulator.layout import (
    ACTIVE,
    BKP,
    C_BASE_CONTEXT,
    C_ENGINE,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_AND,
    C_FAULT_FIRST_READ,
    C_FAULT_OR,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_INTERRUPT,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_SCRATCH,
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
    C_BLOCK,
    CFSR,
    CYCLE_TICKS,
    DEEPEST_STACK,
    EXCEPTION_TAKEN,
    FAULT_RAM_STUCK,
    GPIO,
    HFSR,
    INSTRUCTIONS,
    IWDG_EXPIRY,
    LOCKED_UP,
    LSI_TICKS,
    PENDING,
    PIN_CHANGED,
    RCC_BDCR,
    RCC_CSR,
    RESET_COUNT,
    RESET_IWDG,
    RESET_LOG,
    RESET_POWER_ON,
    RESET_SOFTWARE,
    RTC_BASE_COUNT,
    RTC_BASE_TICKS,
    RTC_CRH,
    RTC_PRL,
    SLEEPING,
    STATE_WORDS,
    STEPS,
    TICKS,
    VTOR,
)

ENTRY_CYCLES = 12
RETURN_CYCLES = 12
_FRAME_REGISTERS = (
    UC_ARM_REG_R0,
    UC_ARM_REG_R0 + 1,
    UC_ARM_REG_R0 + 2,
    UC_ARM_REG_R0 + 3,
    UC_ARM_REG_R12,
    UC_ARM_REG_LR,
)


@njit(cache=True)
def get_register(C, register):
    scratch = carray(native.uint32_pointer(C[C_SCRATCH]), (2,))
    scratch[0] = 0
    native.uc_reg_read(C[C_ENGINE], register, C[C_SCRATCH])
    return int64(scratch[0])


@njit(cache=True)
def set_register(C, register, value):
    scratch = carray(native.uint32_pointer(C[C_SCRATCH]), (2,))
    scratch[0] = value & 0xFFFFFFFF
    native.uc_reg_write(C[C_ENGINE], register, C[C_SCRATCH])


@njit(cache=True)
def record_access(C, S, address, value, size, kind):
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
def apply_cell_fault(C, S, address, size):
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
def _stack_word(C, S, address, write, value):
    """One word of an exception frame; -1 when the address is no RAM."""
    if address < C[C_RAM_START] or address + 4 > C[C_RAM_START] + C[C_RAM_SIZE]:
        return -1
    memory = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
    offset = address - C[C_RAM_START]
    if write:
        for i in range(4):
            memory[offset + i] = (value >> (8 * i)) & 0xFF
    else:
        if C[C_FAULT] == FAULT_RAM_STUCK:
            apply_cell_fault(C, S, address, 4)
        value = 0
        for i in range(4):
            value |= int64(memory[offset + i]) << (8 * i)
    if C[C_TRACE_ON]:
        record_access(C, S, address, value, 4, 3 if write else 2)
    return value


@njit(cache=True)
def flash_word(C, address):
    if address < C[C_FLASH_START] or address + 4 > C[C_FLASH_START] + C[C_FLASH_SIZE]:
        if address < C[C_FLASH_SIZE] - 4:  # the boot alias at 0
            address += C[C_FLASH_START]
        else:
            return -1
    memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
    value = 0
    for i in range(4):
        value |= int64(memory[address - C[C_FLASH_START] + i]) << (8 * i)
    return value


@njit(cache=True)
def lock_up(S):
    S[SLEEPING] = LOCKED_UP


@njit(cache=True)
def enter_exception(C, exception):
    """Stacks the frame, takes the vector. A stacking error escalates to HardFault, a second one locks up."""
    S = state_of(C)
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    current = xpsr & 0x1FF
    uses_process_stack = current == 0 and get_register(C, UC_ARM_REG_CONTROL) & 2
    stack = UC_ARM_REG_PSP if uses_process_stack else UC_ARM_REG_MSP
    sp = get_register(C, stack)
    aligned = 1 if sp & 4 else 0
    frame = (sp - 32) & ~7 & 0xFFFFFFFF
    failed = False
    for i in range(6):
        failed |= _stack_word(C, S, frame + 4 * i, 1, get_register(C, _FRAME_REGISTERS[i])) < 0
    failed |= _stack_word(C, S, frame + 24, 1, get_register(C, UC_ARM_REG_PC) & ~1) < 0
    failed |= _stack_word(C, S, frame + 28, 1, (xpsr & ~0x200) | (aligned << 9)) < 0
    if failed:
        S[CFSR] |= 1 << 12
        if exception == 3 or S[ACTIVE + 3]:
            lock_up(S)
            return
        S[HFSR] |= 1 << 30
        exception = 3
    vector = flash_word(C, (S[VTOR] if S[VTOR] else C[C_FLASH_START]) + 4 * exception)
    if vector < 0 or not vector & 1:
        S[HFSR] |= 2
        if exception == 3:
            lock_up(S)
            return
        exception = 3
        vector = flash_word(C, (S[VTOR] if S[VTOR] else C[C_FLASH_START]) + 12)
        if vector < 0 or not vector & 1:
            lock_up(S)
            return
    if frame - C[C_RAM_START] < S[DEEPEST_STACK] and not failed:
        S[DEEPEST_STACK] = frame - C[C_RAM_START]
    set_register(C, stack, frame)
    link = 0xFFFFFFF1 if current else (0xFFFFFFFD if uses_process_stack else 0xFFFFFFF9)
    set_register(C, UC_ARM_REG_XPSR, (xpsr & 0xF80F0000) | 0x01000000 | exception)
    set_register(C, UC_ARM_REG_LR, link)
    set_register(C, UC_ARM_REG_PC, vector)
    S[PENDING + exception] = 0
    S[ACTIVE + exception] = 1
    S[EXCEPTION_TAKEN + exception] += 1
    S[SLEEPING] = 0
    S[TICKS] += ENTRY_CYCLES * S[CYCLE_TICKS]
    C[C_INTERRUPT] = exception


@njit(cache=True)
def return_from_exception(C, code):
    """EXC_RETURN in PC: unstacks the frame; an invalid one is a usage fault that escalates."""
    S = state_of(C)
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    exception = xpsr & 0x1FF
    S[ACTIVE + exception] = 0
    if get_register(C, UC_ARM_REG_FAULTMASK) and exception != 2:
        set_register(C, UC_ARM_REG_FAULTMASK, 0)
    if code != 0xFFFFFFF1 and code != 0xFFFFFFF9 and code != 0xFFFFFFFD:
        S[CFSR] |= 1 << 18
        hard_fault(C)
        return
    uses_process_stack = code == 0xFFFFFFFD
    stack = UC_ARM_REG_PSP if uses_process_stack else UC_ARM_REG_MSP
    sp = get_register(C, stack)
    pc = _stack_word(C, S, sp + 24, 0, 0)
    psr = _stack_word(C, S, sp + 28, 0, 0)
    if pc < 0 or psr < 0:
        S[CFSR] |= 1 << 11
        hard_fault(C)
        return
    for i in range(6):
        value = _stack_word(C, S, sp + 4 * i, 0, 0)
        set_register(C, _FRAME_REGISTERS[i], value)
    set_register(C, UC_ARM_REG_XPSR, psr & 0xFF0FFDFF | 0x01000000)
    if uses_process_stack:
        set_register(C, UC_ARM_REG_CONTROL, get_register(C, UC_ARM_REG_CONTROL) | 2)
    set_register(C, stack, sp + 32 + (4 if psr & 0x200 else 0))
    set_register(C, UC_ARM_REG_PC, pc | 1)
    S[TICKS] += RETURN_CYCLES * S[CYCLE_TICKS]
    C[C_INTERRUPT] = psr & 0x1FF


@njit(cache=True)
def hard_fault(C):
    S = state_of(C)
    S[HFSR] |= 1 << 30
    if S[ACTIVE + 3] or S[ACTIVE + 2] or get_register(C, UC_ARM_REG_FAULTMASK):
        lock_up(S)
        return
    enter_exception(C, 3)


@njit(cache=True)
def reset(C, cause):
    """Reset of everything but the RAM's content, the backup domain and the time. Power-on clears those as well."""
    S = state_of(C)
    keep_domain = cause != RESET_POWER_ON
    kept = S[0 : BKP + 16].copy()
    outside = S[GPIO + 32 : GPIO + 32 + 160].copy()
    codes = S[96:116].copy()
    signals = S[440:490].copy()
    monitors = S[880:980].copy()
    log = S[RESET_LOG:RESET_LOG + 32].copy()
    rest = S[1300:STATE_WORDS].copy()
    S[:] = 0
    for cell in (0, 1, 2, 3, 4, 7, 8):
        S[cell] = kept[cell]
    S[DEEPEST_STACK] = kept[DEEPEST_STACK]
    S[GPIO + 32 : GPIO + 32 + 160] = outside
    S[96:116] = codes
    S[440:490] = signals
    S[880:980] = monitors
    S[RESET_LOG:RESET_LOG + 32] = log
    S[1300:STATE_WORDS] = rest
    S[124] = kept[124]  # next serial frame byte and next scenario event belong to the outside
    S[125] = kept[125]
    S[33] = kept[33]
    flags = 0x0C000000 if cause == RESET_POWER_ON else (kept[RCC_CSR] & 0xFC000000) | 0x04000000
    if cause == RESET_IWDG:
        flags |= 0x20000000
    if cause == RESET_SOFTWARE:
        flags |= 0x10000000
    S[RCC_CSR] = flags
    if keep_domain:
        S[BKP : BKP + 13] = kept[BKP : BKP + 13]
        S[RCC_BDCR] = kept[RCC_BDCR]
        for cell in range(RTC_CRH, RTC_BASE_TICKS + 1):
            S[cell] = kept[cell]
    else:
        S[RTC_BASE_COUNT] = 0
        S[RTC_PRL] = 0x8000
        S[RTC_BASE_TICKS] = S[TICKS]
    for port in range(5):
        S[GPIO + 4 * port] = 0x44444444
        S[GPIO + 4 * port + 1] = 0x44444444
    S[46] = 0x83  # RCC_CR: HSI on
    S[51 + 2] = 0x14  # AHBENR
    S[30] = 0xFFF  # IWDG reload
    S[116] = 0xC0  # USART status: transmitter empty
    for timer in range(3):
        S[336 + 32 * timer + 11] = 0xFFFF
    S[PIN_CHANGED] = 1
    if cause != RESET_POWER_ON:
        if S[RESET_COUNT] < 16:
            S[RESET_LOG + 2 * S[RESET_COUNT]] = S[TICKS]
            S[RESET_LOG + 2 * S[RESET_COUNT] + 1] = cause
        S[RESET_COUNT] += 1
    native.uc_context_restore(C[C_ENGINE], C[C_BASE_CONTEXT])
    sp = flash_word(C, C[C_FLASH_START])
    pc = flash_word(C, C[C_FLASH_START] + 4)
    set_register(C, UC_ARM_REG_MSP, sp & ~3)
    set_register(C, UC_ARM_REG_LR, 0xFFFFFFFF)
    set_register(C, UC_ARM_REG_PC, pc)
    C[C_INTERRUPT] = 0
    if not pc & 1:
        lock_up(S)


@njit(cache=True)
def masks(C):
    """PRIMASK, FAULTMASK, BASEPRI."""
    return (
        get_register(C, UC_ARM_REG_PRIMASK) & 1,
        get_register(C, UC_ARM_REG_FAULTMASK) & 1,
        get_register(C, UC_ARM_REG_BASEPRI) & 0xFF,
    )


@njit(cache=True)
def stack_depth(C, S):
    """Keeps the deepest stack pointer seen at block boundaries (offset from the start of RAM)."""
    offset = get_register(C, UC_ARM_REG_SP) - C[C_RAM_START]
    if 0 <= offset < S[DEEPEST_STACK]:
        S[DEEPEST_STACK] = offset
