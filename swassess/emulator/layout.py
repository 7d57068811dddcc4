"""Names of the cells of the state arena and of the control block.

The arena holds everything of the MCU that is not inside Unicorn: first the RAM bytes (page aligned), then STATE
(int64), VARIABLES (float64, the plant), the cells of the blocks in plain Python and the shadow registers (int64 both).
A snapshot is a copy of the arena. The control block holds what is not state: engine handle, buffers, stop conditions,
the fault in force.
"""

STATE_WORDS = 5056
VARIABLE_COUNT = 64
EXCEPTIONS = 176  # room; how many an MCU has is in EXCEPTION_COUNT

# --- STATE: core and time -------------------------------------------------------------------------------------------
TICKS = 0  # simulated time, picoseconds
INSTRUCTIONS = 1
STEPS = 2  # basic blocks executed
CYCLE_TICKS = 3  # picoseconds per core cycle
LSI_TICKS = 4  # picoseconds per cycle of the low-speed RC oscillator
SLEEPING = 5  # one of AWAKE, IN_WFI, STALLED, LOCKED_UP, SPINNING, IN_WFE, WITHOUT_CLOCK
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
ADC_CODES = 96  # codes of channels 0..17 as the outside drives them
ADC_CHANNELS = 18
FRAME_NEXT = 124
EVENT_NEXT = 125
SIGNAL_NEXT = 440  # per signal: time of the next edge (0: none)
SIGNAL_LEVEL = 456
SIGNAL_PERIOD = 472  # ticks of half a period, 0: stopped
SIGNALS_END = 490
# 880..979 and FAULT_SINCE..OBSERVER_END belong to the observer: a reset of the MCU leaves them alone
MONITOR_FIRST = 880  # per monitor: 1 + ticks when it first became true, 0: never
MONITOR_VALUE = 912
MONITOR_LAST_FALSE = 944  # 1 + ticks of the latest evaluation that was false
MONITORS_END = 980
RESET_LOG = 1260  # pairs (ticks, cause)
RESET_LOG_PAIRS = 16
FAULT_SINCE = 1300  # 1 + ticks when the fault came into force

MONITOR_SINCE = 1400  # per monitor: 1 + ticks since when it has been true without a break, 0: false now
MONITOR_LONGEST = 1440  # per monitor: longest uninterrupted time true
OUTPUT_SIGNATURE = 1480  # changes with every difference in the history of outputs
OUTPUT_LAST = 1481

OBSERVER_END = 1536

# --- 1536..1791: the core and its extensions (MPU, FPU, stack limits, debug)
# what the core is (cores.py); a reset keeps it
CORE_FEATURES = 1544  # F_ flags
CORE_CPUID, EXCEPTION_COUNT, PRIORITY_MASK, CORE_TIMING, MPU_REGIONS = 1545, 1546, 1547, 1548, 1549
ENTRY_CYCLES, CHAIN_CYCLES, RETURN_CYCLES, SYSTICK_CALIBRATION = 1550, 1551, 1552, 1553
CORE_END = 1560
CPACR, FPCCR, FPCAR, FPDSCR = 1560, 1561, 1562, 1563
ACTLR, CSSELR = 1564, 1565
FP_WATCH = 1566  # 1: blocks with floating point need attention (attention.py)
MPU_CTRL, MPU_RNR = 1570, 1571
MPU_RBAR, MPU_RASR = 1572, 1588  # per region; RASR is RLAR in Armv8-M
MPU_MAIR = 1604  # two words
MPU_PLACES = 16
DEMCR, DWT_CONTROL, CYCLES, CYCLES_SINCE = 1700, 1701, 1702, 1703  # trace and debug; only power-on resets them

F_MAINLINE = 1  # BASEPRI, FAULTMASK, configurable faults and their status (Armv7-M, Armv8-M Mainline)
F_VTOR, F_FPU, F_V8M, F_BIT_BAND = 2, 4, 8, 16
F_ALIGNED = 32  # unaligned accesses fault, and the engine does not see to it
F_CACHES = 128
F_ENGINE_FPU = 64  # the engine executes floating point, whatever CPACR says
TIMING_M0, TIMING_M0PLUS, TIMING_M3, TIMING_M4, TIMING_M7, TIMING_M33 = 0, 1, 2, 3, 4, 5

