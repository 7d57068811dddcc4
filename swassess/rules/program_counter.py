"""Row 1.3, programme counter, class R.1.

Proves: where the watchdog is refreshed and whether an interrupt does it on its own; by the campaigns that stuck bits of
the programme counter, removed calls and a stalled main loop lead to the safe state.
Does not prove: passing jumps into the middle of code, which are informative.
"""

from collections.abc import Iterable, Iterator

from swassess.model.evaluation import CampaignSummary, RecognisedMeasure, RowVerdict
from swassess.model.finding import Finding
from swassess.rules.common import (
    functions_absent,
    functions_never_executed,
    margin_text,
    missed_faults,
    undeclared,
    unsure_times,
)
from swassess.rules.evidence import Evidence
from swassess.rules.recognised import watchdog_use
from swassess.rules.registry import finding, rule, run_rules
from swassess.rules.verdict import RowMaterial, campaign_gaps, compare_time, conclude, milliseconds

ROW = "1.3"
# What the campaigns of the row must hold: word in the fault model -> what it is.
NEEDED = {
    "stuck-at": "permanently stuck bits of the programme counter",
    "removed": "permanently removed calls of self-tests and checkpoints",
    "stalled": "the main loop stalled with interrupts alive",
}


def judge_program_counter(evidence: Evidence) -> RowVerdict:
    """The verdict of row 1.3."""
    material = RowMaterial(
        recognised=tuple(_described(evidence)),
        findings=run_rules(ROW, evidence),
        missing=tuple(_missing(evidence)),
        reasons=tuple(_reasons(evidence)),
    )
    return conclude(ROW, evidence, material)


@rule("R1.3-FUNCTION")
def function_never_executed(evidence: Evidence) -> Iterable[Finding]:
    return functions_never_executed("R1.3-FUNCTION", ROW, evidence)


@rule("R1.3-WATCHDOG")
def watchdog_unused(evidence: Evidence) -> Iterator[Finding]:
    use = watchdog_use(evidence)
    trace = evidence.main_trace()
    if (
        use is None
        or trace is None
        or trace.truncated
        or not evidence.measures(ROW)
        or not _watchdog_declared(evidence)
    ):
        return
    if use.started is None:
        yield finding("R1.3-WATCHDOG", evidence, "the declared watchdog is never started in the golden run")
    elif not use.sites:
        yield finding("R1.3-WATCHDOG", evidence, "the declared watchdog is started but never refreshed")


@rule("R1.3-HANDLER")
def refreshed_by_handler(evidence: Evidence) -> Iterator[Finding]:
    use = watchdog_use(evidence)
    for site in use.sites if use else ():
        if site.independent_of_main:
            name = site.function or f"the code at 0x{site.block:08x}"
            yield finding(
                "R1.3-HANDLER",
                evidence,
                f"{name} refreshes the watchdog in an interrupt that does not depend on the main flow, so a stalled "
                "main loop is never noticed by it",
                [evidence.image.place(site.block)],
                [
                    f"{site.count} refreshes, longest interval {milliseconds(site.longest)}",
                    "no word written by the main flow is read before each refresh",
                ],
            )


@rule("R1.3-SITES")
def several_sites(evidence: Evidence) -> Iterator[Finding]:
    use = watchdog_use(evidence)
    if use and len(use.sites) > 1:
        names = ", ".join(site.function or f"0x{site.block:08x}" for site in use.sites)
        yield finding(
            "R1.3-SITES",
            evidence,
            f"the watchdog is refreshed at {len(use.sites)} places: {names}",
            [evidence.image.place(site.block) for site in use.sites],
        )


@rule("R1.3-MISS")
def faults_missed(evidence: Evidence) -> Iterable[Finding]:
    return missed_faults("R1.3-MISS", ROW, evidence)


def _missing(evidence: Evidence) -> Iterator[str]:
    yield from undeclared(ROW, evidence, periodic=True)
    yield from functions_absent(ROW, evidence)
    trace = evidence.main_trace()
    if trace is None:
        yield "no golden run"
        return
    use = watchdog_use(evidence)
    if use is None:
        yield "the watchdog of this MCU is not known"
    elif use.started is None or not use.sites:
        yield "no refresh of a watchdog was seen; logical monitoring alone does not end a stalled loop"
    else:
        for site in use.sites:
            if site.gates:
                words = ", ".join(f"0x{gate:08x}" for gate in site.gates)
                yield from _unless_stall_was_run(
                    evidence, f"{site.function} refreshes in an interrupt, allowed by {words}"
                )
        for measure in evidence.measures(ROW):
            if _names_watchdog(measure.technique):
                verdict = compare_time(use.longest, measure.detection_time, evidence.uncertainty)
                if verdict != "ok":
                    yield margin_text(measure, use.longest, evidence)
    for word, what in NEEDED.items():
        if not _of_model(evidence, word):
            yield f"not run: {what}"
    yield from unsure_times(ROW, evidence)
    yield from campaign_gaps(ROW, evidence)


def _unless_stall_was_run(evidence: Evidence, what: str) -> Iterator[str]:
    if not _of_model(evidence, "stalled"):
        yield f"{what}; the stalled main loop must be run to show that it notices"


def _reasons(evidence: Evidence) -> Iterator[str]:
    use = watchdog_use(evidence)
    for site in use.sites if use else ():
        name = site.function or f"0x{site.block:08x}"
        yield f"the watchdog is refreshed in the main flow by {name}, at most {milliseconds(site.longest)} apart"
    for word, what in NEEDED.items():
        for campaign in _of_model(evidence, word):
            yield f"{what}: {campaign.faults} faults, none missed"


def _of_model(evidence: Evidence, word: str) -> list[CampaignSummary]:
    return [c for c in evidence.campaigns_of(ROW) if word in c.model]


def _names_watchdog(technique: str) -> bool:
    lowered = technique.lower()
    return any(word in lowered for word in ("watchdog", "time-slot", "time slot", "看门狗", "时隙"))


def _watchdog_declared(evidence: Evidence) -> bool:
    return any(_names_watchdog(m.technique) or "H.2.18.10.4" in m.clause for m in evidence.measures(ROW))


def _described(evidence: Evidence) -> Iterator[RecognisedMeasure]:
    use = watchdog_use(evidence)
    if use is None or not use.sites:
        return
    yield RecognisedMeasure(
        row=ROW,
        phase="periodic",
        algorithm="watchdog",
        functions=tuple(sorted({site.function for site in use.sites if site.function})),
        ranges=(),
        cycle=use.longest,
        details=tuple(
            (
                f"refresh at 0x{site.block:08x}",
                f"{site.function or 'unknown function'}, {site.count} times, at most {milliseconds(site.longest)} apart"
                + (", in an interrupt" if site.in_handler else ", in the main flow"),
            )
            for site in use.sites
        ),
        places=tuple(evidence.image.place(site.block) for site in use.sites),
    )
