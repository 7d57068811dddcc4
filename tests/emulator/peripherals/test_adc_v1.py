"""ADC of the STM32F1, and of the F4 where it is the same or differs."""

from typing import Any

import pytest
from bench import US, Bench, Block

AWD, EOC, JEOC, JSTRT, STRT, OVR = 1, 2, 4, 8, 0x10, 0x20
EOCIE, AWDIE, JEOCIE, SCAN, AWDSGL, JAUTO, DISCEN, JDISCEN = 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000
ADON, CONT, CAL, RSTCAL, DMA, ALIGN = 1, 2, 4, 8, 0x100, 0x800
JEXTTRIG, EXTTRIG, JSWSTART, SWSTART = 1 << 15, 1 << 20, 1 << 21, 1 << 22
SOFTWARE = 7 << 17 | EXTTRIG | 7 << 12 | JEXTTRIG
CLOCK = 100_000
CONVERSION = 14 * CLOCK
RAM = 0x20000000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.periods["ADC"] = CLOCK
    bench.codes = {channel: 0x200 + channel for channel in range(16)}
    return bench


def adc(bench: Bench, sequence: list[int], first: int = 0, second: int = 0, **parameters: Any) -> Block:
    block = bench.add("stm32-adc-v1", "ADC1", 0x40012400, ("ADC1_2",), **parameters)
    order(block, sequence)
    block["CR1"] = first
    block["CR2"] = ADON | SOFTWARE | second
    return block


