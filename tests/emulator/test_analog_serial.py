"""ADC1 and USART1."""

import pytest
from emulated import CYCLE, MS, Load

from swassess.emulator import layout as at
from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.emulator.peripherals.stm32_adc_v1 import AdcV1

CONVERSION_CYCLES = 2 * (239.5 + 12.5)  # ADC clock: core clock / 2
BYTE_MS = 10 / 9.6


@pytest.mark.parametrize("select", [0, 1])
def test_conversion_gives_the_scenario_s_code(load: Load, select: int) -> None:
    machine = load("converter", select, analog={1: "1234.9", 2: "99"})
    machine.run(2)
    assert machine.result(0) == 1234
    assert machine.result(1) & 2 == 0, "reading DR clears EOC"


def test_conversion_takes_its_time(load: Load) -> None:
    machine = load("converter", 0, analog={1: "1234"})
    mcu = machine.mcu
    mcu.set_watch(machine.symbols["polling"], at.WATCH_STOP)
    mcu.set_watch(machine.symbols["converted"], at.WATCH_STOP)
    assert machine.run(2) == at.DONE_WATCH
    started = mcu.ticks
    while mcu.pc != machine.symbols["converted"]:
        assert machine.run(2) == at.DONE_WATCH
    assert (mcu.ticks - started) / CYCLE == pytest.approx(CONVERSION_CYCLES, abs=20)


def test_adc_prescaler_stretches_the_conversion(load: Load) -> None:
    machine = load("converter", 0, analog={1: "1234"})
    mcu = machine.mcu
    machine.block("RCC").write(4, 3 << 14, 4)  # ADCPRE: core clock / 8
    mcu.set_watch(machine.symbols["converted"], at.WATCH_STOP)
    assert machine.run(2) == at.DONE_WATCH
    assert mcu.ticks / CYCLE == pytest.approx(4 * CONVERSION_CYCLES, abs=100)


@pytest.mark.parametrize(("code", "expected"), [("-5", 0), ("5000", 4095), ("exp(1000)", 4095)])
def test_codes_are_limited_to_twelve_bits(load: Load, code: str, expected: int) -> None:
    machine = load("converter", 0, analog={1: code})
    machine.run(2)
    assert machine.result(0) == expected


@pytest.mark.parametrize("select", [2, 5])
def test_nothing_is_converted(load: Load, select: int) -> None:
    machine = load("converter", select, analog={1: "1234"})
    machine.run(2)
    assert machine.result(0) == 0
    assert machine.result(3) & 2 == 0


def test_end_of_conversion_interrupts(load: Load) -> None:
    machine = load("converter", 3, analog={1: "77"})
    machine.run(2)
    assert machine.result(0) == 77
    assert machine.result(2) == machine.taken(16 + 18) == 1


def test_continuous_conversions_follow_the_input(load: Load) -> None:
    machine = load("converter", 4, analog={1: "t < 0.005 ? 100 : 200"})
    machine.run(4)
    assert machine.result(0) == 100 << 4
    assert machine.result(2) == pytest.approx(4 * MS / CYCLE / CONVERSION_CYCLES, abs=3)
    machine.run(6)
    assert machine.result(0) == 200 << 4


def test_received_bytes_interrupt_one_by_one(load: Load) -> None:
    machine = load("serial", 0, frames=[(2 * MS, b"AbC"), (20 * MS, b"\x00\xff")])
    machine.run(2 + BYTE_MS - 0.1)
    assert machine.result(1) == 0
    machine.run(2 + BYTE_MS + 0.1)
    assert machine.result(1) == 1
    machine.run(30)
    assert machine.result(1) == machine.taken(16 + 37) == 5
    received = machine.word(0x20000100 + 8).to_bytes(4, "little") + machine.word(0x20000100 + 12).to_bytes(4, "little")
    assert received[1:6] == b"AbC\x00\xff"
    assert machine.result(0) & 0x28 == 0x20, "RXNE without overrun"


def test_byte_nobody_reads_is_overrun_and_the_first_stays(load: Load) -> None:
    machine = load("serial", 1, frames=[(2 * MS, b"AB")])
    machine.run(2 + BYTE_MS + 0.1)
    assert machine.block("USART1").get("SR") & 0x28 == 0x20
    machine.run(10)
    assert machine.block("USART1").get("SR") & 0x28 == 0x28
    assert machine.block("USART1").peek(4) == ord("A")


def test_receiver_that_is_off_hears_nothing(load: Load) -> None:
    machine = load("serial", 3, frames=[(2 * MS, b"AB")])
    machine.run(10)
    assert machine.block("USART1").get("SR") & 0x28 == 0


def test_transmission_takes_ten_bits(load: Load) -> None:
    machine = load("serial", 2)
    machine.mcu.set_watch(machine.symbols["sent"], at.WATCH_STOP)
    assert machine.run(10) == at.DONE_WATCH
    assert machine.result(0) & 0xC0 == 0x80, "the data register is free again, the byte is under way"
    assert machine.mcu.ticks == pytest.approx(10 * 833 * CYCLE, abs=100 * CYCLE)
    assert machine.state(at.NEXT_TRANSMISSION) == 1


def test_clean_reads_from_the_memo_change_nothing(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that polls flags of a converter leaves the same state when each poll asks the block."""
    remembered = load("converter", 0, analog={1: "1000 + 100 * sin(t * 50)"}).mcu
    monkeypatch.setattr(AdcV1, "is_clean", lambda self, name: False)
    monkeypatch.setattr(Behaviour, "is_clean", lambda self, name: False)
    asked = load("converter", 0, analog={1: "1000 + 100 * sin(t * 50)"}).mcu
    for milliseconds in (1, 5, 30):
        remembered.run(milliseconds * MS)
        asked.run(milliseconds * MS)
        assert remembered.digest() == asked.digest()
    assert remembered.control[at.C_VERSION] < asked.control[at.C_VERSION], "fewer questions"
