"""Names of the cells of the state arena and of the control block.

The arena holds everything of the MCU that is not inside Unicorn: first the RAM bytes (page aligned), then STATE (int64)
and VARIABLES (float64, the plant). A snapshot is a copy of the arena. The control block holds what is not state:
engine handle, buffers, stop conditions, the fault in force.
"""

STATE_WORDS = 2048
VARIABLE_COUNT = 64
EXCEPTIONS = 96

# --- STATE: core and time -------------------------------------------------------------------------------------------
TICKS = 0  # simulated time, picoseconds
INSTRUCTIONS = 1
STEPS = 2  # basic blocks executed
CYCLE_TICKS = 3  # picoseconds per core cycle
LSI_TICKS = 4  # picoseconds per cycle of the low-speed RC oscillator
SLEEPING = 5  # one of AWAKE, IN_WFI, STALLED, LOCKED_UP, SPINNING, IN_WFE
RESET_REQUEST = 6  # 0 or the reset cause
RESET_COUNT = 7
PLANT_STEP = 8  # number of the next plant step
DEADLINE = 9  # leave native execution at the first block boundary not before this time
PIN_CHANGED = 10
MASKED_PENDING = 11  # 0, or 1 + packed masks (registers.packed_masks) behind which an exception waits
VTOR, AIRCR, CFSR, HFSR, BFAR, SCR, CCR, SHCSR, MMFAR = 12, 13, 14, 15, 16, 17, 18, 19, 20
SYSTICK_CTRL, SYSTICK_LOAD, SYSTICK_NEXT, SYSTICK_FLAG, SYSTICK_FROZEN = 21, 22, 23, 24, 25
DEEPEST_STACK = 26
SYSTICK_RELOAD = 27  # value the counter was last loaded with
IWDG_ON, IWDG_PR, IWDG_RLR, IWDG_UNLOCKED, IWDG_EXPIRY, IWDG_REFRESHES = 28, 29, 30, 31, 32, 33
EVENT_FLAG = 34  # the event register of WFE
LINES = 35  # bit n: interrupt n was asserted when last looked at
RTC_CRH, RTC_CRL, RTC_PRL, RTC_ALR, RTC_BASE_COUNT, RTC_BASE_TICKS, RTC_CONFIG = 36, 37, 38, 39, 40, 41, 42
PWR_CR = 44
RCC_CR, RCC_CFGR, RCC_BDCR, RCC_CSR = 46, 47, 48, 49
RCC_PLAIN = 50  # CIR, APB2RSTR, APB1RSTR, AHBENR, APB2ENR, APB1ENR at 50..55
RCC_AHBENR = 53
FLASH_ACR = 56
EXTI_IMR, EXTI_EMR, EXTI_RTSR, EXTI_FTSR, EXTI_PR = 60, 61, 62, 63, 64
AFIO = 66  # EVCR, MAPR, EXTICR1..4 at 66..71
ADC_SR, ADC_CR1, ADC_CR2, ADC_DR, ADC_DONE = 76, 77, 78, 79, 80
ADC_PLAIN = 82  # SMPR1 .. JSQR: offsets 0x0C..0x38, 12 words
ADC_HTR = 88
ADC_CODES = 96  # codes of channels 0..17 as the outside drives them
ADC_CHANNELS = 18
USART_SR, USART_DR, USART_BRR, USART_CR1, USART_CR2, USART_CR3 = 116, 117, 118, 119, 120, 121
USART_TX_DONE, USART_TX_COUNT, FRAME_NEXT = 122, 123, 124
EVENT_NEXT = 125
BKP = 128  # DR1..DR10, then RTCCR, CR, CSR
BKP_WORDS = 13
GPIO = 144  # per port A..E: CRL, CRH, ODR, LCKR
GPIO_PORTS = 5
PIN_DRIVEN = 176  # per pin, 1: driven from outside
PIN_LEVEL = 256  # per pin, level from outside
TIMER = 336  # per timer 2..4: 32 words
TIMER_WORDS = 32
TIMERS = 3
PINS = 80  # 16 * port + number
T_CR1, T_CR2, T_SMCR, T_DIER, T_SR, T_EGR, T_CCMR1, T_CCMR2, T_CCER = 0, 1, 2, 3, 4, 5, 6, 7, 8
T_PSC, T_ARR, T_CCR1 = 10, 11, 13
T_ARR_ACTIVE = 19  # auto-reload and prescaler in force; the registers may be ahead of them until an update
T_BASE_TICKS, T_BASE_COUNT, T_NEXT_UPDATE = 20, 21, 22
T_PSC_ACTIVE = 23
T_EDGES = 24  # 4 input prescaler counters
T_COMPARED = 28  # counts since the base at the latest write: flags of earlier compare matches have been dealt with
SIGNAL_NEXT = 440  # per signal: time of the next edge (0: none)
SIGNAL_LEVEL = 456
SIGNAL_PERIOD = 472  # ticks of half a period, 0: stopped
SIGNALS_END = 490
PENDING = 490
ACTIVE = PENDING + EXCEPTIONS
ENABLED = PENDING + 2 * EXCEPTIONS
PRIORITY = PENDING + 3 * EXCEPTIONS
# 880..979 and FAULT_SINCE..OBSERVER_END belong to the observer: a reset of the MCU leaves them alone
MONITOR_FIRST = 880  # per monitor: 1 + ticks when it first became true, 0: never
MONITOR_VALUE = 912
MONITOR_LAST_FALSE = 944  # 1 + ticks of the latest evaluation that was false
MONITORS_END = 980
SHADOW_COUNT = 990
SHADOW = 992  # pairs (address, value) of registers nobody models
SHADOW_PAIRS = 128
RESET_LOG = 1260  # pairs (ticks, cause)
RESET_LOG_PAIRS = 16
FAULT_SINCE = 1300  # 1 + ticks when the fault came into force
EXCEPTION_TAKEN = 1301  # per exception number: how often entered

