"""Row 4.2, variable memory, class R.1.

Proves: which cells the recognised tests visit and how often, and by the campaign that stuck bits lead to the safe
state.
Does not prove: that the deepest stack was reached, nor faults between cells that the sequence cannot see.
"""

from collections.abc import Iterable, Iterator

from swassess.model.declared import AddressRange, Measure
from swassess.model.evaluation import RecognisedMeasure, RowVerdict
from swassess.model.finding import Finding
from swassess.rules.common import (
    functions_absent,
    functions_never_executed,
    margin_text,
    missed_faults,
    shows_phase,
    undeclared,
    unsure_times,
)
from swassess.rules.evidence import Evidence, UsedSpan
from swassess.rules.ranges import memory_map, size, text, union, without
from swassess.rules.recognise.march import RamTest
from swassess.rules.recognise.march_table import is_alternating
from swassess.rules.recognised import ram_tests
from swassess.rules.registry import finding, rule, run_rules
from swassess.rules.verdict import RowMaterial, campaign_gaps, compare_time, conclude, milliseconds

ROW = "4.2"
SHOWN_CELLS = 16
DC_CLASSES = ("AF", "BF")  # of the d.c. fault model, beside stuck-at


def judge_ram(evidence: Evidence) -> RowVerdict:
    """The verdict of row 4.2."""
    findings = run_rules(ROW, evidence)
    tests = ram_tests(evidence)
    uncovered = without(_used(evidence), tested(evidence, "periodic"))
    measured = [test.cycle for test in _sound(evidence, "periodic") if test.cycle is not None]
    material = RowMaterial(
        recognised=tuple(_described(evidence, test) for test in tests),
        findings=findings,
        missing=tuple(_missing(evidence)),
        reasons=tuple(_reasons(evidence)),
        structural_faults=16 * size(_used(evidence)),
        structural_misses=16 * size(uncovered) if _operation_shown(evidence) else 0,
        slowest=max(measured, default=None),
        memory_map=memory_map(evidence.declaration.ram, evidence.ram_used, tested(evidence, "periodic")),
    )
    return conclude(ROW, evidence, material)


def tested(evidence: Evidence, phase: str) -> tuple[AddressRange, ...]:
    """Ranges visited in a phase by recognised tests of listed techniques that find every stuck-at fault."""
    return union(r for test in _sound(evidence, phase) for r in test.ranges)


@rule("R4.2-FUNCTION")
def function_never_executed(evidence: Evidence) -> Iterable[Finding]:
    return functions_never_executed("R4.2-FUNCTION", ROW, evidence)


@rule("R4.2-NONE")
def no_test(evidence: Evidence) -> Iterator[Finding]:
    for measure in evidence.measures(ROW):
        if shows_phase(evidence, measure) and not any(t.phase == measure.phase for t in ram_tests(evidence)):
            yield finding(
                "R4.2-NONE",
                evidence,
                f"{measure.id}: no RAM test is executed in the phase '{measure.phase}' although it is declared",
            )


@rule("R4.2-RANGE")
def used_cells_outside(evidence: Evidence) -> Iterator[Finding]:
    if not _operation_shown(evidence) or not _sound(evidence, "periodic"):
        return
    outside = without(_used(evidence), tested(evidence, "periodic"))
    if outside:
        count = size(outside)
        yield finding(
            "R4.2-RANGE",
            evidence,
            f"{count} bytes of RAM in use ({text(outside)}: {_labels(evidence.ram_used, outside)}) are outside the "
            f"range of the periodic test, so {16 * count} stuck-at faults go undetected",
            [evidence.image.place(r.start) for r in outside],
            _identities(evidence, outside),
        )


