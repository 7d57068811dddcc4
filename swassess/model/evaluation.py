"""The result of the main job: everything a report shows, and nothing it has to compute."""

from dataclasses import dataclass, field
from enum import StrEnum

from swassess.model.declared import AddressRange, Hazard, Measure
from swassess.model.finding import Finding, Place
from swassess.model.outcome import OutcomeRecord


class Verdict(StrEnum):
    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does_not_conform"
    NOT_SHOWN = "not_shown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One file of the submission. status: "declared", "extra", "missing", "duplicate"; sha256 empty when missing."""

    path: str
    size: int
    sha256: str
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """One item of Annex 4: status "present", "absent" or "not_applicable" (with the reason given)."""

    id: str
    title_zh: str
    title_en: str
    status: str
    files: tuple[str, ...]
    reason: str = ""
    for_the_assessor: str = ""


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """What the submitted image is. regions: name -> bytes used; facts: label -> value shown in the report."""

    path: str
    sha256: str
    machine: str
    entry: int
    flash_used: int
    ram_used: int
    producer: str
    sections: tuple[tuple[str, int, int], ...]  # name, address, size
    vectors: tuple[tuple[int, str, int], ...]  # number, handler symbol, address
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """units parsed, units listed as not analysed with the reason, functions with their extents."""

    parsed: tuple[str, ...]
    not_analysed: tuple[tuple[str, str], ...]
    functions: int
    lines: int
    safety_functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldenRunSummary:
    """A fault-free execution. Times in ticks. modes: (mode, from, to). registers: evidence of the peripheral model.

    served: (register, who served it, reads, writes); unmodelled ones say so. coverage: (function, blocks executed,
    blocks known) of safety functions. digest: of the final state, equal for equal runs.
    """

    scenario: str
    kind: str
    duration: int
    instructions: int
    blocks: int
    resets: tuple[str, ...]
    main_loop_reached: bool
    expected_held: bool | None
    digest: str
    modes: tuple[tuple[str, int, int], ...]
    interrupts: tuple[tuple[str, int], ...]
    served: tuple[tuple[str, str, int, int], ...]
    coverage: tuple[tuple[str, int, int], ...]
    deepest_stack: int


@dataclass(frozen=True, slots=True)
class MemorySpan:
    """A piece of the memory map picture. state: "tested", "untested", "used", "used_untested", "unused"."""

    start: int
    end: int
    state: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """A campaign's totals: the single outcomes stay in the store under `key`.

    outcomes: (outcome, resolution, weight). slowest: largest detection time in ticks, histogram: (upper edge in ticks,
    weight). misses: the first ones; miss_count: all. exhaustive False means a sample, and confidence says how good.
    """

    key: str
    title: str
    row: str
    model: str
    measure: str
    faults: int
    outcomes: tuple[tuple[str, str, int], ...]
    miss_count: int
    misses: tuple[OutcomeRecord, ...]
    slowest: int | None
    histogram: tuple[tuple[int, int], ...]
    exhaustive: bool
    basis: str
    seed: int | None = None
    remark: bool = False  # True: informative, does not decide the verdict


@dataclass(frozen=True, slots=True)
class RecognisedMeasure:
    """What a measure is, from image and run: algorithm, ranges really visited, cycle time in ticks."""

    row: str
    phase: str
    algorithm: str
    functions: tuple[str, ...]
    ranges: tuple[AddressRange, ...]
    cycle: int | None
    details: tuple[tuple[str, str], ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """The verdict of one row for one class, with everything a reader needs to check it.

    reasons: short sentences, most important first; missing: what would be needed where nothing is shown.
    criteria: the acceptance criteria printed beside the verdict. declared_time and slowest in ticks.
    """

    row: str
    component_en: str
    component_zh: str
    software_class: str
    fault: str
    verdict: Verdict
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()
    criteria: str = ""
    declared: tuple[str, ...] = ()
    recognised: tuple[RecognisedMeasure, ...] = ()
    findings: tuple[Finding, ...] = ()
    campaigns: tuple[CampaignSummary, ...] = ()
    faults: int = 0
    missed: int = 0
    slowest: int | None = None
    declared_time: int | None = None
    memory_map: tuple[MemorySpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything; becomes evaluation.json, from which each report is made. No wall-clock values inside."""

    tool_version: str
    product: str
    product_model: str
    manufacturer: str
    standard: str
    part: str
    submission_sha256: str
    profile: str
    seed: int
    catalogue: tuple[CatalogueEntry, ...]
    documents: tuple[DocumentItem, ...]
    image: ImageSummary | None
    sources: SourceSummary | None
    hazards: tuple[Hazard, ...]
    measures: tuple[Measure, ...]
    golden_runs: tuple[GoldenRunSummary, ...]
    rows: tuple[RowVerdict, ...]
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]
    safety_functions: tuple[tuple[str, str], ...] = field(default=())  # function, fingerprint
