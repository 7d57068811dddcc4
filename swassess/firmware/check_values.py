"""Check values a manufacturer declares for the image, computed anew."""

import hashlib
import zlib
from collections.abc import Callable
from functools import reduce
from operator import xor

from swassess.errors import ImageError
from swassess.firmware.image import LoadImage


def _crc_16_ccitt(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


ALGORITHMS: dict[str, Callable[[bytes], int]] = {
    "crc-32": zlib.crc32,  # polynomial 0x04C11DB7 reflected, initial value and final XOR all ones
    "crc-16-ccitt": _crc_16_ccitt,  # polynomial 0x1021, not reflected, initial value 0xFFFF, no final XOR
    "sum-8": lambda data: sum(data) & 0xFF,
    "sum-16": lambda data: sum(data) & 0xFFFF,  # of bytes, as programmers' tools show it
    "sum-32": lambda data: sum(data) & 0xFFFFFFFF,
    "xor-8": lambda data: reduce(xor, data, 0),
    "sha-256": lambda data: int.from_bytes(hashlib.sha256(data).digest(), "big"),
}
DIGITS = {"crc-32": 8, "crc-16-ccitt": 4, "sum-8": 2, "sum-16": 4, "sum-32": 8, "xor-8": 2, "sha-256": 64}
_LARGEST_RANGE = 64 * 1024 * 1024


def check_value(image: LoadImage, algorithm: str, start: int, end: int, fill: int = 0xFF) -> int:
    """The check value over [start, end) of the load image; open places count as `fill`. SHA-256: big-endian number.

    Raises ImageError for an unknown algorithm or an empty or immense range.
    """
    if algorithm not in ALGORITHMS:
        raise ImageError(f"the check algorithm {algorithm!r} is unknown; use one of {', '.join(ALGORITHMS)}.")
    if not 0 < end - start <= _LARGEST_RANGE:
        raise ImageError(f"the check range 0x{start:08X}-0x{end:08X} is empty or larger than any flash.")
    return ALGORITHMS[algorithm](image.bytes_at(start, end, fill))


def format_value(algorithm: str, value: int) -> str:
    """The value with as many hexadecimal digits as the algorithm has."""
    return f"0x{value:0{DIGITS.get(algorithm, 8)}X}"
