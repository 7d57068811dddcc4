"""What the submission declares: product, hazards, measures, oracles, scenarios."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Half-open range [start, end) of byte addresses."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PinLevel:
    """A pin such as "PB0", the level (0 or 1) meant, and the modes it is meant in (empty: all)."""

    pin: str
    level: int
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """Clause, protective function, class ("R.1" or "R.2"), hazardous outputs, time to hazard in ticks.

    unsafe: pin levels that are hazardous in the modes named. unsafe_when: a C expression over pins and plant variables
    that is true while the hazard is real (empty: none). measures: ids of the measures relied on.
    demanded_by: ids of the abnormal-condition scenarios that demand the function.
    """

    id: str
    title: str
    clause: str
    function: str
    software_class: str
    unsafe: tuple[PinLevel, ...]
    unsafe_when: str
    time_to_hazard: int
    measures: tuple[str, ...]
    demanded_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Oracle:
    """When a run counts as detected: exactly one of function reached, C expression true, or reset by `reset`."""

    id: str
    function: str = ""
    expression: str = ""
    reset: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A technique of Table R.1/R.2 that the manufacturer declares. Times in ticks."""

    id: str
    row: str
    technique: str
    clause: str
    functions: tuple[str, ...]
    ranges: tuple[AddressRange, ...]
    phase: str  # "startup", "periodic" or "concurrent"
    detection_time: int
    reaction_time: int
    oracles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """A pulse train on a pin; frequency is a C expression in hertz (0 or less: no edges)."""

    pin: str
    frequency: str


@dataclass(frozen=True, slots=True)
class SerialFrame:
    """Bytes arriving on a serial port from a time on, one after the other at `baud` (ten bits a byte)."""

    port: str
    ticks: int
    data: bytes
    baud: int = 9600


@dataclass(frozen=True, slots=True)
class BusPeer:
    """A device on an I2C or SPI bus that answers as declared. bus: name of the MCU's block, such as "I2C1".

    address: 7 bits, on I2C only (else -1). select: chip-select pin on SPI, low while selected (empty: always selected).
    registers: (first register, bytes): what is read from there on; what the firmware writes over it is read back.
    pointer_bytes: how many bytes select the register. read_flag: bits of that byte that ask for reading (SPI).
    replies: (request, reply): the bytes that come back once those have been written; the longest request that fits.
    """

    bus: str
    address: int = -1
    select: str = ""
    registers: tuple[tuple[int, bytes], ...] = ()
    pointer_bytes: int = 1
    read_flag: int = 0x80
    replies: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioEvent:
    """At `ticks` the assignments are carried out on plant variables (C assignment expressions)."""

    ticks: int
    assignments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Inputs over time. `equations` are C assignments evaluated every `step`, in order, over double variables.

    kind: "mode" (an operating mode) or "abnormal" (a condition that demands a protection).
    digital: pin -> expression, analog: ADC channel -> expression for the 12-bit code.
    expected: a C expression that must hold at the end of the golden run (empty: none).
    """

    id: str
    title: str
    kind: str
    duration: int
    step: int
    variables: tuple[tuple[str, float], ...]
    equations: tuple[str, ...]
    digital: tuple[tuple[str, str], ...]
    analog: tuple[tuple[int, str], ...]
    signals: tuple[Signal, ...]
    frames: tuple[SerialFrame, ...]
    events: tuple[ScenarioEvent, ...]
    expected: str = ""
    peers: tuple[BusPeer, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckValue:
    """A check value declared by the manufacturer over [start, end) of the load image."""

    name: str
    algorithm: str
    start: int
    end: int
    fill: int
    value: int
    stored_at: int | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything the manifest says that later rooms need, as plain data. Paths are relative to the submission."""

    product: str
    product_model: str
    manufacturer: str
    standard: str
    part: str
    core: str
    clock_hz: int
    lsi_hz: tuple[int, int, int]  # minimum, nominal, maximum
    flash: AddressRange
    ram: AddressRange
    compiler: str
    compiler_version: str
    compiler_switches: tuple[str, ...]
    linker: str
    linker_switches: tuple[str, ...]
    images: tuple[tuple[str, str], ...]  # role ("elf", "hex", "bin") -> path
    check_values: tuple[CheckValue, ...]
    constants: tuple[tuple[str, int], ...]
    mode_expression: str
    modes: tuple[tuple[str, int], ...]
    main_loop: str
    hazards: tuple[Hazard, ...]
    safe_state: tuple[PinLevel, ...]
    measures: tuple[Measure, ...]
    oracles: tuple[Oracle, ...]
    scenarios: tuple[Scenario, ...]
    safety_sources: tuple[str, ...]
    application_sources: tuple[str, ...]
    compile_commands: str
