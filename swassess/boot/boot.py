"""`swassess boot`, top to bottom: image -> MCU -> learning pass -> frozen model -> two equal runs -> report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from swassess.boot.evidence import Evidence
from swassess.boot.learn import REACHED, Learner
from swassess.boot.machine import Prepared, prepare
from swassess.boot.progress import LEVELS, MAIN_LOOP
from swassess.boot.registers import RegisterMap
from swassess.boot.replay import Replay, replay
from swassess.boot.rules import Rule
from swassess.boot.runner import Runner
from swassess.boot.search import Model
from swassess.boot.trace import record_trace
from swassess.emulator import layout as at
from swassess.emulator.kernel_cache import mark_complete
from swassess.errors import EmulationError
from swassess.model.boot import BootReport
from swassess.target_data.generic import is_generic

DEFAULT_BUDGET = 100_000_000
Tell = Callable[[str, str], None]


def boot(
    path: Path,
    part: str = "",
    budget: int = DEFAULT_BUDGET,
    trace: int = 0,
    tell: Tell = lambda stage, text: None,
) -> BootReport:
    """Boots an image. budget: instructions of each run; trace: events to record (0: none); tell(stage, text): progress.

    Raises ImageError, CatalogueError or EmulationError with one sentence.
    """
    if budget < 1000:
        raise EmulationError(f"a budget of {budget} instructions is too small to boot anything; give at least 1000")
    prepared = prepare(path, part)
    tell("Image", f"{path.name}, {prepared.kind}, vectors at 0x{prepared.program.vectors:08X}")
    tell("MCU", prepared.target.part + ("" if prepared.declared else f" (detected, {prepared.detection.confidence})"))
    result = _run(prepared, budget, tell)
    if not part.strip() and not is_generic(prepared.target.part) and result[1].reached.level != MAIN_LOOP:
        generic = prepared.as_generic()
        tell("MCU", f"{generic.target.part}: the detected part did not reach the main loop")
        other = _run(generic, budget, tell)
        if LEVELS.index(other[1].reached.level) > LEVELS.index(result[1].reached.level):
            note = f"run as {generic.target.part}: with the detected {prepared.target.part} it came less far"
            prepared, result = replace(generic, notes=(*generic.notes, note)), other
    model, first, second, runner = result
    events = record_trace(prepared, model.rules(), trace) if trace else ()
    mark_complete()
    return Evidence(prepared, RegisterMap(prepared.target), runner, model, first, second).report(events)


def _run(prepared: Prepared, budget: int, tell: Tell) -> tuple[Model, Replay, Replay, Runner]:
    program = prepared.program
    names = RegisterMap(prepared.target)
    learner = Learner(_runner(prepared), program, names.never, budget, lambda text: tell("Learned", text))
    model = learner.learn()
    rules = frozen(model)
    tell("Replay", f"{len(model.entries)} registers learned; two runs from cold start")
    if model.ended != REACHED:  # what comes after the last news is not worth two more runs in full
        budget = min(budget, 2 * model.latest_news + 10_000_000)
    runner = _runner(prepared)
    first = replay(runner, program, rules, budget)
    for entry, applied in zip(model.entries, runner.applied(len(model.entries)), strict=True):
        entry.applied = applied
    other = _runner(prepared)
    second = replay(other, program, rules, budget)
    _sensitivity(other, prepared, model, first, runner.instructions)
    return model, first, second, runner


def frozen(model: Model) -> list[Rule]:
    """The rules of a finished model: what was learned, and polls that are left alone."""
    left = [Rule(address, block, at.RULE_LEAVE, seen=value) for address, block, value in sorted(model.left)]
    return [*model.rules(), *left]


def _runner(prepared: Prepared) -> Runner:
    flash = prepared.target.flash
    inside = [
        (max(low, flash.start), min(high, flash.end))
        for low, high in prepared.program.image.ranges()
        if low < flash.end and high > flash.start
    ]
    return Runner(prepared.mcu(), min(low for low, _ in inside), max(high for _, high in inside))


def _sensitivity(runner: Runner, prepared: Prepared, model: Model, full: Replay, instructions: int) -> None:
    """What becomes of the run when one entry is taken away: whether a verdict could hang on it."""
    rules = frozen(model)
    blocks = runner.coverage().blocks
    for index, entry in enumerate(model.entries):
        rest = [rule for number, rule in enumerate(rules) if number != index]
        without = replay(runner, prepared.program, rest, 2 * instructions + 100_000, patience=2)
        level, same = without.reached.level, without.reached.level == full.reached.level
        if same and abs(runner.coverage().blocks - blocks) <= blocks // 50:
            entry.sensitivity = "without it the same is reached"
        elif same:
            entry.sensitivity = f"without it {level} is reached too, by other code"
        else:
            entry.sensitivity = f"without it only {level} is reached"
