"""Questions that several rows ask in the same way: declared functions, missed faults, times near their limit."""

from collections.abc import Iterator

from swassess.model.declared import Measure
from swassess.model.finding import Finding
from swassess.rules.evidence import Evidence
from swassess.rules.registry import finding
from swassess.rules.verdict import compare_time, milliseconds

SHOWN_MISSES = 20


def functions_never_executed(identity: str, row: str, evidence: Evidence) -> Iterator[Finding]:
    """Declared functions that are in the image but never entered; functions of oracles run only after a fault."""
    reactions = {oracle.function for oracle in evidence.declaration.oracles}
    for measure in evidence.measures(row):
        for name in measure.functions:
            address = evidence.image.function_address(name)
            if address is None or name in reactions or not evidence.traces or evidence.executed(address):
                continue
            yield finding(
                identity,
                evidence,
                f"{measure.id}: the declared function {name} is never executed in any golden run",
                [evidence.image.place(address)],
            )


def functions_absent(row: str, evidence: Evidence) -> tuple[str, ...]:
    """What is missing because a declared function has no symbol (misspelt, removed by the linker, or inlined)."""
    return tuple(
        f"{measure.id}: the image has no function named {name} (misspelt, removed or inlined)"
        for measure in evidence.measures(row)
        for name in measure.functions
        if evidence.image.function_address(name) is None
    )


def missed_faults(identity: str, row: str, evidence: Evidence) -> Iterator[Finding]:
    """One finding a campaign with misses, with the identities to repeat them."""
    for campaign in evidence.campaigns_of(row):
        if campaign.miss_count:
            first = campaign.misses[:SHOWN_MISSES]
            outcomes = ", ".join(dict.fromkeys(record.outcome.value for record in first)) or "missed"
            yield finding(
                identity,
                evidence,
                f"{campaign.miss_count} of {campaign.faults} faults of '{campaign.title}' are missed ({outcomes})",
                details=[f"{record.fault}: {record.outcome.value} {record.reason}".rstrip() for record in first],
            )


def unsure_times(row: str, evidence: Evidence) -> tuple[str, ...]:
    """Detection times of campaigns that are closer to the declared time than the uncertainty of times."""
    unsure = []
    for campaign in evidence.campaigns_of(row):
        for measure in evidence.measures(row):
            if campaign.measure != measure.id or campaign.slowest is None:
                continue
            if compare_time(campaign.slowest, measure.detection_time, evidence.uncertainty) != "ok":
                unsure.append(margin_text(measure, campaign.slowest, evidence))
    return tuple(unsure)


def margin_text(measure: Measure, measured: int, evidence: Evidence) -> str:
    """Why a time close to its limit shows nothing."""
    return (
        f"{measure.id}: {milliseconds(measured)} against the declared {milliseconds(measure.detection_time)} leaves no "
        f"margin beyond the timing uncertainty of {100 * evidence.uncertainty:g} %"
    )


def undeclared(row: str, evidence: Evidence, periodic: bool) -> tuple[str, ...]:
    """What is missing because nothing (or nothing in operation) is declared for the row."""
    measures = evidence.measures(row)
    if not measures:
        return ("no measure is declared for this row",)
    if periodic and not any(m.phase in ("periodic", "concurrent") for m in measures):
        return ("no measure in operation is declared for this row; the table asks for a periodic one",)
    return ()


def shows_phase(evidence: Evidence, measure: Measure) -> bool:
    """Whether the main golden run shows the phase of a measure for longer than the declared detection time."""
    trace = evidence.main_trace()
    if trace is None or trace.truncated:
        return False
    loops = evidence.loop_ticks(trace)
    if measure.phase == "startup":
        return len(loops) > 0
    return measure.phase == "periodic" and len(loops) > 0 and trace.end_ticks - int(loops[0]) > measure.detection_time
