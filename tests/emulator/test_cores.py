"""Cores other than Cortex-M3: what Armv6-M leaves out, priorities of two bits, limits that are stated."""

import pytest
from emulated import CYCLE, RAM, RESULTS, UNEXPECTED, Load
from unicorn.arm_const import UC_ARM_REG_SP

from swassess.emulator import layout as at
from swassess.emulator.cores import CORES, find_core
from swassess.errors import EmulationError

# select, where the fault is, whether the stacked Thumb bit is set
FAULTS = [
    (1, "undefined", True),
    (2, "unaligned", True),
    (3, "divide", True),
    (4, "bus_error", True),
    (5, "arm_code", False),
    (6, "breakpoint", True),
    (7, "masked", True),
    (10, "store", True),
    (11, "half", True),
    (12, "multiple", True),
]


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m0plus"])
def test_supervisor_call(load: Load, core: str) -> None:
    machine = load("baseline", 0, core=core)
    machine.run(1)
    assert (machine.result(0), machine.result(3), machine.result(7)) == (11, 0xFFFFFFF9, 42)


@pytest.mark.parametrize(("select", "place", "thumb"), FAULTS)
def test_every_fault_is_a_hard_fault_without_status(load: Load, select: int, place: str, thumb: bool) -> None:
    machine = load("baseline", select, core="cortex-m0")
    machine.run(1)
    exception, pc, xpsr, link, cfsr, hfsr, recovered = machine.results(7)
    assert exception == 3
    assert pc == machine.symbols[place] + (2 if place == "masked" else 0)
    assert bool(xpsr & 1 << 24) == thumb
    assert link == 0xFFFFFFF9
    assert (cfsr, hfsr) == (0, 0), "Armv6-M has no status of faults"
    assert recovered == 100
    assert machine.taken(3) == 1


def test_fault_in_hard_fault_locks_up(load: Load) -> None:
    machine = load("baseline", 4, core="cortex-m0")
    machine.set_word(RAM + 0x200, 1)
    machine.run(1)
    assert machine.state(at.SLEEPING) == at.LOCKED_UP
    assert machine.taken(3) == 1


@pytest.mark.parametrize(
    ("core", "cpuid", "vtor"), [("cortex-m0", 0x410CC200, 0), ("cortex-m0plus", 0x410CC601, 0xFFFFFF80)]
)
def test_system_control_block_of_armv6m(load: Load, core: str, cpuid: int, vtor: int) -> None:
    machine = load("baseline", 8, core=core)
    machine.run(1)
    assert machine.results(10) == [cpuid, vtor, 0xC0000000, 0xC0C00000, 0, 0, 0x208, 0xFA050000, 0xC0C0C0C0, 0]


def test_order_of_two_bit_priorities(load: Load) -> None:
    machine = load("baseline", 9, core="cortex-m0")
    machine.run(1)
    assert machine.log() == [90, 15, 20, 10, 21, 14, 91]
    machine = load("baseline", 13, core="cortex-m0")
    machine.run(1)
    assert machine.log() == [20, 21, 10, 91], "priorities that differ in bits that do not exist are equal"


def test_sleep_and_events(load: Load) -> None:
    machine = load("baseline", 14, core="cortex-m0")
    machine.run(0.2)
    assert machine.log()[0] == 15 and 91 in machine.log() and machine.log()[-1] in (92, 15)
    assert 92 in machine.log()


def test_return_codes_and_stack_limits_of_armv8m(load: Load) -> None:
    machine = load("limits", 0, core="cortex-m33")
    machine.run(1)
    assert machine.results(2) == [0xFFFFFFB8, 5]
    machine = load("limits", 2, core="cortex-m33")
    machine.run(1)
    assert machine.result(0) == 0xFFFFFFBC
    machine = load("limits", 1, core="cortex-m33")
    machine.run(1)
    psp, cfsr, link = machine.results(3)
    assert cfsr == 1 << 20, "UFSR.STKOF"
    assert link == 0xFFFFFFBC
    assert psp == 0x20002000 - 4 - 36, "the frame, with four bytes of padding"


