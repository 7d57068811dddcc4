"""Ports, external interrupts, bit-band, factory memories."""

import pytest
from emulated import MS, Load

from swassess.emulator import layout as at


def test_output_registers(load: Load) -> None:
    machine = load("pins", 0)
    machine.run(1)
    assert machine.results(6) == [1, 2, 2, 0, 2, 3]
    mcu = machine.mcu
    assert mcu.state[at.GPIO + at.GPIO_WORDS + at.G_ODR] == 3


def test_inputs_and_resistors(load: Load) -> None:
    machine = load("pins", 1)
    machine.run(0.9)
    assert machine.result(0) == 0b0001_0001, "pulled up, pulled down, floating, analogue, released open drain"


def test_driven_pins_win_over_resistors(load: Load) -> None:
    machine = load(
        "pins",
        1,
        digital={"PA0": "t < 0.005", "PA1": "1", "PA2": "t >= 0.005", "PA3": "1", "PA4": "0", "PA7": "1"},
    )
    machine.run(4.5)
    assert machine.result(0) == 0b1000_0011
    machine.run(6)
    assert machine.result(0) == 0b1000_0110


@pytest.mark.parametrize(("select", "count"), [(2, 3), (3, 0), (4, 0)])
def test_exti_counts_edges_of_the_selected_pin(load: Load, select: int, count: int) -> None:
    pulses = "(t >= 0.005 && t < 0.010) || t >= 0.020"
    machine = load("pins", select, digital={"PA4": pulses, "PB5": pulses})
    machine.run(30)
    assert machine.result(0) == machine.taken(16 + 10) == count
    if count:
        assert machine.result(1) == 1 << 4
        assert machine.state(at.EXTI_PR) == 0, "writing 1 clears"
    elif select == 4:
        assert machine.state(at.EXTI_PR) == 1 << 4, "masked edges stay pending in EXTI"


def test_exti_ignores_what_is_no_edge(load: Load) -> None:
    machine = load("pins", 2, digital={"PA4": "1"})
    machine.run(30)
    assert machine.result(0) == 0


def test_line_that_rises_while_its_handler_runs_is_pending_again(load: Load) -> None:
    machine = load("pins", 7, digital={"PA4": "t >= 0.005"})
    machine.run(30)
    assert machine.result(0) == machine.taken(16 + 10) == 2


def test_bit_band_reaches_single_bits(load: Load) -> None:
    machine = load("pins", 6, taps="trace")
    machine.run(1)
    read_back, cell, levels, odr_bit_0 = machine.results(4)
    assert read_back == 1
    assert cell == 0x08, "bit 3 set, bit 7 cleared"
    assert levels == 2
    assert odr_bit_0 == 0


def test_flash_size_can_be_read(load: Load) -> None:
    mcu = load("pins").mcu
    assert bytes(mcu.engine.mem_read(0x1FFFF7E0, 2)) == (64).to_bytes(2, "little")


def test_output_signature_tells_output_histories_apart(load: Load) -> None:
    first, again, other = load("pins", 5), load("pins", 5), load("pins", 5)
    for machine in (first, again):
        machine.run(50)
    other.run(20)
    other.mcu.state[at.GPIO + at.GPIO_WORDS + at.G_ODR] ^= 1  # one missed edge
    other.run(50)
    signatures = [machine.state(at.OUTPUT_SIGNATURE) for machine in (first, again, other)]
    assert signatures[0] == signatures[1] != signatures[2]
    before = first.state(at.OUTPUT_SIGNATURE)
    first.run(60)
    assert first.state(at.OUTPUT_SIGNATURE) != before


def test_monitors_keep_first_last_and_longest(load: Load) -> None:
    machine = load(
        "pins",
        5,
        monitors=[
            ("high", "PB0"),
            ("late", "t > 0.0205"),
            ("never", "PB0 && !PB0"),
            ("window", "t > 0.003 && t < 0.0065"),
        ],
    )
    machine.run(31)
    first = [machine.state(at.MONITOR_FIRST + i) - 1 for i in range(4)]
    longest = [machine.state(at.MONITOR_LONGEST + i) for i in range(4)]
    last_false = [machine.state(at.MONITOR_LAST_FALSE + i) - 1 for i in range(4)]
    assert first[0] == pytest.approx(2.5 * MS, abs=MS // 100)
    assert longest[0] == pytest.approx(2.5 * MS, abs=MS // 100), "up to the edge itself, not the latest plant step"
    assert last_false[1] <= 20.5 * MS < first[1] <= 21 * MS + MS // 100
    assert first[2] == -1 and longest[2] == 0
    assert 3 * MS < first[3] <= 4 * MS
    assert 2.5 * MS <= longest[3] <= 4 * MS
    assert machine.state(at.MONITOR_SINCE + 3) == 0
    assert machine.state(at.MONITOR_VALUE + 1) == 1


def test_run_stops_when_a_monitor_becomes_true(load: Load) -> None:
    machine = load("pins", 5, monitors=[("never", "0"), ("high", "PB0")])
    machine.mcu.control[at.C_STOP_ON_MONITOR] = 2
    assert machine.run(50) == at.DONE_MONITOR
    assert machine.mcu.ticks == pytest.approx(2.5 * MS, abs=MS // 100)
    assert machine.run(50) == at.DONE_TIME, "only the first time counts"
