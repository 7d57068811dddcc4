"""Watchdog, resets and their causes, backup domain, real-time clock."""

import numpy as np
import pytest
from emulated import CYCLE, LSI_HZ, MS, Load

from swassess.emulator import layout as at

PIN, POWER_ON, SOFTWARE, IWDG = 1 << 26, 1 << 27, 1 << 28, 1 << 29
FULL_MS = 4096 * 4 / 40  # count 0xFFF, prescaler 4, LSI 40 kHz
SHORT_MS = 100 * 4 / 40


def resets(state: np.ndarray) -> list[tuple[int, int]]:
    return [
        (int(state[at.RESET_LOG + 2 * i]), int(state[at.RESET_LOG + 2 * i + 1])) for i in range(state[at.RESET_COUNT])
    ]


def test_power_on_tells_its_cause(load: Load) -> None:
    machine = load("watchdog", 2)
    machine.run(1)
    assert machine.results(2) == [1, PIN | POWER_ON]


def test_watchdog_resets_after_its_time_and_ram_is_kept(load: Load) -> None:
    machine = load("watchdog", 0)
    machine.mcu.control[at.C_STOP_ON_RESET] = 1
    assert machine.run(1000) == at.DONE_RESET
    ((ticks, cause),) = resets(machine.mcu.state)
    assert cause == at.RESET_IWDG
    assert 0 <= ticks - FULL_MS * MS < 100 * CYCLE
    machine.run(450)
    assert machine.result(0) == 2, "the count in RAM has survived"
    assert machine.result(2) == PIN | IWDG, "RMVF had removed the power-on flag"


def test_reload_value_shortens_the_time_at_the_next_refresh(load: Load) -> None:
    machine = load("watchdog", 1)
    machine.run(25)
    times = [ticks for ticks, _ in resets(machine.mcu.state)]
    assert len(times) == 2
    assert times[0] == pytest.approx(SHORT_MS * MS, abs=200 * CYCLE)
    assert times[1] - times[0] == pytest.approx(SHORT_MS * MS, abs=200 * CYCLE)


def test_refreshed_watchdog_never_resets(load: Load) -> None:
    machine = load("watchdog", 2)
    machine.run(1000)
    assert resets(machine.mcu.state) == []
    assert machine.state(at.IWDG_REFRESHES) > 1000


def test_reload_value_needs_the_key(load: Load) -> None:
    machine = load("watchdog", 3)
    machine.run(25)
    assert resets(machine.mcu.state) == []
    machine.run(2 * FULL_MS + 5)
    assert len(resets(machine.mcu.state)) == 2


@pytest.mark.parametrize("select", [5, 6])
def test_watchdog_ends_lockup_and_sleep(load: Load, select: int) -> None:
    machine = load("watchdog", select)
    machine.run(15)
    assert [cause for _, cause in resets(machine.mcu.state)] == [at.RESET_IWDG]
    assert machine.result(0) == 2


def test_software_reset_needs_the_key_and_tells_its_cause(load: Load) -> None:
    machine = load("watchdog", 4)
    machine.mcu.control[at.C_STOP_ON_RESET] = 1
    assert machine.run(1) == at.DONE_RESET
    assert machine.log() == [1], "the write without the key did nothing"
    assert machine.run(1) == at.DONE_RESET
    assert machine.result(0) == 2
    assert machine.result(2) == PIN | SOFTWARE


def test_reset_restores_registers_and_keeps_the_observer(load: Load) -> None:
    machine = load("watchdog", 4, monitors=[("early", "t < 0.0001")])
    mcu = machine.mcu
    mcu.control[at.C_STOP_ON_RESET] = 1
    mcu.state[at.EXCEPTION_TAKEN + 15] = 7
    mcu.state[at.GPIO + at.G_ODR] = 0xFF
    mcu.state[at.FAULT_SINCE] = 42
    assert machine.run(1) == at.DONE_RESET
    assert mcu.state[at.GPIO + at.G_CRL] == 0x44444444 and mcu.state[at.GPIO + at.G_ODR] == 0
    assert mcu.state[at.EXCEPTION_TAKEN + 15] == 7 and mcu.state[at.FAULT_SINCE] == 42
    assert mcu.state[at.MONITOR_FIRST] == 1
    assert mcu.pc == machine.symbols["start"]


def test_backup_registers_need_dbp_and_survive_a_reset(load: Load) -> None:
    machine = load("backup", 0)
    machine.run(2)
    starts, refused, written, after_reset, protected = machine.results(5)
    assert starts == 2
    assert refused == 0
    assert written == 0x1234
    assert after_reset == 0x1234
    assert protected == 0x1234
    machine.mcu.power_on()
    assert machine.block("BKP").get("DR1") == 0


def test_rtc_counts_lsi(load: Load) -> None:
    machine = load("backup", 1)
    machine.run(100)
    assert machine.result(0) == 99  # 1 kHz, started a little after time 0
    machine.mcu.blocks.set_source_hz("LSI", LSI_HZ // 2)
    machine.run(200)
    assert machine.result(0) == pytest.approx(99 + 50, abs=1)


def test_rtc_stands_while_its_oscillator_is_off(load: Load) -> None:
    machine = load("backup", 2)
    machine.run(100)
    assert machine.result(0) == 0


def test_rtc_keeps_its_count_over_a_reset(load: Load) -> None:
    machine = load("backup", 1)
    machine.run(100)
    machine.mcu.state[at.RESET_REQUEST] = at.RESET_SOFTWARE
    machine.run(101)
    assert machine.state(at.RESET_COUNT) == 1
    assert machine.result(0) == 99
    machine.run(200)
    assert machine.result(0) == pytest.approx(99 + 99, abs=2)


def test_rtc_interrupts_each_period_of_its_prescaler(load: Load) -> None:
    machine = load("backup", 3)
    machine.run(105)
    assert machine.result(1) == machine.taken(16 + 3) == 10
    assert machine.result(2) & 1


def test_rtc_registers_need_configuration_mode(load: Load) -> None:
    machine = load("backup", 5)
    machine.run(100)
    assert machine.block("RTC").get("PRL") == 0x8000
    assert machine.result(0) == 0


def test_backup_domain_has_a_reset_of_its_own(load: Load) -> None:
    machine = load("backup", 4)
    machine.run(1)
    backup, control, before = machine.results(3)
    assert before == 0x8200, "the clock source stays as first chosen"
    assert (backup, control) == (0, 0)
