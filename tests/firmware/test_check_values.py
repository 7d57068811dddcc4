"""Check values against the published check words of "123456789" and against openly written sums."""

import hashlib

import pytest

from swassess.errors import ImageError
from swassess.firmware.check_values import check_value, format_value
from swassess.firmware.image import LoadImage

NINE = LoadImage(((0x1000, b"123456789"),))


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("crc-32", 0xCBF43926),
        ("crc-16-ccitt", 0x29B1),
        ("sum-8", 0xDD),
        ("sum-16", 0x01DD),
        ("sum-32", 0x01DD),
        ("xor-8", 0x31),
        ("sha-256", int(hashlib.sha256(b"123456789").hexdigest(), 16)),
    ],
)
def test_known_values(algorithm: str, expected: int) -> None:
    assert check_value(NINE, algorithm, 0x1000, 0x1009) == expected


def test_open_places_count_as_fill() -> None:
    assert check_value(NINE, "sum-16", 0x0FFF, 0x100A, 0xFF) == 0x1DD + 2 * 0xFF
    assert check_value(NINE, "sum-16", 0x0FFF, 0x100A, 0x00) == 0x1DD
    assert check_value(NINE, "sum-8", 0x1000, 0x1001) == 0x31
    assert check_value(LoadImage(((0, bytes([255] * 65536)),)), "sum-16", 0, 65536) == 255 * 65536 % 65536
    assert check_value(LoadImage(((0, bytes([255] * 300)),)), "sum-8", 0, 300) == 255 * 300 % 256


def test_bad_declarations() -> None:
    with pytest.raises(ImageError, match="crc-64"):
        check_value(NINE, "crc-64", 0, 1)
    with pytest.raises(ImageError, match="empty"):
        check_value(NINE, "crc-32", 8, 8)
    with pytest.raises(ImageError, match="larger"):
        check_value(NINE, "crc-32", 0, 1 << 32)


def test_values_have_all_their_digits() -> None:
    assert format_value("crc-32", 0x1C2A) == "0x00001C2A"
    assert format_value("xor-8", 5) == "0x05"
    assert len(format_value("sha-256", 1)) == 66