# --- 1792..2047: external interrupt lines, clocks
EXTI_BANKS = 2  # lines 0..31 and 32..63: IMR, EMR, RTSR, FTSR, PR (rising, or either edge), FPR (falling) each
EXTI_IMR, EXTI_EMR, EXTI_RTSR, EXTI_FTSR, EXTI_PR, EXTI_FPR = 1792, 1793, 1794, 1795, 1796, 1797
EXTI_WORDS = 6
EXTI_PORT = 1804  # per line 0..15: the port whose pin it listens to
SYSTICK_EXTERNAL_TICKS = 1820  # picoseconds per cycle of SysTick's external clock
TIMER_EVENTS = 1821  # bit n: timer n has had an update that others (DMA, triggers) want to know of
NEXT_TRANSMISSION = 1822  # how many bytes serial blocks have sent

# --- 2048..4095: exceptions, ports, timers
PENDING = 2048
ACTIVE = PENDING + EXCEPTIONS
ENABLED = PENDING + 2 * EXCEPTIONS
PRIORITY = PENDING + 3 * EXCEPTIONS
LINE_UP = PENDING + 4 * EXCEPTIONS  # per exception: its line was asserted when last looked at
EXCEPTION_TAKEN = PENDING + 5 * EXCEPTIONS  # per exception number: how often entered (the observer's)
GPIO_PORTS = 11
PINS = 16 * GPIO_PORTS  # pin number: 16 * port + position
GPIO = 3104  # per port 9 cells, see G_
GPIO_WORDS = 9
PIN_ROSE = GPIO + GPIO_WORDS * GPIO_PORTS  # per port: outputs that have gone up since a bus asked for them
PIN_DRIVEN = 3216  # per pin, 1: driven from outside
PIN_LEVEL = PIN_DRIVEN + PINS  # per pin, level from outside
TIMER = 4096
TIMERS = 20
TIMER_WORDS = 48
# a port with CRL and CRH (G_KIND 1), or with MODER (G_KIND 2); kind 0: no such port
G_KIND, G_CRL, G_CRH, G_OSPEEDR, G_PUPDR, G_ODR, G_LCKR, G_AFRL, G_AFRH = 0, 1, 2, 3, 4, 5, 6, 7, 8
G_MODER, G_OTYPER = 1, 2
# a timer: its registers by offset / 4, then what it reckons with
T_CR1, T_CR2, T_SMCR, T_DIER, T_SR, T_EGR, T_CCMR1, T_CCMR2, T_CCER = 0, 1, 2, 3, 4, 5, 6, 7, 8
T_PSC, T_ARR, T_RCR, T_CCR1, T_BDTR = 10, 11, 12, 13, 17
T_ARR_ACTIVE = 32  # auto-reload and prescaler in force; the registers may be ahead of them until an update
T_PSC_ACTIVE, T_BASE_TICKS, T_BASE_COUNT, T_NEXT_UPDATE = 33, 34, 35, 36
T_EDGES = 37  # 4 input prescaler counters
T_COMPARED = 41  # counts since the base at the latest write: flags of earlier compare matches have been dealt with
T_CLOCK = 42  # picoseconds per cycle of the timer's clock, 0: stopped
T_MASK = 43  # all ones of the counter: 0xFFFF or 0xFFFFFFFF

AWAKE, IN_WFI, STALLED, LOCKED_UP, SPINNING, IN_WFE, WITHOUT_CLOCK = 0, 1, 2, 3, 4, 5, 6
RESET_POWER_ON, RESET_PIN, RESET_IWDG, RESET_SOFTWARE = 1, 2, 3, 4
RESET_NAMES = {
    1: "power-on", 2: "pin", 3: "iwdg", 4: "software", 5: "wwdg", 6: "low-power", 7: "option-bytes",
}  # fmt: skip

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
C_PAGE_BEHAVIOUR = 31  # int32 per 256 bytes of 0x40000000..0x5FFFFFFF: behaviour << 16 | instance
C_REGISTER_STATS = 32  # rows of STATISTICS_WORDS, see A_
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
C_EXAMINING = 160  # 1: every instruction is examined before it executes (examine.py)
C_FOUND_FAULT, C_FOUND_STATUS, C_FOUND_ADDRESS = 161, 162, 163  # what the examination has found
C_EXAMINE_IT_START, C_EXAMINE_IT_END = 164, 165  # instructions of the IT block that executes
C_PLANTED, C_PLANTED_BYTES = 166, 167  # the IT block in which undefined instructions stand, and its own bytes
C_BLOCK_BYTES = 168  # of the block executing
C_RECIPES = 169  # per half-word of flash: recipe of the block (recipes.py)
C_FLOATING_KNOWN = 171  # 1: blocks with floating point have been found to be plain ones, while nothing forbade it
C_SAVED = 170  # registers at the first bad store of an IT block

