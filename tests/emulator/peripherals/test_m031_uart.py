"""UART of the Nuvoton M031."""

import pytest
from bench import US, Bench, Block

RDAIEN, THREIEN, RXTOIEN, BUFERRIEN, TXENDIEN, TOCNTEN = 1, 2, 0x10, 0x20, 1 << 22, 1 << 11
RXOVIF, RXEMPTY, RXFULL, TXEMPTY, TXFULL, TXEMPTYF = 1, 1 << 14, 1 << 15, 1 << 22, 1 << 23, 1 << 28
BIT = 833 * 125_000
BYTE = 10 * BIT


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def block(bench: Bench) -> Block:
    block = bench.add("nuvoton-m031-uart-v1", "UART0", 0x40070000)
    block["LINE"] = 3
    block["BAUD"] = 3 << 28 | 831
    return block


def test_after_reset(block: Block) -> None:
    assert block["FIFOSTS"] == 0xB0404000 and block["INTSTS"] == 0x00400002


@pytest.mark.parametrize(("baud", "bit"), [(50, 16 * 52), (1 << 29 | 9 << 24 | 50, 10 * 52), (3 << 28 | 50, 52)])
def test_baud_rate_modes(bench: Bench, block: Block, baud: int, bit: int) -> None:
    block["BAUD"] = baud
    block["DAT"] = 1
    assert bench.blocks["UART0"].next_event == 10 * bit * 125_000


@pytest.mark.parametrize(("line", "bits"), [(3, 10), (2, 9), (3 | 8, 11), (3 | 4, 11), (0 | 4, 7.5)])
def test_frames(bench: Bench, block: Block, line: int, bits: float) -> None:
    block["LINE"] = line
    block["DAT"] = 1
    assert bench.blocks["UART0"].next_event == int(bits * BIT)


def test_transmit_fifo(bench: Bench, block: Block) -> None:
    for byte in range(17):
        block["DAT"] = byte
    status = block["FIFOSTS"]
    assert status & (TXFULL | TXEMPTY | TXEMPTYF) == TXFULL and status >> 16 & 63 == 0
    bench.pass_time(BYTE)
    assert block["FIFOSTS"] >> 16 & 63 == 15 and not block["FIFOSTS"] & TXFULL
    bench.pass_time(15 * BYTE)
    assert block["FIFOSTS"] & (TXEMPTY | TXEMPTYF) == TXEMPTY
    bench.pass_time(BYTE)
    assert block["FIFOSTS"] & TXEMPTYF and bench.sent_data == list(range(17))


def test_transmit_overflow(block: Block) -> None:
    block["INTEN"] = BUFERRIEN
    for byte in range(18):
        block["DAT"] = byte
    assert block["FIFOSTS"] & 1 << 24 and block.line()
    block["FIFOSTS"] = 1 << 24
    assert not block.line()


def test_interrupts_of_the_transmitter(bench: Bench, block: Block) -> None:
    block["INTEN"] = THREIEN
    assert block.line() and block["INTSTS"] & 0x202 == 0x202
    block["DAT"] = 1
    block["DAT"] = 2
    assert not block.line()
    block["INTEN"] = TXENDIEN
    assert not block.line()
    bench.pass_time(2 * BYTE)
    assert block.line() and block["INTSTS"] >> 30 & 1


@pytest.mark.parametrize(("level", "bytes_"), [(0, 1), (1, 4), (2, 8), (3, 14)])
def test_receive_threshold(bench: Bench, block: Block, level: int, bytes_: int) -> None:
    block["FIFO"] = level << 4
    block["INTEN"] = RDAIEN
    for byte in range(bytes_):
        assert not block.line()
        bench.blocks["UART0"].receive(byte)
    assert block.line() and block["INTSTS"] & 0x101 == 0x101
    block["DAT"]
    assert not block.line()


def test_receive_overflow_drops_the_newest(bench: Bench, block: Block) -> None:
    for byte in range(17):
        bench.blocks["UART0"].receive(byte)
    assert block["FIFOSTS"] & (RXOVIF | RXFULL) == RXOVIF | RXFULL
    assert [block["DAT"] for _ in range(16)] == list(range(16))
    assert block["FIFOSTS"] & RXEMPTY
    block["FIFOSTS"] = RXOVIF
    assert not block["FIFOSTS"] & RXOVIF


def test_receive_time_out(bench: Bench, block: Block) -> None:
    block["TOUT"] = 40
    block["FIFO"] = 2 << 4
    block["INTEN"] = RXTOIEN | TOCNTEN
    bench.blocks["UART0"].receive(1)
    bench.pass_time(30 * BIT)
    bench.blocks["UART0"].receive(2)
    bench.pass_time(40 * BIT - US)
    assert not block.line()
    bench.pass_time(US)
    assert block.line() and block["INTSTS"] & 0x1010 == 0x1010
    assert [block["DAT"], block["DAT"]] == [1, 2]
    assert not block.line()


def test_fifo_resets_and_errors(bench: Bench, block: Block) -> None:
    bench.blocks["UART0"].receive(0x1041)
    assert block["FIFOSTS"] & 0x20 and block["INTSTS"] & 4
    block["FIFOSTS"] = 0x20
    assert not block["INTSTS"] & 4
    block["FIFO"] = 2
    assert block["FIFOSTS"] & RXEMPTY and block["FIFO"] == 0


def test_dma_requests(bench: Bench, block: Block) -> None:
    block["INTEN"] = 1 << 15
    bench.blocks["UART0"].receive(1)
    assert bench.requests == ["UART0_RX"]
    block["INTEN"] = 1 << 14
    assert bench.requests == ["UART0_RX", "UART0_TX"]
