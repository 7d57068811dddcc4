"""Timers 2 to 4: capture, update, compare."""

import pytest
from emulated import MS, Load

from swassess.emulator import layout as at
from swassess.emulator import serving
from swassess.emulator.peripherals import timer

CC1IF, CC1OF, CC2IF = 2, 0x200, 4


@pytest.mark.parametrize("hertz", [100, 730, 5000])
def test_capture_measures_a_signal(load: Load, hertz: int) -> None:
    machine = load("timers", 0, signals=[("PA0", str(hertz))])
    machine.run(100)
    _, period, captures, flags = machine.results(4)
    assert period == pytest.approx(1_000_000 / hertz, abs=1)
    assert captures == pytest.approx(hertz / 10, abs=1.5)
    assert flags & (CC1IF | CC1OF) == 0, "reading CCR1 clears the flag"


def test_capture_is_the_time_of_the_edge(load: Load) -> None:
    machine = load("timers", 0, signals=[("PA0", "1000")])
    machine.run(1.7)
    assert machine.result(2) == 1
    setting_up = 60  # microseconds from reset to CEN, at most
    assert 1500 - setting_up <= machine.result(0) <= 1500, (
        "rising edges after 0.5 ms, which only shows the level, 1.5 ms"
    )


def test_capture_prescaler_takes_every_eighth_edge(load: Load) -> None:
    machine = load("timers", 1, signals=[("PA0", "1000")])
    machine.run(200)
    _, period, captures, _ = machine.results(4)
    assert period == 8000
    assert captures == pytest.approx(200 / 8, abs=1)


def test_another_pin_captures_nothing(load: Load) -> None:
    machine = load("timers", 0, signals=[("PA1", "1000")])
    machine.run(20)
    assert machine.result(2) == 0


def test_capture_nobody_reads_is_an_overcapture(load: Load) -> None:
    machine = load("timers", 2, signals=[("PA0", "1000")])
    machine.run(2.2)
    status = at.TIMER + at.T_SR
    assert machine.state(status) & (CC1IF | CC1OF) == CC1IF
    machine.run(5)
    assert machine.state(status) & (CC1IF | CC1OF) == CC1IF | CC1OF
    assert machine.taken(16 + 28) == 0


def test_signal_follows_its_expression(load: Load) -> None:
    machine = load("timers", 0, variables={"rate": 1000.0}, signals=[("PA0", "rate")], events=[(50 * MS, "rate = 250")])
    machine.run(49)
    assert machine.result(1) == 1000
    machine.run(100)
    assert machine.result(1) == 4000
    captures = machine.result(2)
    machine.mcu.variables[0] = 0.0
    machine.run(150)
    assert machine.result(2) - captures <= 1


def test_updates_interrupt_each_period(load: Load) -> None:
    machine = load("timers", 3)
    machine.run(205)
    assert machine.result(0) == machine.taken(16 + 29) == 20
    assert machine.result(1) & 1
    assert machine.result(2) == 0, "the counter has just wrapped"


def test_update_flag_and_event_generation(load: Load) -> None:
    machine = load("timers", 4)
    machine.mcu.set_watch(machine.symbols["polled"], at.WATCH_STOP)
    assert machine.run(100) == at.DONE_WATCH
    nothing, silent, generated, cleared, wrapped, count = machine.results(6)
    assert (nothing & 1, silent & 1, generated & 1, cleared & 1, wrapped & 1) == (0, 0, 1, 0, 1)
    assert count == 0
    assert machine.mcu.ticks == pytest.approx(10 * MS, abs=MS // 10)


def test_prescaler_waits_for_an_update_event(load: Load) -> None:
    """Without EGR the first period runs with the old prescaler: ten counts of one cycle."""
    machine = load("timers", 4)
    machine.run(0.01)
    base = at.TIMER + at.TIMER_WORDS
    assert machine.state(base + at.T_PSC) == 7999
    assert machine.state(base + at.T_PSC_ACTIVE) in (0, 7999)
    machine.run(1)
    assert machine.state(base + at.T_PSC_ACTIVE) == 7999


def test_compare_interrupts_at_its_count(load: Load) -> None:
    machine = load("timers", 5)
    machine.run(200)
    assert machine.result(0) == machine.taken(16 + 29) == 20
    assert machine.result(1) & CC2IF
    assert machine.result(2) == 4


def test_one_pulse_stops_after_one_period(load: Load) -> None:
    machine = load("timers", 6)
    machine.run(200)
    assert machine.result(0) == 1
    assert machine.state(at.TIMER + at.TIMER_WORDS + at.T_CR1) & 1 == 0


def test_preloaded_period_begins_at_the_next_update(load: Load) -> None:
    machine = load("timers", 7)
    machine.run(15)
    assert machine.result(0) == 1, "the period under way keeps its ten counts"
    machine.run(25)
    assert machine.result(0) == 1
    machine.run(35)
    assert machine.result(0) == 2, "the next one has twenty"


def test_kinds_of_timers_have_one_numbering() -> None:
    kinds = [serving.COMPILED[f"stm32-timer-{name}v1"][1] for name in ("basic-", "", "advanced-")]
    assert kinds == [timer.BASIC, timer.GENERAL, timer.ADVANCED]