# --- 180..189: debugger (engines with taps="debug"); 190..199: instruction log
C_DEBUG_ON = 180  # halting debug is enabled: BKPT halts instead of faulting
C_DEBUG_EVENT = 181  # why the run loop has to return: bits of the D_ events, 0: nothing
C_DEBUG_TABLE = 182  # address of the breakpoints and watchpoints, see DT_
C_DEBUG_STEP = 183  # 0: run; n: stop before the instruction after the next n - 1
C_DEBUG_CATCH = 184  # bit n: halt at the first instruction of exception n's handler
C_DEBUG_MASK_INTERRUPTS = 185  # PendSV, SysTick and interrupts wait
C_DEBUG_PENDING = 186  # events that take effect before the next instruction
C_DEBUG_LOOK = 187  # there are breakpoints or watchpoints: each instruction is looked at
C_DEBUG_IT_END = 189  # address behind the latest IT block

D_HALTED, D_BREAKPOINT, D_WATCHPOINT, D_CAUGHT, D_STEPPED, D_CONDITIONAL = 1, 2, 4, 8, 16, 32
# the debugger's table: a filter of addresses, breakpoints and their events, ranges of watched data
DT_FILTER, DT_COUNT, DT_ADDRESS, DT_EVENT = 0, 1, 2, 34
DT_RANGE_COUNT = 66
DT_RANGE = 68  # rows of first address, address behind, kinds (1 read, 2 write, 4 executed), comparator
DT_MATCHED = 132  # bit per comparator
DT_IT_START = 133  # address of the latest IT instruction
DT_WORDS = 140

# --- 200..255: peripherals that are not compiled, clocks, shadow registers
C_MCU = 200  # number of the MCU among those of the process
C_CELLS, C_CELL_COUNT = 201, 202  # cells of the Python blocks and shadow registers (one after the other)
C_SHADOW, C_SHADOW_ROWS = 203, 204  # rows of 4, see H_
C_BLOCKS, C_BLOCK_COUNT = 205, 206  # per Python block: first cell, lines, exception numbers of up to BLOCK_LINES lines
C_TIMER_SETUP = 207  # per timer: kind, mask, exceptions of update, capture and compare, break, trigger (0: none)
C_TIMER_COUNT = 208
C_EXTI_EXCEPTIONS = 209  # per external line: exception number, 0: none
C_TIMER_PINS, C_TIMER_PIN_COUNT = 210, 211  # rows: timer, channel, pin, alternate function (-1: of a CRL port)
C_ASSERTED = 212  # scratch: per exception, whether its line is up
C_INTERRUPTS = 213  # how many interrupts the NVIC has
C_GPIO_RESET = 214  # per port: kind, CRL or MODER, CRH or OTYPER, OSPEEDR, PUPDR after a reset
C_VECTORS = 215  # address of the vector table after a reset
C_RAM_REGIONS = 216  # further RAM: C_RAM_REGION_COUNT rows of start, size, address of the bytes
C_RAM_REGION_COUNT = 217
C_STALL_LIMIT = 218  # equal reads of a shadow register, one after the other, that make the run loop stop; 0: never
C_STALL_ADDRESS, C_STALL_VALUE, C_STALL_BLOCK = 219, 220, 222  # the poll that the run loop stopped for
C_STATS_LOST = 225
C_RULES, C_RULE_COUNT = 227, 228  # the frozen model of learned registers: rows of RULE_WORDS, see R_
C_STALL_TABLE, C_STALL_GAP, C_STALL_SIZE = 229, 230, 231
C_STOP_ON_FAULT = 233  # run() returns after the entry of NMI, HardFault or a configurable fault
C_EXTI_RESET = 232  # IMR of both banks after a reset
# a store into flash has been made, and its outcome is not the value stored: where, how many bytes (0: none), what
C_FLASH_FIX_ADDRESS, C_FLASH_FIX_SIZE, C_FLASH_FIX_VALUE = 223, 224, 234
C_FLASH_CHANGED = 235  # translated code is out of date
C_SKIP_POLLS = 241  # repetitions of a poll that change nothing are reckoned, not executed
C_POLLS = 242  # rows of POLL_WORDS: address, block, value, equal reads
C_POLL_HOLD = 243  # no poll is looked at before this block number
C_ANCHOR_IS_POLL = 244
C_SPIN_TICKS, C_SPIN_INSTRUCTIONS, C_SPIN_STEPS = 245, 246, 247  # at the latest visit of the anchor
C_KNOWN_BLOCKS = 248  # per half-word of flash: bytes << 32 | cycles << 16 | instructions of a block that needs no look
# latest clean reads of Python blocks (rows of MEMO_WORDS); the version changes when such a block may have changed
C_MEMO, C_VERSION = 251, 253
C_HAS_IT = 250  # the block executing may contain an IT block
C_ATTENTION = 249  # something is on that every block has to look at
C_PIN_WATCH = 252  # a Python block wants to be told of pins that the outside changes
C_COVERAGE_ON = 236  # block_entries and block_sizes are kept, traces or not
# the latest blocks: address and time, in a ring; how many there have been
C_RING_ADDRESS, C_RING_TICKS, C_RING_CAPACITY, C_RING_COUNT = 237, 238, 239, 240

