"""One fault repeated, and what happened told in order."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from swassess.errors import FaultError
from swassess.evaluate.options import Progress
from swassess.model.declared import Declaration, Measure
from swassess.model.fault import Fault
from swassess.model.outcome import OutcomeRecord
from swassess.submission.intake import open_submission


@dataclass(frozen=True, slots=True)
class Story:
    """lines: what was injected, when it was first seen, what happened; times in seconds of simulated time."""

    fault: str
    lines: tuple[str, ...]
    outcome: OutcomeRecord


_ROW_OF = {"ram": "4.2", "flash": "4.1", "reg": "1.3", "call": "1.3", "function": "1.3"}


def inject(path: Path, identity: str, progress: Progress) -> Story:
    """Repeats one fault of a submission. Raises FaultError for what cannot be injected."""
    from swassess.faults.identity import format_fault, parse_fault

    fault = parse_fault(identity)
    from swassess.emulator.kernel_cache import mark_complete
    from swassess.faults.bench import make_bench
    from swassess.faults.golden import run_golden
    from swassess.faults.mechanism import taps_for
    from swassess.faults.plan import plan_of
    from swassess.faults.run_fault import FaultRunner, GoldenReference, Sequence
    from swassess.firmware.declared_target import declared_target
    from swassess.firmware.elf_facts import read_elf

    with tempfile.TemporaryDirectory(prefix="swassess-") as scratch, open_submission(path, Path(scratch)) as submission:
        declaration = submission.manifest.declaration
        images = dict(declaration.images)
        if "elf" not in images:
            raise FaultError('the submission declares no ELF image; add [[image]] with role = "elf"')
        facts = read_elf(submission.path_of(images["elf"]))
        bench, failed = make_bench(declaration, declared_target(declaration, facts), facts.image, facts)
        if fault.scenario in failed:
            raise FaultError(f"scenario {fault.scenario!r} cannot run: {failed[fault.scenario]}")
        if fault.scenario not in bench.programs:
            raise FaultError(
                f"{identity}: scenario {fault.scenario!r} is not declared; declared are "
                f"{', '.join(sorted(bench.programs))}"
            )
        measure = measure_for(declaration, fault)
        golden = run_golden(bench, fault.scenario, trace=False)
        progress.stage(
            "Golden run", f"{fault.scenario}: {golden.ticks / 1e12:.3f} s, {golden.instructions:,} instructions"
        )
        runner = FaultRunner(bench, fault.scenario, GoldenReference.of(golden), taps_for(fault))
        sequence = Sequence()
        mark_complete()
        record = runner.run(fault, plan_of(measure, fault), sequence)

    def named(text: str) -> str:
        head, _, tail = text.rpartition("0x")
        try:
            address = int(tail[:8], 16)
        except ValueError:
            return text
        symbol = facts.symbol_at(address)
        file, line = facts.line_at(address)
        where = f"{symbol}, {file}:{line}" if file else symbol
        return f"{head}0x{tail[:8]} ({where}){tail[8:]}" if head and symbol else text

    lines = [f"judged by measure {measure.id}: {measure.technique}"]
    lines += [
        f"{ticks / 1e12:12.6f} s  {named(what)}" for ticks, what in sorted(sequence.events, key=lambda one: one[0])
    ]
    return Story(format_fault(fault), tuple(lines), record)


def measure_for(declaration: Declaration, fault: Fault) -> Measure:
    """The declared measure whose times and oracles judge the fault: of its row, by when the fault arises."""
    row = _ROW_OF.get(fault.location.space)
    measures = [measure for measure in declaration.measures if measure.row == row]
    if not measures:
        raise FaultError(f"no measure is declared for row {row}, so there is no oracle to judge the fault by")
    wanted = ("startup",) if fault.trigger.kind == "reset" else ("periodic", "concurrent")
    return next((measure for measure in measures if measure.phase in wanted), measures[0])
