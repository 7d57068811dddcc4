"""DAC and random number generator of the STM32."""

import pytest
from bench import US, Bench, Block


@pytest.fixture
def bench() -> Bench:
    return Bench()


def dac(bench: Bench, control: int = 1, **parameters: object) -> Block:
    block = bench.add("stm32-dac-v1", "DAC", 0x40007400, (), **parameters)
    block["CR"] = control
    return block


@pytest.mark.parametrize(
    ("register", "value", "code"), [("DHR12R1", 0x1ABC, 0xABC), ("DHR12L1", 0xABC0, 0xABC), ("DHR8R1", 0xAB, 0xAB0)]
)
def test_formats(bench: Bench, register: str, value: int, code: int) -> None:
    block = dac(bench)
    block[register] = value
    assert block["DOR1"] == code and bench.output == [("DAC_OUT1", code)]


@pytest.mark.parametrize(("register", "value"), [("DHR12RD", 0x0DEF0ABC), ("DHR12LD", 0xDEF0ABC0)])
def test_both_channels_at_once(bench: Bench, register: str, value: int) -> None:
    block = dac(bench, 1 | 1 << 16)
    block[register] = value
    assert (block["DOR1"], block["DOR2"]) == (0xABC, 0xDEF)


def test_a_channel_that_is_off_puts_nothing_out(bench: Bench) -> None:
    block = dac(bench, 0)
    block["DHR12R1"] = 5
    assert block["DOR1"] == 0 and bench.output == []
    block["CR"] = 1
    assert block["DOR1"] == 5


def test_triggers(bench: Bench) -> None:
    block = dac(bench, 1 | 4 | 7 << 3)
    block["DHR12R1"] = 5
    assert block["DOR1"] == 0
    block["SWTRIGR"] = 1
    assert block["DOR1"] == 5
    block["CR"] = 1 | 4 | 4 << 3
    block["DHR12R1"] = 6
    block["SWTRIGR"] = 1
    bench.blocks["DAC"].triggered("TIM6_TRGO")
    assert block["DOR1"] == 5
    bench.blocks["DAC"].triggered("TIM2_TRGO")
    assert block["DOR1"] == 6


def test_dma_brings_the_next_code(bench: Bench) -> None:
    dma = bench.add("stm32-dma-v1", "DMA1", 0x40020000, (), requests={3: ["DAC_CH1"]})
    block = dac(bench, 1 | 4 | 4 << 3 | 1 << 12)
    bench.fill(0x20000000, bytes([1, 0, 2, 0, 3, 0]))
    dma["CPAR3"], dma["CMAR3"], dma["CNDTR3"] = block.address("DHR12R1"), 0x20000000, 3
    dma["CCR3"] = 1 | 0x10 | 0x80 | 1 << 8 | 1 << 10
    seen = []
    for _ in range(3):
        bench.blocks["DAC"].triggered("TIM2_TRGO")
        bench.pass_time(10 * US)
        seen.append(block["DOR1"])
    assert seen == [0, 1, 2] and dma["CNDTR3"] == 0


def test_random_numbers(bench: Bench) -> None:
    def numbers() -> list[int]:
        block = bench.add("stm32-rng-v1", "RNG", 0x50060800)
        assert block["DR"] == 0
        block["CR"] = 4
        assert not block["SR"]
        found = []
        for _ in range(100):
            assert block.until("SR", 1, 1) > US
            found.append(block["DR"])
            assert not block["SR"]
        return found

    first = numbers()
    assert len(set(first)) == 100 and numbers() == first


def test_random_number_interrupt(bench: Bench) -> None:
    block = bench.add("stm32-rng-v1", "RNG", 0x50060800)
    block["CR"] = 4 | 8
    assert not block.line()
    bench.pass_time(10 * US)
    assert block.line()
    block["DR"]
    assert not block.line()
