"""I2C, SPI and ADC of the Nuvoton M031."""

import pytest
from bench import US, Bench, Block

from swassess.model.declared import BusPeer

AA, SI, STO, STA, I2CEN, INTEN = 4, 8, 0x10, 0x20, 0x40, 0x80
BIT = 80 * 125_000


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.devices = (
        BusPeer("I2C0", 0x48, registers=((0, b"\x19\x80"),)),
        BusPeer("SPI0", select="PA4", registers=((0x0F, b"\x33\x44\x55\x66"),)),
    )
    bench.drive(0, 4, 1)
    bench.codes = {channel: 0x100 + channel for channel in range(16)}
    return bench


# ---- I2C -------------------------------------------------------------------------------------------------------
def i2c(bench: Bench) -> Block:
    block = bench.add("nuvoton-m031-i2c-v1", "I2C0", 0x40080000)
    block["CLKDIV"] = 19
    block["CTL0"] = I2CEN | INTEN
    return block


def step(block: Block, flags: int, data: int | None = None) -> int:
    """Goes on, and the state that comes of it."""
    if data is not None:
        block["DAT"] = data
    block["CTL0"] = I2CEN | INTEN | flags
    block.until("CTL0", SI, SI)
    return block["STATUS0"]


def test_i2c_reads_a_register(bench: Bench) -> None:
    block = i2c(bench)
    assert block["STATUS0"] == 0xF8 and not block.line()
    assert step(block, STA) == 0x08 and block.line()
    assert step(block, SI, 0x90) == 0x18
    assert step(block, SI, 0x00) == 0x28
    assert step(block, SI | STA) == 0x10
    assert step(block, SI, 0x91) == 0x40
    assert step(block, SI | AA) == 0x50 and block["DAT"] == 0x19
    assert step(block, SI) == 0x58 and block["DAT"] == 0x80
    block["CTL0"] = I2CEN | INTEN | SI | STO
    block.until("CTL0", STO, 0)
    assert block["STATUS0"] == 0xF8 and not block.line()


@pytest.mark.parametrize(("address", "state"), [(0x42, 0x20), (0x43, 0x48)])
def test_i2c_without_a_device(bench: Bench, address: int, state: int) -> None:
    block = i2c(bench)
    step(block, STA)
    assert step(block, SI, address) == state


def test_i2c_times_and_flag(bench: Bench) -> None:
    block = i2c(bench)
    step(block, STA)
    block["DAT"] = 0x90
    block["CTL0"] = I2CEN
    assert block["CTL0"] & SI, "only a written 1 clears it"
    block["CTL0"] = I2CEN | SI
    assert block.until("CTL0", SI, SI) == 9 * BIT and not block.line()


# ---- SPI -------------------------------------------------------------------------------------------------------
SPIEN = 1
BUSY, UNITIF, RXEMPTY, RXFULL, RXOVIF, TXEMPTY, TXFULL = 1, 2, 1 << 8, 1 << 9, 1 << 11, 1 << 16, 1 << 17


def spi(bench: Bench, width: int = 8, control: int = SPIEN) -> Block:
    block = bench.add("nuvoton-m031-spi-v1", "SPI0", 0x40061000)
    block["CLKDIV"] = 3
    block["CTL"] = (width & 31) << 8 | control
    return block


@pytest.mark.parametrize(("width", "out", "got"), [(8, 0x8F, 0xFF), (16, 0x8F00, 0xFF33), (32, 0x8F000000, 0xFF334455)])
def test_spi_widths(bench: Bench, width: int, out: int, got: int) -> None:
    block = spi(bench, width)
    bench.drive(0, 4, 0)
    block["TX"] = out
    assert block["STATUS"] & BUSY
    assert block.until("STATUS", RXEMPTY, 0) == width * 4 * 125_000
    assert block["RX"] == got and block["STATUS"] & (BUSY | UNITIF | RXEMPTY) == UNITIF | RXEMPTY
    assert bench.sent_data == [out]


