"""Low-power timer (STM32L4, G0, G4)."""

import pytest
from bench import US, Bench, Block

ENABLE, SNGSTRT, CNTSTRT, COUNTRST = 1, 2, 4, 8
CMPM, ARRM, CMPOK, ARROK = 1, 2, 8, 0x10
COUNT = 4 * 1_000_000  # prescaler 4 of 1 MHz


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.periods["LPTIM1"] = 1_000_000
    return bench


def timer(bench: Bench, enable: int = 0, reload: int = 999, compare: int = 250) -> Block:
    block = bench.add("stm32-lptim-v1", "LPTIM1", 0x40007C00)
    block["CFGR"] = 2 << 9
    block["IER"] = enable
    block["CR"] = ENABLE
    block["ARR"] = reload
    block.until("ISR", ARROK, ARROK)
    block["CMP"] = compare
    block.until("ISR", CMPOK, CMPOK)
    block["ICR"] = 0x7F
    return block


def test_writes_take_three_cycles(bench: Bench) -> None:
    block = bench.add("stm32-lptim-v1", "LPTIM1", 0x40007C00)
    block["ARR"] = 10
    assert block["ARR"] == 1, "not while it is off"
    block["CR"] = ENABLE
    block["ARR"] = 10
    assert block.until("ISR", ARROK, ARROK) == 3 * US


def test_continuous_counting(bench: Bench) -> None:
    block = timer(bench, ARRM)
    block["CR"] = ENABLE | CNTSTRT
    bench.pass_time(250 * COUNT)
    assert block["CNT"] == 250 and block["ISR"] == CMPM and not block.line()
    bench.pass_time(749 * COUNT)
    assert block["ISR"] == CMPM | ARRM and block.line()
    block["ICR"] = ARRM
    assert not block.line()
    bench.pass_time(COUNT)
    assert block["CNT"] == 0
    bench.pass_time(999 * COUNT)
    assert block.line()


def test_single_counting_stops(bench: Bench) -> None:
    block = timer(bench)
    block["CR"] = ENABLE | SNGSTRT
    bench.pass_time(1000 * COUNT)
    assert block["ISR"] == CMPM | ARRM and block["CNT"] == 0
    block["ICR"] = 0x7F
    bench.pass_time(3000 * COUNT)
    assert block["ISR"] == 0
    block["CR"] = ENABLE | SNGSTRT
    bench.pass_time(300 * COUNT)
    assert block["ISR"] == CMPM


def test_flags_that_stand_cost_nothing(bench: Bench) -> None:
    block = timer(bench)
    block["CR"] = ENABLE | CNTSTRT
    bench.pass_time(2000 * COUNT)
    bench.looked_again = 0
    bench.pass_time(1_000_100 * COUNT)
    assert bench.looked_again == 0 and block["CNT"] == 100
    block["ICR"] = CMPM
    assert block.until("ISR", CMPM, CMPM, step=COUNT, limit=1000 * COUNT) == 150 * COUNT


def test_disabling_resets(bench: Bench) -> None:
    block = timer(bench)
    block["CR"] = ENABLE | CNTSTRT
    bench.pass_time(500 * COUNT)
    block["CR"] = 0
    assert block["CNT"] == 0 and block["ISR"] == 0
    bench.pass_time(5000 * COUNT)
    assert block["ISR"] == 0


def test_counter_reset_and_clock(bench: Bench) -> None:
    block = timer(bench)
    block["CR"] = ENABLE | CNTSTRT
    bench.pass_time(100 * COUNT)
    block["CR"] = ENABLE | COUNTRST
    assert block["CNT"] == 0
    bench.pass_time(10 * COUNT)
    bench.periods["LPTIM1"] = 2_000_000
    bench.blocks["LPTIM1"].clock_changed()
    bench.pass_time(10 * COUNT)
    assert block["CNT"] == 15
