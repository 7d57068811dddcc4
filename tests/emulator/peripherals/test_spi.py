"""SPI of both generations, and devices on its bus."""

import pytest
from bench import US, Bench, Block

from swassess.model.declared import BusPeer

MSTR, SPE, LSBFIRST, SSI, SSM, RXONLY, DFF = 4, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800
ON = MSTR | SPE | SSI | SSM
RXNE, TXE, MODF, OVR, BSY = 1, 2, 0x20, 0x40, 0x80
FRXTH = 1 << 12
BYTE = 8 * 2 * 125_000  # 4 MHz
RAM = 0x20000000
A = 0


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.devices = (
        BusPeer("SPI1", select="PA4", registers=((0x0F, b"\x33\x44"), (0x20, b"\x07"))),
        BusPeer("SPI1", select="PA5", replies=((b"\x9f", b"\xef\x40\x18"), (b"\x05", b"\x02"))),
        BusPeer("SPI2", replies=((b"", b"\x01\x90"),)),
    )
    for pin in (4, 5):
        bench.drive(A, pin, 1)
    return bench


def spi(bench: Bench, version: int, control: int = ON, name: str = "SPI1") -> Block:
    block = bench.add(f"stm32-spi-v{version}", name, 0x40013000)
    block["CR2"] = 0x700 | FRXTH if version == 2 else 0
    block["CR1"] = control
    return block


def exchange(block: Block, byte: int) -> int:
    block.until("SR", TXE, TXE)
    block.store("DR", byte, 1)
    block.until("SR", RXNE, RXNE)
    return block.load("DR", 1)


def transfer(block: Block, pin: int, data: str) -> str:
    block.bench.drive(A, pin, 0)
    answer = bytes(exchange(block, byte) for byte in bytes.fromhex(data))
    block.bench.drive(A, pin, 1)
    return answer.hex(" ")


@pytest.mark.parametrize("version", [1, 2])
def test_nobody_drives_the_input(bench: Bench, version: int) -> None:
    block = spi(bench, version)
    assert exchange(block, 0x55) == 0xFF and bench.sent_data == [0x55]


@pytest.mark.parametrize("version", [1, 2])
def test_registers_of_a_sensor(bench: Bench, version: int) -> None:
    block = spi(bench, version)
    assert transfer(block, 4, "8f 00 00") == "ff 33 44"
    assert transfer(block, 4, "8f 00") == "ff 33", "a rising select line ends the request"
    assert transfer(block, 4, "20 5a") == "ff ff"
    assert transfer(block, 4, "a0 00") == "ff 5a"
    assert transfer(block, 5, "9f 00 00 00 00") == "ff ef 40 18 ff"
    assert transfer(block, 5, "05 00") == "ff 02"


def test_a_device_without_select_streams(bench: Bench) -> None:
    block = spi(bench, 1, name="SPI2")
    assert [exchange(block, 0) for _ in range(3)] == [1, 0x90, 1]


@pytest.mark.parametrize("version", [1, 2])
def test_frames_take_their_time(bench: Bench, version: int) -> None:
    block = spi(bench, version, ON | 2 << 3)  # PCLK / 8
    block.store("DR", 1, 1)
    assert block["SR"] & (BSY | RXNE) == BSY
    assert block.until("SR", RXNE, RXNE) == 4 * BYTE
    assert not block["SR"] & BSY


def test_overrun_of_v1(bench: Bench) -> None:
    block = spi(bench, 1)
    block["DR"] = 1
    block["DR"] = 2
    assert not block["SR"] & TXE
    bench.pass_time(2 * BYTE)
    assert block["SR"] & (OVR | RXNE) == OVR | RXNE
    assert block["SR"] & OVR
    block["DR"]
    block["SR"]
    assert not block["SR"] & OVR


def test_sixteen_bit_frames(bench: Bench) -> None:
    block = spi(bench, 1, ON | DFF)
    bench.drive(A, 4, 0)
    block["DR"] = 0x8F00
    assert block.until("SR", RXNE, RXNE) == 2 * BYTE
    assert block["DR"] == 0xFF33
    second = spi(bench, 2, ON)
    second["CR2"] = 0xF00
    bench.drive(A, 4, 1)
    bench.drive(A, 4, 0)
    second["DR"] = 0x8F00
    second.until("SR", RXNE, RXNE)
    assert second["DR"] == 0xFF33


