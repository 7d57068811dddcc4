"""Load images of every submitted format."""

from io import StringIO
from pathlib import Path

from intelhex import AddressOverlapError, HexRecordError, IntelHex, IntelHexError

from swassess.errors import ImageError
from swassess.firmware.child_process import read_file
from swassess.firmware.elf_facts import read_elf
from swassess.firmware.image import LoadImage, make_load_image
from swassess.model.declared import AddressRange

_LARGEST_HEX = 32 * 1024 * 1024  # characters; some 11 MiB of content


def load_image(path: Path, role: str, flash: AddressRange | None = None) -> LoadImage:
    """Read an image by its role "elf", "axf", "hex" or "bin" at load addresses (never run-time ones).

    `flash` is the declared flash: a BIN lies at its start and must fit into it. Raises ImageError with one sentence.
    """
    match role.lower():
        case "elf" | "axf":
            return read_elf(path).image
        case "hex":
            return _load_hex(path)
        case "bin":
            return _load_bin(path, flash)
    raise ImageError(f"{path.name}: the image format {role!r} is unknown; use elf, axf, hex or bin.")


def _load_hex(path: Path) -> LoadImage:
    data = read_file(path)
    if len(data) > _LARGEST_HEX:
        raise ImageError(f"{path.name}: the HEX file is larger than {_LARGEST_HEX >> 20} MiB, too large for an image.")
    content = data.decode("latin-1")
    reader = IntelHex()
    try:
        reader.loadhex(StringIO(content))
    except HexRecordError as error:
        fault = {"RecordChecksumError": "a wrong checksum", "RecordLengthError": "a wrong length"}
        what = fault.get(type(error).__name__, "a malformed record")
        line = getattr(error, "line", None)
        where = f"line {line} of the HEX file" if line else "the HEX file"
        raise ImageError(f"{path.name}: {where} has {what}; build it again.") from None
    except AddressOverlapError as error:
        raise ImageError(
            f"{path.name}: line {error.line} of the HEX file writes address 0x{error.address:08X} a second time."
        ) from None
    except IntelHexError as error:
        raise ImageError(f"{path.name}: the HEX file cannot be read ({type(error).__name__}).") from None
    lines = content.split()
    if not lines or lines[-1].upper() != ":00000001FF":
        raise ImageError(f"{path.name}: the HEX file has no end-of-file record, it is truncated; copy it again.")
    start = reader.start_addr or {}
    entry = start.get("EIP")
    pieces = [(low, bytes(reader.tobinarray(start=low, end=high - 1))) for low, high in reader.segments()]
    if not pieces:
        raise ImageError(f"{path.name}: the HEX file holds no data.")
    return make_load_image(pieces, entry, path.name)


def _load_bin(path: Path, flash: AddressRange | None) -> LoadImage:
    if flash is None:
        raise ImageError(f"{path.name}: a BIN file has no addresses; declare the flash it belongs to.")
    data = read_file(path)
    room = flash.end - flash.start
    if not data:
        raise ImageError(f"{path.name}: the BIN file is empty.")
    if len(data) > room:
        raise ImageError(
            f"{path.name}: the BIN file has {len(data)} bytes, but the declared flash holds {room}; "
            "hand in the image of this MCU or correct the declared flash."
        )
    return make_load_image([(flash.start, data)], None, path.name)
