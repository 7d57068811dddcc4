"""The memory protection unit: which accesses fault, where, with which status (Armv7-M ARM, B3.5)."""

import pytest
from emulated import RESULTS, Load

from swassess.emulator import layout as at

DATA, EXECUTE, STACKING, UNSTACKING = 0x82, 0x01, 0x10, 0x08

# select, where the fault is, CFSR, MMFAR
CASES = [
    (0, "read_access", DATA, 0x20001010),
    (1, "write_access", DATA, 0x20001021),
    (2, 0x20001020, EXECUTE, None),
    (3, "background_access", DATA, 0x20004F00),
    (4, "subregion_access", DATA, 0x20001040),
    (7, "user_access", DATA, 0x20001000),
    (10, "crossing_access", DATA, 0x20001000),
    (11, "conditional_access", DATA, 0x20001004),
    (12, "overlap_access", DATA, 0x20001080),
    (14, "load_as_user", DATA, 0x20001008),
]


@pytest.mark.parametrize("core", ["cortex-m3", "cortex-m4"])
@pytest.mark.parametrize(("select", "place", "cfsr", "address"), CASES)
def test_violation(load: Load, core: str, select: int, place: str | int, cfsr: int, address: int | None) -> None:
    machine = load("mpu", select, core=core)
    machine.run(1)
    assert machine.result(0) == 4
    assert machine.result(1) == (machine.symbols[place] if isinstance(place, str) else place)
    assert machine.result(4) == cfsr
    assert machine.result(5) == 0
    if address is not None:
        assert machine.result(6) == address
    assert machine.taken(4) == 1


def test_memory_is_as_it_was_after_a_refused_store(load: Load) -> None:
    machine = load("mpu", 1, core="cortex-m3")
    machine.set_word(0x20001020, 0x12345678)
    machine.run(1)
    assert machine.word(0x20001020) == 0x12345678


def test_without_an_mpu_nothing_is_refused(load: Load) -> None:
    machine = load("mpu", 0, core="cortex-m3", mpu=False)
    machine.run(1)
    assert machine.taken(4) == 0
    assert machine.mcu.pc == machine.symbols["read_access"] + 2


@pytest.mark.parametrize(("select", "cfsr"), [(5, STACKING), (15, STACKING), (6, UNSTACKING)])
def test_frames_are_checked(load: Load, select: int, cfsr: int) -> None:
    machine = load("mpu", select, core="cortex-m3")
    machine.mcu.set_watch(machine.symbols["memory_fault"], at.WATCH_STOP)
    assert machine.run(1) == at.DONE_WATCH
    assert machine.state(at.CFSR) == cfsr
    assert machine.taken(4) == 1
    assert machine.taken(11) == (cfsr == UNSTACKING), "of equal priorities the lower number is taken, MemManage"


def test_handlers_of_the_gravest_faults_are_free(load: Load) -> None:
    machine = load("mpu", 8, core="cortex-m3")
    machine.run(1)
    assert machine.result(0) == 21, "FAULTMASK raises the priority to that of a HardFault: no checks"
    machine = load("mpu", 9, core="cortex-m3")
    machine.run(1)
    assert machine.result(0) == 0 and machine.state(at.SLEEPING) == at.LOCKED_UP, "HFNMIENA: checked all the same"


def test_registers(load: Load) -> None:
    machine = load("mpu", 13, core="cortex-m3")
    machine.run(1)
    assert machine.results(4) == [0x800, 0x20001022, 3 << 24 | 4 << 1 | 1, 7]
    assert machine.word(RESULTS + 12) == 7