@pytest.mark.parametrize("core", ["cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"])
def test_mainline_cores_run_the_same_program(load: Load, core: str) -> None:
    machine = load("priorities", 0, core=core)
    machine.run(1)
    assert machine.log() == [20, 11, 10, 12, 21, 22, 30, 90]


def test_unaligned_access_is_a_hard_fault_on_cortex_m23(load: Load) -> None:
    machine = load("baseline", 2, core="cortex-m23")
    machine.run(1)
    assert machine.result(0) == 3
    assert machine.result(1) == machine.symbols["unaligned"]
    assert machine.result(4) == 0


def test_mpu_of_cortex_m0plus(load: Load) -> None:
    """The results are out of bounds for the supervisor call's handler, and within bounds for HardFault's."""
    machine = load("baseline", 0, core="cortex-m0plus")
    state = machine.mcu.state
    state[at.MPU_RBAR], state[at.MPU_RASR], state[at.MPU_CTRL] = RESULTS & ~0x7F, 6 << 1 | 1, 5
    machine.mcu.set_watch(machine.symbols["hard_fault"], at.WATCH_STOP)
    assert machine.run(1) == at.DONE_WATCH
    assert (machine.taken(11), machine.taken(3)) == (1, 1)
    assert machine.result(0) == 0
    assert (machine.state(at.CFSR), machine.state(at.HFSR)) == (0, 0)
    machine.run(1)
    assert machine.result(0) == 3


def test_mpu_of_armv8m(load: Load) -> None:
    machine = load("services", 0, core="cortex-m33")
    state = machine.mcu.state
    state[at.MPU_RBAR], state[at.MPU_RASR] = (RESULTS & ~0x1F) | 1 << 2, RESULTS & ~0x1F | 1
    state[at.MPU_CTRL] = 5
    machine.run(1)
    assert machine.taken(3) >= 1
    assert machine.state(at.CFSR) & 0xFF == 0x82 and RESULTS <= machine.state(at.MMFAR) < RESULTS + 32


def test_nmi_pre_empts_a_lockup_and_returns_to_it(load: Load) -> None:
    machine = load("faults", 3 | 0x200)
    machine.run(1)
    assert machine.state(at.SLEEPING) == at.LOCKED_UP
    machine.mcu.state[at.PENDING + 2] = 1
    machine.mcu.set_watch(machine.symbols["unexpected"], at.WATCH_STOP)
    assert machine.run(2) == at.DONE_WATCH
    sp = machine.mcu.register(UC_ARM_REG_SP)
    assert machine.taken(2) == 1
    assert machine.word(sp + 24) == 0xFFFFFFFE


def test_late_arrival_takes_the_more_urgent_first(load: Load) -> None:
    machine = load("services")
    machine.mcu.set_watch(machine.symbols["sv_call"], at.WATCH_STOP)
    assert machine.run(1) == at.DONE_WATCH
    entered = machine.mcu.ticks
    for cycles, supervisor_calls in ((5, 0), (-1, 1)):
        again = load("services")
        state = again.mcu.state
        state[at.PRIORITY + 11] = 0x80
        state[at.SYSTICK_CTRL], state[at.SYSTICK_LOAD], state[at.SYSTICK_RELOAD] = 7, 0xFFFFFF, 0xFFFFFF
        state[at.SYSTICK_NEXT] = entered - cycles * CYCLE
        again.run(0.1)
        assert again.taken(15) == 1 and again.word(UNEXPECTED) == 15
        assert again.taken(11) == supervisor_calls, "SysTick came while the frame was being stacked"


def test_unknown_core_is_refused() -> None:
    with pytest.raises(EmulationError, match=r"cortex-a8.*is not emulated; emulated are cortex-m0"):
        find_core("cortex-a8")


def test_limits_are_sentences() -> None:
    assert any("runs as Cortex-M0" in limit for limit in CORES["cortex-m0plus"].limits)
    assert any("security extension" in limit for limit in CORES["cortex-m33"].limits)
    assert any("Mainline" in limit for limit in CORES["cortex-m23"].limits)
    assert all(core.name == name and core.entry >= 12 for name, core in CORES.items())
