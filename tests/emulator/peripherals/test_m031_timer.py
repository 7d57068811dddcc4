"""Timers of the Nuvoton M031."""

import pytest
from bench import US, Bench, Block

INTEN, CNTEN, RSTCNT, ACTSTS = 1 << 29, 1 << 30, 1 << 26, 1 << 25
ONE_SHOT, PERIODIC, CONTINUOUS = 0, 1 << 27, 3 << 27
COUNT = 8 * 125_000  # PSC 7


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.periods |= {"TIMER0": 125_000, "TIMER3": 250_000}
    return bench


def timer(bench: Bench, name: str = "TIMER0") -> Block:
    return bench.add("nuvoton-m031-timer-v1", name, 0x40050000, ("TMR0",))


def start(block: Block, mode: int, compare: int) -> None:
    block["CMP"] = compare
    block["CTL"] = mode | CNTEN | INTEN | 7


def test_periodic_time_out(bench: Bench) -> None:
    block = timer(bench)
    start(block, PERIODIC, 1000)
    for _ in range(3):
        bench.pass_time(1000 * COUNT - US)
        assert not block["INTSTS"] and not block.line() and block["CNT"] == 999
        bench.pass_time(US)
        assert block["INTSTS"] == 1 and block.line() and block["CNT"] == 0
        block["INTSTS"] = 1
        assert not block.line()


def test_one_shot_stops_by_itself(bench: Bench) -> None:
    block = timer(bench)
    start(block, ONE_SHOT, 100)
    assert block["CTL"] & ACTSTS
    bench.pass_time(100 * COUNT)
    assert block.line() and not block["CTL"] & (CNTEN | ACTSTS) and block["CNT"] == 0
    bench.pass_time(1000 * COUNT)
    assert block["CNT"] == 0


def test_continuous_counting_goes_past_the_compare_value(bench: Bench) -> None:
    block = timer(bench)
    start(block, CONTINUOUS, 100)
    bench.pass_time(150 * COUNT)
    assert block["INTSTS"] == 1 and block["CNT"] == 150
    block["INTSTS"] = 1
    block["CMP"] = 200
    assert block["CNT"] == 150
    bench.pass_time(50 * COUNT)
    assert block["INTSTS"] == 1


def test_a_flag_that_stands_costs_nothing(bench: Bench) -> None:
    block = timer(bench)
    start(block, PERIODIC, 10)
    bench.pass_time(10 * COUNT)
    bench.looked_again = 0
    bench.pass_time(1_000_003 * COUNT)
    assert bench.looked_again == 0 and block["CNT"] == 3
    block["INTSTS"] = 1
    assert block.until("INTSTS", 1, 1, step=COUNT) == 7 * COUNT


def test_suspended_and_reset(bench: Bench) -> None:
    block = timer(bench)
    start(block, PERIODIC, 1000)
    bench.pass_time(300 * COUNT)
    block["CTL"] = PERIODIC | 7
    bench.pass_time(300 * COUNT)
    assert block["CNT"] == 300
    block["CTL"] = PERIODIC | CNTEN | 7
    bench.pass_time(100 * COUNT)
    assert block["CNT"] == 400
    block["CTL"] = block["CTL"] | RSTCNT
    assert block["CNT"] == 0 and not block["CTL"] & (CNTEN | RSTCNT)


def test_a_new_compare_value_starts_over_unless_counting_on(bench: Bench) -> None:
    block = timer(bench)
    start(block, PERIODIC, 1000)
    bench.pass_time(300 * COUNT)
    block["CMP"] = 500
    assert block["CNT"] == 0


def test_clocks_are_each_timer_s_own(bench: Bench) -> None:
    block = timer(bench, "TIMER3")
    start(block, PERIODIC, 1000)
    bench.pass_time(10 * COUNT)
    assert block["CNT"] == 5
    bench.periods["TIMER3"] = 125_000
    bench.blocks["TIMER3"].clock_changed()
    bench.pass_time(10 * COUNT)
    assert block["CNT"] == 15
