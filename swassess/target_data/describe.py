"""Makes the description of one part out of a line of a series."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from swassess.model.declared import AddressRange
from swassess.model.target import Clock, Interrupt, Memory, Peripheral, Register, TargetDescription
from swassess.target_data.load import Line, behaviours, core_files
from swassess.target_data.series_format import (
    UNMODELLED,
    BehaviourModel,
    CoreFile,
    CoreModel,
    MemoriesModel,
    PartModel,
    PeripheralModel,
)


def describe(part: str, line: Line, model: PartModel) -> TargetDescription:
    """The MCU `part` (as asked for, upper case) that matches a pattern of the line."""
    series = line.model
    core = core_files()[series.core.name]
    flash = AddressRange(series.memories.flash.start, series.memories.flash.start + model.flash_size)
    ram = AddressRange(series.memories.ram.start, series.memories.ram.start + model.ram_size)
    rams = further_rams(series.memories, model)
    vectors = series.memories.flash.vectors
    factory = series.memories.factory
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
        cycles=series.core.cycles or core.cycles,
        flash=flash,
        flash_page=series.memories.flash.page,
        ram=ram,
        memories=_memories(series.memories, flash, ram, rams),
        clocks=tuple(
            Clock(name, clock.minimum, clock.nominal, clock.maximum, clock.source)
            for name, clock in sorted(series.clocks.items())
        ),
        peripherals=make_peripherals(
            {**core_blocks(core, series.core), **series.peripherals},
            series.interrupts,
            behaviours(),
            _flash_layout(series.memories, model.flash_size),
        ),
        interrupts=make_interrupts(series.interrupts),
        pyocd_target=series.pyocd_target if model.pyocd_target is None else model.pyocd_target,
        sources=tuple(dict.fromkeys([*series.sources, *core.sources])),
        file=line.file,
        line=line.title,
        rams=(Memory("RAM", ram), *(Memory(name, rams[name]) for name in sorted(rams))),
        flash_sectors=tuple(series.memories.flash.sectors),
        vectors=flash.start if vectors is None else vectors,
        svd=series.svd,
        architecture=core.architecture,
        flash_ecc=series.memories.flash.ecc,
        ram_parity=_parity(series.memories, ram),
        flash_size_at=(factory.flash_size or 0) if factory else 0,
        unique_id_at=(factory.unique_id or 0) if factory else 0,
    )


def _parity(memories: MemoriesModel, ram: AddressRange) -> AddressRange | None:
    parity = memories.parity
    if parity is None:
        return None
    return AddressRange(parity.start, ram.end if parity.size is None else parity.start + parity.size)


def core_blocks(core: CoreFile, model: CoreModel | None) -> dict[str, PeripheralModel]:
    """The core's own blocks; the SysTick calibration value is the family's."""
    blocks = dict(core.peripherals)
    if model is not None and model.systick_calibration is not None:
        reset = {**blocks["SysTick"].reset, "CALIB": model.systick_calibration}
        blocks["SysTick"] = blocks["SysTick"].model_copy(update={"reset": reset})
    return blocks


def further_rams(memories: MemoriesModel, model: PartModel) -> dict[str, AddressRange]:
    """RAM regions apart from the main one, with this part's sizes; those of size 0 are left out."""
    sizes = {name: model.rams.get(name, memory.size) for name, memory in memories.rams.items()}
    return {
        name: AddressRange(memory.start, memory.start + sizes[name])
        for name, memory in memories.rams.items()
        if sizes[name]
    }


def make_interrupts(table: Mapping[str, int]) -> tuple[Interrupt, ...]:
    return tuple(Interrupt(name, number) for name, number in sorted(table.items(), key=lambda item: item[1]))


def _flash_layout(memories: MemoriesModel, flash_size: int) -> dict[str, Any]:
    """What flash controllers want to know (parameters `page` in bytes, `sectors` in KiB), from the memories."""
    sectors = memories.flash.sectors
    if not sectors:
        return {"page": memories.flash.page}
    found: list[int] = []
    while sum(found) < flash_size:
        found.append(sectors[min(len(found), len(sectors) - 1)])
    return {"page": memories.flash.page, "sectors": [size // 1024 for size in found]}


def make_peripherals(
    blocks: Mapping[str, PeripheralModel],
    interrupts: Mapping[str, int],
    known: Mapping[str, BehaviourModel],
    derived: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Peripheral, ...]:
    """The blocks by address, each with its behaviour's register map and parameters: the behaviour's defaults, what is
    derived from other facts where the behaviour has such a parameter, the block's own."""
    found = []
    for name, block in sorted(blocks.items(), key=lambda item: (item[1].base, item[0])):
        behaviour = None if block.behaviour == UNMODELLED else known[block.behaviour]
        registers = () if behaviour is None else _registers(behaviour, block.reset)
        found.append(
            Peripheral(
                name=name,
                behaviour=block.behaviour,
                base=block.base,
                size=block.size,
                registers=registers,
                interrupts=tuple(Interrupt(one, interrupts[one]) for one in block.interrupts),
                source=block.source or ("" if behaviour is None else behaviour.source),
                parameters=_parameters(behaviour, derived, block),
            )
        )
    return tuple(found)


def _parameters(behaviour: BehaviourModel | None, derived: Mapping[str, Any], block: PeripheralModel) -> dict[str, Any]:
    if behaviour is None:
        return dict(block.parameters)
    known = {name: value for name, value in derived.items() if name in behaviour.parameters}
    return {**behaviour.parameters, **known, **block.parameters}


def _registers(behaviour: BehaviourModel, resets: Mapping[str, int]) -> tuple[Register, ...]:
    return tuple(
        Register(name, model.offset, model.size, model.count, resets.get(name, model.reset), model.step)
        for name, model in sorted(behaviour.registers.items(), key=lambda item: (item[1].offset, item[0]))
    )


def _memories(
    memories: MemoriesModel, flash: AddressRange, ram: AddressRange, rams: Mapping[str, AddressRange]
) -> tuple[Memory, ...]:
    ranges: dict[str, AddressRange] = {"flash": flash, "ram": ram, **rams}
    found: list[Memory] = []
    others = {**memories.others, "options": memories.options, "system": memories.system}
    for name, memory in others.items():
        if memory is not None:
            ranges[name] = AddressRange(memory.start, memory.start + memory.size)
            found.append(Memory(name, ranges[name]))
    for alias in memories.aliases:
        shown = ranges.get(alias.of)
        if shown is not None:
            size = shown.end - shown.start
            found.append(Memory(f"{alias.of} alias", AddressRange(alias.start, alias.start + size), shown.start))
    return tuple(sorted(found, key=lambda memory: (memory.range.start, memory.name)))
