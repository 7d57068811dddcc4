"""CRC units against published check values and an independent CRC-32."""

import zlib
from typing import Any

import pytest
from alone import Alone, from_data

DR, IDR, CR, INIT, POL = 0x00, 0x04, 0x08, 0x10, 0x14
CHECK = b"123456789"
SIZE = {7: 3, 8: 2, 16: 1, 32: 0}


def test_v1_of_words() -> None:
    crc = from_data("stm32-crc-v1", Alone())
    assert crc.read(DR) == 0xFFFFFFFF
    crc.write(DR, 0, 4)
    assert crc.read(DR) == 0xC704DD7B
    crc.write(CR, 1, 4)
    assert crc.read(DR) == 0xFFFFFFFF and crc.read(CR) == 0
    crc.write(DR, 0x12345678, 4)
    assert crc.read(DR) == 0xDF8A8A2B


def test_v1_keeps_its_free_byte_through_a_restart() -> None:
    crc = from_data("stm32-crc-v1", Alone())
    crc.write(IDR, 0x1A5, 4)
    crc.write(CR, 1, 4)
    assert crc.read(IDR) == 0xA5


def feed(crc: Any, width: int, poly: int, init: int, mirror: bool, data: bytes = CHECK) -> int:
    crc.write(POL, poly, 4)
    crc.write(INIT, init, 4)
    crc.write(CR, SIZE[width] << 3 | (0xA0 if mirror else 0) | 1, 4)
    for byte in data:
        crc.write(DR, byte, 1)
    return int(crc.read(DR))


# Check values of the catalogue of parametrised CRC algorithms, before the final exclusive-or
@pytest.mark.parametrize(
    ("width", "poly", "init", "mirror", "expected"),
    [
        (32, 0x04C11DB7, 0xFFFFFFFF, False, 0x0376E6E7),  # CRC-32/MPEG-2
        (32, 0x04C11DB7, 0xFFFFFFFF, True, 0xCBF43926 ^ 0xFFFFFFFF),  # CRC-32
        (16, 0x1021, 0xFFFF, False, 0x29B1),  # CRC-16/IBM-3740
        (16, 0x8005, 0xFFFF, True, 0x4B37),  # CRC-16/MODBUS
        (8, 0x07, 0x00, False, 0xF4),  # CRC-8/SMBUS
        (7, 0x09, 0x00, False, 0x75),  # CRC-7/MMC
    ],
)
def test_v2_check_values(width: int, poly: int, init: int, mirror: bool, expected: int) -> None:
    assert feed(from_data("stm32-crc-v2", Alone()), width, poly, init, mirror) == expected


def test_v2_words_with_word_mirroring_give_the_common_crc32() -> None:
    crc = from_data("stm32-crc-v2", Alone())
    crc.write(CR, 0xE1, 4)
    data = bytes(range(32))
    for at in range(0, 32, 4):
        crc.write(DR, int.from_bytes(data[at : at + 4], "little"), 4)
    assert crc.read(DR) ^ 0xFFFFFFFF == zlib.crc32(data)


def test_v2_half_words_enter_high_byte_first() -> None:
    crc = from_data("stm32-crc-v2", Alone())
    crc.write(DR, 0x3132, 2)
    halves = crc.read(DR)
    assert halves == feed(crc, 32, 0x04C11DB7, 0xFFFFFFFF, False, b"12")


def test_v2_mirrors_input_by_unit() -> None:
    """RM0444 14.3.3: 0x1A2B3C4D becomes 0x58D43CB2, 0xD458B23C, 0xB23CD458."""
    for unit, mirrored in ((1, 0x58D43CB2), (2, 0xD458B23C), (3, 0xB23CD458)):
        crc = from_data("stm32-crc-v2", Alone())
        crc.write(CR, unit << 5, 4)
        crc.write(DR, 0x1A2B3C4D, 4)
        straight = from_data("stm32-crc-v2", Alone())
        straight.write(DR, mirrored, 4)
        assert crc.read(DR) == straight.read(DR)


def test_v2_initial_value_loads_at_once_and_fixed_polynomial_stays() -> None:
    crc = from_data("stm32-crc-v2", Alone(), parameters={"polynomial": False, "idr_bits": 8})
    crc.write(INIT, 0x1234, 4)
    assert crc.read(DR) == 0x1234
    crc.write(POL, 0x1021, 4)
    crc.write(CR, 0x18, 4)
    crc.write(IDR, 0x1FF, 4)
    assert (crc.read(POL), crc.read(CR), crc.read(IDR)) == (0x04C11DB7, 0, 0xFF)
