"""What `swassess boot` found: how far a program came, and who served what it read. Plain values, ready for JSON."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BootRegister:
    """Accesses to one register word. name: "RCC.CR", or "" when nothing is known of the address. layer: who served it:
    "core", "compiled", "python" (behaviours), "learned" (reads of learned bits among them), "shadow" (keeps what is
    written). first: place of the first access."""

    address: int
    name: str
    layer: str
    reads: int
    learned_reads: int
    writes: int
    first: int
    symbol: str


@dataclass(frozen=True, slots=True)
class BootLearned:
    """One entry of the learned model. shown: what the register shows, in words; place: where it is polled. rejected:
    (alternative, why not). sensitivity: what becomes of the run without this entry."""

    address: int
    name: str
    shown: str
    kind: str
    mask: int
    bits: int
    place: int
    symbol: str
    line: str
    applied: int
    tried: int
    rejected: tuple[tuple[str, str], ...]
    sensitivity: str


@dataclass(frozen=True, slots=True)
class BootInterrupt:
    """An exception that was taken. source: the block whose line it is, "core" for the core's own."""

    exception: int
    name: str
    source: str
    handler: str
    count: int


@dataclass(frozen=True, slots=True)
class BootFault:
    """A fault exception, a reset or a lock-up. words: the fault registers explained."""

    ticks: int
    what: str
    place: int
    symbol: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BootEvent:
    """A line of the trace: time, function, source line, and accesses of that stretch (text)."""

    ticks: int
    function: str
    line: str
    accesses: tuple[str, ...] = ()
    repeated: int = 1


@dataclass(frozen=True, slots=True)
class BootReport:
    """The run from cold start under the frozen model. level: "nothing", "reset handler", "main" or "main loop".

    learned_share: share of the reads of registers outside the core that saw learned bits. digests: of two equal runs.
    functions: those of which something was executed, by name (none without symbols).
    """

    image: str
    kind: str
    sha256: str
    declared: str
    detected: str
    detection: tuple[str, ...]
    part: str
    core: str
    target_file: str
    vectors: int
    vector_candidates: tuple[tuple[int, str], ...]
    level: str
    how: str
    main: str
    loop: str
    loop_line: str
    passes: int
    ended: str
    at: str
    at_line: str
    waiting: tuple[str, ...]
    instructions: int
    ticks: int
    blocks: int
    registers: tuple[BootRegister, ...]
    learned: tuple[BootLearned, ...]
    left: tuple[str, ...]
    learned_share: float
    unmodelled: tuple[str, ...]
    interrupts: tuple[BootInterrupt, ...]
    faults: tuple[BootFault, ...]
    digests: tuple[str, str]
    notes: tuple[str, ...]
    functions: tuple[str, ...] = ()
    trace: tuple[BootEvent, ...] = field(default=())

    @property
    def reproducible(self) -> bool:
        return self.digests[0] == self.digests[1]
