"""USART with SR and DR (STM32F1, F4)."""

import pytest
from bench import US, Bench, Block

UE, RE, TE = 1 << 13, 4, 8
IDLEIE, RXNEIE, TCIE, TXEIE = 0x10, 0x20, 0x40, 0x80
FE, ORE, IDLE, RXNE, TC, TXE = 2, 8, 0x10, 0x20, 0x40, 0x80
BYTE = 10 * 833 * 125_000


@pytest.fixture
def bench() -> Bench:
    return Bench()


def usart(bench: Bench, control: int = UE | RE | TE) -> Block:
    block = bench.add("stm32-usart-v1", "USART1", 0x40013800)
    block["BRR"] = 833
    block["CR1"] = control
    return block


def test_transmit_with_a_data_register_before_the_shift_register(bench: Bench) -> None:
    block = usart(bench)
    assert block["SR"] & (TXE | TC) == TXE | TC
    block["DR"] = 0x55
    assert block["SR"] & (TXE | TC) == TXE
    block["DR"] = 0xAA
    assert block["SR"] & (TXE | TC) == 0
    bench.pass_time(BYTE)
    assert block["SR"] & (TXE | TC) == TXE and bench.sent_data == [0x55]
    bench.pass_time(BYTE)
    assert block["SR"] & (TXE | TC) == TXE | TC and bench.sent_data == [0x55, 0xAA]


def test_tc_stays_without_a_read_of_sr(bench: Bench) -> None:
    block = usart(bench)
    block["DR"] = 1
    assert block["SR"] & TC, "cleared by reading SR and then writing DR, or by writing 0"
    block["SR"] = ~TC & 0xFFFF
    assert not block["SR"] & TC


def test_errors_go_by_sr_then_dr(bench: Bench) -> None:
    block = usart(bench, UE | RE | RXNEIE)
    bench.blocks["USART1"].receive(1)
    bench.blocks["USART1"].receive(2)
    assert block.line()
    assert block["DR"] == 1
    assert block.line(), "ORE stands, SR was not read since"
    assert block["SR"] & (ORE | RXNE) == ORE
    assert block["DR"] == 1
    assert not block["SR"] & ORE and not block.line()


def test_framing_error_shows_with_its_byte(bench: Bench) -> None:
    block = usart(bench)
    bench.blocks["USART1"].receive(0x1000)
    assert block["SR"] & (FE | RXNE) == FE | RXNE


def test_idle_line_interrupts_once(bench: Bench) -> None:
    block = usart(bench, UE | RE | IDLEIE)
    bench.blocks["USART1"].receive(9)
    bench.pass_time(BYTE - US)
    assert not block.line()
    bench.pass_time(US)
    assert block.line() and block["SR"] & IDLE
    assert block["DR"] == 9
    assert not block.line()
    bench.pass_time(5 * BYTE)
    assert not block.line()


@pytest.mark.parametrize(("control", "bits"), [(0, 10), (1 << 12, 11)])
def test_frame_length(bench: Bench, control: int, bits: int) -> None:
    block = usart(bench, UE | TE | control)
    block["DR"] = 1
    assert bench.blocks["USART1"].next_event == BYTE * bits // 10


def test_oversampling_by_eight(bench: Bench) -> None:
    block = usart(bench, UE | TE | 1 << 15)
    block["BRR"] = 0x345
    block["DR"] = 1
    assert bench.blocks["USART1"].next_event == 10 * (0x34 * 8 + 5) * 125_000


def test_clock_is_that_of_its_bus(bench: Bench) -> None:
    bench.periods["PCLK1"] = 250_000
    usart(bench)["DR"] = 1
    assert bench.blocks["USART1"].next_event == BYTE
    second = bench.add("stm32-usart-v1", "USART2", 0x40004400)
    second["BRR"] = 833
    second["CR1"] = UE | TE
    second["DR"] = 1
    assert bench.blocks["USART2"].next_event == 2 * BYTE


def test_dma_error_interrupt_needs_both_enables(bench: Bench) -> None:
    block = usart(bench)
    bench.blocks["USART1"].receive(0x1000)
    block["CR3"] = 1
    assert not block.line()
    block["CR3"] = 0x41
    assert block.line() and bench.requests == ["USART1_RX"]


def test_disabled_receiver_hears_nothing(bench: Bench) -> None:
    block = usart(bench, UE | TE)
    bench.blocks["USART1"].receive(1)
    assert not block["SR"] & RXNE
