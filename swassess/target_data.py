"""MCUs as data: reads targets/<vendor>/<series>.yaml and describes one part of a series.

The pydantic models here are the format (targets/schema.json is made from them); what leaves are plain dataclasses.
"""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from swassess.catalogue import CatalogueModel, data_folder, load_models
from swassess.errors import CatalogueError
from swassess.model.declared import AddressRange
from swassess.model.target import Clock, Interrupt, Memory, Part, Peripheral, Register, TargetDescription

Address = Annotated[int, Field(ge=0, le=0xFFFFFFFF)]
Size = Annotated[int, Field(gt=0, le=0x40000000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=40)]
Source = Annotated[str, Field(min_length=1, description="document and section the fact comes from")]


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("series", "{message}", {"message": message})


class CoreModel(CatalogueModel):
    name: Literal["cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7"]
    mpu: bool
    fpu: bool
    bit_band: bool
    priority_bits: int = Field(ge=2, le=8)
    max_hz: int = Field(gt=0)
    cycles: str = Field(min_length=1, description="how instruction times are reckoned")
    source: Source


class PartModel(CatalogueModel):
    pattern: str = Field(pattern=r"^[A-Z0-9x]{4,20}$", description='"x" stands for any one character')
    flash_size: Size
    ram_size: Size
    pyocd_target: str = Field(min_length=1)
    source: Source


class FlashModel(CatalogueModel):
    start: Address
    page: Size
    source: Source


class RamModel(CatalogueModel):
    start: Address
    source: Source


class MemoryModel(CatalogueModel):
    start: Address
    size: Size
    source: Source


class AliasModel(CatalogueModel):
    start: Address
    of: Literal["flash", "ram", "system"]
    source: Source


class MemoriesModel(CatalogueModel):
    flash: FlashModel
    ram: RamModel
    system: MemoryModel | None = None
    options: MemoryModel | None = None
    aliases: list[AliasModel] = Field(default_factory=list)


class ClockModel(CatalogueModel):
    minimum: int = Field(gt=0)
    nominal: int = Field(gt=0)
    maximum: int = Field(gt=0)
    source: Source

    @model_validator(mode="after")
    def in_order(self) -> "ClockModel":
        if not self.minimum <= self.nominal <= self.maximum:
            raise _wrong("minimum, nominal and maximum are not in order")
        return self


class RegisterModel(CatalogueModel):
    offset: Address
    size: Literal[1, 2, 4] = 4
    count: int = Field(default=1, gt=0, le=1024)
    reset: Address = 0


def _offset_alone(value: Any) -> Any:
    return {"offset": value} if isinstance(value, int) and not isinstance(value, bool) else value


RegisterOrOffset = Annotated[
    RegisterModel, BeforeValidator(_offset_alone, json_schema_input_type=RegisterModel | Address)
]


class BehaviourModel(CatalogueModel):
    source: Source
    registers: dict[Name, RegisterOrOffset] = Field(min_length=1)


class PeripheralModel(CatalogueModel):
    base: Address
    behaviour: str = Field(pattern=r"^[a-z0-9-]+$")
    size: Size = 0x400
    interrupts: list[Name] = Field(default_factory=list)


class SeriesModel(CatalogueModel):
    """One file of targets/: an MCU series."""

    vendor: str = Field(min_length=1)
    series: str = Field(min_length=1)
    title: str = Field(min_length=1)
    sources: list[str] = Field(min_length=1)
    core: CoreModel
    parts: list[PartModel] = Field(min_length=1)
    memories: MemoriesModel
    clocks: dict[Name, ClockModel] = Field(min_length=1)
    interrupts: dict[Name, Annotated[int, Field(ge=0, le=239)]]
    peripherals: dict[Name, PeripheralModel] = Field(min_length=1)
    behaviours: dict[str, BehaviourModel] = Field(min_length=1)

    @model_validator(mode="after")
    def consistent(self) -> "SeriesModel":
        if len(set(self.interrupts.values())) != len(self.interrupts):
            raise _wrong("two interrupts have the same number")
        end, before = 0, ""
        for name, block in sorted(self.peripherals.items(), key=lambda item: item[1].base):
            if block.base < end:
                raise _wrong(f"peripherals {before} and {name} overlap")
            end, before = block.base + block.size, name
            self._check_block(name, block)
        unused = sorted(set(self.behaviours) - {block.behaviour for block in self.peripherals.values()})
        if unused:
            raise _wrong(f"no peripheral has the behaviour {unused[0]}")
        return self

    def _check_block(self, name: str, block: PeripheralModel) -> None:
        behaviour = self.behaviours.get(block.behaviour)
        if behaviour is None:
            raise _wrong(f"peripheral {name} has the behaviour {block.behaviour}, which is not described")
        for interrupt in block.interrupts:
            if interrupt not in self.interrupts:
                raise _wrong(f"peripheral {name} names the interrupt {interrupt}, which is not in the table")
        for register, model in behaviour.registers.items():
            if model.offset % model.size:
                raise _wrong(f"register {block.behaviour}.{register} is not aligned to its size")
            if model.offset + model.size * model.count > block.size:
                raise _wrong(f"register {name}->{register} lies outside the peripheral's {block.size} bytes")


