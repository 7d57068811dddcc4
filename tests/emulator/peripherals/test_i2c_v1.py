"""I2C with SR1 and SR2 (STM32F1, F4), driven as its manual prescribes."""

import pytest
from bench import US, Bench, Block

from swassess.model.declared import BusPeer

PE, START, STOP, ACK, POS = 1, 0x100, 0x200, 0x400, 0x800
SB, ADDR, BTF, RXNE, TXE, AF = 1, 2, 4, 0x40, 0x80, 0x400
MSL, BUSY, TRA = 1, 2, 4
BIT = 80 * 125_000  # CCR 40: 100 kHz of 8 MHz
RAM = 0x20000000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.devices = (
        BusPeer("I2C1", 0x48, registers=((0, b"\x19\x80"),)),
        BusPeer("I2C1", 0x50, registers=((0, bytes(range(0x40, 0x60))),)),
    )
    return bench


def i2c(bench: Bench, second: int = 8) -> Block:
    block = bench.add("stm32-i2c-v1", "I2C1", 0x40005400, ("I2C1_EV", "I2C1_ER"))
    block["CR2"] = second
    block["CCR"] = 40
    block["CR1"] = PE | ACK
    return block


def address(block: Block, byte: int, wanted: int = ADDR) -> None:
    block["CR1"] = block["CR1"] | START
    block.until("SR1", SB, SB)
    assert block["SR1"] & SB
    block["DR"] = byte
    block.until("SR1", wanted, wanted)


def send(block: Block, device: int, data: bytes, stop: bool = True) -> None:
    address(block, device << 1)
    assert block["SR1"] & ADDR and block["SR2"] & TRA
    for byte in data:
        block.until("SR1", TXE, TXE)
        block["DR"] = byte
    block.until("SR1", BTF, BTF)
    if stop:
        block["CR1"] = block["CR1"] | STOP
        block.until("SR2", BUSY, 0)


def clear_addr(block: Block) -> int:
    block["SR1"]
    return block["SR2"]


def fetch(block: Block, device: int, count: int) -> bytes:
    """The three ways of RM0008 26.3.3."""
    block["CR1"] = (block["CR1"] | ACK) & ~POS
    address(block, device << 1 | 1)
    data = []
    if count == 1:
        block["CR1"] = block["CR1"] & ~ACK
        clear_addr(block)
        block["CR1"] = block["CR1"] | STOP
    elif count == 2:
        block["CR1"] = block["CR1"] & ~ACK | POS
        clear_addr(block)
        block.until("SR1", BTF, BTF)
        block["CR1"] = block["CR1"] | STOP
        data.append(block["DR"])
    else:
        clear_addr(block)
        for _ in range(count - 3):
            block.until("SR1", RXNE, RXNE)
            data.append(block["DR"])
        block.until("SR1", BTF, BTF)
        block["CR1"] = block["CR1"] & ~ACK
        data.append(block["DR"])
        block.until("SR1", BTF, BTF)
        block["CR1"] = block["CR1"] | STOP
        data.append(block["DR"])
    block.until("SR1", RXNE, RXNE)
    data.append(block["DR"])
    block.until("SR2", BUSY, 0)
    assert not block["SR1"] & (RXNE | BTF), "no byte too many"
    return bytes(data)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_reception(bench: Bench, count: int) -> None:
    block = i2c(bench)
    send(block, 0x50, b"\x03", stop=False)
    assert fetch(block, 0x50, count) == bytes(range(0x43, 0x43 + count))
    send(block, 0x50, b"\x10")
    assert fetch(block, 0x50, count) == bytes(range(0x50, 0x50 + count)), "nothing is left from before"


