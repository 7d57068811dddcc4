"""Puts an emulated board on the desk: from a submission with a scenario, from a firmware image alone, or blank."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from swassess.errors import EmulationError, UsageError
from swassess.firmware.image import LoadImage
from swassess.model.declared import Scenario
from swassess.model.target import Clock, TargetDescription
from swassess.model.time import TICKS_PER_MILLISECOND, TICKS_PER_SECOND
from swassess.target.boards import PREFIX, EmulatedBoard

if TYPE_CHECKING:
    from swassess.emulator.mcu import Mcu

_ROLES = {".elf": "elf", ".axf": "axf", ".out": "elf", ".hex": "hex", ".ihex": "hex", ".bin": "bin"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A board, and where its firmware comes from. elf: the ELF image for a debugger's symbols, if there is one.

    detected: how sure the part is when nobody declared it ("clear", "likely", "possible"), else empty.
    """

    board: EmulatedBoard
    firmware: str
    scenario: str
    elf: Path | None
    detected: str = ""


def set_up(path: Path | None, part: str = "", scenario: str = "") -> Desk:
    """The board for a submission (folder or .zip) or an image; without a path its flash is erased.

    part: of the MCU, unless a submission declares it or an ELF image shows it. scenario: of the submission, by default
    the first.
    Raises SwassessError with one sentence when the firmware, the part or the scenario cannot be used.
    """
    if path is None:
        if not part:
            raise UsageError("name an image, a submission or an MCU part (such as STM32F103C8T6)")
        return _from_image(LoadImage(()), part, "erased flash", None)
    if not path.exists():
        raise UsageError(f"there is no {path}")
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _from_submission(path, part, scenario)
    if scenario:
        raise UsageError(f"scenario {scenario!r} needs a submission that declares it; {path.name} is an image")
    role = _ROLES.get(path.suffix.lower())
    if role is None:
        raise UsageError(f"{path.name} is no firmware image; use {', '.join(sorted(_ROLES))} or a submission")
    detected = ""
    if not part and role in ("elf", "axf"):
        part, detected = _detected_part(path)
    if not part:
        raise UsageError(f"say which MCU {path.name} is for, such as --mcu STM32F103C8T6 (see swassess targets)")
    from swassess.firmware.load import load_image
    from swassess.target_data import find_target

    image = load_image(path, role, find_target(part).flash)
    return _from_image(image, part, path.name, path if role in ("elf", "axf") else None, detected)


def _detected_part(path: Path) -> tuple[str, str]:
    """The part that an ELF image is for and how sure that is; nothing where only its core is known."""
    from swassess.firmware.elf_facts import read_elf
    from swassess.firmware.target_detection import detect_target

    facts = read_elf(path)
    found = detect_target(facts.image, facts)
    return ("", "") if found.is_generic else (found.target.part, found.confidence)


def _from_image(image: LoadImage, part: str, firmware: str, elf: Path | None, detected: str = "") -> Desk:
    from swassess.target_data import find_target

    target = find_target(part)
    _check_fits(image, target, firmware)

    def make() -> "Mcu":
        from swassess.emulator.mcu import Mcu
        from swassess.emulator.scenario_programs import compile_scenario
        from swassess.expressions.names import Names, register_places

        programs = compile_scenario(_NOTHING_AROUND, Names(registers=register_places(target)), (), "")
        return Mcu(
            target, image, programs, clock_hz=_hertz(target.reset_clock), lsi_hz=_hertz(target.slow_clock), taps="debug"
        )

    return Desk(_board(target, make), firmware, "", elf, detected)


def _from_submission(path: Path, part: str, scenario: str) -> Desk:
    from swassess.firmware.declared_target import declared_target
    from swassess.firmware.elf_facts import read_elf
    from swassess.submission.intake import open_submission

    with tempfile.TemporaryDirectory(prefix="swassess-") as scratch, open_submission(path, Path(scratch)) as submission:
        declaration = submission.manifest.declaration
        if part and part.upper() != declaration.part.upper():
            raise UsageError(f"the submission is for {declaration.part}, not {part}; leave the MCU out")
        images = dict(declaration.images)
        if "elf" not in images:
            raise UsageError('the submission declares no ELF image; add [[image]] with role = "elf"')
        elf = submission.path_of(images["elf"])
        facts = read_elf(elf)
    target = declared_target(declaration, facts)
    _check_fits(facts.image, target, images["elf"])
    known = [one.id for one in declaration.scenarios]
    if not known:
        raise UsageError("the submission declares no scenario; name its image instead of the submission")
    wanted = scenario or known[0]
    if wanted not in known:
        raise UsageError(f"scenario {wanted!r} is not declared; declared are: {', '.join(sorted(known))}")

    def make() -> "Mcu":
        from swassess.faults.bench import make_bench

        bench, failed = make_bench(declaration, target, facts.image, facts)
        if wanted in failed:
            raise EmulationError(f"scenario {wanted!r} cannot run: {failed[wanted]}")
        return bench.mcu(wanted, "debug")

    return Desk(_board(target, make), images["elf"], wanted, elf if path.is_dir() else None)


def _board(target: TargetDescription, make: "Callable[[], Mcu]") -> EmulatedBoard:
    return EmulatedBoard(PREFIX + target.part, target, make)


def _check_fits(image: LoadImage, target: TargetDescription, name: str) -> None:
    for start, end in image.ranges():
        if end <= target.flash.start or start >= target.flash.end:
            raise UsageError(
                f"{name} lies at 0x{start:08X}, outside the flash of {target.part} "
                f"(0x{target.flash.start:08X} to 0x{target.flash.end - 1:08X}); name the MCU it was built for"
            )


def _hertz(clock: Clock | None) -> int:
    """Nominal frequency; of parts without such an oscillator that of a watch crystal."""
    return clock.nominal if clock is not None else 32_768


_NOTHING_AROUND = Scenario(
    id="nothing",
    title="",
    kind="mode",
    duration=TICKS_PER_SECOND,
    step=TICKS_PER_MILLISECOND,
    variables=(),
    equations=(),
    digital=(),
    analog=(),
    signals=(),
    frames=(),
    events=(),
)
