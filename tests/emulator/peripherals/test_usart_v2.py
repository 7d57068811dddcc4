"""USART with ISR and ICR (STM32F0, G0, L4, G4)."""

import pytest
from bench import US, Bench, Block

UE, RE, TE = 1, 4, 8
RXNEIE, TCIE, TXEIE, FIFOEN = 0x20, 0x40, 0x80, 1 << 29
ORE, IDLE, RXNE, TC, TXE, CMF, TEACK, REACK = 8, 0x10, 0x20, 0x40, 0x80, 1 << 17, 1 << 21, 1 << 22
BYTE = 10 * 833 * 125_000  # BRR 833 at 8 MHz


@pytest.fixture
def bench() -> Bench:
    return Bench()


def usart(bench: Bench, control: int = UE | RE | TE, **parameters: object) -> Block:
    block = bench.add("stm32-usart-v2", "USART1", **parameters)
    block["BRR"] = 833
    block["CR1"] = control
    return block


def test_a_byte_takes_ten_bits(bench: Bench) -> None:
    block = usart(bench)
    block["TDR"] = 0x41
    assert block["ISR"] & (TXE | TC) == TXE, "the shift register has taken it"
    bench.pass_time(BYTE - 1)
    assert bench.output == [] and not block["ISR"] & TC
    bench.pass_time(1)
    assert bench.output == [("USART1", 0x41)] and block["ISR"] & TC


def test_the_second_byte_waits_in_the_data_register(bench: Bench) -> None:
    block = usart(bench)
    block["TDR"] = 1
    block["TDR"] = 2
    assert not block["ISR"] & TXE
    bench.pass_time(BYTE)
    assert block["ISR"] & (TXE | TC) == TXE
    bench.pass_time(BYTE)
    assert bench.sent_data == [1, 2] and block["ISR"] & TC


@pytest.mark.parametrize(
    ("first", "second", "bits"), [(0, 0, 10), (1 << 12, 0, 11), (1 << 28, 0, 9), (0, 2 << 12, 11), (0, 3 << 12, 10.5)]
)
def test_word_length_and_stop_bits(bench: Bench, first: int, second: int, bits: float) -> None:
    block = bench.add("stm32-usart-v2", "USART1")
    block["BRR"] = 100
    block["CR2"] = second
    block["CR1"] = UE | TE | first
    block["TDR"] = 1
    assert bench.blocks["USART1"].next_event == int(bits * 100 * 125_000)


def test_oversampling_by_eight_and_lpuart_dividers(bench: Bench) -> None:
    block = bench.add("stm32-usart-v2", "USART1")
    block["BRR"] = 0x0104  # 8 x: 0x100 | 4 << 1 = 264 half cycles of the clock
    block["CR1"] = UE | TE | 1 << 15
    block["TDR"] = 1
    assert bench.blocks["USART1"].next_event == 10 * 264 * 125_000 // 2
    low = bench.add("stm32-usart-v2", "LPUART1", lpuart=True)
    low["BRR"] = 256 * 833
    low["CR1"] = UE | TE
    low["TDR"] = 1
    assert bench.blocks["LPUART1"].next_event == BYTE


def test_the_prescaler_stretches_bits(bench: Bench) -> None:
    block = usart(bench, prescaler=True)
    block["PRESC"] = 4
    block["TDR"] = 1
    assert bench.blocks["USART1"].next_event == 8 * BYTE


def test_reception_flags_and_interrupt(bench: Bench) -> None:
    block = usart(bench, UE | RE | RXNEIE)
    assert not block.line()
    bench.blocks["USART1"].receive(0x5A)
    assert block["ISR"] & RXNE and block.line()
    assert block["RDR"] == 0x5A
    assert not block["ISR"] & RXNE and not block.line()


def test_overrun_keeps_the_first_byte_until_icr(bench: Bench) -> None:
    block = usart(bench, UE | RE | RXNEIE)
    bench.blocks["USART1"].receive(1)
    bench.blocks["USART1"].receive(2)
    assert block["ISR"] & ORE
    assert block["RDR"] == 1
    assert block["ISR"] & ORE and block.line(), "a read of RDR does not clear it"
    block["ICR"] = ORE
    assert not block["ISR"] & ORE and not block.line()


def test_overrun_can_be_switched_off(bench: Bench) -> None:
    block = usart(bench)
    block["CR3"] = 1 << 12
    bench.blocks["USART1"].receive(1)
    bench.blocks["USART1"].receive(2)
    assert not block["ISR"] & ORE and block["RDR"] == 2


def test_idle_comes_a_frame_after_the_last_byte(bench: Bench) -> None:
    block = usart(bench)
    bench.blocks["USART1"].receive(1)
    bench.pass_time(BYTE - US)
    assert not block["ISR"] & IDLE
    bench.pass_time(US)
    assert block["ISR"] & IDLE
    block["ICR"] = IDLE
    bench.pass_time(5 * BYTE)
    assert not block["ISR"] & IDLE, "once for each pause"