@rule("R4.2-DECLARED")
def declared_cells_outside(evidence: Evidence) -> Iterator[Finding]:
    for measure in evidence.measures(ROW):
        if measure.phase not in ("startup", "periodic") or not _sound(evidence, measure.phase):
            continue
        if not shows_phase(evidence, measure):
            continue
        outside = without(measure.ranges, tested(evidence, measure.phase))
        if outside:
            yield finding(
                "R4.2-DECLARED",
                evidence,
                f"{measure.id}: {text(outside)} is declared as tested but never visited ({measure.phase})",
                [evidence.image.place(r.start) for r in outside],
            )


@rule("R4.2-TIME")
def too_slow(evidence: Evidence) -> Iterator[Finding]:
    for measure, measured, what in _times(evidence):
        if compare_time(measured, measure.detection_time, evidence.uncertainty) == "late":
            yield finding(
                "R4.2-TIME",
                evidence,
                f"{measure.id}: {what} {milliseconds(measured)}, declared are {milliseconds(measure.detection_time)}",
            )


@rule("R4.2-CLASSES")
def classes_unseen(evidence: Evidence) -> Iterator[Finding]:
    for test in ram_tests(evidence):
        if not test.recognised:
            continue
        unseen = [c for c in DC_CLASSES if c not in test.detects]
        if unseen:
            yield finding(
                "R4.2-CLASSES",
                evidence,
                f"{test.algorithm} ({test.phase}) does not find every fault of the classes {', '.join(unseen)}",
            )
        if test.backgrounds and not any(is_alternating(b, test.cell_size) for b in test.backgrounds):
            shown = ", ".join(f"0x{b:0{2 * test.cell_size}x}" for b in test.backgrounds)
            yield finding(
                "R4.2-CLASSES",
                evidence,
                f"{test.algorithm} ({test.phase}) uses the backgrounds {shown} and complements only, so shorts between "
                "neighbouring bits of a word are not seen",
            )


@rule("R4.2-OVERLAP")
def blocks_without_overlap(evidence: Evidence) -> Iterator[Finding]:
    for test in _sound(evidence, "periodic"):
        if test.uncoupled:
            first = ", ".join(f"0x{low:08x}/0x{high:08x}" for low, high in test.uncoupled[:4])
            yield finding(
                "R4.2-OVERLAP",
                evidence,
                f"{len(test.uncoupled)} pairs of neighbours are never tested together by {test.algorithm} ({first})",
            )


@rule("R4.2-MISS")
def faults_missed(evidence: Evidence) -> Iterable[Finding]:
    return missed_faults("R4.2-MISS", ROW, evidence)


def _missing(evidence: Evidence) -> Iterator[str]:
    yield from undeclared(ROW, evidence, periodic=True)
    yield from functions_absent(ROW, evidence)
    trace = evidence.main_trace()
    if trace is None:
        yield "no golden run"
        return
    if trace.truncated:
        yield f"the trace of scenario {trace.scenario} is incomplete"
    if not evidence.ram_used:
        yield "which RAM is in use is not known"
    for measure in evidence.measures(ROW):
        phase = measure.phase
        sound = _sound(evidence, phase)
        if not sound and phase in ("startup", "periodic"):
            seen = [t for t in ram_tests(evidence) if t.phase == phase]
            for test in seen:
                yield (
                    f"{measure.id}: the test executed ({phase}) is {test.algorithm} {test.elements}, not a technique "
                    "of the table that is known to find every stuck-at fault; a documented argument would be needed"
                )
            if not shows_phase(evidence, measure):
                yield f"{measure.id}: the golden run is too short to see the test"
        elif phase in ("startup", "periodic") and not shows_phase(evidence, measure):
            yield f"{measure.id}: the golden run is too short to see all that the test covers"
        elif phase not in ("startup", "periodic"):
            yield f"{measure.id}: measures of the phase '{phase}' are not recognised by this version"
        elif phase == "periodic" and all(test.cycle is None for test in sound):
            yield f"{measure.id}: the golden run is too short to see any cell tested twice"
    for measure, measured, _ in _times(evidence):
        if compare_time(measured, measure.detection_time, evidence.uncertainty) == "unsure":
            yield margin_text(measure, measured, evidence)
    yield from unsure_times(ROW, evidence)
    covered = not without(_used(evidence), tested(evidence, "periodic"))
    proof = "recognised algorithm over the traced range" if covered and _sound(evidence, "periodic") else ""
    yield from campaign_gaps(ROW, evidence, proof)