def test_spi_fifo(bench: Bench) -> None:
    block = spi(bench, control=0)
    for byte in range(9):
        block["TX"] = byte
    assert block["STATUS"] & TXFULL and block["STATUS"] >> 28 == 8 and bench.output == []
    block["CTL"] = 8 << 8 | SPIEN
    bench.pass_time(9 * 8 * 4 * 125_000)
    assert bench.sent_data == list(range(8)) and block["STATUS"] & (RXFULL | TXEMPTY | RXOVIF) == RXFULL | TXEMPTY
    block["TX"] = 1
    bench.pass_time(20 * US)
    assert block["STATUS"] & RXOVIF
    block["FIFOCTL"] = 1
    assert block["STATUS"] & RXEMPTY


def test_spi_thresholds_interrupt(bench: Bench) -> None:
    block = spi(bench)
    block["FIFOCTL"] = 1 << 24 | 4
    for expected in (False, True):
        block["TX"] = 0
        bench.pass_time(20 * US)
        assert block.line() == expected
    block["RX"]
    assert not block.line()


# ---- ADC -------------------------------------------------------------------------------------------------------
ADEN, ADIE, SCAN, CONTINUOUS, PTEN, ADST = 1, 2, 2 << 2, 3 << 2, 1 << 9, 1 << 11
VALID, OVERRUN, ADF, ADC_BUSY = 1 << 17, 1 << 16, 1, 0x80
CONVERSION = 17 * 125_000


def adc(bench: Bench, channels: int, control: int = 0) -> Block:
    block = bench.add("nuvoton-m031-adc-v1", "ADC", 0x40043000)
    block["ADCHER"] = channels
    block["ADCR"] = ADEN | control
    return block


def test_adc_single_conversion(bench: Bench) -> None:
    block = adc(bench, 0b1100, ADIE)
    block["ADCR"] = block["ADCR"] | ADST
    assert block["ADSR0"] & ADC_BUSY
    assert block.until("ADSR0", ADF, ADF, step=125_000) == CONVERSION
    assert block.line() and not block["ADCR"] & ADST
    assert block["ADSR1"] == 0b100 and block["ADDR[2]"] == VALID | 0x102
    assert block["ADDR[2]"] == 0x102 and block["ADDR[3]"] == 0
    block["ADSR0"] = ADF
    assert not block.line()


def test_adc_scan(bench: Bench) -> None:
    block = adc(bench, 1 << 29 | 0b1010, SCAN)
    block["ESMPCTL"] = 3
    block["ADCR"] = block["ADCR"] | ADST
    assert block.until("ADSR0", ADF, ADF, step=125_000) == 3 * 20 * 125_000
    assert [block[f"ADDR[{channel}]"] & 0xFFF for channel in (1, 3, 29)] == [0x101, 0x103, 1514]


def test_adc_continuous_scan_without_reader_plans_no_events(bench: Bench) -> None:
    block = adc(bench, 0b11, CONTINUOUS)
    block["ADCR"] = block["ADCR"] | ADST
    bench.pass_time(10 * CONVERSION)
    bench.looked_again = 0
    bench.pass_time(100_000 * CONVERSION)
    assert bench.looked_again == 0
    bench.codes[1] = 5
    bench.pass_time(4 * CONVERSION)
    assert block["ADDR[1]"] & (OVERRUN | 0xFFF) == OVERRUN | 5
    block["ADCR"] = ADEN | CONTINUOUS
    assert not block["ADSR0"] & ADC_BUSY


def test_adc_comparator_counts_matches(bench: Bench) -> None:
    block = adc(bench, 0b10, CONTINUOUS)
    block["ADCMPR[0]"] = 1 | 2 | 4 | 1 << 3 | 2 << 8 | 0x101 << 16
    block["ADCR"] = block["ADCR"] | ADST
    bench.pass_time(2 * CONVERSION)
    assert not block.line()
    bench.pass_time(CONVERSION)
    assert block.line() and block["ADSR0"] & 2


def test_adc_calibration(bench: Bench) -> None:
    block = adc(bench, 1)
    block["ADCALR"] = 1
    block["ADCR"] = ADEN | ADST
    block.until("ADCALSTSR", 1, 1)
    assert not block["ADCR"] & ADST and not block["ADSR0"] & ADF
