"""ADC with a channel selection register (STM32F0, G0)."""

from typing import Any

import pytest
from bench import US, Bench, Block

ADRDY, EOC, EOS, OVR, AWD, CCRDY = 1, 4, 8, 0x10, 0x80, 0x2000
ADEN, ADDIS, ADSTART, ADSTP, ADVREGEN, ADCAL = 1, 2, 4, 0x10, 1 << 28, 1 << 31
DMAEN, SCANDIR, ALIGN, OVRMOD, CONT, WAIT, DISCEN = 1, 4, 0x20, 0x1000, 0x2000, 0x4000, 1 << 16
CLOCK = 250_000  # PCLK / 2
CONVERSION = 14 * CLOCK  # 1.5 + 12.5 cycles
G0: dict[str, Any] = {
    "regulator": True,
    "sequencer": True,
    "calibration_cycles": 82,
    "sampling_halves": [3, 7, 15, 25, 39, 79, 159, 321],
    "async_clocks": ["ADC"],
    "internal": {12: 1228, 13: 1504},
}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.codes = {channel: 0x100 + channel for channel in range(10)}
    return bench


def adc(bench: Bench, channels: int = 0, first: int = 0, enable: bool = True, **parameters: Any) -> Block:
    block = bench.add("stm32-adc-v2", "ADC1", 0x40012400, **parameters)
    block["CFGR2"] = 1 << 30
    block["CFGR1"] = first
    block["CHSELR"] = channels
    if enable:
        if parameters.get("regulator"):
            block["CR"] = ADVREGEN
        block["CR"] = block["CR"] | ADEN
        block.until("ISR", ADRDY, ADRDY)
    return block


def test_ready_after_enable(bench: Bench) -> None:
    block = adc(bench, enable=False)
    block["CR"] = ADEN
    assert not block["ISR"] & ADRDY and block["CR"] == ADEN
    assert block.until("ISR", ADRDY, ADRDY) == pytest.approx(14 * CLOCK, abs=100_000)
    block["CR"] = block["CR"] | ADDIS
    assert block["CR"] == 0


def test_calibration_takes_83_cycles_and_only_while_off(bench: Bench) -> None:
    block = adc(bench, enable=False)
    block["CR"] = ADCAL
    assert block["CR"] & ADCAL
    assert block.until("CR", ADCAL, 0) == pytest.approx(83 * CLOCK, abs=100_000)
    assert block["DR"] == 0x40
    block["CR"] = ADEN
    block["CR"] = ADEN | ADCAL
    assert not block["CR"] & ADCAL


def test_single_sequence(bench: Bench) -> None:
    block = adc(bench, 0b1010_0001)
    block["CR"] = block["CR"] | ADSTART
    seen = []
    for _ in range(3):
        assert block.until("ISR", EOC, EOC) == pytest.approx(CONVERSION, abs=200_000)
        seen.append((block["ISR"] & EOS, block["DR"]))
        assert not block["ISR"] & EOC
    assert seen == [(0, 0x100), (0, 0x105), (EOS, 0x107)]
    assert not block["CR"] & ADSTART


def test_backward_scan(bench: Bench) -> None:
    block = adc(bench, 0b110, SCANDIR)
    block["CR"] = block["CR"] | ADSTART
    block.until("ISR", EOC, EOC)
    assert block["DR"] == 0x102


@pytest.mark.parametrize(("sampling", "cycles"), [(0, 14), (4, 54), (7, 252)])
def test_sampling_time(bench: Bench, sampling: int, cycles: int) -> None:
    block = adc(bench, 1)
    block["SMPR"] = sampling
    block["CR"] = block["CR"] | ADSTART
    assert bench.blocks["ADC1"].next_event - bench.now == cycles * CLOCK


@pytest.mark.parametrize(
    ("control", "data"),
    [(0, 0xABC), (ALIGN, 0xABC0), (1 << 3, 0x2AF), (2 << 3, 0xAB), (3 << 3, 0x2A), (3 << 3 | ALIGN, 0xA8)],
)
def test_resolution_and_alignment(bench: Bench, control: int, data: int) -> None:
    bench.codes[0] = 0xABC
    block = adc(bench, 1, control)
    block["CR"] = block["CR"] | ADSTART
    block.until("ISR", EOC, EOC)
    assert block["DR"] == data


def test_own_oscillator_runs_the_conversion(bench: Bench) -> None:
    block = adc(bench, 1)
    block["CFGR2"] = 0
    block["CR"] = block["CR"] | ADSTART
    assert bench.blocks["ADC1"].next_event > 1 << 60, "it stands"
    block["CR"] = block["CR"] | ADSTP
    bench.periods["ADC"] = 71_429
    block["CR"] = block["CR"] | ADSTART
    assert bench.blocks["ADC1"].next_event - bench.now == 14 * 71_429


def test_overrun_keeps_the_old_value_unless_told(bench: Bench) -> None:
    for mode, data in ((0, 0x100), (OVRMOD, 0x101)):
        block = adc(bench, 0b11, mode)
        block["CR"] = block["CR"] | ADSTART
        bench.pass_time(3 * CONVERSION)
        assert block["ISR"] & OVR and block["DR"] == data
        block["ISR"] = OVR
        assert not block["ISR"] & OVR


