"""I2C with CR2 and ISR (STM32F0, G0, L4, G4), and devices on its bus."""

import pytest
from bench import US, Bench, Block

from swassess.model.declared import BusPeer

TXE, TXIS, RXNE, NACKF, STOPF, TC, TCR, BUSY = 1, 2, 4, 0x10, 0x20, 0x40, 0x80, 1 << 15
RD, START, STOP, RELOAD, AUTOEND = 1 << 10, 1 << 13, 1 << 14, 1 << 24, 1 << 25
BIT = 80 * 125_000  # 100 kHz: 40 + 40 cycles of 8 MHz
RAM = 0x20000000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.devices = (
        BusPeer("I2C1", 0x48, registers=((0, b"\x19\x80"), (1, b"\x00"))),
        BusPeer("I2C1", 0x50, registers=((0, bytes(range(64))),), pointer_bytes=2),
        BusPeer("I2C1", 0x44, replies=((b"\x2c\x06", b"\x66\x12"), (b"\x2c", b"\xee"))),
        BusPeer("I2C2", 0x20, registers=((0, b"\x01"),)),
    )
    return bench


def i2c(bench: Bench, interrupts: tuple[str, ...] = ("I2C1",), control: int = 1) -> Block:
    block = bench.add("stm32-i2c-v2", "I2C1", 0x40005400, interrupts)
    block["TIMINGR"] = 0x00002727
    block["CR1"] = control
    return block


def begin(block: Block, address: int, count: int, flags: int) -> None:
    block["CR2"] = address << 1 | count << 16 | START | flags


def send(block: Block, address: int, data: bytes, flags: int = AUTOEND) -> None:
    begin(block, address, len(data), flags)
    for byte in data:
        block.until("ISR", TXIS, TXIS)
        block["TXDR"] = byte
    block.until("ISR", STOPF if flags & AUTOEND else TC, STOPF if flags & AUTOEND else TC)
    block["ICR"] = STOPF


def fetch(block: Block, address: int, count: int) -> bytes:
    begin(block, address, count, RD | AUTOEND)
    data = []
    for _ in range(count):
        block.until("ISR", RXNE, RXNE)
        data.append(block["RXDR"])
    block.until("ISR", STOPF, STOPF)
    block["ICR"] = STOPF
    return bytes(data)


def test_a_register_of_a_sensor(bench: Bench) -> None:
    block = i2c(bench)
    send(block, 0x48, b"\0", 0)
    assert block["ISR"] & (TC | BUSY) == TC | BUSY
    assert fetch(block, 0x48, 2) == b"\x19\x80"
    assert fetch(block, 0x48, 2) == b"\x19\x80", "the pointer stays at its register"
    assert not block["ISR"] & BUSY


def test_nobody_answers(bench: Bench) -> None:
    block = i2c(bench)
    for flags in (AUTOEND, RD | AUTOEND, 0):
        begin(block, 0x33, 1, flags)
        assert block["ISR"] & BUSY
        block.until("ISR", NACKF, NACKF)
        block.until("ISR", STOPF, STOPF)
        assert block["ISR"] & (BUSY | TXIS | RXNE | TC) == 0
        block["ICR"] = NACKF | STOPF
        assert block["ISR"] == TXE
    begin(block, 0x20, 0, AUTOEND)
    block.until("ISR", NACKF, NACKF)


def test_bytes_take_nine_clocks(bench: Bench) -> None:
    block = i2c(bench)
    begin(block, 0x48, 1, AUTOEND)
    assert block.until("ISR", TXIS, TXIS) == pytest.approx(10 * BIT, abs=US)
    block["TXDR"] = 0
    assert block.until("ISR", STOPF, STOPF) == pytest.approx(10 * BIT, abs=US)


def test_a_probe_without_data(bench: Bench) -> None:
    block = i2c(bench)
    begin(block, 0x48, 0, AUTOEND)
    block.until("ISR", STOPF, STOPF)
    assert not block["ISR"] & NACKF


def test_memory_is_written_and_read_back(bench: Bench) -> None:
    block = i2c(bench)
    send(block, 0x50, bytes([0, 4, 0xAA, 0xBB]))
    send(block, 0x50, bytes([0, 3]), 0)
    assert fetch(block, 0x50, 4) == bytes([3, 0xAA, 0xBB, 6])
    assert fetch(block, 0x50, 2) == bytes([7, 8]), "reading goes on where it ended"
    assert [data for _, data in bench.output] == [0, 4, 0xAA, 0xBB, 0, 3]


