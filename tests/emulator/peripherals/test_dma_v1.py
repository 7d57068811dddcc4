"""DMA channels, with memory, a serial port and the multiplexer."""

import pytest
from bench import US, Bench, Block

from swassess.emulator.peripherals.dma_common import channels_of

EN, TCIE, HTIE, TEIE, DIR, CIRC, PINC, MINC = (1 << bit for bit in range(8))
MEM2MEM = 1 << 14
GIF, TCIF, HTIF, TEIF = 1, 2, 4, 8
RAM = 0x20000000
TRANSFER = 5 * 125_000
BYTE = 10 * 833 * 125_000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.fill(RAM, bytes(range(1, 65)))
    bench.fill(RAM + 0x100, bytes(64))
    return bench


def dma(
    bench: Bench, interrupts: tuple[str, ...] = ("DMA1_Channel1", "DMA1_Channel2_3"), **parameters: object
) -> Block:
    requests = {1: ["ADC1"], 2: ["USART1_TX"], 3: ["USART1_RX"], 4: ["TIM1_UP"]}
    return bench.add("stm32-dma-v1", "DMA1", 0x40020000, interrupts, **{"requests": requests, **parameters})


def load(block: Block, channel: int, peripheral: int, memory: int, count: int, control: int) -> None:
    block[f"CPAR{channel}"] = peripheral
    block[f"CMAR{channel}"] = memory
    block[f"CNDTR{channel}"] = count
    block[f"CCR{channel}"] = control


def usart(bench: Bench) -> Block:
    block = bench.add("stm32-usart-v2", "USART1", 0x40013800)
    block["BRR"] = 833
    block["CR1"] = 0xD
    return block


def test_memory_to_memory_takes_its_time(bench: Bench) -> None:
    block = dma(bench)
    load(block, 1, RAM, RAM + 0x100, 4, EN | MEM2MEM | PINC | MINC | TCIE | HTIE | 2 << 8 | 2 << 10)
    bench.pass_time(2 * TRANSFER - 1)
    assert block["ISR"] == 0 and block["CNDTR1"] == 3
    bench.pass_time(1)
    assert block["ISR"] == HTIF | GIF and block["CNDTR1"] == 2 and block.line(0)
    bench.pass_time(2 * TRANSFER)
    assert block["ISR"] == TCIF | HTIF | GIF and block["CNDTR1"] == 0
    assert bench.bytes_at(RAM + 0x100, 20) == bytes(range(1, 17)) + bytes(4)
    block["IFCR"] = HTIF
    assert block["ISR"] == TCIF | GIF and block.line(0)
    block["IFCR"] = GIF
    assert block["ISR"] == 0 and not block.line(0)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (0 << 8 | 1 << 10, "01 00 02 00 03 00"),  # 8 to 16 bits: zeros above
        (0 << 8 | 2 << 10, "01 00 00 00 02 00 00 00 03 00 00 00"),
        (1 << 8 | 0 << 10, "01 03 05 00"),  # 16 to 8 bits: the upper half is lost
        (2 << 8 | 1 << 10, "01 02 05 06 09 0a 00"),
        (0, "01 02 03 00"),
    ],
)
def test_sizes_that_differ(bench: Bench, sizes: int, expected: str) -> None:
    block = dma(bench)
    load(block, 1, RAM, RAM + 0x100, 3, EN | MEM2MEM | PINC | MINC | sizes)
    bench.pass_time(100 * US)
    wanted = bytes.fromhex(expected)
    assert bench.bytes_at(RAM + 0x100, len(wanted)) == wanted


