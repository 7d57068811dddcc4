"""The shape of submission.toml, table by table; the JSON Schema for editors is made from it.

Only what can be judged inside one table is checked here; what ties tables together stands in references.py.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from swassess.submission.values import (
    Address,
    CName,
    Expression,
    Identifier,
    Items,
    Pin,
    PositiveTime,
    RelativePath,
    Scalar,
    Text,
    Time,
    shown,
)


class Table(BaseModel):
    """Base of every table: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Span(Table):
    start: Address
    end: Annotated[int, Field(ge=1, le=0x1_0000_0000, description="first address behind the range")]

    @model_validator(mode="after")
    def _upwards(self) -> "Span":
        if self.end <= self.start:
            raise ValueError(f"ends at 0x{self.end:X}, which is not above its start 0x{self.start:X}")
        return self


class Memory(Table):
    start: Address
    size: Annotated[int, Field(ge=1, le=0x1_0000_0000)]

    @model_validator(mode="after")
    def _inside(self) -> "Memory":
        if self.start + self.size > 0x1_0000_0000:
            raise ValueError("reaches beyond the 32-bit address space")
        return self


class Product(Table):
    name: Text
    model: Text
    manufacturer: Text
    kind: str = ""
    standard: Text = "GB/T 4706.1-2024"
    software_class: Literal["R.1", "R.2"]


class Mcu(Table):
    part: Text
    core: Text
    clock_hz: Annotated[int, Field(ge=1, le=10_000_000_000)]
    lsi_hz: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=3, max_length=3)] = Field(
        description="minimum, nominal and maximum frequency of the low-speed oscillator in hertz"
    )
    flash: Memory
    ram: Memory

    @model_validator(mode="after")
    def _ascending(self) -> "Mcu":
        if sorted(self.lsi_hz) != self.lsi_hz:
            raise ValueError("gives lsi_hz out of order; write minimum, nominal, maximum")
        return self


class Build(Table):
    compiler: Text
    compiler_version: Text
    switches: list[str]
    linker: str = ""
    linker_version: str = ""
    linker_switches: list[str] = []
    linker_script: RelativePath | None = None
    map_file: RelativePath | None = None


class Sources(Table):
    compile_commands: RelativePath | None = None
    safety: list[RelativePath] = Field(default=[], description="files or patterns of the safety-related part")
    application: list[RelativePath] = []


class Image(Table):
    role: Literal["elf", "hex", "bin"]
    path: RelativePath


def _check_value(value: object) -> object:
    """An integer, or the hexadecimal text of a long digest."""
    if isinstance(value, str) and 0 < len(value) <= 128 and all(c in "0123456789abcdefABCDEF" for c in value):
        return int(value, 16)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be an integer such as 0x1C2A or hexadecimal digits as a text, not {shown(value)}")
    return value


class DeclaredCheckValue(Table):
    name: Text
    algorithm: Literal["crc-32", "sum-16", "sum-32", "xor-8", "sha-256"]
    start: Address
    end: Annotated[int, Field(ge=1, le=0x1_0000_0000, description="first address behind the range")]
    fill: Annotated[int, Field(ge=0, le=255)] = 0xFF
    value: Annotated[int, BeforeValidator(_check_value), WithJsonSchema({"type": ["integer", "string"]})]
    stored_at: Address | None = None

    @model_validator(mode="after")
    def _fits(self) -> "DeclaredCheckValue":
        if self.end <= self.start:
            raise ValueError(f"ends at 0x{self.end:X}, which is not above its start 0x{self.start:X}")
        bits = int(self.algorithm.split("-")[1])
        if not 0 <= self.value < 1 << bits:
            raise ValueError(f"has a value that does not fit {self.algorithm}, which has {bits} bits")
        return self


class Document(Table):
    item: Items
    path: RelativePath
    title: str = ""


class NotApplicable(Table):
    item: Text | None = None
    row: Text | None = None
    reason: Text

    @model_validator(mode="after")
    def _one_subject(self) -> "NotApplicable":
        if (self.item is None) == (self.row is None):
            raise ValueError("needs exactly one of item (Annex 4) and row (Table R.1/R.2)")
        return self


class Modes(Table):
    expression: Expression
    names: dict[CName, int]


class ProgramTable(Table):
    main_loop: CName


class UnsafeLevel(Table):
    pin: Pin
    level: Literal[0, 1]
    modes: list[CName] = []


class HazardTable(Table):
    id: Identifier
    title: Text
    clause: Text
    function: Text
    software_class: Literal["R.1", "R.2"]
    time_to_hazard: PositiveTime
    unsafe: list[UnsafeLevel] = []
    unsafe_when: str = ""
    measures: list[str] = []
    demanded_by: list[str] = []

    @model_validator(mode="after")
    def _says_what_is_unsafe(self) -> "HazardTable":
        if not self.unsafe and not self.unsafe_when.strip():
            raise ValueError("says neither unsafe (pin levels) nor unsafe_when (an expression)")
        return self


class SafeState(Table):
    pins: dict[Pin, Literal[0, 1]]


class OracleTable(Table):
    id: Identifier
    function: CName | None = None
    expression: Expression | None = None
    reset: Text | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "OracleTable":
        if sum(value is not None for value in (self.function, self.expression, self.reset)) != 1:
            raise ValueError("needs exactly one of function, expression and reset")
        return self


class MeasureTable(Table):
    id: Identifier
    row: Text
    technique: Text
    clause: str = ""
    functions: Annotated[list[Text], Field(min_length=1)]
    ranges: list[Span] = []
    phase: Literal["startup", "periodic", "concurrent"]
    detection_time: PositiveTime
    reaction_time: Time
    oracles: Annotated[list[str], Field(min_length=1)]


class ScenarioEntry(Table):
    id: Identifier
    title: str = ""
    kind: Literal["mode", "abnormal"]
    path: RelativePath


class Baseline(Table):
    evaluation: RelativePath


class ManifestModel(Table):
    """The whole of submission.toml, format 1."""

    format: Literal[1]
    product: Product
    mcu: Mcu
    build: Build
    sources: Sources
    image: list[Image] = []
    check_value: list[DeclaredCheckValue] = []
    document: list[Document] = []
    not_applicable: list[NotApplicable] = []
    modes: Modes | None = None
    program: ProgramTable
    constants: dict[CName, Annotated[int, Field(ge=-(2**31), le=2**32 - 1)]] = {}
    hazard: list[HazardTable] = []
    safe_state: SafeState | None = None
    oracle: list[OracleTable] = []
    measure: list[MeasureTable] = []
    scenario: list[ScenarioEntry] = []
    samples: dict[str, Scalar] = {}
    baseline: Baseline | None = None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of submission.toml for editors."""
    body = ManifestModel.model_json_schema()
    body["title"] = "submission.toml, format 1"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body}
