"""From findings and what is missing to the verdict of a row; the order is the same for every row."""

from collections.abc import Iterable
from dataclasses import dataclass

from swassess.model.evaluation import CampaignSummary, MemorySpan, RecognisedMeasure, RowVerdict, Verdict
from swassess.model.finding import Finding, Severity
from swassess.rules.catalogue_rows import table_row
from swassess.rules.evidence import Evidence

MILLISECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RowMaterial:
    """What a row module found. structural_*: faults and misses known from the trace alone, where no campaign ran."""

    recognised: tuple[RecognisedMeasure, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    structural_faults: int = 0
    structural_misses: int = 0
    slowest: int | None = None
    memory_map: tuple[MemorySpan, ...] = ()


def conclude(row: str, evidence: Evidence, material: RowMaterial) -> RowVerdict:
    """does_not_conform for any nonconformity, else not_shown for anything missing, else conforms."""
    entry = table_row(row)
    wanted = entry.classes["R.2" if evidence.software_class == "R.2" else "R.1"]
    campaigns = tuple(c for c in evidence.campaigns if c.row == row)
    deciding = evidence.campaigns_of(row)
    findings = (*material.findings, *(f for f in evidence.findings if f.subject == row))
    bad = [f for f in findings if f.severity is Severity.NONCONFORMITY]
    missing = material.missing
    if row in evidence.learned and not bad:
        missing = (*missing, f"the runs depended on learned peripheral behaviour: {evidence.learned[row]}")
    if not bad:
        missing = (*missing, *hazard_gaps(row, evidence))
    if evidence.software_class != "R.1" and not bad:
        missing = (*missing, f"the faults of class {evidence.software_class} are not evaluated by this version")
    verdict = Verdict.DOES_NOT_CONFORM if bad else Verdict.NOT_SHOWN if missing else Verdict.CONFORMS
    reasons = tuple(f.message for f in bad) or missing or material.reasons
    detections = [c.slowest for c in deciding if c.slowest is not None]
    if material.slowest is not None:
        detections.append(material.slowest)
    declared = evidence.measures(row)
    return RowVerdict(
        row=row,
        component_en=entry.component.en,
        component_zh=entry.component.zh,
        software_class=evidence.software_class,
        fault=wanted.fault,
        verdict=verdict,
        reasons=reasons,
        missing=missing,
        criteria=wanted.criteria,
        declared=tuple(f"{m.id}: {m.technique} ({m.phase})" for m in declared),
        recognised=material.recognised,
        findings=findings,
        campaigns=campaigns,
        faults=max(sum(c.faults for c in deciding), material.structural_faults),
        missed=max(sum(c.miss_count for c in deciding), material.structural_misses),
        slowest=max(detections, default=None),
        declared_time=max((m.detection_time for m in declared), default=None),
        memory_map=material.memory_map,
    )


def campaign_gaps(row: str, evidence: Evidence, proof: str = "") -> tuple[str, ...]:
    """What is missing of the injected faults: none run, only a sample without proof, faults without outcome.

    proof: a structural proof covering the whole space ("" none); then a sample suffices to show that the reaction
    follows.
    """
    deciding = evidence.campaigns_of(row)
    if not deciding:
        return ("no fault of this row was run, so it is not shown that a detected fault leads to the safe state",)
    gaps = [
        f"sampled: the campaign '{c.title}' ran only a sample of its faults"
        for c in deciding
        if not c.exhaustive and not proof
    ]
    gaps += [
        f"the campaign '{c.title}' has {weight} faults without outcome ({outcome})"
        for c in deciding
        for outcome, weight in _without_outcome(c)
    ]
    gaps += [f"the campaign '{c.title}' holds no fault" for c in deciding if c.faults == 0]
    return tuple(gaps)


def hazard_gaps(row: str, evidence: Evidence) -> tuple[str, ...]:
    """What is missing of the hazards that rely on the row's measures: time in hand, and a scenario that demands the
    protection and ran to its end (without one, a dead protection looks as if nothing had happened)."""
    measures = {measure.id: measure for measure in evidence.measures(row)}
    gaps: list[str] = []
    for hazard in evidence.declaration.hazards:
        relied_on = [measures[name] for name in hazard.measures if name in measures]
        for measure in relied_on:
            if measure.detection_time + measure.reaction_time >= hazard.time_to_hazard:
                gaps.append(
                    f"{measure.id}: detection and reaction ({milliseconds(measure.detection_time)} and "
                    f"{milliseconds(measure.reaction_time)}) are not shorter than the time to hazard {hazard.id} "
                    f"({milliseconds(hazard.time_to_hazard)})"
                )
        if relied_on and not any(name in evidence.traces for name in hazard.demanded_by):
            gaps.append(f"hazard {hazard.id}: no scenario that demands its protective function ran to the end")
    return tuple(gaps)


def compare_time(measured: int, declared: int, uncertainty: float) -> str:
    """ "late", "unsure" (closer to the declared time than the uncertainty of times) or "ok"; all in ticks."""
    if measured * (1 - uncertainty) > declared:
        return "late"
    return "unsure" if measured * (1 + uncertainty) > declared else "ok"


def milliseconds(ticks: int) -> str:
    """Ticks as a short text for sentences."""
    return f"{ticks / MILLISECOND / 1000:.3g} s" if ticks >= 1000 * MILLISECOND else f"{ticks / MILLISECOND:.3g} ms"


def _without_outcome(campaign: CampaignSummary) -> Iterable[tuple[str, int]]:
    return [(name, weight) for name, _, weight in campaign.outcomes if name in ("error", "unsupported") and weight]
