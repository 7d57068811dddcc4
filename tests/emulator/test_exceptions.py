"""Exceptions: SVC, priorities, masks, tail-chaining, returns, stacks (Armv7-M ARM, B1.5)."""

import pytest
from emulated import CLOCK_HZ, FLASH, LSI_HZ, RAM, UNEXPECTED, Load, Machine, make_scenario, read_image

from swassess.emulator import layout as at
from swassess.emulator.cores import find_core
from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.target_data import find_target

TOP = 0x20005000
INVALID_STATE, INVALID_RETURN, UNSTACKING = 1 << 17, 1 << 18, 1 << 11


def test_svc_reaches_its_handler_and_the_answer_comes_back(load: Load) -> None:
    machine = load("services")
    machine.run(1)
    number, answer, level, exception, link = machine.results(5)
    assert number == 7
    assert answer == 40 + 2
    assert (level, exception) == (0, 11)
    assert link == 0xFFFFFFF9
    assert machine.taken(11) == 1


def test_svc_behind_primask_is_a_hard_fault(load: Load) -> None:
    machine = load("services", 1)
    machine.run(1)
    assert machine.result(5) == 1 << 30  # HFSR.FORCED
    assert (machine.taken(11), machine.taken(3)) == (0, 1)


def test_svc_inside_an_it_block_resumes_it(load: Load) -> None:
    machine = load("services", 2)
    machine.run(1)
    assert machine.result(0) == 9
    assert machine.result(1) == 52, "the rest of the IT block was not carried out as conditional"


def test_more_urgent_pre_empts_and_equal_waits(load: Load) -> None:
    machine = load("priorities", 0)
    machine.run(1)
    assert machine.log() == [20, 11, 10, 12, 21, 22, 30, 90]
    assert [machine.taken(16 + irq) for irq in range(4)] == [1, 1, 1, 1]


def test_tail_chaining_neither_stacks_nor_takes_long(load: Load) -> None:
    machine = load("priorities", 0)
    machine.run(1)
    in_low, in_chained = machine.result(3), machine.result(4)
    assert in_low == in_chained == TOP - 32
    core = find_core("cortex-m3")
    assert core.chain < core.entry + core.back


def test_return_to_base_is_told_by_icsr(load: Load) -> None:
    machine = load("priorities", 0)
    machine.run(1)
    icsr = machine.result(2)
    assert icsr & 0x1FF == 17
    assert not icsr & 1 << 11, "another exception is active below"


@pytest.mark.parametrize("select", [1, 2])
def test_masked_interrupt_is_taken_right_after_unmasking(load: Load, select: int) -> None:
    machine = load("priorities", select)
    machine.run(1)
    assert machine.log() == [90, 11, 10, 12, 91]


def test_basepri_holds_back_its_level_and_below(load: Load) -> None:
    machine = load("priorities", 3)
    machine.run(0.5)  # before the plant's first step: nothing but the write to BASEPRI may let irq1 in
    assert machine.log() == [90, 10, 91, 11, 10, 12, 92]


def test_without_group_bits_nothing_pre_empts(load: Load) -> None:
    machine = load("priorities", 4)
    machine.run(1)
    assert machine.log() == [20, 21, 22, 11, 12, 10, 30, 90]


def test_priority_registers_take_bytes_and_keep_four_bits(load: Load) -> None:
    machine = load("priorities", 5)
    machine.run(1)
    assert machine.results(2) == [0x30C08040, 0x30]


def test_disabled_interrupt_stays_pending(load: Load) -> None:
    machine = load("priorities", 6)
    machine.run(1)
    assert machine.log() == [90, 11, 10, 12, 91]
    assert machine.result(0) == 2
    assert machine.result(1) & 1 << 22  # ICSR.ISRPENDING
    assert machine.result(1) >> 12 & 0x1FF == 0  # VECTPENDING: nothing that is enabled


def test_pend_sv_and_systick_by_icsr_run_in_order_of_priority(load: Load) -> None:
    machine = load("priorities", 7)
    machine.run(1)
    assert machine.log() == [15, 14, 90]


