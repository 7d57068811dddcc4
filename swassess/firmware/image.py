"""What a programmer would write into the MCU: pieces of bytes at load addresses."""

from collections.abc import Iterable
from dataclasses import dataclass

from swassess.errors import ImageError


@dataclass(frozen=True, slots=True)
class LoadImage:
    """segments: (address, bytes), sorted, not overlapping, adjacent ones joined. entry: None where unknown."""

    segments: tuple[tuple[int, bytes], ...]
    entry: int | None = None

    def bytes_at(self, start: int, end: int, fill: int = 0xFF) -> bytes:
        """The bytes of [start, end); places the image leaves open read as `fill`."""
        out = bytearray([fill]) * max(end - start, 0)
        for address, data in self.segments:
            low, high = max(address, start), min(address + len(data), end)
            if low < high:
                out[low - start : high - start] = data[low - address : high - address]
        return bytes(out)

    def covers(self, start: int, end: int) -> bool:
        """Whether every byte of [start, end) comes from the image."""
        return any(address <= start and end <= address + len(data) for address, data in self.segments)

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """The half-open address ranges that the image fills."""
        return tuple((address, address + len(data)) for address, data in self.segments)

    @property
    def size(self) -> int:
        return sum(len(data) for _, data in self.segments)


def make_load_image(pieces: Iterable[tuple[int, bytes]], entry: int | None, where: str) -> LoadImage:
    """Sort and join pieces; `where` names the file in messages. Raises ImageError where two pieces overlap."""
    joined: list[tuple[int, bytearray]] = []
    for address, data in sorted(pieces):
        if not data:
            continue
        if joined and address < joined[-1][0] + len(joined[-1][1]):
            raise ImageError(f"{where}: two parts of the image claim address 0x{address:08X}; check the linker script.")
        if joined and address == joined[-1][0] + len(joined[-1][1]):
            joined[-1][1].extend(data)
        else:
            joined.append((address, bytearray(data)))
    return LoadImage(tuple((address, bytes(data)) for address, data in joined), entry)