def find_target(part: str) -> TargetDescription:
    """The MCU with a part number such as "STM32F103C8T6" (case does not matter).

    Raises CatalogueError, with the nearest known patterns, when no series file describes it.
    """
    wanted = part.strip().upper()
    for file, series in _catalogue():
        for model in series.parts:
            if _pattern(model.pattern).fullmatch(wanted):
                return _describe(wanted, file, series, model)
    known = [model.pattern for _, series in _catalogue() for model in series.parts]
    close = get_close_matches(wanted, known, 3, 0.5)
    hint = f"; nearest: {', '.join(close)}" if close else ""
    raise CatalogueError(f"MCU part {part[:40]!r} is not described under targets/{hint} (see swassess targets)")


def list_targets() -> tuple[Part, ...]:
    """All parts described, by pattern. Raises CatalogueError for a malformed series file."""
    parts = [
        Part(
            pattern=model.pattern,
            vendor=series.vendor,
            series=series.series,
            core=series.core.name,
            flash_size=model.flash_size,
            ram_size=model.ram_size,
            pyocd_target=model.pyocd_target,
        )
        for _, series in _catalogue()
        for model in series.parts
    ]
    return tuple(sorted(parts, key=lambda entry: entry.pattern))


def load_series(folder: Path) -> tuple[tuple[str, SeriesModel], ...]:
    """Every series file below `folder` as (path relative to it, model). Raises CatalogueError (file, line, key)."""
    return tuple((path.relative_to(folder).as_posix(), model) for path, model in load_models(folder, SeriesModel))


def series_schema() -> str:
    """The JSON Schema of a series file, as committed in targets/schema.json."""
    return json.dumps(SeriesModel.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


@cache
def _catalogue() -> tuple[tuple[str, SeriesModel], ...]:
    return load_series(data_folder("targets"))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    # Letters after the flash size (package, temperature range, packing) change nothing that is described here.
    return re.compile(pattern.replace("x", "[A-Z0-9]") + "[A-Z0-9]{0,6}")


def _describe(part: str, file: str, series: SeriesModel, model: PartModel) -> TargetDescription:
    flash = AddressRange(series.memories.flash.start, series.memories.flash.start + model.flash_size)
    ram = AddressRange(series.memories.ram.start, series.memories.ram.start + model.ram_size)
    return TargetDescription(
        part=part,
        pattern=model.pattern,
        vendor=series.vendor,
        series=series.series,
        core=series.core.name,
        mpu=series.core.mpu,
        fpu=series.core.fpu,
        bit_band=series.core.bit_band,
        priority_bits=series.core.priority_bits,
        max_hz=series.core.max_hz,
        cycles=series.core.cycles,
        flash=flash,
        flash_page=series.memories.flash.page,
        ram=ram,
        memories=_memories(series.memories, flash, ram),
        clocks=tuple(
            Clock(name, clock.minimum, clock.nominal, clock.maximum, clock.source)
            for name, clock in sorted(series.clocks.items())
        ),
        peripherals=_peripherals(series),
        interrupts=tuple(
            Interrupt(name, number) for name, number in sorted(series.interrupts.items(), key=lambda item: item[1])
        ),
        pyocd_target=model.pyocd_target,
        sources=tuple(series.sources),
        file=file,
    )


def _memories(memories: MemoriesModel, flash: AddressRange, ram: AddressRange) -> tuple[Memory, ...]:
    ranges: dict[str, AddressRange] = {"flash": flash, "ram": ram}
    found: list[Memory] = []
    for name, memory in (("options", memories.options), ("system", memories.system)):
        if memory is not None:
            ranges[name] = AddressRange(memory.start, memory.start + memory.size)
            found.append(Memory(name, ranges[name]))
    for alias in memories.aliases:
        shown = ranges.get(alias.of)
        if shown is not None:
            size = shown.end - shown.start
            found.append(Memory(f"{alias.of} alias", AddressRange(alias.start, alias.start + size), shown.start))
    return tuple(sorted(found, key=lambda memory: memory.range.start))


def _peripherals(series: SeriesModel) -> tuple[Peripheral, ...]:
    maps: Mapping[str, tuple[Register, ...]] = {
        name: tuple(
            Register(register, model.offset, model.size, model.count, model.reset)
            for register, model in sorted(behaviour.registers.items(), key=lambda item: (item[1].offset, item[0]))
        )
        for name, behaviour in series.behaviours.items()
    }
    return tuple(
        Peripheral(
            name=name,
            behaviour=block.behaviour,
            base=block.base,
            size=block.size,
            registers=maps[block.behaviour],
            interrupts=tuple(Interrupt(interrupt, series.interrupts[interrupt]) for interrupt in block.interrupts),
            source=series.behaviours[block.behaviour].source,
        )
        for name, block in sorted(series.peripherals.items(), key=lambda item: item[1].base)
    )
