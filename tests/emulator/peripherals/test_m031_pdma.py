"""PDMA and divider of the Nuvoton M031."""

import pytest
from bench import US, Bench, Block

BASIC, SCATTER, SINGLE, TBINTDIS = 1, 2, 4, 0x80
SOURCE_FIXED, TARGET_FIXED, WORDS = 3 << 8, 3 << 10, 2 << 12
RAM = 0x20000000
BYTE = 10 * 833 * 125_000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.fill(RAM, bytes(range(1, 65)))
    bench.fill(RAM + 0x100, bytes(0x200))
    return bench


@pytest.fixture
def pdma(bench: Bench) -> Block:
    block = bench.add("nuvoton-m031-pdma-v1", "PDMA", 0x40008000, ("PDMA",))
    bench.bases["PDMA"] = 0x50000000  # its registers take more than the bench's kilobyte
    block["CHCTL"] = 0x1FF
    block["INTEN"] = 0x1FF
    return block


def uart(bench: Bench) -> Block:
    block = bench.add("nuvoton-m031-uart-v1", "UART0", 0x40070000)
    block["LINE"] = 3
    block["BAUD"] = 3 << 28 | 831
    return block


def test_one_software_request_moves_a_burst(bench: Bench, pdma: Block) -> None:
    pdma["SA2"], pdma["DA2"] = RAM, RAM + 0x100
    pdma["CTL2"] = BASIC | WORDS | 3 << 16
    bench.pass_time(100 * US)
    assert not pdma["TDSTS"]
    pdma["SWREQ"] = 4
    assert pdma["TRGSTS"] == 4
    bench.pass_time(10 * US)
    assert bench.bytes_at(RAM + 0x100, 17) == bytes(range(1, 17)) + b"\0"
    assert pdma["TDSTS"] == 4 and pdma["INTSTS"] == 2 and pdma.line() and pdma["CTL2"] & 3 == 0
    pdma["TDSTS"] = 4
    assert not pdma.line()


def test_single_type_needs_a_request_each(bench: Bench, pdma: Block) -> None:
    pdma["SA0"], pdma["DA0"] = RAM, RAM + 0x100
    pdma["CTL0"] = BASIC | SINGLE | 3 << 16
    pdma["SWREQ"] = 1
    bench.pass_time(10 * US)
    assert bench.bytes_at(RAM + 0x100, 2) == b"\1\0" and pdma["CTL0"] >> 16 == 2


def test_both_ways_of_a_serial_port(bench: Bench, pdma: Block) -> None:
    port = uart(bench)
    pdma["REQSEL0"] = 4 | 5 << 8
    pdma["SA0"], pdma["DA0"] = RAM, port.address("DAT")
    pdma["CTL0"] = BASIC | SINGLE | TARGET_FIXED | 3 << 16
    pdma["SA1"], pdma["DA1"] = port.address("DAT"), RAM + 0x100
    pdma["CTL1"] = BASIC | SINGLE | SOURCE_FIXED | 1 << 16
    port["INTEN"] = 3 << 14
    bench.pass_time(5 * BYTE)
    assert bench.sent_data == [1, 2, 3, 4] and pdma["TDSTS"] == 1
    for byte in b"xyz":
        bench.blocks["UART0"].receive(byte)
        bench.pass_time(BYTE)
    assert bench.bytes_at(RAM + 0x100, 3) == b"xy\0" and pdma["TDSTS"] == 3


def test_scatter_gather(bench: Bench, pdma: Block) -> None:
    def descriptor(at: int, control: int, source: int, following: int) -> None:
        words = (control, source, RAM + 0x100 + (at - RAM - 0x200) // 2, following)
        bench.fill(at, b"".join(word.to_bytes(4, "little") for word in words))

    descriptor(RAM + 0x200, SCATTER | TBINTDIS | 7 << 16, RAM + 8, 0x210)
    descriptor(RAM + 0x210, BASIC | 7 << 16, RAM + 32, 0)
    pdma["NEXT3"] = 0x200
    pdma["CTL3"] = SCATTER
    pdma["SWREQ"] = 8
    bench.pass_time(9 * 5 * 125_000)
    assert not pdma["TDSTS"] and pdma["TRGSTS"] == 8, "the first table is through and says nothing"
    bench.pass_time(50 * US)
    assert bench.bytes_at(RAM + 0x100, 17) == bytes(range(9, 17)) + bytes(range(33, 41)) + b"\0"
    assert pdma["TDSTS"] == 8


def test_bus_error(bench: Bench, pdma: Block) -> None:
    pdma["SA0"], pdma["DA0"] = 0x30000000, RAM
    pdma["CTL0"] = BASIC | 3 << 16
    pdma["SWREQ"] = 1
    bench.pass_time(10 * US)
    assert pdma["ABTSTS"] == 1 and pdma["INTSTS"] == 1 and pdma.line()


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient", "rest"),
    [(1000, 7, 142, 6), (-1000, 7, -142, -6), (1000, -7, -142, 6), (5, 0, 0, 5)],
)
def test_divider(bench: Bench, dividend: int, divisor: int, quotient: int, rest: int) -> None:
    block = bench.add("nuvoton-m031-hdiv-v1", "HDIV", 0x40014000, ())
    block["DIVIDEND"] = dividend & 0xFFFFFFFF
    block["DIVISOR"] = divisor & 0xFFFF
    assert block["QUOTIENT"] == quotient & 0xFFFFFFFF and block["REM"] == rest & 0xFFFFFFFF
    assert bool(block["STATUS"] & 2) == (divisor == 0)
