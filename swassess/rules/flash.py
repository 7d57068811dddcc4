"""Row 4.1, invariable memory, class R.1.

Proves: which bytes the check really reads, that its code changes with every single flipped bit of them, against which
reference it compares, and by the campaign that a difference leads to the safe state.
Does not prove: what flips in executed code do before the check comes round; the execution view of the campaign tells.
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
from swassess.rules.evidence import Evidence
from swassess.rules.ranges import memory_map, size, text, union, without
from swassess.rules.recognise.crc import FlashCheck, detects_all_single_bit_flips
from swassess.rules.recognised import flash_checks
from swassess.rules.registry import finding, rule, run_rules
from swassess.rules.verdict import RowMaterial, campaign_gaps, compare_time, conclude, milliseconds

ROW = "4.1"
SHOWN_BYTES = 16


def judge_flash(evidence: Evidence) -> RowVerdict:
    """The verdict of row 4.1."""
    findings = run_rules(ROW, evidence)
    uncovered = without(required(evidence), read_range(evidence, "periodic"))
    measured = [c.worst for c in _compared(evidence, "periodic") if c.worst is not None]
    material = RowMaterial(
        recognised=tuple(_described(evidence, check) for check in flash_checks(evidence) if check.recognised),
        findings=findings,
        missing=tuple(_missing(evidence)),
        reasons=tuple(_reasons(evidence)),
        structural_faults=8 * size(required(evidence)),
        structural_misses=8 * size(uncovered) if _operation_shown(evidence) else 0,
        slowest=max(measured, default=None),
        memory_map=memory_map(
            evidence.declaration.flash, evidence.flash_used, (*read_range(evidence, "periodic"), *_references(evidence))
        ),
    )
    return conclude(ROW, evidence, material)


def read_range(evidence: Evidence, phase: str) -> tuple[AddressRange, ...]:
    """Bytes really read in a phase by recognised checks that compare with a reference."""
    return union(r for check in _compared(evidence, phase) for r in check.ranges)


def required(evidence: Evidence) -> tuple[AddressRange, ...]:
    """Flash in use, without the references themselves: a flip of a reference shows in the comparison."""
    return without((AddressRange(s.start, s.end) for s in evidence.flash_used), _references(evidence))


def _references(evidence: Evidence) -> list[AddressRange]:
    return [
        AddressRange(c.reference_address, c.reference_address + c.code.width // 8)
        for c in flash_checks(evidence)
        if c.reference_address is not None
    ]


@rule("R4.1-FUNCTION")
def function_never_executed(evidence: Evidence) -> Iterable[Finding]:
    return functions_never_executed("R4.1-FUNCTION", ROW, evidence)


@rule("R4.1-NONE")
def no_check(evidence: Evidence) -> Iterator[Finding]:
    for measure in evidence.measures(ROW):
        if shows_phase(evidence, measure) and not any(c.phase == measure.phase for c in flash_checks(evidence)):
            yield finding(
                "R4.1-NONE",
                evidence,
                f"{measure.id}: no range of flash is read as a check does in the phase '{measure.phase}'",
            )


@rule("R4.1-RANGE")
def used_bytes_outside(evidence: Evidence) -> Iterator[Finding]:
    if not _operation_shown(evidence) or not _compared(evidence, "periodic"):
        return
    outside = without(required(evidence), read_range(evidence, "periodic"))
    if outside:
        kinds = dict.fromkeys(
            s.label or s.kind for s in evidence.flash_used for r in outside if s.start < r.end and r.start < s.end
        )
        yield finding(
            "R4.1-RANGE",
            evidence,
            f"{size(outside)} bytes of flash in use ({text(outside)}: {', '.join(list(kinds)[:6])}) are never read by "
            f"the periodic check, so {8 * size(outside)} single-bit flips go undetected",
            [evidence.image.place(r.start) for r in outside],
            _identities(evidence, outside),
        )


@rule("R4.1-DECLARED")
def declared_bytes_outside(evidence: Evidence) -> Iterator[Finding]:
    for measure in evidence.measures(ROW):
        if measure.phase not in ("startup", "periodic") or not _compared(evidence, measure.phase):
            continue
        if not shows_phase(evidence, measure):
            continue
        outside = without(measure.ranges, read_range(evidence, measure.phase))
        if outside:
            yield finding(
                "R4.1-DECLARED",
                evidence,
                f"{measure.id}: {text(outside)} is declared as checked but never read ({measure.phase})",
                [evidence.image.place(r.start) for r in outside],
            )


@rule("R4.1-REFERENCE")
def reference_computed(evidence: Evidence) -> Iterator[Finding]:
    for check in flash_checks(evidence):
        if check.program_computed and check.reference_address is not None:
            yield finding(
                "R4.1-REFERENCE",
                evidence,
                f"the {check.phase} check compares with the word at 0x{check.reference_address:08x}, which the program "
                "itself computed",
                [evidence.image.place(check.reference_address)],
            )


@rule("R4.1-LINEAR")
def code_misses_flips(evidence: Evidence) -> Iterator[Finding]:
    for check in flash_checks(evidence):
        holds, why = detects_all_single_bit_flips(check)
        if check.recognised and not holds:
            yield finding("R4.1-LINEAR", evidence, f"{check.algorithm} ({check.phase}): {why}")


@rule("R4.1-TIME")
def too_slow(evidence: Evidence) -> Iterator[Finding]:
    for measure, measured, what in _times(evidence):
        if compare_time(measured, measure.detection_time, evidence.uncertainty) == "late":
            yield finding(
                "R4.1-TIME",
                evidence,
                f"{measure.id}: {what} {milliseconds(measured)}, declared are {milliseconds(measure.detection_time)}",
            )


@rule("R4.1-MISS")
def faults_missed(evidence: Evidence) -> Iterable[Finding]:
    return missed_faults("R4.1-MISS", ROW, evidence)


def _missing(evidence: Evidence) -> Iterator[str]:
    yield from undeclared(ROW, evidence, periodic=True)
    yield from functions_absent(ROW, evidence)
    trace = evidence.main_trace()
    if trace is None:
        yield "no golden run"
        return
    if trace.truncated:
        yield f"the trace of scenario {trace.scenario} is incomplete"
    if not evidence.flash_used:
        yield "which flash is in use is not known"
    for measure in evidence.measures(ROW):
        if measure.phase not in ("startup", "periodic"):
            yield f"{measure.id}: measures of the phase '{measure.phase}' are not recognised by this version"
            continue
        if not _compared(evidence, measure.phase):
            seen = [c for c in flash_checks(evidence) if c.phase == measure.phase]
            for check in seen:
                what = "its comparison with a reference was not seen" if check.recognised else "its code is not known"
                yield f"{measure.id}: flash is read over {text(check.ranges)} ({measure.phase}), but {what}"
            if not shows_phase(evidence, measure):
                yield f"{measure.id}: the golden run is too short to see the check"
        elif not shows_phase(evidence, measure):
            yield f"{measure.id}: the golden run is too short to see all that the check covers"
        elif measure.phase == "periodic" and all(c.worst is None for c in _compared(evidence, "periodic")):
            yield f"{measure.id}: the golden run is too short to see two passes of the check"
    for measure, measured, _ in _times(evidence):
        if compare_time(measured, measure.detection_time, evidence.uncertainty) == "unsure":
            yield margin_text(measure, measured, evidence)
    yield from unsure_times(ROW, evidence)
    compared = _compared(evidence, "periodic")
    proven = bool(compared) and all(detects_all_single_bit_flips(check)[0] for check in compared)
    yield from campaign_gaps(ROW, evidence, "linearity over the bytes really read" if proven else "")


def _reasons(evidence: Evidence) -> Iterator[str]:
    for check in flash_checks(evidence):
        if check.agrees and check.reference_address is not None:
            yield (
                f"{check.phase}: {check.algorithm} over {text(check.ranges)} agrees with the reference "
                f"0x{check.reference:0{check.code.width // 4}x} at 0x{check.reference_address:08x}"
            )
    for check in _compared(evidence, "periodic")[:1]:
        yield "every single flipped bit changes the value: " + detects_all_single_bit_flips(check)[1]
    yield f"all {size(required(evidence))} bytes of flash in use are read; no fault is missed"


def _compared(evidence: Evidence, phase: str) -> tuple[FlashCheck, ...]:
    """Recognised checks of a phase whose comparison with an equal reference was seen."""
    return tuple(c for c in flash_checks(evidence) if c.phase == phase and c.recognised and c.agrees)


def _operation_shown(evidence: Evidence) -> bool:
    """Whether a golden run is long enough to say what the measures in operation leave out."""
    return any(shows_phase(evidence, measure) for measure in evidence.measures(ROW, "periodic"))


def _times(evidence: Evidence) -> Iterator[tuple[Measure, int, str]]:
    for measure in evidence.measures(ROW):
        for check in _compared(evidence, measure.phase):
            if measure.phase == "periodic" and check.worst is not None:
                yield measure, check.worst, "from a byte to the comparison after its next reading pass up to"
            elif measure.phase == "startup":
                yield measure, max(c.compare for c in check.cycles[:1]), "the start-up check ends after"


def _identities(evidence: Evidence, ranges: Iterable[AddressRange]) -> list[str]:
    trace = evidence.main_trace()
    assert trace is not None
    cells = [byte for r in ranges for byte in range(r.start, min(r.end, r.start + SHOWN_BYTES))][:SHOWN_BYTES]
    return [f"flip-data@flash:0x{byte:08x}.0#reset?{trace.scenario}" for byte in cells]


def _described(evidence: Evidence, check: FlashCheck) -> RecognisedMeasure:
    functions = sorted({name for block in check.blocks if (name := evidence.image.function_at(block))})
    reference = "not seen"
    if check.reference_address is not None:
        where = "computed by the program" if check.program_computed else "constant"
        reference = f"0x{check.reference:x} at 0x{check.reference_address:08x} ({where})"
    return RecognisedMeasure(
        row=ROW,
        phase=check.phase,
        algorithm=check.algorithm,
        functions=tuple(functions),
        ranges=check.ranges,
        cycle=check.cycle,
        details=(
            *check.parameters,
            ("reference", reference),
            ("slices", str(check.slices)),
            ("passes seen", str(len(check.cycles))),
            ("intermediate states seen", str(check.states)),
        ),
        places=tuple(evidence.image.place(block) for block in check.blocks),
    )
