"""From an image file to an MCU that can run it: format, part (declared or detected), memories, vector table."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from swassess.boot.program import Program, read_handlers
from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import ScenarioPrograms, compile_scenario
from swassess.errors import ImageError
from swassess.expressions.names import Names, register_places
from swassess.firmware.child_process import read_file
from swassess.firmware.core_needs import check_core_fits
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.firmware.image import LoadImage, make_load_image
from swassess.firmware.load import load_image
from swassess.firmware.target_detection import Detection, detect_target
from swassess.model.declared import AddressRange, Scenario
from swassess.model.target import Memory, TargetDescription
from swassess.model.time import TICKS_PER_SECOND
from swassess.target_data import find_target
from swassess.target_data.generic import generic_name, generic_target, is_generic

_HEX = (".hex", ".ihx", ".ihex")
_BIN_BASES = (0x08000000, 0x00000000, 0x00080000, 0x10000000, 0x00400000, 0x08004000, 0x00010000, 0x0001C000)
# ports and DMA of some Cortex-M3 parts lie here, not with the other registers; they keep what is written
_AHB_REGISTERS = AddressRange(0x20098000, 0x200A0000)
# where makers keep what is programmed in the factory (identity, calibration, options); reads as erased
_FACTORY = (
    AddressRange(0x00800000, 0x00808000),
    AddressRange(0x10000000, 0x10002000),
    AddressRange(0x1FF80000, 0x1FF81000),
    *(AddressRange(start, start + 0x2000) for start in range(0x1FFF0000, 0x20000000, 0x2000)),
)
_DEFAULT_HZ = 8_000_000
_DEFAULT_LSI_HZ = 32_768


@dataclass(slots=True)
class Prepared:
    """Everything known before the first instruction. declared: part given ("": none). detection: what the image itself
    says. candidates: (address, reasons) of possible vector tables, the one taken first. notes: sentences."""

    path: Path
    kind: str
    sha256: str
    program: Program
    target: TargetDescription
    declared: str
    detection: Detection
    candidates: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]

    def mcu(self) -> Mcu:
        """A fresh MCU with the image in it and nothing around it."""
        hsi, lsi = self.target.clock("HSI"), self.target.clock("LSI")
        return Mcu(
            self.target,
            self.program.image,
            _surroundings(self.target),
            clock_hz=hsi.nominal if hsi is not None else _DEFAULT_HZ,
            lsi_hz=lsi.nominal if lsi is not None else _DEFAULT_LSI_HZ,
            vectors=self.program.vectors,
        )

    def as_generic(self) -> "Prepared":
        """The same image on an MCU of which only the core is known."""
        facts, image = self.program.facts, self.program.image
        target = _generic(_plain(self.target), image, facts, self.detection.vectors.best.initial_sp)
        return _assembled(self.path, self.kind, self.sha256, image, facts, target, self.declared, self.detection)


def _surroundings(target: TargetDescription) -> ScenarioPrograms:
    """Nothing outside: no pin driven, no byte sent to the MCU."""
    scenario = Scenario(
        id="boot", title="", kind="mode", duration=TICKS_PER_SECOND, step=TICKS_PER_SECOND // 10, variables=(),
        equations=(), digital=(), analog=(), signals=(), frames=(), events=(),
    )  # fmt: skip
    return compile_scenario(scenario, Names(registers=register_places(target)), (), "")


def prepare(path: Path, part: str = "") -> Prepared:
    """Reads an image and finds an MCU for it. Raises ImageError or CatalogueError with one sentence."""
    data = read_file(path)
    facts: ElfFacts | None = None
    if data[:4] == b"\x7fELF":
        kind = "ELF"
        facts = read_elf(path)
        image = facts.image
    elif path.suffix.lower() in _HEX or data[:1] == b":":
        kind, image = "HEX", load_image(path, "hex")
    else:
        kind, image = "BIN", make_load_image([(_base_of(data, path.name, part), data)], None, path.name)
    if not image.segments:
        raise ImageError(f"{path.name}: the image holds nothing to load; check the build.")
    try:
        detection = detect_target(image, facts)
    except ImageError as error:
        raise ImageError(f"{path.name}: {error}") from None
    core = generic_name(part)
    if core is not None:
        target = _generic(core, image, facts, detection.vectors.best.initial_sp)
    else:
        target = find_target(part) if part.strip() else detection.target
    if not part.strip() and not any(
        low < target.flash.end and high > target.flash.start for low, high in image.ranges()
    ):
        target = _generic(_plain(target), image, facts, detection.vectors.best.initial_sp)
    elif not part.strip() and is_generic(target.part):
        target = _generic(target.part, image, facts, detection.vectors.best.initial_sp)
    try:
        check_core_fits(target, detection.needs)
    except ImageError as error:
        raise ImageError(f"{path.name}: {error}") from None
    return _assembled(
        path, kind, hashlib.sha256(data).hexdigest(), image, facts, target, part.strip().upper(), detection
    )


def _assembled(
    path: Path, kind: str, sha256: str, image: LoadImage, facts: ElfFacts | None, target: TargetDescription,
    declared: str, detection: Detection,
) -> Prepared:  # fmt: skip
    notes: list[str] = []
    if not _touches(image, target.flash):
        raise ImageError(
            f"{path.name}: nothing of the image lies in the flash of {target.part} "
            f"(0x{target.flash.start:08X}-0x{target.flash.end - 1:08X}); check the declared MCU."
        )
    found = detection.vectors.candidates
    first = target.vectors or target.flash.start
    ordered = sorted(found, key=lambda one: one.address != first)  # where the core looks, if there is a table
    table = ordered[0].address
    if table != first:
        notes.append(f"the vector table was found at 0x{table:08X}, not at the start of flash; the run begins there")
    if not target.peripherals or is_generic(target.part):
        notes.append("of the MCU only the core is known: no register outside it has a behaviour or a name")
    program = Program(image, facts, target.flash, table, read_handlers(image, table))
    candidates = tuple((one.address, "; ".join(one.reasons)) for one in ordered)
    return Prepared(path, kind, sha256, program, target, declared, detection, candidates, tuple(notes))


def _touches(image: LoadImage, flash: AddressRange) -> bool:
    return any(low < flash.end and high > flash.start for low, high in image.ranges())


def _plain(target: TargetDescription) -> str:
    """Name of the generic part with the core of a part."""
    return "cortex-m4f" if target.core == "cortex-m4" and target.fpu else target.core


def _generic(core: str, image: LoadImage, facts: ElfFacts | None, stack: int) -> TargetDescription:
    ram = [(one.address, one.address + one.memory_size) for one in facts.segments] if facts is not None else []
    target = generic_target(core, image.ranges(), ram, stack)
    taken = [target.flash, *(one.range for one in target.rams), *(one.range for one in target.memories)]

    def is_free(area: AddressRange) -> bool:
        return not any(one.start < area.end and area.start < one.end for one in taken)

    rams = target.rams
    if is_free(_AHB_REGISTERS):
        rams = (*rams, Memory("registers on AHB", _AHB_REGISTERS))
    factory = tuple(Memory(f"factory {area.start:08X}", area) for area in _FACTORY if is_free(area))
    return replace(target, rams=rams, memories=(*target.memories, *factory))


def _base_of(data: bytes, name: str, part: str) -> int:
    """Where a BIN file lies: at the declared part's flash, else where its own reset vector points into it."""
    if part.strip() and generic_name(part) is None:
        return find_target(part).flash.start
    reset = int.from_bytes(data[4:8], "little") & ~1
    for base in _BIN_BASES:
        if len(data) >= 8 and base + 8 <= reset < base + len(data):
            return base
    raise ImageError(f"{name}: a BIN file has no addresses; declare the part with --mcu.")