def test_continuous_conversion_without_reader_plans_no_events(bench: Bench) -> None:
    block = adc(bench, 1, CONT | OVRMOD)
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(10 * CONVERSION)
    bench.looked_again = 0
    bench.pass_time(100_000 * CONVERSION)
    assert bench.looked_again == 0
    bench.codes[0] = 77
    bench.pass_time(2 * CONVERSION)
    assert block["DR"] == 77
    assert block.until("ISR", EOC, EOC) <= CONVERSION
    block["CR"] = block["CR"] | ADSTP
    assert not block["CR"] & ADSTART
    block["ISR"] = 0xFF
    bench.pass_time(3 * CONVERSION)
    assert not block["ISR"] & EOC


def test_wait_mode_waits_for_the_reader(bench: Bench) -> None:
    block = adc(bench, 0b11, WAIT)
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(20 * CONVERSION)
    assert not block["ISR"] & OVR and block["DR"] == 0x100
    bench.pass_time(CONVERSION)
    assert block["DR"] == 0x101 and not block["ISR"] & OVR


def test_discontinuous_mode(bench: Bench) -> None:
    block = adc(bench, 0b11, DISCEN)
    for code in (0x100, 0x101, 0x100):
        block["CR"] = block["CR"] | ADSTART
        bench.pass_time(5 * CONVERSION)
        assert block["DR"] == code and not block["CR"] & ADSTART


def test_interrupt_of_the_sequence_s_end(bench: Bench) -> None:
    block = adc(bench, 0b11)
    block["IER"] = EOS
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(CONVERSION + US)
    assert not block.line()
    bench.pass_time(CONVERSION)
    assert block.line()
    block["ISR"] = EOS
    assert not block.line()


def test_watchdog_window(bench: Bench) -> None:
    block = adc(bench, 0b11, 1 << 23 | 1 << 22 | 1 << 26)  # channel 1 alone
    block["TR"] = 0x200 << 16 | 0x101
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(3 * CONVERSION)
    assert not block["ISR"] & AWD
    bench.codes[1] = 0x100
    block["ISR"] = 0xFF
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(3 * CONVERSION)
    assert block["ISR"] & AWD


def test_trigger_starts_the_sequence_again_and_again(bench: Bench) -> None:
    block = adc(bench, 1, 1 << 10 | 3 << 6)
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(10 * CONVERSION)
    assert not block["ISR"] & EOC
    for _ in range(2):
        bench.blocks["ADC1"].triggered("TIM2_TRGO")
        bench.pass_time(2 * CONVERSION)
        assert not block["ISR"] & EOC
        bench.blocks["ADC1"].triggered("TIM3_TRGO")
        bench.pass_time(2 * CONVERSION)
        assert block["ISR"] & EOC and block["CR"] & ADSTART and block["DR"] == 0x100


def test_inner_channels_have_typical_codes(bench: Bench) -> None:
    block = adc(bench, 1 << 17)
    block["CR"] = block["CR"] | ADSTART
    block.until("ISR", EOC, EOC)
    assert block["DR"] == 1526
    bench.codes[17] = 1000
    block["CR"] = block["CR"] | ADSTART
    block.until("ISR", EOC, EOC)
    assert block["DR"] == 1000


def test_dma_takes_each_conversion(bench: Bench) -> None:
    dma = bench.add("stm32-dma-v1", "DMA1", 0x40020000, ("DMA1_Channel1",), requests={1: ["ADC1"]})
    block = adc(bench, 0b111, DMAEN | CONT)
    bench.fill(0x20000000, bytes(16))
    dma["CPAR1"] = block.address("DR")
    dma["CMAR1"] = 0x20000000
    dma["CNDTR1"] = 3
    dma["CCR1"] = 1 | 2 | 0x20 | 0x80 | 1 << 8 | 1 << 10
    block["CR"] = block["CR"] | ADSTART
    bench.pass_time(3 * CONVERSION + US)
    assert dma["ISR"] & 2 and dma.line()
    assert bench.bytes_at(0x20000000, 8) == bytes.fromhex("00 01 01 01 02 01 00 00")
    bench.codes[1] = 0x333
    bench.pass_time(3 * CONVERSION)
    assert bench.bytes_at(0x20000000, 6) == bytes.fromhex("00 01 33 03 02 01")
    assert not block["ISR"] & OVR


def test_g0_needs_its_regulator(bench: Bench) -> None:
    block = adc(bench, enable=False, **G0)
    block["CR"] = ADEN
    block["CR"] = ADCAL
    assert block["CR"] == 0
    block["CR"] = ADVREGEN
    block["CR"] = ADVREGEN | ADCAL
    assert block.until("CR", ADCAL, 0) == pytest.approx(82 * CLOCK, abs=100_000)
    assert block["CALFACT"] == 0x40 and block["ISR"] & 0x800


def test_g0_sequencer(bench: Bench) -> None:
    block = adc(bench, 0, 1 << 21, **G0)
    block["ISR"] = CCRDY
    block["CHSELR"] = 0xFFFFF292
    assert block["ISR"] & CCRDY
    block["CR"] = block["CR"] | ADSTART
    seen = []
    for _ in range(3):
        block.until("ISR", EOC, EOC)
        seen.append(block["DR"])
    assert seen == [0x102, 0x109, 0x102] and block["ISR"] & EOS


def test_g0_oversampling(bench: Bench) -> None:
    block = adc(bench, 1, **G0)
    block["CFGR2"] = 1 << 30 | 1 | 3 << 2 | 2 << 5  # 16 samples, shifted by 2
    block["CR"] = block["CR"] | ADSTART
    assert bench.blocks["ADC1"].next_event - bench.now == 16 * CONVERSION
    block.until("ISR", EOC, EOC)
    assert block["DR"] == 0x100 * 16 >> 2
