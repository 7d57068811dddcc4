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
from swassess.target_data import all_lines, find_target, list_targets
from swassess.target_data.load import (
    block_problems,
    load_behaviours,
    load_file,
    load_series,
    schema_of,
    series_paths,
)
from swassess.target_data.series_format import BehaviourModel, CoreFile, PeripheralModel, SeriesModel

TARGETS = data_folder("targets")


def _series() -> dict[str, Any]:
    """A series file without lines: the medium-density line as a file of its own."""
    line = next(one for one in all_lines() if (one.file, one.name) == ("st/stm32f1.yaml", "F103 medium-density"))
    return line.model.model_dump(exclude_defaults=True)


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


@pytest.mark.parametrize("part", ["STM32F103C9T6", "STM32F103ZZT6", "PIC32MX", "", "x" * 500, "STM32F103", "**"])
def test_unknown_part_is_refused(part: str) -> None:
    with pytest.raises(CatalogueError, match="not described") as caught:
        find_target(part)
    assert len(str(caught.value)) < 250
    if part.startswith("STM32F103C"):
        assert "nearest: STM32F103x" in str(caught.value)


def test_facts_of_the_medium_density_line() -> None:
    """Against the reference manual, by hand: one fact of each kind."""
    target = find_target("STM32F103C8T6")
    bases = {peripheral.name: peripheral.base for peripheral in target.peripherals}
    assert list(bases.values()) == sorted(bases.values())
    assert target.line.startswith("STM32F103x8")
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
    core = target.peripheral("NVIC")
    assert core is not None
    assert core.register("IP") == Register("IP", 0x300, size=1, count=240, stride=1)
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
    assert all(part.vendor for part in list_targets())


@pytest.mark.parametrize(
    ("model", "folder", "pattern"),
    [(SeriesModel, ".", "*/*.yaml"), (CoreFile, "cores", "*.yaml"), (BehaviourModel, "behaviours", "*.yaml")],
)
def test_schema_is_the_committed_one_and_fits_the_files(model: Any, folder: str, pattern: str) -> None:
    committed = (TARGETS / folder / "schema.json").read_text(encoding="utf-8")
    assert committed == schema_of(model)
    validator = jsonschema.validators.validator_for(json.loads(committed))(json.loads(committed))
    files = series_paths(TARGETS) if model is SeriesModel else sorted((TARGETS / folder).glob(pattern))
    assert files
    for file in files:
        validator.validate(yaml.safe_load(file.read_text(encoding="utf-8")))