def test_transmission_of_a_buffer(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    load(block, 2, port.address("TDR"), RAM, 5, EN | DIR | MINC | TCIE)
    assert bench.pass_time(US) is None and bench.output == [], "no request yet"
    port["CR3"] = 0x80
    bench.pass_time(BYTE + 2 * US)
    assert block["CNDTR2"] == 2 and not block["ISR"] >> 4 & TCIF, "one sent, two in the port"
    bench.pass_time(5 * BYTE)
    assert bench.sent_data == [1, 2, 3, 4, 5]
    assert block["ISR"] >> 4 & 15 == GIF | TCIF | HTIF and block.line(1)
    assert port["ISR"] & 0x40


def test_a_request_that_is_up_already_is_served_when_the_channel_is_enabled(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    port["CR3"] = 0x80
    assert bench.requests == ["USART1_TX"]
    load(block, 2, port.address("TDR"), RAM, 1, EN | DIR | MINC)
    bench.pass_time(2 * BYTE)
    assert bench.sent_data == [1]


def test_circular_reception(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    port["CR3"] = 0x40
    load(block, 3, port.address("RDR"), RAM + 0x100, 3, EN | CIRC | MINC)
    for byte in range(0x41, 0x45):
        bench.blocks["USART1"].receive(byte)
        bench.pass_time(BYTE)
    assert bench.bytes_at(RAM + 0x100, 4) == b"DBC\0"
    assert block["CNDTR3"] == 2 and block["ISR"] >> 8 == GIF | TCIF | HTIF
    assert not port["ISR"] & 8


def test_a_channel_that_is_through_serves_no_more(bench: Bench) -> None:
    block, port = dma(bench), usart(bench)
    port["CR3"] = 0x40
    load(block, 3, port.address("RDR"), RAM + 0x100, 1, EN | MINC)
    for byte in (0x41, 0x42, 0x43):
        bench.blocks["USART1"].receive(byte)
        bench.pass_time(BYTE)
    assert bench.bytes_at(RAM + 0x100, 2) == b"A\0" and port["ISR"] & 8, "overrun: nobody reads"


def test_bus_error_stops_the_channel(bench: Bench) -> None:
    block = dma(bench)
    load(block, 1, 0x30000000, RAM + 0x100, 4, EN | MEM2MEM | TEIE)
    bench.pass_time(100 * US)
    assert block["ISR"] == TEIF | GIF and not block["CCR1"] & EN and block.line(0)
    assert block["CNDTR1"] == 4


def test_count_is_locked_while_enabled(bench: Bench) -> None:
    block = dma(bench)
    load(block, 1, RAM, RAM + 0x100, 4, EN)
    block["CNDTR1"] = 9
    block["CMAR1"] = 0
    assert block["CNDTR1"] == 4 and block["CMAR1"] == RAM + 0x100


def test_higher_priority_goes_first(bench: Bench) -> None:
    block = dma(bench)
    control = EN | MEM2MEM | MINC | PINC
    load(block, 3, RAM, RAM + 0x100, 2, control & ~EN | 2 << 12)
    load(block, 2, RAM, RAM + 0x110, 2, control & ~EN)
    load(block, 1, RAM, RAM + 0x120, 2, control)
    block["CCR2"] = control
    block["CCR3"] = control | 2 << 12
    order = []
    for _ in range(6):
        before = [block[f"CNDTR{n}"] for n in (1, 2, 3)]
        bench.pass_time(TRANSFER)
        order += [n for n in (1, 2, 3) if block[f"CNDTR{n}"] != before[n - 1]]
    assert order == [1, 3, 3, 1, 2, 2], "the first had the bus before the others were enabled"


def test_interrupts_shared_by_channels(bench: Bench) -> None:
    block = dma(bench, ("DMA1_Ch1", "DMA1_Ch2_3", "DMA1_Ch4_7_DMAMUX1_OVR"))
    load(block, 6, RAM, RAM + 0x100, 1, EN | MEM2MEM | TCIE)
    bench.pass_time(US)
    assert [block.line(n) for n in range(3)] == [False, False, True]


def test_interrupts_shared_by_two_controllers(bench: Bench) -> None:
    lines = ("DMA1_Channel1", "DMA1_Ch4_7_DMA2_Ch1_5_DMAMUX1_OVR")
    first = dma(bench, lines)
    second = bench.add("stm32-dma-v1", "DMA2", 0x40020400, lines, channels=5)
    load(second, 2, RAM, RAM + 0x100, 1, EN | MEM2MEM | TCIE)
    load(first, 2, RAM, RAM + 0x110, 1, EN | MEM2MEM | TCIE)
    bench.pass_time(US)
    assert second.line(1) and not second.line(0) and not first.line(0) and not first.line(1)
    load(second, 6, RAM, RAM + 0x100, 1, EN | MEM2MEM)
    bench.pass_time(US)
    assert second["CNDTR6"] == 1, "there is no sixth channel"


def test_blocks_that_cannot_be_asked_get_one_transfer_a_request(bench: Bench) -> None:
    block = dma(bench)
    load(block, 4, RAM, RAM + 0x100, 8, EN | MINC)
    bench.request_dma("TIM1_UP")
    bench.pass_time(10 * US)
    assert block["CNDTR4"] == 7
    bench.request_dma("TIM1_UP")
    bench.request_dma("TIM1_UP")
    bench.request_dma("TIM2_UP")
    bench.pass_time(10 * US)
    assert block["CNDTR4"] == 5


def test_selection_register_of_the_l4(bench: Bench) -> None:
    block, port = dma(bench, requests={2: {2: "USART1_TX"}}), usart(bench)
    port["CR3"] = 0x80
    load(block, 2, port.address("TDR"), RAM, 2, EN | DIR | MINC)
    bench.pass_time(3 * BYTE)
    assert bench.output == []
    block["CCR2"] = 0
    block["CSELR"] = 2 << 4
    load(block, 2, port.address("TDR"), RAM, 2, EN | DIR | MINC)
    bench.pass_time(3 * BYTE)
    assert bench.sent_data == [1, 2]


def test_multiplexer_routes_requests(bench: Bench) -> None:
    mux = bench.add("stm32-dmamux-v1", "DMAMUX", 0x40020800, (), requests={50: "USART1_RX", 51: "USART1_TX"})
    block, port = dma(bench, mux="DMAMUX", mux_first=0), usart(bench)
    port["CR3"] = 0x80
    load(block, 1, port.address("TDR"), RAM, 2, EN | DIR | MINC)
    bench.pass_time(3 * BYTE)
    assert bench.output == []
    mux["CCR[1]"] = 51
    bench.pass_time(3 * BYTE)
    assert bench.output == []
    mux["CCR[0]"] = 51
    bench.pass_time(3 * BYTE)
    assert bench.sent_data == [1, 2]


def test_without_a_clock_nothing_moves(bench: Bench) -> None:
    bench.periods["HCLK"] = 0
    block = dma(bench)
    load(block, 1, RAM, RAM + 0x100, 1, EN | MEM2MEM)
    bench.pass_time(100 * US)
    assert block["CNDTR1"] == 1


@pytest.mark.parametrize(
    ("interrupt", "block", "channels"),
    [
        ("DMA1_Channel1", "DMA1", (1,)),
        ("DMA1_Channel2_3", "DMA1", (2, 3)),
        ("DMA1_Channel4_5_6_7", "DMA1", (4, 5, 6, 7)),
        ("DMA1_Ch2_3_DMA2_Ch1_2", "DMA1", (2, 3)),
        ("DMA1_Ch2_3_DMA2_Ch1_2", "DMA2", (1, 2)),
        ("DMA1_Ch4_7_DMA2_Ch1_5_DMAMUX1_OVR", "DMA2", (1, 2, 3, 4, 5)),
        ("DMAMUX1_OVR", "DMA1", ()),
    ],
)
def test_interrupts_name_their_channels(interrupt: str, block: str, channels: tuple[int, ...]) -> None:
    assert channels_of(interrupt, block, (1, 2, 3, 4, 5, 6, 7)) == channels


def test_routing_alone_is_no_request(bench: Bench) -> None:
    mux = bench.add("stm32-dmamux-v1", "DMAMUX", 0x40020800, (), requests={25: "TIM1_UP", 50: "USART1_RX"})
    block, port = dma(bench, mux="DMAMUX", mux_first=0), usart(bench)
    load(block, 1, port.address("RDR"), RAM + 0x100, 4, EN | MINC)
    mux["CCR[0]"] = 25
    bench.pass_time(10 * US)
    assert block["CNDTR1"] == 4
    port["CR3"] = 0x40
    bench.blocks["USART1"].receive(0x41)
    mux["CCR[0]"] = 50
    bench.pass_time(10 * US)
    assert block["CNDTR1"] == 3, "a byte was waiting"