def _reasons(evidence: Evidence) -> Iterator[str]:
    for test in ram_tests(evidence):
        if test.recognised:
            yield f"{test.phase}: {test.algorithm} {test.elements} over {text(test.ranges)}"
    used = size(_used(evidence))
    yield f"all {used} bytes of RAM in use are inside the range of the periodic test; no fault is missed"


def _sound(evidence: Evidence, phase: str) -> tuple[RamTest, ...]:
    return tuple(
        t for t in ram_tests(evidence) if t.phase == phase and t.recognised and t.listed and "SAF" in t.detects
    )


def _used(evidence: Evidence) -> tuple[AddressRange, ...]:
    return union(AddressRange(s.start, s.end) for s in evidence.ram_used)


def _operation_shown(evidence: Evidence) -> bool:
    """Whether a golden run is long enough to say what the measures in operation leave out."""
    return any(shows_phase(evidence, measure) for measure in evidence.measures(ROW, "periodic"))


def _times(evidence: Evidence) -> Iterator[tuple[Measure, int, str]]:
    """(measure, worst time in ticks, what it is) of each declared measure that was seen."""
    for measure in evidence.measures(ROW):
        for test in _sound(evidence, measure.phase):
            if measure.phase == "periodic" and test.cycle is not None:
                yield measure, test.cycle, "between two visits of a cell pass up to"
            elif measure.phase == "startup":
                yield measure, int(test.last_visit.max()), "the start-up test ends after"


def _identities(evidence: Evidence, ranges: Iterable[AddressRange]) -> list[str]:
    """Fault identities of the first untested cells, arising once the main loop runs (start-up tests may cover them)."""
    trace = evidence.main_trace()
    assert trace is not None
    loops = evidence.loop_ticks(trace)
    tenths = (int(loops[0]) if len(loops) else 0) // 100_000_000_000 + 2
    when = f"{tenths // 10}.{tenths % 10}s" if tenths % 10 else f"{tenths // 10}s"
    if tenths < 10:
        when = f"{100 * tenths}ms"
    cells = [byte for r in ranges for byte in range(r.start, min(r.end, r.start + SHOWN_CELLS))][:SHOWN_CELLS]
    return [f"stuck-at-{level}@ram:0x{byte:08x}.0#time:{when}?{trace.scenario}" for byte in cells for level in (0, 1)]


def _labels(spans: Iterable[UsedSpan], ranges: Iterable[AddressRange]) -> str:
    wanted = tuple(ranges)
    names = [s.label or s.kind for s in spans if any(s.start < r.end and r.start < s.end for r in wanted)]
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:6]) + (f" and {len(unique) - 6} more" if len(unique) > 6 else "")


def _described(evidence: Evidence, test: RamTest) -> RecognisedMeasure:
    functions = sorted({name for block in test.blocks if (name := evidence.image.function_at(block))})
    backgrounds = ", ".join(f"0x{b:0{2 * test.cell_size}x}" for b in test.backgrounds) or "content of the cell"
    return RecognisedMeasure(
        row=ROW,
        phase=test.phase,
        algorithm=test.algorithm,
        functions=tuple(functions),
        ranges=test.ranges,
        cycle=test.cycle,
        details=(
            ("elements", test.elements),
            ("backgrounds", backgrounds),
            ("operations per cell", str(test.operations)),
            ("cell", f"{8 * test.cell_size} bit"),
            ("content restored", "yes" if test.transparent else "no"),
            ("finds in every case", ", ".join(sorted(test.detects)) or "not known"),
            ("visits per cell", f"{int(test.visits.min())} to {int(test.visits.max())}"),
        ),
        places=tuple(evidence.image.place(block) for block in test.blocks),
    )
