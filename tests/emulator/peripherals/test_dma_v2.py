"""DMA streams of the STM32F4."""

import pytest
from bench import US, Bench, Block

EN, TEIE, HTIE, TCIE, CIRC, PINC, MINC = 1, 4, 8, 0x10, 0x100, 0x200, 0x400
M2P, M2M, DBM, CT = 1 << 6, 2 << 6, 1 << 18, 1 << 19
TEIF, HTIF, TCIF = 8, 0x10, 0x20
RAM = 0x20000000
BYTE = 10 * 833 * 125_000
TRANSFER = 6 * 125_000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.fill(RAM, bytes(range(1, 65)))
    bench.fill(RAM + 0x100, bytes(64))
    return bench


def dma(bench: Bench) -> Block:
    requests = {7: {4: "USART1_TX", 5: "TIM1_UP"}, 2: {4: ["USART1_RX"]}}
    lines = ("DMA2_Stream0", "DMA2_Stream2", "DMA2_Stream7")
    return bench.add("stm32-dma-v2", "DMA2", 0x40026400, lines, requests=requests)


def load(block: Block, stream: int, peripheral: int, memory: int, count: int, control: int, second: int = 0) -> None:
    block[f"PAR{stream}"] = peripheral
    block[f"M0AR{stream}"] = memory
    block[f"M1AR{stream}"] = second
    block[f"NDTR{stream}"] = count
    block[f"CR{stream}"] = control


def usart(bench: Bench) -> Block:
    block = bench.add("stm32-usart-v1", "USART1", 0x40011000)
    block["BRR"] = 833
    block["CR1"] = 1 << 13 | 0xC
    return block


def test_memory_to_memory_switches_itself_off(bench: Bench) -> None:
    block = dma(bench)
    load(block, 0, RAM, RAM + 0x100, 4, EN | M2M | PINC | MINC | TCIE | 2 << 11 | 2 << 13)
    bench.pass_time(2 * TRANSFER)
    assert block["LISR"] == HTIF and block["NDTR0"] == 2 and not block.line(0)
    bench.pass_time(2 * TRANSFER)
    assert block["LISR"] == HTIF | TCIF and not block["CR0"] & EN and block.line(0)
    assert bench.bytes_at(RAM + 0x100, 17) == bytes(range(1, 17)) + b"\0"
    block["LIFCR"] = TCIF
    assert block["LISR"] == HTIF and not block.line(0)


def test_flags_of_the_upper_streams(bench: Bench) -> None:
    block = dma(bench)
    for stream, place in ((4, 0), (5, 6), (6, 16), (7, 22)):
        block["HIFCR"] = 0xFFFFFFFF
        load(block, stream, RAM, RAM + 0x100, 1, EN | M2M)
        bench.pass_time(US)
        assert block["HISR"] == TCIF << place and block["LISR"] == 0


def test_channel_selection(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    port["CR3"] = 0x80
    for selection, sent in ((5, []), (4, [1, 2, 3])):
        load(block, 7, port.address("DR"), RAM, 3, EN | M2P | MINC | TCIE | selection << 25)
        bench.pass_time(5 * BYTE)
        assert bench.sent_data == sent
        block["CR7"] = 0
    assert block["HISR"] >> 22 & TCIF


def test_circular_reception(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    port["CR3"] = 0x40
    load(block, 2, port.address("DR"), RAM + 0x100, 2, EN | CIRC | MINC | 4 << 25)
    for byte in b"ABC":
        bench.blocks["USART1"].receive(byte)
        bench.pass_time(BYTE)
    assert bench.bytes_at(RAM + 0x100, 3) == b"CB\0" and block["CR2"] & EN and block["NDTR2"] == 1


def test_two_buffers_take_turns(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    port["CR3"] = 0x40
    load(block, 2, port.address("DR"), RAM + 0x100, 2, EN | DBM | MINC | 4 << 25, RAM + 0x110)
    for byte in b"ABCDE":
        bench.blocks["USART1"].receive(byte)
        bench.pass_time(BYTE)
    assert bench.bytes_at(RAM + 0x100, 2) == b"EB" and bench.bytes_at(RAM + 0x110, 2) == b"CD"
    assert not block["CR2"] & CT
    block["M1AR2"] = RAM + 0x120
    assert block["M1AR2"] == RAM + 0x120


def test_bus_error(bench: Bench) -> None:
    block = dma(bench)
    load(block, 0, 0x30000000, RAM, 4, EN | M2M | TEIE)
    bench.pass_time(10 * US)
    assert block["LISR"] == TEIF and not block["CR0"] & EN and block.line(0)


def test_switching_off_reports_the_end(bench: Bench) -> None:
    block = dma(bench)
    load(block, 7, RAM, RAM, 4, EN | 5 << 25)
    block["CR7"] = 0
    assert block["HISR"] == TCIF << 22 and block["NDTR7"] == 4


def test_a_timer_s_request_is_one_transfer(bench: Bench) -> None:
    block = dma(bench)
    load(block, 7, RAM + 0x100, RAM, 4, EN | M2P | MINC | 5 << 25)
    bench.request_dma("TIM1_UP")
    bench.pass_time(10 * US)
    assert block["NDTR7"] == 3