MONITOR_SINCE = 1400  # per monitor: 1 + ticks since when it has been true without a break, 0: false now
MONITOR_LONGEST = 1440  # per monitor: longest uninterrupted time true
OUTPUT_SIGNATURE = 1480  # changes with every difference in the history of outputs
OUTPUT_LAST = 1481

OBSERVER_END = 1536

# --- 1536..1791: the core's extensions (MPU, FPU, stack limits, debug)

# --- 1792..2047: interrupt lines, clocks

AWAKE, IN_WFI, STALLED, LOCKED_UP, SPINNING, IN_WFE = 0, 1, 2, 3, 4, 5
RESET_POWER_ON, RESET_PIN, RESET_IWDG, RESET_SOFTWARE = 1, 2, 3, 4
RESET_NAMES = {1: "power-on", 2: "pin", 3: "iwdg", 4: "software"}

# --- CONTROL: not part of a snapshot --------------------------------------------------------------------------------
CONTROL_WORDS = 256
C_ENGINE = 0
C_STATE, C_VARIABLES, C_RAM, C_FLASH = 1, 2, 3, 4  # addresses of the arrays
C_RAM_START, C_RAM_SIZE, C_FLASH_START, C_FLASH_SIZE = 5, 6, 7, 8
C_COST, C_COST_SIZE, C_WATCH = 9, 10, 11  # per half-word of flash: cycles<<8|instructions, block bytes, watch flags
C_STOP = 12  # why native execution stopped: one of the STOP_ values
C_INTERRUPT = 13
C_BLOCK = 14  # address of the block executing
C_BYPASS = 15  # a watched address that may be passed once
C_SCRATCH = 16  # address of scratch registers
C_WATCH_HIT = 17
C_STEP_STOP = 18  # stop before the block with this number
C_SPIN_LIMIT = 20  # look for loops that change nothing after so many blocks; 0: do not look
C_REGISTER_READS = 21  # counts peripheral reads; a spin loop that polls is no fixed point
C_RUN_UNTIL, C_INSTRUCTION_LIMIT = 23, 24
C_BASE_CONTEXT = 25
C_STOP_ON_RESET, C_STOP_ON_MONITOR = 26, 27  # monitor number + 1, or 0
C_GOLDEN_MODES, C_GOLDEN_MODE_COUNT, C_RECORD_MODES = 28, 29, 30  # RECORD also fills the golden signatures
C_PAGE_BEHAVIOUR = 31  # per KiB of 0x40000000..0x40024000: behaviour << 8 | instance
C_REGISTER_STATS = 32  # int32 pairs per word: reads, writes
C_STATS_ON = 33
C_MARK_WATCH = 34
# trace buffers (addresses), their capacity and fill
C_TRACE_ON = 40
C_TR_ADDRESS, C_TR_VALUE, C_TR_SIZE, C_TR_KIND, C_TR_BLOCK, C_TR_TICKS, C_TR_STEP = 41, 42, 43, 44, 45, 46, 47
C_TR_CAPACITY, C_TR_COUNT, C_TR_OVERFLOW = 48, 49, 50
C_RG_ADDRESS, C_RG_VALUE, C_RG_SIZE, C_RG_KIND, C_RG_BLOCK, C_RG_TICKS, C_RG_STEP = 51, 52, 53, 54, 55, 56, 57
C_RG_CAPACITY, C_RG_COUNT = 58, 59
C_BLOCK_ENTRIES, C_BLOCK_SIZES = 60, 61
C_MK_TICKS, C_MK_ADDRESS, C_MK_STEP, C_MK_ACCESS, C_MK_CAPACITY, C_MK_COUNT = 62, 63, 64, 65, 66, 67
# the fault in force
C_FAULT = 70  # one of the FAULT_ values
C_FAULT_ADDRESS, C_FAULT_OR, C_FAULT_AND = 71, 72, 73
C_FAULT_FIRST_READ = 74  # 1 + ticks of the first access that saw a wrong value
C_FAULT_UNDO = 75  # byte to put back after a data-view read
C_REDIRECTS = 76
C_IN_IT_SKIPS = 77
C_FAULT_FIRST_BLOCK = 78
C_CODE_FORWARD = 79  # consecutive redirects with equal registers
# scenario programs
C_CODE, C_CONSTANTS, C_PROGRAMS, C_PROGRAM_COUNT = 90, 91, 92, 93
C_STEP_TICKS = 94
C_SIGNAL_COUNT, C_SIGNAL_PINS = 95, 96
C_FRAMES, C_FRAME_COUNT = 97, 98  # pairs (ticks, byte)
C_EVENTS, C_EVENT_COUNT = 99, 100  # triples (ticks, first program, programs)
C_MONITOR_COUNT = 101
C_MODE_PROGRAM = 102
C_GOLDEN_SIGNATURES = 103
C_ANCHOR, C_ANCHOR_SKIP, C_SPIN_FROM = 105, 106, 107  # block at which a loop is compared with itself
C_TIMED_READS = 108  # reads of registers that change with time alone
C_SPIN_SUM, C_SPIN_STATE, C_SPIN_TIMED, C_SPIN_READS, C_SPIN_TRIES = 109, 110, 111, 112, 113
C_OUTSIDE_READS = 114  # reads of registers that depend on the outside or on a clock that a reset does not restart
C_ERROR = 104  # sticky: exceptions are lost in hooks
C_BAD_ADDRESS = 115  # data address of the latest bus error
C_IT_END = 116  # address behind the IT block that is executing (kept for faults of the programme counter only)
C_UNDO_TO, C_UNDO_LINK = 117, 118  # a removed call: where to go on once the engine has made it, and LR as it was

