"""Series files: what they say, that they are refused when wrong, and that schema and models agree."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from swassess.catalogue import data_folder
from swassess.errors import CatalogueError
from swassess.model.declared import AddressRange
from swassess.model.target import Interrupt, Memory, Register
from swassess.target_data import find_target, list_targets, load_series, series_schema

SERIES_FILES = sorted(data_folder("targets").rglob("*.yaml"))


def _series() -> dict[str, Any]:
    loaded = yaml.safe_load((data_folder("targets") / "st" / "stm32f1.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("part", ["STM32F103C8T6", "stm32f103c8", " STM32F103RBT6TR", "STM32F103T8U6"])
def test_part_numbers_are_found(part: str) -> None:
    target = find_target(part)
    flash_size = 0x10000 if "8" in target.pattern else 0x20000
    assert target.flash == AddressRange(0x08000000, 0x08000000 + flash_size)
    assert target.ram == AddressRange(0x20000000, 0x20005000)
    assert target.core == "cortex-m3"
    assert target.priority_bits == 4
    assert Memory("flash alias", AddressRange(0, flash_size), 0x08000000) in target.memories
    assert target.file == "st/stm32f1.yaml"


@pytest.mark.parametrize("part", ["STM32F103C4T6", "STM32F103ZET6", "STM32F407VG", "", "x" * 500, "STM32F103", "**"])
def test_unknown_part_is_refused(part: str) -> None:
    with pytest.raises(CatalogueError, match="not described") as caught:
        find_target(part)
    assert len(str(caught.value)) < 250
    if part.startswith("STM32F103C"):
        assert "STM32F103x8" in str(caught.value)


def test_facts_of_the_medium_density_line() -> None:
    """Against the reference manual, by hand: one fact of each kind."""
    target = find_target("STM32F103C8T6")
    bases = {peripheral.name: peripheral.base for peripheral in target.peripherals}
    assert list(bases.values()) == sorted(bases.values())
    assert bases["GPIOB"] == 0x40010C00
    assert bases["IWDG"] == 0x40003000
    assert bases["RCC"] == 0x40021000
    gpio = target.peripheral("GPIOB")
    assert gpio is not None
    assert gpio.behaviour == "stm32-gpio-v1"
    assert gpio.register("ODR") == Register("ODR", 0x0C)
    assert gpio.register("CRL") == Register("CRL", 0x00, reset=0x44444444)
    backup = target.peripheral("BKP")
    assert backup is not None
    assert [register.offset for register in backup.registers if register.name.startswith("DR")] == list(range(4, 44, 4))
    timer = target.peripheral("TIM2")
    assert timer is not None
    assert timer.interrupts == (Interrupt("TIM2", 28),)
    assert timer.register("BDTR") is None
    advanced = target.peripheral("TIM1")
    assert advanced is not None
    assert advanced.register("BDTR") == Register("BDTR", 0x44)
    assert advanced.register("ARR") == Register("ARR", 0x2C, reset=0xFFFF)
    assert [interrupt.number for interrupt in target.interrupts] == list(range(43))
    assert target.interrupt("USART1") == Interrupt("USART1", 37)
    assert target.interrupt("USBWakeUp") == Interrupt("USBWakeUp", 42)
    slow = target.clock("LSI")
    assert slow is not None
    assert (slow.minimum, slow.nominal, slow.maximum) == (30000, 40000, 60000)
    assert target.peripheral("UART9") is None


def test_dma_channels_are_twenty_bytes_apart() -> None:
    dma = find_target("STM32F103C8").peripheral("DMA1")
    assert dma is not None
    offsets = {register.name: register.offset for register in dma.registers}
    for channel in range(1, 8):
        start = 8 + 20 * (channel - 1)
        found = [offsets[f"{name}{channel}"] for name in ("CCR", "CNDTR", "CPAR", "CMAR")]
        assert found == [start, start + 4, start + 8, start + 12]


def test_targets_are_listed_by_pattern() -> None:
    patterns = [part.pattern for part in list_targets()]
    assert patterns == sorted(patterns)
    assert {"STM32F103x8", "STM32F103xB"} <= set(patterns)
    assert all(part.vendor and part.pyocd_target for part in list_targets())


def test_schema_is_the_committed_one_and_fits_the_files() -> None:
    committed = (data_folder("targets") / "schema.json").read_text(encoding="utf-8")
    assert committed == series_schema()
    for file in SERIES_FILES:
        jsonschema.validate(yaml.safe_load(file.read_text(encoding="utf-8")), json.loads(committed))


BROKEN = {
    "unknown key": (lambda data: data["core"].update(speed=1), r"core\.speed"),
    "missing key": (lambda data: data.pop("memories"), "memories"),
    "text for a number": (lambda data: data["peripherals"]["RTC"].update(base="0x4000"), r"peripherals\.RTC\.base"),
    "unknown behaviour": (lambda data: data["peripherals"]["RTC"].update(behaviour="rtc"), "not described"),
    "unknown interrupt": (lambda data: data["peripherals"]["RTC"].update(interrupts=["RTCX"]), "not in the table"),
    "overlap": (lambda data: data["peripherals"]["RTC"].update(base=0x40000900), "overlap"),
    "same number": (lambda data: data["interrupts"].update(RTC=4), "same number"),
    "register outside": (lambda data: data["peripherals"]["SCB"].update(size=16), "outside"),
    "unaligned": (lambda data: data["behaviours"]["stm32-gpio-v1"]["registers"].update(ODR=13), "aligned"),
    "unused behaviour": (lambda data: data["peripherals"].pop("CRC"), "no peripheral"),
    "clock limits": (lambda data: data["clocks"]["LSI"].update(minimum=50000), "in order"),
    "no source": (lambda data: data["clocks"]["LSI"].pop("source"), "source"),
}


@pytest.mark.parametrize("kind", sorted(BROKEN))
def test_broken_series_file_is_refused(kind: str, tmp_path: Path) -> None:
    change, said = BROKEN[kind]
    data = _series()
    change(data)
    (tmp_path / "broken.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(CatalogueError, match=said) as caught:
        load_series(tmp_path)
    assert "broken.yaml" in str(caught.value)
