"""What the maker has programmed: size of the flash, a unique number, option bytes, where each family has them."""

import pytest
from emulated import make_scenario

from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.target_data import find_target

IMAGE = (0x20000400).to_bytes(4, "little") + (0x08000009).to_bytes(4, "little") + b"\xfe\xe7"


@pytest.mark.parametrize(
    ("part", "size_at", "kib", "options_at", "options"),
    [
        ("STM32F103C8T6", 0x1FFFF7E0, 64, 0x1FFFF800, 0x00FF5AA5),
        ("STM32F030R8T6", 0x1FFFF7CC, 64, 0x1FFFF800, 0x00FF55AA),
        ("STM32G071RBT6", 0x1FFF75E0, 128, 0x1FFF7800, 0xFFFFFEAA),
        ("STM32F429ZIT6", 0x1FFF7A22, 2048, 0x1FFFC000, 0xFFFFAAEC),
    ],
)
def test_factory_words(part: str, size_at: int, kib: int, options_at: int, options: int) -> None:
    target = find_target(part)
    programs = compile_scenario(make_scenario(), Names(registers=register_places(target)), (), "")
    mcu = Mcu(target, LoadImage(((0x08000000, IMAGE),)), programs, clock_hz=8_000_000, lsi_hz=40_000)
    assert bytes(mcu.engine.mem_read(size_at, 2)) == kib.to_bytes(2, "little")
    assert len(set(mcu.engine.mem_read(target.unique_id_at, 12))) == 12
    assert bytes(mcu.engine.mem_read(options_at, 4)) == options.to_bytes(4, "little")