# --- 160..179: the core

# --- 180..199: debugger and instruction log

# --- 200..255: peripherals that are not compiled, clocks, shadow registers

STOP_NONE, STOP_DEADLINE, STOP_WATCH, STOP_STEP, STOP_INTERRUPT, STOP_SPIN, STOP_REDIRECT, STOP_FAILED = (
    0, 1, 2, 3, 4, 5, 6, 7
)  # fmt: skip
# why run() returns
DONE_TIME, DONE_WATCH, DONE_STEP, DONE_RESET, DONE_MONITOR, DONE_BUDGET, DONE_SPIN, DONE_ERROR = 1, 2, 3, 4, 5, 6, 7, 8

FAULT_NONE, FAULT_RAM_STUCK, FAULT_FLASH_DATA, FAULT_PC_STUCK, FAULT_CALL_REMOVED, FAULT_STALLED = 0, 1, 2, 3, 4, 5
FAULT_RAM_FLIP, FAULT_FLASH_EXECUTED = 6, 7

WATCH_STOP, WATCH_MARK, WATCH_STALL = 1, 2, 4

# kinds of scenario programs, one row each in the table C_PROGRAMS: kind, operand, start in code, constants start
P_EQUATION, P_DIGITAL, P_ANALOG, P_SIGNAL, P_MONITOR, P_MODE, P_EVENT = 0, 1, 2, 3, 4, 5, 6

# behaviours of peripherals (targets data name them)
B_UNMODELLED, B_RCC, B_FLASH, B_PWR, B_BKP, B_RTC, B_GPIO, B_AFIO, B_EXTI, B_TIMER, B_ADC, B_USART, B_IWDG = range(13)