def test_least_significant_bit_first(bench: Bench) -> None:
    bench.devices = (BusPeer("SPI1", replies=((b"", b"\x80\x01\x03"),)),)
    block = spi(bench, 1, ON | LSBFIRST)
    assert [exchange(block, 0) for _ in range(3)] == [1, 0x80, 0xC0]


def test_mode_fault(bench: Bench) -> None:
    block = spi(bench, 1, MSTR | SPE | SSM)
    assert block["CR1"] & (MSTR | SPE) == 0
    assert block["SR"] & MODF
    block["CR1"] = ON
    assert not block["SR"] & MODF and block["CR1"] == ON


def test_receive_only_runs_until_disabled(bench: Bench) -> None:
    block = spi(bench, 1, ON | RXONLY, name="SPI2")
    assert [block.until("SR", RXNE, RXNE) and block["DR"] for _ in range(2)] == [1, 0x90]
    bench.pass_time(2 * BYTE)
    assert block["SR"] & OVR
    block["CR1"] = 0
    assert not block["SR"] & BSY and bench.output == []


def test_transmit_only_fills_no_receiver(bench: Bench) -> None:
    block = spi(bench, 1, ON | 0xC000)
    block["DR"] = 1
    bench.pass_time(2 * BYTE)
    assert not block["SR"] & RXNE and bench.sent_data == [1]


def test_fifo_levels_and_packing_of_v2(bench: Bench) -> None:
    block = spi(bench, 2, MSTR | SSI | SSM)
    block.store("DR", 0x0201, 2)
    assert block["SR"] & (TXE | 3 << 11) == TXE | 2 << 11
    block.store("DR", 0x03, 1)
    assert block["SR"] & (TXE | 3 << 11) == 3 << 11
    block.store("DR", 0x0504, 2)
    block["CR1"] = ON
    bench.pass_time(5 * BYTE)
    assert bench.sent_data == [1, 2, 3, 4], "four bytes and no more"
    assert block["SR"] >> 9 & 3 == 3 and not block["SR"] & OVR
    block.store("DR", 6, 1)
    bench.pass_time(2 * BYTE)
    assert block["SR"] & OVR
    assert block.load("DR", 2) == 0xFFFF and block.load("DR", 1) == 0xFF
    assert block["SR"] & RXNE
    block["CR2"] = 0x700
    assert not block["SR"] & RXNE, "one byte is below the threshold of two"


def test_interrupts(bench: Bench) -> None:
    block = spi(bench, 1)
    block["CR2"] = 0x40
    assert not block.line()
    block["DR"] = 1
    bench.pass_time(BYTE)
    assert block.line()
    block["DR"]
    assert not block.line()
    block["CR2"] = 0x80
    assert block.line()


@pytest.mark.parametrize("version", [1, 2])
def test_dma_both_ways(bench: Bench, version: int) -> None:
    dma = bench.add("stm32-dma-v1", "DMA1", 0x40020000, (), requests={2: ["SPI1_RX"], 3: ["SPI1_TX"]})
    block = spi(bench, version, MSTR | SSI | SSM)
    bench.fill(RAM, b"\x8f\x00\x00" + bytes(13))
    for channel, memory, way in ((2, RAM + 8, 0), (3, RAM, 0x10)):
        dma[f"CPAR{channel}"] = block.address("DR")
        dma[f"CMAR{channel}"] = memory
        dma[f"CNDTR{channel}"] = 3
        dma[f"CCR{channel}"] = 1 | way | 0x80
    bench.drive(A, 4, 0)
    block["CR2"] = block["CR2"] | 3
    block["CR1"] = ON
    bench.pass_time(10 * BYTE + 10 * US)
    assert bench.bytes_at(RAM + 8, 3).hex() == "ff3344" and dma["ISR"] & 0x220 == 0x220
    assert bench.sent_data == [0x8F, 0, 0]
