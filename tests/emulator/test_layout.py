"""Cells of the state arena and of the control block do not overlap."""

from swassess.emulator import layout as at

# first cell -> number of cells, of those that are more than one
BLOCKS = {
    "ADC_CODES": at.ADC_CHANNELS,
    "EXTI_IMR": 1, "PIN_ROSE": at.GPIO_PORTS, "EXTI_PORT": 16, "LINE_UP": at.EXCEPTIONS,
    "GPIO": at.GPIO_WORDS * at.GPIO_PORTS, "PIN_DRIVEN": at.PINS, "PIN_LEVEL": at.PINS,
    "TIMER": at.TIMERS * at.TIMER_WORDS,
    "SIGNAL_NEXT": 16, "SIGNAL_LEVEL": 16, "SIGNAL_PERIOD": 16, "PENDING": at.EXCEPTIONS, "ACTIVE": at.EXCEPTIONS,
    "ENABLED": at.EXCEPTIONS, "PRIORITY": at.EXCEPTIONS, "MONITOR_FIRST": 32, "MONITOR_VALUE": 32,
    "MONITOR_LAST_FALSE": 32, "RESET_LOG": 2 * at.RESET_LOG_PAIRS,
    "EXCEPTION_TAKEN": at.EXCEPTIONS, "MONITOR_SINCE": 32, "MONITOR_LONGEST": 32, "MPU_RBAR": at.MPU_PLACES,
    "MPU_RASR": at.MPU_PLACES, "MPU_MAIR": 2,
}  # fmt: skip
NO_CELLS = (
    "STATE_WORDS", "VARIABLE_COUNT", "EXCEPTIONS", "ADC_CHANNELS", "GPIO_PORTS", "TIMER_WORDS", "TIMERS",
    "PINS", "SIGNALS_END", "MONITORS_END", "OBSERVER_END", "GPIO_WORDS", "EXTI_BANKS", "EXTI_WORDS",
    "RESET_LOG_PAIRS", "RESET_NAMES", "CONTROL_WORDS",
    "AWAKE", "IN_WFI", "IN_WFE", "STALLED", "LOCKED_UP", "SPINNING", "WITHOUT_CLOCK",
    "STATISTICS_WORDS", "STATISTICS_ROWS", "SHADOW_WORDS", "STALL_WORDS", "STALL_ROWS", "RULE_WORDS", "BLOCK_LINES",
    "BLOCK_ROW", "POLL_WORDS", "POLL_ROWS", "MEMO_WORDS", "MEMO_ROWS", "CLEAN", "CORE_END", "MPU_PLACES",
)  # fmt: skip
PARTS: dict[str, str] = {}  # names inside a block
PREFIXES = (
    "C_",
    "T_",
    "A_",
    "H_",
    "R_",
    "G_",
    "RULE_",
    "ASK_",
    "STOP_",
    "D_",
    "DT_",
    "DONE_",
    "FAULT_",
    "WATCH_",
    "P_",
    "B_",
    "F_",
    "TIMING_",
    "RESET_P",
    "RESET_I",
    "RESET_S",
)


def test_state_cells_do_not_overlap() -> None:
    owners: dict[int, str] = {}
    for name, first in vars(at).items():
        if not name.isupper() or name in NO_CELLS or name in PARTS:
            continue
        if name.startswith(PREFIXES) and name != "FAULT_SINCE":
            continue
        for cell in range(first, first + BLOCKS.get(name, 1)):
            assert cell < at.STATE_WORDS
            assert cell not in owners, f"{name} and {owners[cell]} share cell {cell}"
            owners[cell] = name
    assert len(owners) > 1000


def test_control_cells_do_not_overlap() -> None:
    owners: dict[int, str] = {}
    for name, cell in vars(at).items():
        if name.startswith("C_"):
            assert 0 <= cell < at.CONTROL_WORDS
            assert cell not in owners, f"{name} and {owners[cell]} share cell {cell}"
            owners[cell] = name


def test_timer_cells_do_not_overlap() -> None:
    sizes = {"T_CCMR1": 1, "T_CCR1": 4, "T_EDGES": 4}
    owners: dict[int, str] = {}
    for name, first in vars(at).items():
        if name.startswith("T_"):
            for cell in range(first, first + sizes.get(name, 1)):
                assert 0 <= cell < at.TIMER_WORDS
                assert cell not in owners, f"{name} and {owners[cell]} share cell {cell}"
                owners[cell] = name
