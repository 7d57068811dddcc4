"""Do two load images put the same bytes into the MCU?"""

from itertools import pairwise

from swassess.firmware.image import LoadImage


def compare_load_images(first: LoadImage, second: LoadImage, fill: int = 0xFF) -> list[tuple[int, int]]:
    """Half-open address ranges where they differ, sorted; places an image leaves open count as `fill` (erased flash).

    Example: compare_load_images(elf, hexfile) == [] for a HEX file made from the ELF file.
    """
    points = sorted({point for image in (first, second) for pair in image.ranges() for point in pair})
    differences: list[tuple[int, int]] = []
    for low, high in pairwise(points):
        left, right = first.bytes_at(low, high, fill), second.bytes_at(low, high, fill)
        if left == right:
            continue
        for offset, (a, b) in enumerate(zip(left, right, strict=True)):
            if a == b:
                continue
            address = low + offset
            if differences and differences[-1][1] == address:
                differences[-1] = (differences[-1][0], address + 1)
            else:
                differences.append((address, address + 1))
    return differences
