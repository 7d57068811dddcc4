"""Addresses of registers that a program's code uses: words that it loads from literal pools, and movw/movt pairs."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from swassess.firmware.image import LoadImage

_WINDOW = 12  # half-words between the two halves of a pair
# Where makers put peripherals; the core's own blocks tell nothing about the maker.
_SPACES = ((0x40000000, 0x60000000), (0xA0000000, 0xA0002000), (0xD0000000, 0xD0001000), (0xE0042000, 0xE0042400))
Halves = npt.NDArray[np.int64]


def address_constants(image: LoadImage) -> dict[int, int]:
    """Addresses in peripheral space -> how often the code makes them. A half-word that only looks like a load of a
    literal can add a wrong one; it seldom points to a word that looks like an address."""
    found: Counter[int] = Counter()
    for start, data in image.segments:
        skipped = start % 2
        halves = np.frombuffer(data[skipped : skipped + (len(data) - skipped) // 2 * 2], "<u2").astype(np.int64)
        if halves.size >= 4:
            found.update(_literals(halves, start + skipped))
            found.update(_pairs(halves))
    return dict(sorted(found.items()))


def _in_space(values: Halves) -> npt.NDArray[np.bool_]:
    inside = np.zeros(values.shape, np.bool_)
    for low, high in _SPACES:
        inside |= (values >= low) & (values < high)
    return inside


def _literals(halves: Halves, start: int) -> Counter[int]:
    """Words that a load relative to the program counter reads (encodings T1 and T2 of LDR literal)."""
    places = start + 2 * np.arange(halves.size, dtype=np.int64)
    base = (places + 4) & ~3
    short = (halves & 0xF800) == 0x4800
    targets = [base[short] + 4 * (halves[short] & 0xFF)]
    following = np.append(halves[1:], 0)
    for opcode, sign in ((0xF8DF, 1), (0xF85F, -1)):
        long = (halves == opcode) & (following >> 12 != 15)
        targets.append(base[long] + sign * (following[long] & 0xFFF))
    index = (np.concatenate(targets) - start) // 2
    index = index[(index >= 0) & (index + 1 < halves.size)]
    values = halves[index] | halves[index + 1] << 16
    return Counter(values[_in_space(values)].tolist())


def _pairs(halves: Halves) -> Counter[int]:
    """movt whose upper half is one of peripheral space, with the nearest movw before it into the same register."""
    first, second = halves[:-1], halves[1:]
    immediate = (first & 15) << 12 | (first & 0x400) << 1 | (second & 0x7000) >> 4 | second & 0xFF
    register = second >> 8 & 15
    is_low = (first & 0xFBF0) == 0xF240
    is_high = (first & 0xFBF0) == 0xF2C0
    found: Counter[int] = Counter()
    for place in np.flatnonzero(is_high).tolist():
        for before in range(place - 2, max(place - _WINDOW, -1), -1):
            if is_low[before] and register[before] == register[place]:
                value = int(immediate[place]) << 16 | int(immediate[before])
                if any(low <= value < high for low, high in _SPACES):
                    found[value] += 1
                break
    return found