# columns of the access statistics: reads and writes that a behaviour served and that the shadow served (learned
# bits included), reads of learned bits, block of the first access
STATISTICS_WORDS, STATISTICS_ROWS = 8, 4096
A_KEY, A_READS, A_SHADOW_READS, A_LEARNED_READS, A_WRITES, A_SHADOW_WRITES, A_FIRST_BLOCK = 0, 1, 2, 3, 4, 5, 6
# columns of the shadow registers
# (H_SINCE: 1 + time of application of the rule in row H_RULE, 0: none that counts or lasts for one read only)
SHADOW_WORDS = 6
H_KEY, H_VALUE, H_LEARNED_MASK, H_LEARNED_VALUE, H_SINCE, H_RULE = 0, 1, 2, 3, 4, 5
# columns of the table of polls: 1 + block << 32 | address, value, equal reads, step of the latest
STALL_WORDS, STALL_ROWS = 4, 256
POLL_WORDS, POLL_ROWS = 4, 16
# columns and kinds of the rules that make up a learned model
RULE_WORDS = 8
# (R_SEEN: the value for which the rule holds, -1: any)
R_ADDRESS, R_BLOCK, R_KIND, R_MASK, R_BITS, R_PERIOD, R_APPLIED, R_SEEN = 0, 1, 2, 3, 4, 5, 6, 7
RULE_FIELD, RULE_LEAVE, RULE_COUNT, RULE_COUNT_DOWN, RULE_PULSE = 0, 1, 2, 3, 4
# columns of the memo: address + 1, value, C_VERSION when it was read. A clean read has this bit set in its answer
MEMO_WORDS, MEMO_ROWS = 3, 16
CLEAN = 1 << 40
BLOCK_LINES = 14
BLOCK_ROW = 2 + BLOCK_LINES
# what a compiled kernel asks the Python blocks for
ASK_READ, ASK_WRITE, ASK_DUE, ASK_RESET, ASK_RECEIVE, ASK_TIMER_EVENTS = 1, 2, 3, 4, 5, 6
ASK_PROGRAM, ASK_FLUSH, ASK_HOLD_LSI, ASK_PIN_CHANGED = 7, 8, 10, 9
ASK_HOLDS_NMI = 12  # whether a block still holds the NMI line up when its handler returns
ASK_EXAMINE = 11  # of the MCU: from now on every instruction is examined

STOP_DEBUG = 20
(
    STOP_NONE, STOP_DEADLINE, STOP_WATCH, STOP_STEP, STOP_INTERRUPT, STOP_SPIN, STOP_REDIRECT, STOP_FAILED, STOP_STALL
) = (
    0, 1, 2, 3, 4, 5, 6, 7, 8
)  # fmt: skip
# why run() returns
DONE_TIME, DONE_WATCH, DONE_STEP, DONE_RESET, DONE_MONITOR, DONE_BUDGET, DONE_SPIN, DONE_ERROR = 1, 2, 3, 4, 5, 6, 7, 8
DONE_STALL, DONE_FAULT = 9, 10
DONE_DEBUG = 20

FAULT_NONE, FAULT_RAM_STUCK, FAULT_FLASH_DATA, FAULT_PC_STUCK, FAULT_CALL_REMOVED, FAULT_STALLED = 0, 1, 2, 3, 4, 5
FAULT_RAM_FLIP, FAULT_FLASH_EXECUTED = 6, 7

WATCH_STOP, WATCH_MARK, WATCH_STALL = 1, 2, 4

# kinds of scenario programs, one row each in the table C_PROGRAMS: kind, operand, start in code, constants start
P_EQUATION, P_DIGITAL, P_ANALOG, P_SIGNAL, P_MONITOR, P_MODE, P_EVENT = 0, 1, 2, 3, 4, 5, 6

# behaviours of peripherals that are compiled, and the entry for all that are not
B_UNMODELLED, B_PYTHON, B_GPIO, B_EXTI, B_TIMER, B_IWDG = 0, 1, 2, 3, 4, 5