def test_flags_of_a_transmission(bench: Bench) -> None:
    block = i2c(bench)
    address(block, 0x48 << 1)
    assert not block["SR1"] & TXE
    assert block["SR1"] & ADDR
    assert block["SR2"] == MSL | BUSY | TRA
    assert block["SR1"] & (ADDR | TXE) == TXE
    block["DR"] = 0
    assert block["SR1"] & TXE, "it is in the shift register"
    block["DR"] = 1
    assert not block["SR1"] & TXE
    assert block.until("SR1", TXE, TXE) == pytest.approx(9 * BIT, abs=US)
    assert not block["SR1"] & BTF
    assert block.until("SR1", BTF, BTF) == pytest.approx(9 * BIT, abs=US)
    block["CR1"] = block["CR1"] | STOP
    block.until("CR1", STOP, 0)
    assert block["SR1"] == 0 and block["SR2"] == 0 and bench.sent_data == [0, 1]


def test_nobody_answers(bench: Bench) -> None:
    block = i2c(bench, 8 | 0x100 | 0x200)
    address(block, 0x21 << 1, AF)
    assert not block["SR1"] & ADDR and block.line(1) and not block.line(0)
    block["SR1"] = ~AF & 0xFFFF
    assert not block.line(1)
    block["CR1"] = block["CR1"] | STOP
    block.until("SR2", BUSY, 0)
    send(block, 0x48, b"\0")


def test_reading_sr2_alone_clears_nothing(bench: Bench) -> None:
    block = i2c(bench)
    address(block, 0x48 << 1)
    block["SR2"]
    assert block["SR1"] & ADDR


@pytest.mark.parametrize(("control", "cycles"), [(40, 80), (0x8000 | 20, 60), (0xC000 | 2, 50)])
def test_speed(bench: Bench, control: int, cycles: int) -> None:
    block = i2c(bench)
    block["CCR"] = control
    block["CR1"] = block["CR1"] | START
    block.until("SR1", SB, SB)
    block["SR1"]
    block["DR"] = 0x90
    assert bench.blocks["I2C1"].next_event - bench.now == 9 * cycles * 125_000


def test_event_interrupts_need_the_buffer_enable_for_data(bench: Bench) -> None:
    block = i2c(bench, 8 | 0x200)
    block["CR1"] = block["CR1"] | START
    bench.pass_time(2 * BIT)
    assert block.line(0)
    block["SR1"]
    block["DR"] = 0x90
    assert not block.line(0)
    bench.pass_time(10 * BIT)
    assert block.line(0)
    clear_addr(block)
    assert not block.line(0)
    block["CR2"] = 8 | 0x600
    assert block.line(0)


def test_software_reset(bench: Bench) -> None:
    block = i2c(bench)
    address(block, 0x90)
    block["CR1"] = 0x8000
    assert block["SR1"] == block["SR2"] == block["CCR"] == 0
    block["CR1"] = 0


def test_dma_both_ways(bench: Bench) -> None:
    dma = bench.add("stm32-dma-v1", "DMA1", 0x40020000, (), requests={6: ["I2C1_TX"], 7: ["I2C1_RX"]})
    block = i2c(bench)
    bench.fill(RAM, bytes([5, 0x71, 0x72]) + bytes(13))

    def load(channel: int, memory: int, count: int, way: int) -> None:
        dma[f"CPAR{channel}"] = block.address("DR")
        dma[f"CMAR{channel}"] = memory
        dma[f"CNDTR{channel}"] = count
        dma[f"CCR{channel}"] = 1 | way | 0x80

    load(6, RAM, 3, 0x10)
    block["CR2"] = 8 | 0x800
    address(block, 0xA0)
    clear_addr(block)
    bench.pass_time(3 * BIT)
    block.until("SR1", BTF, BTF)
    block["CR1"] = block["CR1"] | STOP
    block.until("SR2", BUSY, 0)
    assert bench.sent_data == [5, 0x71, 0x72] and dma["ISR"] >> 20 & 2
    send(block, 0x50, b"\x04")
    load(7, RAM + 8, 4, 0)
    block["CR2"] = 8 | 0x1800  # LAST
    address(block, 0xA1)
    clear_addr(block)
    bench.pass_time(100 * BIT)
    assert bench.bytes_at(RAM + 8, 5) == b"\x44\x71\x72\x47\0"
    assert dma["ISR"] >> 24 & 2
    block["CR1"] = block["CR1"] | STOP
    block.until("SR2", BUSY, 0)
    assert not block["SR1"] & (RXNE | BTF), "the last byte was not acknowledged"
