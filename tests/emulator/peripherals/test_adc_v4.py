"""ADC of the STM32L4 and G4."""

from typing import Any

import pytest
from bench import US, Bench, Block

ADRDY, EOC, EOS, OVR, JEOC, JEOS, AWD1 = 1, 4, 8, 0x10, 0x20, 0x40, 0x80
ADEN, ADDIS, ADSTART, JADSTART, ADSTP, JADSTP = 1, 2, 4, 8, 0x10, 0x20
ADVREGEN, DEEPPWD, ADCAL = 1 << 28, 1 << 29, 1 << 31
DMAEN, OVRMOD, CONT, AUTDLY, DISCEN, JAUTO = 1, 0x1000, 0x2000, 0x4000, 1 << 16, 1 << 25
CLOCK = 250_000  # HCLK / 2
CONVERSION = 15 * CLOCK  # 2.5 + 12.5 cycles


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.codes = {channel: 0x300 + channel for channel in range(19)}
    return bench


def adc(bench: Bench, sequence: list[int], configuration: int = 0, enable: bool = True, **parameters: Any) -> Block:
    common = bench.add("stm32-adc-common-v4", "ADC_Common", 0x50040300, ())
    common["CCR"] = 2 << 16
    block = bench.add("stm32-adc-v4", "ADC1", 0x50040000, ("ADC1",), **parameters)
    registers = [len(sequence) - 1, 0, 0, 0]
    for place, channel in enumerate(sequence, 1):
        registers[place // 5] |= channel << (6 * (place % 5))
    for number, value in enumerate(registers, 1):
        block[f"SQR{number}"] = value
    block["CFGR"] = configuration
    if enable:
        block["CR"] = ADVREGEN
        block["CR"] = ADVREGEN | ADEN
        block.until("ISR", ADRDY, ADRDY)
    return block


def start(block: Block, bit: int = ADSTART) -> None:
    block["CR"] = block["CR"] | bit


def test_deep_power_down_and_regulator_come_first(bench: Bench) -> None:
    block = adc(bench, [1], enable=False)
    assert block["CR"] == DEEPPWD
    block["CR"] = DEEPPWD | ADEN
    assert block["CR"] == DEEPPWD
    block["CR"] = ADVREGEN
    block["CR"] = ADVREGEN | ADCAL
    assert block.until("CR", ADCAL, 0) == pytest.approx(116 * CLOCK, abs=200_000)
    block["CR"] = ADVREGEN | ADEN
    block.until("ISR", ADRDY, ADRDY)
    block["CR"] = block["CR"] | ADDIS
    assert block["CR"] == ADVREGEN


def test_sequence_over_several_registers(bench: Bench) -> None:
    channels = [9, 1, 2, 3, 4, 5, 6, 7, 8, 10]
    block = adc(bench, channels)
    start(block)
    seen = []
    for _ in channels:
        block.until("ISR", EOC, EOC)
        seen.append(block["DR"] - 0x300)
    assert seen == channels and block["ISR"] & EOS and not block["CR"] & ADSTART


@pytest.mark.parametrize(
    ("channel", "register", "shift", "sampling", "cycles"), [(1, "SMPR1", 3, 2, 25), (12, "SMPR2", 6, 7, 653)]
)
def test_times(bench: Bench, channel: int, register: str, shift: int, sampling: int, cycles: int) -> None:
    block = adc(bench, [channel])
    block[register] = sampling << shift
    start(block)
    assert bench.blocks["ADC1"].next_event - bench.now == cycles * CLOCK


def test_asynchronous_clock(bench: Bench) -> None:
    block = adc(bench, [1])
    bench.periods["ADC"] = 50_000
    Block(bench, bench.blocks["ADC_Common"])["CCR"] = 2 << 18
    start(block)
    assert bench.blocks["ADC1"].next_event - bench.now == 15 * 200_000


@pytest.mark.parametrize(("wide", "align"), [(False, 1 << 5), (True, 1 << 15)])
def test_alignment_bit_of_l4_and_g4(bench: Bench, wide: bool, align: int) -> None:
    block = adc(bench, [1], align | 1 << 3, wide_triggers=wide)
    start(block)
    block.until("ISR", EOC, EOC)
    assert block["DR"] == 0x301 >> 2 << 6


@pytest.mark.parametrize(("wide", "first"), [(False, 8), (True, 9)])
def test_injected_sequence(bench: Bench, wide: bool, first: int) -> None:
    block = adc(bench, [1], wide_triggers=wide)
    block["JSQR"] = 1 | 5 << first | 6 << (first + 6)
    block["IER"] = JEOS
    start(block, JADSTART)
    bench.pass_time(CONVERSION + US)
    assert block["ISR"] & (JEOC | JEOS) == JEOC and not block.line()
    assert block["JDR1"] == 0x305
    assert not block["ISR"] & JEOC
    bench.pass_time(CONVERSION)
    assert block["ISR"] & JEOS and block.line() and block["JDR2"] == 0x306 and not block["CR"] & JADSTART


def test_automatic_injection_and_offset(bench: Bench) -> None:
    block = adc(bench, [1], JAUTO)
    block["JSQR"] = 5 << 8
    block["OFR1"] = 1 << 31 | 5 << 26 | 0x105
    start(block)
    block.until("ISR", JEOS, JEOS)
    assert block["DR"] == 0x301 and block["JDR1"] == 0x200


def test_delayed_conversion_waits_for_the_reader(bench: Bench) -> None:
    block = adc(bench, [1, 2], AUTDLY)
    start(block)
    bench.pass_time(10 * CONVERSION)
    assert block["DR"] == 0x301 and not block["ISR"] & OVR
    bench.pass_time(CONVERSION)
    assert block["DR"] == 0x302


def test_discontinuous_pieces(bench: Bench) -> None:
    block = adc(bench, [1, 2, 3], DISCEN | 1 << 17)
    for data in (0x302, 0x303, 0x302):
        start(block)
        bench.pass_time(5 * CONVERSION)
        block["ISR"] = OVR
        last = block["DR"]
        assert last in (data, data - 1)
        assert not block["CR"] & ADSTART


@pytest.mark.parametrize(("wide", "setting"), [(False, 1 << 10 | 4 << 6), (True, 1 << 10 | 4 << 5)])
def test_triggered_sequence(bench: Bench, wide: bool, setting: int) -> None:
    block = adc(bench, [1], setting, wide_triggers=wide)
    start(block)
    bench.pass_time(5 * CONVERSION)
    assert not block["ISR"] & EOC
    bench.blocks["ADC1"].triggered("TIM3_TRGO")
    bench.pass_time(5 * CONVERSION)
    assert block["ISR"] & EOC and block["CR"] & ADSTART


def test_second_window(bench: Bench) -> None:
    block = adc(bench, [1])
    block["AWD2CR"] = 1 << 1
    block["TR2"] = 0x20 << 16
    start(block)
    bench.pass_time(2 * CONVERSION)
    assert block["ISR"] & 0x380 == 0x100
    block["TR2"] = 0x31 << 16
    block["ISR"] = 0xFFF
    start(block)
    bench.pass_time(2 * CONVERSION)
    assert block["ISR"] & 0x380 == 0, "the second window compares the upper eight bits"
