"""The smallest ELF file that QEMU loads: one segment, no sections."""

import struct

_HEADER, _PROGRAM_HEADER = 52, 32
_EXECUTABLE, _ARM, _VERSION, _EABI5 = 2, 40, 1, 0x05000000
_LOAD, _READ_EXECUTE = 1, 5


def write_elf(code: bytes, address: int) -> bytes:
    """An executable with `code` at `address`; the entry is its second word, the reset vector."""
    entry = struct.unpack_from("<I", code, 4)[0]
    start = _HEADER + _PROGRAM_HEADER
    identity = b"\x7fELF\x01\x01\x01" + bytes(9)
    header = struct.pack(
        "<16sHHIIIIIHHHHHH",
        identity, _EXECUTABLE, _ARM, _VERSION, entry, _HEADER, 0, _EABI5, _HEADER, _PROGRAM_HEADER, 1, 40, 0, 0,
    )  # fmt: skip
    segment = struct.pack("<IIIIIIII", _LOAD, start, address, address, len(code), len(code), _READ_EXECUTE, 4)
    return header + segment + code