def test_receiver_timeout_and_character_match(bench: Bench) -> None:
    block = bench.add("stm32-usart-v2", "USART1")
    block["BRR"] = 833
    block["RTOR"] = 35
    block["CR2"] = 1 << 23 | 0x0A << 24
    block["CR1"] = UE | RE | 1 << 26 | 1 << 14
    bench.blocks["USART1"].receive(0x41)
    assert not block["ISR"] & CMF and block["RDR"] == 0x41
    bench.pass_time(35 * BYTE // 10 - US)
    assert not block.line()
    bench.pass_time(US)
    assert block["ISR"] & 1 << 11 and block.line()
    block["ICR"] = 1 << 11
    assert not block.line()
    bench.blocks["USART1"].receive(0x0A)
    assert block["ISR"] & CMF and block.line()


def test_nothing_is_received_or_sent_while_disabled(bench: Bench) -> None:
    block = usart(bench, UE)
    block["TDR"] = 1
    bench.blocks["USART1"].receive(1)
    bench.pass_time(2 * BYTE)
    assert bench.output == [] and not block["ISR"] & RXNE and not block["ISR"] & (TEACK | REACK)


def test_acknowledge_follows_enable_and_clock(bench: Bench) -> None:
    block = usart(bench)
    assert block["ISR"] & TEACK and block["ISR"] & REACK
    bench.periods["PCLK1"] = 0
    bench.blocks["USART1"].clock_changed()
    assert not block["ISR"] & (TEACK | REACK)
    block["TDR"] = 7
    bench.pass_time(5 * BYTE)
    assert bench.output == [], "no clock, no bits"
    bench.periods["PCLK1"] = 125_000
    bench.blocks["USART1"].clock_changed()
    bench.pass_time(BYTE)
    assert bench.sent_data == [7]


def test_interrupts_of_the_transmitter(bench: Bench) -> None:
    block = usart(bench, UE | TE | TXEIE)
    assert block.line()
    block["TDR"] = 1
    block["TDR"] = 2
    assert not block.line()
    block["CR1"] = UE | TE | TCIE
    bench.pass_time(2 * BYTE - US)
    assert not block.line()
    bench.pass_time(US)
    assert block.line()
    block["ICR"] = TC
    assert not block.line()


def test_disabling_resets_the_flags(bench: Bench) -> None:
    block = usart(bench)
    bench.blocks["USART1"].receive(1)
    bench.blocks["USART1"].receive(2)
    block["CR1"] = 0
    assert block["ISR"] == TC | TXE


def test_fifo_holds_eight_and_nine(bench: Bench) -> None:
    block = usart(bench, UE | RE | TE | FIFOEN, fifo=8)
    for byte in range(9):
        assert block["ISR"] & TXE
        block["TDR"] = byte
    assert not block["ISR"] & TXE
    for byte in range(9):
        assert not block["ISR"] & 1 << 24
        bench.blocks["USART1"].receive(0x30 + byte)
    assert block["ISR"] & 1 << 24 and not block["ISR"] & ORE
    bench.blocks["USART1"].receive(0)
    assert block["ISR"] & ORE
    assert [block["RDR"] for _ in range(9)] == list(range(0x30, 0x39))
    bench.pass_time(9 * BYTE)
    assert bench.sent_data == list(range(9)) and block["ISR"] & 1 << 23


def test_fifo_thresholds(bench: Bench) -> None:
    block = usart(bench, UE | RE | TE | FIFOEN, fifo=8)
    block["CR3"] = 2 << 25 | 1 << 28  # half full
    for _ in range(3):
        bench.blocks["USART1"].receive(1)
    assert not block["ISR"] & 1 << 26 and not block.line()
    bench.blocks["USART1"].receive(1)
    assert block["ISR"] & 1 << 26 and block.line()


def test_dma_requests_rise_with_the_flags(bench: Bench) -> None:
    block = usart(bench)
    behaviour = bench.blocks["USART1"]
    block["CR3"] = 0x40
    assert bench.requests == [] and not behaviour.wants_dma("USART1_RX")
    behaviour.receive(1)
    assert bench.requests == ["USART1_RX"] and behaviour.wants_dma("USART1_RX")
    assert not behaviour.wants_dma("USART1_TX")
    assert block["RDR"] == 1
    assert not behaviour.wants_dma("USART1_RX")
    block["CR3"] = 0x80
    assert bench.requests[1:] == ["USART1_TX"] and behaviour.wants_dma("USART1_TX")


def test_a_kernel_clock_of_its_own_goes_first(bench: Bench) -> None:
    bench.periods["USART1"] = 62_500
    block = usart(bench)
    block["TDR"] = 1
    assert bench.blocks["USART1"].next_event == BYTE // 2


def test_a_selected_clock_that_stands_is_not_replaced_by_the_bus(bench: Bench) -> None:
    bench.sources = {"HSI": 8_000_000, "LSE": 0}
    control = bench.add("stm32f0-rcc-v1", "RCC", 0x40021000)
    control["CFGR3"] = 2  # USART1 runs from the LSE
    block = usart(bench)
    block["TDR"] = 1
    bench.pass_time(5 * BYTE)
    assert bench.output == [] and not block["ISR"] & TEACK
    other = bench.add("stm32-usart-v2", "USART4", 0x40004C00)
    other["BRR"] = 833
    other["CR1"] = UE | TE
    other["TDR"] = 1
    bench.pass_time(2 * BYTE)
    assert bench.output == [("USART4", 1)], "this one has no choice"
