"""One fault repeated on a target behind a debug probe: a board on the desk, or the emulated MCU seen by pyOCD."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from swassess.errors import FaultError, UsageError
from swassess.evaluate.options import Progress
from swassess.evaluate.story import Story, measure_for
from swassess.model.declared import Declaration
from swassess.model.fault import Trigger
from swassess.model.target import TargetDescription
from swassess.model.time import TICKS_PER_SECOND
from swassess.submission.intake import open_submission
from swassess.target.boards import PREFIX, connect_board, find_board
from swassess.target.protocol import Question
from swassess.target.pyocd_target import ConnectedTarget, PyocdTarget
from swassess.target.serve import open_session

KIND = "pyocd:"
_PASSES_OF_MAIN_LOOP = 50
_LONGEST = 60 * TICKS_PER_SECOND


def replay(path: Path, identity: str, target: str, progress: Progress) -> Story:
    """Repeats a fault of a submission on `target` ("pyocd:UID"); UIDs that begin with "EMU-" name an emulated MCU.

    The MCU is restarted twice: for a sound run from the trigger on, and for the faulty one. Raises FaultError for
    faults that a probe cannot make, and when the MCU does not hold the submission's image.
    """
    from swassess.faults.bench import make_bench
    from swassess.faults.identity import format_fault, parse_fault
    from swassess.firmware.elf_facts import read_elf
    from swassess.target_data import find_target

    if not target.startswith(KIND) or target == KIND:
        raise UsageError(f"target {target!r} is unknown; use engine, or pyocd:UID (see swassess targets --probes)")
    fault = parse_fault(identity)
    with tempfile.TemporaryDirectory(prefix="swassess-") as scratch, open_submission(path, Path(scratch)) as submission:
        declaration = submission.manifest.declaration
        images = dict(declaration.images)
        if "elf" not in images:
            raise FaultError('the submission declares no ELF image; add [[image]] with role = "elf"')
        facts = read_elf(submission.path_of(images["elf"]))
    described = find_target(declaration.part)
    bench, _ = make_bench(declaration, described, facts.image, facts)
    measure = measure_for(declaration, fault)
    uid = target.removeprefix(KIND)
    with _connected(uid, path, fault.scenario, declaration, bench.functions) as connected:
        progress.stage("Target", connected.name)
        _check_image(connected, facts.image.bytes_at(described.flash.start, described.flash.end), described, uid)
        question = Question(
            oracles={name: at for name, at in bench.oracle_functions.items() if name in measure.oracles},
            detection_time=measure.detection_time,
            end=Trigger("hit", symbol=declaration.main_loop, count=_PASSES_OF_MAIN_LOOP),
            outputs=_output_words(declaration, described),
            golden=(),
            budget=_LONGEST,
            safe=_safe_words(declaration, described),
        )
        _go_to(connected, fault.trigger)
        golden = connected.golden(question)
        _go_to(connected, fault.trigger)
        at = connected.ticks
        connected.apply(fault)
        record = connected.outcome(fault, replace(question, golden=golden))
    lines = (
        f"judged by measure {measure.id}: {measure.technique}",
        f"{at / TICKS_PER_SECOND:12.6f} s  {format_fault(fault)} comes into being ({connected.time_source})",
        f"{'':12}    observed for {_PASSES_OF_MAIN_LOOP} passes of {declaration.main_loop}; a probe sees neither "
        "oracles that are expressions nor the plant",
    )
    return Story(format_fault(fault), lines, record)


@contextmanager
def _connected(
    uid: str, path: Path, scenario: str, declaration: Declaration, functions: dict[str, int]
) -> Iterator[PyocdTarget]:
    ram = (declaration.ram.start, declaration.ram.end)
    if not uid.startswith(PREFIX):
        with ConnectedTarget(uid, functions, declaration.clock_hz) as connected:
            yield connected
        return
    board = find_board(uid)
    if board is None:
        from swassess.evaluate.desk import set_up

        board = set_up(path, scenario=scenario).board
        if board.unique_id != uid:
            raise UsageError(f"no board {uid} is connected; the submission's own is {KIND}{board.unique_id}")
        connect_board(board)
    with open_session(board) as session:
        yield PyocdTarget(session, functions, declaration.clock_hz, ram, board.power_cycle)


def _go_to(target: PyocdTarget, trigger: Trigger) -> None:
    target.reset()
    if trigger.kind == "reset":
        return
    stop = target.run_until(trigger, _LONGEST)
    if stop.reason != "address":
        raise FaultError(f"the trigger is not reached: the run ended by {stop.reason} at {stop.ticks / 1e12:g} s")


def _check_image(target: PyocdTarget, image: bytes, described: TargetDescription, uid: str) -> None:
    held = target.read_memory(described.flash.start, len(image))
    if held != image:
        first = next(index for index, (one, other) in enumerate(zip(held, image, strict=True)) if one != other)
        raise FaultError(
            f"the flash of {target.name} does not hold the submission's image: they differ at "
            f"0x{described.flash.start + first:08x}; load it first (pyocd load -u {uid} IMAGE)"
        )


def _port_word(pin: str, described: TargetDescription) -> tuple[int, int]:
    """Address of the output register of a pin such as "PA5", and the pin's bit."""
    port = described.peripheral(f"GPIO{pin[1]}")
    register = port.register("ODR") if port else None
    if port is None or register is None:
        raise FaultError(f"the output register of pin {pin} is not described for {described.part}")
    return port.base + register.offset, 1 << int(pin[2:])


def _output_words(declaration: Declaration, described: TargetDescription) -> tuple[int, ...]:
    levels = [*declaration.safe_state, *(level for hazard in declaration.hazards for level in hazard.unsafe)]
    return tuple(sorted({_port_word(level.pin, described)[0] for level in levels}))


def _safe_words(declaration: Declaration, described: TargetDescription) -> tuple[tuple[int, int, int], ...]:
    found = []
    for level in declaration.safe_state:
        address, bit = _port_word(level.pin, described)
        found.append((address, bit, bit if level.level else 0))
    return tuple(found)