def order(block: Block, sequence: list[int]) -> None:
    registers = [0, 0, 0]
    for place, channel in enumerate(sequence):
        registers[place // 6] |= channel << (5 * (place % 6))
    block["SQR3"], block["SQR2"] = registers[:2]
    block["SQR1"] = registers[2] | (len(sequence) - 1) << 20


def start(block: Block, bit: int = SWSTART) -> None:
    block["CR2"] = block["CR2"] | bit


def test_one_channel_by_software(bench: Bench) -> None:
    block = adc(bench, [3])
    start(block)
    assert block["SR"] == STRT and not block["CR2"] & SWSTART
    assert block.until("SR", EOC, EOC) == CONVERSION
    assert block["DR"] == 0x203
    assert not block["SR"] & EOC
    bench.pass_time(10 * CONVERSION)
    assert not block["SR"] & EOC


def test_start_by_writing_adon_again(bench: Bench) -> None:
    block = adc(bench, [3])
    block["CR2"] = block["CR2"]
    block.until("SR", EOC, EOC)
    block["DR"]
    block["CR2"] = block["CR2"] | ALIGN
    bench.pass_time(5 * CONVERSION)
    assert not block["SR"] & EOC, "another bit changed: no start"
    block["CR2"] = block["CR2"]
    block.until("SR", EOC, EOC)
    assert block["DR"] == 0x2030


@pytest.mark.parametrize(("channel", "register", "shift"), [(3, "SMPR2", 9), (12, "SMPR1", 6)])
def test_sampling_time(bench: Bench, channel: int, register: str, shift: int) -> None:
    block = adc(bench, [channel])
    block[register] = 7 << shift
    start(block)
    assert block.until("SR", EOC, EOC) == 252 * CLOCK


def test_without_scan_only_the_first_channel_counts(bench: Bench) -> None:
    block = adc(bench, [5, 6, 7])
    start(block)
    assert block.until("SR", EOC, EOC) == CONVERSION
    assert block["DR"] == 0x205
    bench.pass_time(5 * CONVERSION)
    assert block["DR"] == 0x205


def test_scan_ends_with_the_group(bench: Bench) -> None:
    block = adc(bench, [5, 6, 7], SCAN)
    start(block)
    assert block.until("SR", EOC, EOC) == 3 * CONVERSION
    assert block["DR"] == 0x207


def test_scan_by_dma_long_sequence(bench: Bench) -> None:
    dma = bench.add("stm32-dma-v1", "DMA1", 0x40020000, ("DMA1_Channel1",), requests={1: ["ADC1"]})
    channels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    block = adc(bench, channels, SCAN, DMA)
    bench.fill(RAM, bytes(64))
    dma["CPAR1"], dma["CMAR1"], dma["CNDTR1"] = block.address("DR"), RAM, len(channels)
    dma["CCR1"] = 1 | 2 | 0x80 | 1 << 8 | 1 << 10
    start(block)
    bench.pass_time(13 * CONVERSION + 2 * US)
    assert [bench.memory[RAM + 2 * i] for i in range(13)] == channels and dma["ISR"] & 2
    assert not block["SR"] & EOC, "the DMA has read the last one"


def test_continuous_conversion_follows_the_input_without_events(bench: Bench) -> None:
    block = adc(bench, [4], 0, CONT)
    start(block)
    block.until("SR", EOC, EOC)
    bench.looked_again = 0
    bench.pass_time(10_000 * CONVERSION)
    assert bench.looked_again == 0
    bench.codes[4] = 9
    bench.pass_time(2 * CONVERSION)
    assert block["DR"] == 9
    bench.pass_time(2 * CONVERSION)
    assert block["SR"] & EOC


def test_interrupts(bench: Bench) -> None:
    block = adc(bench, [4], EOCIE)
    start(block)
    bench.pass_time(CONVERSION - 1)
    assert not block.line()
    bench.pass_time(1)
    assert block.line()
    block["SR"] = ~EOC & 0xFFFFFFFF
    assert not block.line()


def test_calibration_takes_83_cycles(bench: Bench) -> None:
    block = adc(bench, [1])
    block["CR2"] = block["CR2"] | RSTCAL
    assert block.until("CR2", RSTCAL, 0) < 5 * CLOCK
    block["CR2"] = block["CR2"] | CAL
    assert block["CR2"] & CAL
    assert block.until("CR2", CAL, 0) == 83 * CLOCK
    assert not block["SR"] & EOC, "calibration starts no conversion"


def test_injected_sequence_interrupts_the_regular_one(bench: Bench) -> None:
    block = adc(bench, [1], SCAN | JEOCIE)
    block["JSQR"] = 1 << 20 | 8 << 10 | 9 << 15
    block["JOFR2"] = 0x300
    start(block)
    bench.pass_time(CONVERSION // 2)
    start(block, JSWSTART)
    assert block["SR"] & JSTRT
    bench.pass_time(2 * CONVERSION)
    assert block["SR"] & JEOC and block.line()
    assert block["JDR1"] == 0x208 and block["JDR2"] == (0x209 - 0x300) & 0xFFFF
    block["SR"] = ~(JEOC | EOC) & 0xFFFFFFFF
    assert not block.line()
    assert block.until("SR", EOC, EOC) == CONVERSION, "the regular conversion is done again"
    assert block["DR"] == 0x201


def test_automatic_injection(bench: Bench) -> None:
    block = adc(bench, [1], SCAN | JAUTO)
    block["JSQR"] = 8 << 15
    start(block)
    assert block.until("SR", JEOC, JEOC) == 2 * CONVERSION
    assert block["DR"] == 0x201 and block["JDR1"] == 0x208


def test_discontinuous_mode(bench: Bench) -> None:
    block = adc(bench, [1, 2, 3], SCAN | DISCEN | 1 << 13)
    for data, ended in ((0x202, 0), (0x203, EOC), (0x202, 0)):
        start(block)
        bench.pass_time(5 * CONVERSION)
        assert block["SR"] & EOC == ended
        assert block["DR"] == data


@pytest.mark.parametrize(("control", "seen"), [(1 << 23, True), (1 << 23 | AWDSGL | 3, False), (0, False)])
def test_watchdog(bench: Bench, control: int, seen: bool) -> None:
    block = adc(bench, [4], control | AWDIE)
    block["HTR"] = 0x203
    start(block)
    bench.pass_time(2 * CONVERSION)
    assert bool(block["SR"] & AWD) == block.line() == seen


def test_triggers(bench: Bench) -> None:
    block = adc(bench, [4])
    block["JSQR"] = 8 << 15
    block["CR2"] = ADON | 4 << 17 | EXTTRIG | 2 << 12 | JEXTTRIG
    for event, flag in (("TIM3_TRGO", EOC), ("TIM2_TRGO", JEOC), ("TIM4_TRGO", 0)):
        block["SR"] = 0
        bench.blocks["ADC1"].triggered(event)
        bench.pass_time(2 * CONVERSION)
        assert block["SR"] & (EOC | JEOC) == (flag | EOC if flag else 0)


def test_off_means_off(bench: Bench) -> None:
    block = adc(bench, [4])
    start(block)
    block["CR2"] = 0
    bench.pass_time(5 * CONVERSION)
    assert not block["SR"] & EOC
    bench.blocks["ADC1"].triggered("TIM3_TRGO")
    start(block)
    bench.pass_time(5 * CONVERSION)
    assert not block["SR"] & EOC


def f4(bench: Bench, sequence: list[int], first: int = 0, second: int = 0) -> Block:
    common = bench.add("stm32-adc-common-v3", "ADC_Common", 0x40012300, ())
    common["CCR"] = 1 << 16  # PCLK2 / 4
    block = bench.add("stm32-adc-v3", "ADC1", 0x40012000, ("ADC",))
    order(block, sequence)
    block["CR1"] = first
    block["CR2"] = ADON | second
    return block


EOCS, SWSTART4, JSWSTART4 = 0x400, 1 << 30, 1 << 22
F4_CLOCK = 4 * 125_000


@pytest.mark.parametrize(("control", "cycles", "data"), [(0, 15, 0x204), (1 << 24, 13, 0x81), (3 << 24, 9, 8)])
def test_f4_resolutions(bench: Bench, control: int, cycles: int, data: int) -> None:
    block = f4(bench, [4], control)
    start(block, SWSTART4)
    assert block.until("SR", EOC, EOC) == cycles * F4_CLOCK
    assert block["DR"] == data


def test_f4_end_of_each_conversion_and_overrun(bench: Bench) -> None:
    block = f4(bench, [4, 5, 6], SCAN | 1 << 26, EOCS)
    start(block, SWSTART4)
    assert block.until("SR", EOC, EOC) == 15 * F4_CLOCK
    assert block["DR"] == 0x204
    bench.pass_time(60 * F4_CLOCK)
    assert block["SR"] & OVR and block["DR"] == 0x205 and block.line()
    block["SR"] = 0
    assert not block.line()


def test_f4_triggers_by_edge(bench: Bench) -> None:
    block = f4(bench, [4], 0, 8 << 24 | 1 << 28)
    bench.blocks["ADC1"].triggered("TIM2_TRGO")
    bench.pass_time(60 * F4_CLOCK)
    assert not block["SR"] & EOC
    bench.blocks["ADC1"].triggered("TIM3_TRGO")
    bench.pass_time(60 * F4_CLOCK)
    assert block["SR"] & EOC


def test_f4_common_status(bench: Bench) -> None:
    block = f4(bench, [4])
    bench.add("stm32-adc-v3", "ADC2", 0x40012100, ("ADC",))
    second = Block(bench, bench.blocks["ADC2"])
    second["CR2"] = ADON
    start(second, SWSTART4)
    bench.pass_time(60 * F4_CLOCK)
    assert Block(bench, bench.blocks["ADC_Common"])["CSR"] == (EOC | STRT) << 8
    assert not block["SR"] & EOC