def test_exception_time_is_charged(load: Load) -> None:
    machine = load("returns", 0)
    machine.mcu.set_watch(machine.symbols["pend_sv"], at.WATCH_STOP)
    machine.mcu.set_watch(machine.symbols["back"], at.WATCH_STOP)
    before = 0
    machine.mcu.control[at.C_STEP_STOP] = -1
    assert machine.run(1) == at.DONE_WATCH
    entry, blocks = machine.cycles, machine.state(at.STEPS)
    assert machine.run(1) == at.DONE_WATCH
    assert machine.mcu.pc == machine.symbols["back"]
    assert machine.state(at.STEPS) > blocks and entry > before
    stopped = machine.mcu
    # the handler's own blocks, then 12 cycles for the return
    spent = machine.cycles - entry
    again = load("returns", 0)
    again.mcu.set_watch(again.symbols["pend_sv"], at.WATCH_STOP)
    again.run(1)
    again.mcu.control[at.C_STEP_STOP] = stopped.state[at.STEPS]
    assert again.run(1) == at.DONE_STEP
    assert spent == again.cycles - entry
    assert again.mcu.pc == again.symbols["back"]


def test_return_leaves_the_stack_as_it_was(load: Load) -> None:
    machine = load("returns", 0)
    machine.run(1)
    assert machine.results(3) == [100, TOP, 0]
    assert machine.taken(14) == 1


@pytest.mark.parametrize(
    ("select", "status", "link"),
    [
        (1, INVALID_STATE, 0xFFFFFFF9),  # the frame's Thumb bit is gone
        (2, INVALID_RETURN, 0xFFFFFFF9),  # the frame says handler, the return says thread
        (3, INVALID_RETURN, 0xFFFFFFF1),  # to a handler, but none is active
        (4, INVALID_RETURN, 0xFFFFFFF5),  # no such EXC_RETURN
        (5, UNSTACKING, 0xFFFFFFF9),  # frame outside RAM
    ],
)
def test_spoilt_return_is_a_fault(load: Load, select: int, status: int, link: int) -> None:
    machine = load("returns", select)
    machine.run(1)
    _, _, cfsr, hfsr, lr = machine.results(5)
    assert cfsr == status
    assert hfsr == 1 << 30
    assert lr == link
    assert machine.taken(3) == 1


def test_handler_may_return_to_the_other_stack(load: Load) -> None:
    machine = load("returns", 6)
    machine.run(1)
    control, sp = machine.results(2)
    assert control == 100 + 2
    assert sp == 0x20003000
    assert machine.taken(3) == 0


@pytest.mark.parametrize("privilege", [0, 1])
def test_process_stack_and_privilege(load: Load, privilege: int) -> None:
    machine = load("stacks", privilege)
    machine.run(1)
    answer, control, sp, kept, link, frame, main, in_handler, xpsr, chained = machine.results(10)
    assert answer == 5 and kept == 77
    assert control == 2, "SVC has given the privilege back"
    assert sp == 0x20003004, "the padding below the frame has been taken off again"
    assert link == chained == 0xFFFFFFFD
    assert frame == 0x20003000 - 32 and xpsr & 1 << 9
    assert main == TOP
    assert in_handler == privilege, "in a handler SPSEL reads 0"
    assert machine.word(UNEXPECTED) == 0


def test_vector_table_may_lie_in_ram(load: Load) -> None:
    machine = load("services")
    machine.mcu.ram[0x3000:0x3100] = machine.mcu.flash[:0x100]
    other = machine.symbols["hard_fault"] | 1
    machine.set_word(RAM + 0x3000 + 4 * 11, other)
    machine.mcu.state[at.VTOR] = RAM + 0x3000
    machine.run(1)
    assert machine.taken(11) == 1
    assert machine.result(0) == 0 and machine.word(UNEXPECTED) == 0
    assert machine.mcu.pc == machine.symbols["hard_fault"] + 12 or machine.result(5) == 0


def test_frames_on_a_stack_in_another_ram() -> None:
    """Many parts have a second RAM (core-coupled, SRAM2), and firmware likes to keep its stack there."""
    target = find_target("STM32F407VG")
    second = next(region.range for region in target.rams if region.name == "CCM")
    data, symbols = read_image("services")
    patched = second.end.to_bytes(4, "little") + data[4:]
    programs = compile_scenario(make_scenario(), Names(registers=register_places(target)), (), "")
    machines = [
        Machine(Mcu(target, LoadImage(((FLASH, image),)), programs, clock_hz=CLOCK_HZ, lsi_hz=LSI_HZ), symbols)
        for image in (data, patched)
    ]
    for machine in machines:
        machine.run(1)
    assert machines[0].results(4) == machines[1].results(4)
    assert machines[1].taken(11) == 1 and machines[1].taken(3) == 0
    memory = dict(machines[1].mcu.further_ram)[second.start]
    assert memory[-32:].any(), "the frame lies there"