def test_replies_to_requests(bench: Bench) -> None:
    block = i2c(bench)
    send(block, 0x44, b"\x2c\x06")
    assert fetch(block, 0x44, 3) == b"\x66\x12\xff"
    send(block, 0x44, b"\x2c\x07")
    assert fetch(block, 0x44, 2) == b"\xee\xff"


def test_reload_asks_for_more(bench: Bench) -> None:
    block = i2c(bench)
    begin(block, 0x50, 2, RELOAD)
    for byte in (0, 60):
        block.until("ISR", TXIS, TXIS)
        block["TXDR"] = byte
    block.until("ISR", TCR, TCR)
    assert not block["ISR"] & (TC | STOPF)
    block["CR2"] = 0x50 << 1 | 1 << 16 | AUTOEND
    assert not block["ISR"] & TCR
    block.until("ISR", TXIS, TXIS)
    block["TXDR"] = 0x77
    block.until("ISR", STOPF, STOPF)
    send(block, 0x50, bytes([0, 60]), 0)
    assert fetch(block, 0x50, 1) == b"\x77"


def test_stop_by_software(bench: Bench) -> None:
    block = i2c(bench)
    send(block, 0x48, b"\0", 0)
    block["CR2"] = block["CR2"] | STOP
    assert not block["ISR"] & TC
    block.until("ISR", STOPF, STOPF)
    assert not block["ISR"] & BUSY and not block["CR2"] & STOP


def test_disabling_frees_the_bus(bench: Bench) -> None:
    block = i2c(bench)
    begin(block, 0x48, 1, AUTOEND)
    block["CR1"] = 0
    assert block["ISR"] == TXE
    bench.pass_time(100 * BIT)
    assert block["ISR"] == TXE


def test_interrupt_lines(bench: Bench) -> None:
    block = i2c(bench, ("I2C1_EV", "I2C1_ER"), 1 | 2 | 0x10 | 0x20)
    begin(block, 0x48, 1, AUTOEND)
    bench.pass_time(11 * BIT)
    assert block.line(0) and not block.line(1)
    block["TXDR"] = 0
    assert not block.line(0)
    bench.pass_time(11 * BIT)
    assert block.line(0)
    block["ICR"] = STOPF
    assert not block.line(0)


def test_dma_both_ways(bench: Bench) -> None:
    dma = bench.add("stm32-dma-v1", "DMA1", 0x40020000, (), requests={1: ["I2C1_TX"], 2: ["I2C1_RX"]})
    block = i2c(bench, control=1 | 1 << 14 | 1 << 15)
    bench.fill(RAM, bytes([0, 10, 0x31, 0x32, 0x33]) + bytes(11))
    for channel, register, memory, count, way in ((1, "TXDR", RAM, 5, 0x10), (2, "RXDR", RAM + 8, 4, 0)):
        dma[f"CPAR{channel}"] = block.address(register)
        dma[f"CMAR{channel}"] = memory
        dma[f"CNDTR{channel}"] = count
        dma[f"CCR{channel}"] = 1 | way | 0x80
    begin(block, 0x50, 5, AUTOEND)
    block.until("ISR", STOPF, STOPF)
    block["ICR"] = STOPF
    assert bench.sent_data == [0, 10, 0x31, 0x32, 0x33]
    begin(block, 0x50, 4, RD | AUTOEND)
    block.until("ISR", STOPF, STOPF)
    bench.pass_time(10 * US)
    assert bench.bytes_at(RAM + 8, 4) == bytes([13, 14, 15, 16])


def test_what_a_device_holds_outlives_a_reset_of_the_mcu(bench: Bench) -> None:
    block = i2c(bench)
    send(block, 0x50, bytes([0, 0, 0x55]))
    bench.blocks["I2C1"].reset(2)
    block["TIMINGR"] = 0x00002727
    block["CR1"] = 1
    send(block, 0x50, bytes([0, 0]), 0)
    assert fetch(block, 0x50, 1) == b"\x55"
    bench.blocks["I2C1"].reset(1)
    block["TIMINGR"] = 0x00002727
    block["CR1"] = 1
    send(block, 0x50, bytes([0, 0]), 0)
    assert fetch(block, 0x50, 1) == b"\x00"
