"""The format of the files under targets/: series, cores and register maps (behaviours), as pydantic models.

targets/schema.json, targets/cores/schema.json and targets/behaviours/schema.json are made from them.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from swassess.catalogue import CatalogueModel

Address = Annotated[int, Field(ge=0, le=0xFFFFFFFF)]
Size = Annotated[int, Field(gt=0, le=0x40000000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=40)]
BehaviourId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Source = Annotated[str, Field(min_length=1, description="document and section the fact comes from")]
CoreName = Literal["cortex-m0", "cortex-m0plus", "cortex-m23", "cortex-m3", "cortex-m33", "cortex-m4", "cortex-m7"]
UNMODELLED = "unmodelled"


def wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("series", "{message}", {"message": message})


class CoreModel(CatalogueModel):
    name: CoreName
    mpu: bool
    fpu: bool
    bit_band: bool
    priority_bits: int = Field(ge=2, le=8)
    max_hz: int = Field(gt=0)
    cycles: str = Field(default="", description="how instruction times are reckoned, where not as the core's file says")
    systick_calibration: Address | None = Field(default=None, description="what SYST_CALIB reads")
    source: Source


class PartModel(CatalogueModel):
    pattern: str = Field(pattern=r"^[A-Z0-9x]{4,20}$", description='"x" stands for any one character')
    flash_size: Size
    ram_size: Size = Field(description="of the main RAM; other RAM regions stand in `memories.rams`")
    rams: dict[Name, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, description="sizes of further RAM regions where this part's differ; 0: not there"
    )
    pyocd_target: str | None = Field(default=None, description="where not the line's")
    source: Source


class FlashModel(CatalogueModel):
    start: Address
    page: Size = Field(description="bytes erased at a time (of unequal sectors: the smallest)")
    sectors: list[Size] = Field(default_factory=list, description="sizes of unequal sectors; the last one repeats")
    vectors: Address | None = Field(default=None, description="address of the first vector table where not the start")
    ecc: int = Field(default=0, ge=0, description="bytes that one error-correcting code covers; 0: none")
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
    of: Name = Field(description='"flash", "ram", "system" or the name of a further RAM')
    source: Source


class ParityModel(CatalogueModel):
    """Part of a RAM whose parity is checked when the option says so."""

    start: Address
    size: Size | None = Field(default=None, description="the whole main RAM where not said")
    option: str = Field(min_length=1, description="what switches the check on")
    source: Source


class FactoryModel(CatalogueModel):
    """What the maker has programmed for software to read."""

    flash_size: Address | None = Field(default=None, description="16 bits: size of the flash in KiB")
    unique_id: Address | None = Field(default=None, description="96 bits")
    source: Source


class MemoriesModel(CatalogueModel):
    flash: FlashModel
    ram: RamModel
    rams: dict[Name, MemoryModel] = Field(default_factory=dict, description="RAM regions apart from the main one")
    system: MemoryModel | None = None
    options: MemoryModel | None = None
    others: dict[Name, MemoryModel] = Field(default_factory=dict, description="OTP, EEPROM, ...")
    aliases: list[AliasModel] = Field(default_factory=list)
    parity: ParityModel | None = None
    factory: FactoryModel | None = None


class ClockModel(CatalogueModel):
    minimum: int = Field(gt=0)
    nominal: int = Field(gt=0)
    maximum: int = Field(gt=0)
    source: Source

    @model_validator(mode="after")
    def in_order(self) -> "ClockModel":
        if not self.minimum <= self.nominal <= self.maximum:
            raise wrong("minimum, nominal and maximum are not in order")
        return self


class RegisterModel(CatalogueModel):
    offset: Address
    size: Literal[1, 2, 4] = 4
    count: int = Field(default=1, gt=0, le=1024)
    stride: int | None = Field(default=None, gt=0, description="bytes from one to the next where not `size`")
    reset: Address = 0

    @model_validator(mode="after")
    def aligned(self) -> "RegisterModel":
        if self.offset % self.size or self.step % self.size:
            raise wrong("the register is not aligned to its size")
        if self.step < self.size:
            raise wrong("stride is smaller than the register")
        return self

    @property
    def step(self) -> int:
        return self.size if self.stride is None else self.stride

    @property
    def end(self) -> int:
        return self.offset + self.step * (self.count - 1) + self.size


def _offset_alone(value: Any) -> Any:
    return {"offset": value} if isinstance(value, int) and not isinstance(value, bool) else value


RegisterOrOffset = Annotated[
    RegisterModel, BeforeValidator(_offset_alone, json_schema_input_type=RegisterModel | Address)
]


class BehaviourModel(CatalogueModel):
    """One file of targets/behaviours: the register map of an IP, named by its generation."""

    id: BehaviourId
    source: Source
    registers: dict[Name, RegisterOrOffset] = Field(min_length=1)
    parameters: dict[Name, Any] = Field(default_factory=dict, description="defaults; a peripheral's own override them")


class PeripheralModel(CatalogueModel):
    base: Address
    behaviour: BehaviourId = Field(description=f'name of a file in targets/behaviours, or "{UNMODELLED}"')
    size: Size = 0x400
    interrupts: list[Name] = Field(default_factory=list)
    parameters: dict[Name, Any] = Field(default_factory=dict)
    reset: dict[Name, Address] = Field(
        default_factory=dict, description="reset values of this block's registers that differ from the behaviour's"
    )
    source: str = Field(default="", description="where not one of the series' sources in general")


class CoreFile(CatalogueModel):
    """One file of targets/cores: what every MCU with this core has."""

    name: CoreName
    title: str = Field(min_length=1)
    architecture: Literal["armv6-m", "armv7-m", "armv7e-m", "armv8-m.base", "armv8-m.main"]
    sources: list[str] = Field(min_length=1)
    bit_band: bool = Field(description="whether the core can have it")
    fpu: bool = Field(description="whether the core can have it")
    cycles: str = Field(min_length=1, description="how instruction times are reckoned")
    interrupts: int = Field(gt=0, le=480, description="most that the core can have")
    priority_bits: int = Field(ge=2, le=8, description="of the generic part")
    peripherals: dict[Name, PeripheralModel] = Field(min_length=1)


class LineModel(CatalogueModel):
    """A line of a series: what differs from the rest of the file. Values merge key by key; null takes a key away."""

    title: str = Field(min_length=1)
    extends: str = Field(
        default="",
        description="another line whose differences apply first (not its parts, sources, svd and pyocd_target)",
    )
    sources: list[str] = Field(default_factory=list, description="further documents")
    svd: str = ""
    pyocd_target: str = ""
    core: dict[str, Any] = Field(default_factory=dict)
    memories: dict[str, Any] = Field(default_factory=dict)
    clocks: dict[Name, Any] = Field(default_factory=dict)
    interrupts: dict[Name, int | None] = Field(default_factory=dict)
    peripherals: dict[Name, dict[str, Any] | None] = Field(default_factory=dict)
    parts: list[PartModel] = Field(default_factory=list, description="empty for a line that others only extend")


class SeriesModel(CatalogueModel):
    """One file of targets/<vendor>/: an MCU series, whole or by lines."""

    vendor: str = Field(min_length=1)
    series: str = Field(min_length=1)
    title: str = Field(min_length=1)
    sources: list[str] = Field(min_length=1)
    svd: str = Field(default="", description="name of the SVD file that pyOCD carries, without its ending")
    pyocd_target: str = Field(default="", description="pyOCD's built-in target; empty when it has none")
    resembles: str = Field(default="", description="series of another maker with the same register addresses")
    core: CoreModel
    memories: MemoriesModel
    clocks: dict[Name, ClockModel] = Field(min_length=1)
    interrupts: dict[Name, Annotated[int, Field(ge=0, le=239)]]
    peripherals: dict[Name, PeripheralModel] = Field(min_length=1)
    parts: list[PartModel] = Field(default_factory=list)
    lines: dict[str, LineModel] = Field(default_factory=dict)

    @model_validator(mode="after")
    def has_parts(self) -> "SeriesModel":
        if bool(self.parts) == bool(self.lines):
            raise wrong("a series has either parts or lines with parts")
        return self

    @model_validator(mode="after")
    def consistent(self) -> "SeriesModel":
        if len(set(self.interrupts.values())) != len(self.interrupts):
            raise wrong("two interrupts have the same number")
        end, before = 0, ""
        for name, block in sorted(self.peripherals.items(), key=lambda item: item[1].base):
            if block.base < end:
                raise wrong(f"peripherals {before} and {name} overlap")
            end, before = block.base + block.size, name
            missing = [one for one in block.interrupts if one not in self.interrupts]
            if missing and not self.lines:
                raise wrong(f"peripheral {name} names the interrupt {missing[0]}, which is not in the table")
        return self