BROKEN = {
    "unknown key": (lambda data: data["core"].update(speed=1), r"core\.speed"),
    "missing key": (lambda data: data.pop("memories"), "memories"),
    "text for a number": (lambda data: data["peripherals"]["RTC"].update(base="0x4000"), r"peripherals\.RTC\.base"),
    "unknown behaviour": (lambda data: data["peripherals"]["RTC"].update(behaviour="rtc"), "not described"),
    "unknown interrupt": (lambda data: data["peripherals"]["RTC"].update(interrupts=["RTCX"]), "not in the table"),
    "overlap": (lambda data: data["peripherals"]["RTC"].update(base=0x40000900), "overlap"),
    "same number": (lambda data: data["interrupts"].update(RTC=4), "same number"),
    "register outside": (lambda data: data["peripherals"]["RTC"].update(size=16), "outside"),
    "reset of nothing": (lambda data: data["peripherals"]["RTC"].update(reset={"XYZ": 1}), "does not have"),
    "parameters for nothing": (
        lambda data: data["peripherals"]["RTC"].update(behaviour="unmodelled", parameters={"a": 1}),
        "no behaviour",
    ),
    "the core's block": (lambda data: data["peripherals"].update(NVIC=data["peripherals"].pop("RTC")), "belongs to"),
    "clock limits": (lambda data: data["clocks"]["LSI"].update(minimum=50000), "in order"),
    "no source": (lambda data: data["clocks"]["LSI"].pop("source"), "source"),
    "alias of nothing": (lambda data: data["memories"]["aliases"][0].update(of="rom"), "no memory"),
    "size of no RAM": (lambda data: data["parts"][0].update(rams={"CCM": 1}), "no RAM"),
    "no parts": (lambda data: data.pop("parts"), "either parts or lines"),
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


def _with_lines() -> dict[str, Any]:
    data = _series()
    part = data.pop("parts")[0]
    data["lines"] = {
        "one": {"title": "one", "parts": [part]},
        "two": {
            "title": "two",
            "core": {"max_hz": 24000000},
            "interrupts": {"TIM9": 50, "USBWakeUp": None},
            "peripherals": {"TIM9": {"base": 0x40014C00, "behaviour": "stm32-timer-v1"}, "ADC2": None},
        },
        "three": {
            "title": "three",
            "extends": "two",
            "sources": ["another document"],
            "peripherals": {"TIM9": {"interrupts": ["TIM9"]}, "EXTI": {"interrupts": ["EXTI0"]}},
            "parts": [{**part, "pattern": "STM32F999x8"}],
        },
    }
    return data


def _file(data: dict[str, Any], folder: Path) -> Path:
    path = folder / "lines.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_lines_lie_over_what_the_series_has_in_common(tmp_path: Path) -> None:
    one, three = sorted(load_file(_file(_with_lines(), tmp_path), "lines.yaml"), key=lambda line: line.title)
    assert (one.name, three.name) == ("one", "three")  # a line without parts is only extended
    assert "ADC2" in one.model.peripherals
    assert "USBWakeUp" in one.model.interrupts
    assert "ADC2" not in three.model.peripherals
    assert "USBWakeUp" not in three.model.interrupts
    assert three.model.core.max_hz == 24000000
    assert three.model.peripherals["TIM9"].base == 0x40014C00
    assert three.model.peripherals["TIM9"].interrupts == ["TIM9"]
    assert three.model.sources[-1] == "another document"
    assert one.model.core.max_hz == 72000000


BROKEN_LINES = {
    "extends nothing": (lambda lines: lines["three"].update(extends="four"), "unknown"),
    "extends itself": (lambda lines: lines["two"].update(extends="three"), "itself"),
    "lost interrupt": (lambda lines: lines["three"]["peripherals"].pop("EXTI"), "USBWakeUp, which is not in the table"),
    "wrong kind": (lambda lines: lines["three"]["core"].update(max_hz="fast"), r"core\.max_hz"),
    "overlap": (lambda lines: lines["two"]["peripherals"]["TIM9"].update(base=0x40000400), "overlap"),
}


@pytest.mark.parametrize("kind", sorted(BROKEN_LINES))
def test_broken_line_is_refused(kind: str, tmp_path: Path) -> None:
    change, said = BROKEN_LINES[kind]
    data = _with_lines()
    data["lines"]["three"].setdefault("core", {})
    change(data["lines"])
    with pytest.raises(CatalogueError, match=said) as caught:
        load_file(_file(data, tmp_path), "lines.yaml")
    assert "line three" in str(caught.value)


def test_no_part_number_belongs_to_two_patterns() -> None:
    seen: dict[str, str] = {}
    for line in all_lines():
        for part in line.parts:
            where = f"{line.file} {line.name}"
            assert part.pattern not in seen, f"{part.pattern} is in {seen[part.pattern]} and {where}"
            seen[part.pattern] = where
            example = part.pattern.replace("x", "Z")
            assert find_target(example).pattern == part.pattern


def _behaviour(folder: Path, name: str, **changes: Any) -> Path:
    data = {"id": "some-ip-v1", "source": "nowhere", "registers": {"CR": 0, "DR": {"offset": 4, "count": 3}}, **changes}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return folder


def test_behaviour_file_is_read(tmp_path: Path) -> None:
    registers = {"CNDTR": {"offset": 0x0C, "count": 7, "stride": 20}, "IP": {"offset": 0, "size": 1, "count": 4}}
    known = load_behaviours(_behaviour(tmp_path, "some-ip-v1", registers=registers, parameters={"channels": 7}))
    one = known["some-ip-v1"].registers
    assert one["CNDTR"].end == 0x0C + 6 * 20 + 4
    assert one["IP"].step == 1
    assert known["some-ip-v1"].parameters == {"channels": 7}


BROKEN_BEHAVIOURS = {
    "other name": ({"id": "other-ip-v1"}, "name the file"),
    "no source": ({"source": ""}, "source"),
    "no registers": ({"registers": {}}, "registers"),
    "unaligned": ({"registers": {"CR": 2}}, "aligned"),
    "unaligned step": ({"registers": {"CR": {"offset": 0, "count": 2, "stride": 6}}}, "aligned"),
    "narrow step": ({"registers": {"CR": {"offset": 0, "size": 4, "count": 2, "stride": 0}}}, "stride"),
    "unknown key": ({"reset": 1}, "reset"),
}


@pytest.mark.parametrize("kind", sorted(BROKEN_BEHAVIOURS))
def test_broken_behaviour_file_is_refused(kind: str, tmp_path: Path) -> None:
    changes, said = BROKEN_BEHAVIOURS[kind]
    with pytest.raises(CatalogueError, match=said) as caught:
        load_behaviours(_behaviour(tmp_path, "some-ip-v1", **changes))
    assert "some-ip-v1.yaml" in str(caught.value)


def test_registers_beyond_the_block_are_found(tmp_path: Path) -> None:
    known = load_behaviours(_behaviour(tmp_path, "some-ip-v1"))
    block = PeripheralModel(base=0, behaviour="some-ip-v1", size=12)
    assert list(block_problems("X", block, known)) == ["register X->DR lies outside the peripheral's 12 bytes"]
    assert not list(block_problems("X", block.model_copy(update={"size": 16}), known))
