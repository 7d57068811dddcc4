"""Rows without an executed evaluation yet: not_shown, with what is missing; never rounded up."""

from swassess.model.evaluation import CampaignSummary, RowVerdict, Verdict
from swassess.rules.catalogue_rows import TableRow
from swassess.rules.evidence import Evidence


def judge_other(evidence: Evidence, row: TableRow) -> RowVerdict:
    """not_applicable where the table asks nothing of the class, else not_shown with what is missing."""
    wanted = row.classes.get("R.2" if evidence.software_class == "R.2" else "R.1")
    declared = evidence.measures(row.id)
    campaigns: tuple[CampaignSummary, ...] = tuple(c for c in evidence.campaigns if c.row == row.id)
    missing: tuple[str, ...] = ()
    if wanted is None:
        verdict = Verdict.NOT_APPLICABLE
        reasons: tuple[str, ...] = (f"Table {evidence.software_class} asks nothing in this row",)
    else:
        verdict = Verdict.NOT_SHOWN
        missing = (row.missing,) if declared else ("no measure is declared for this row", row.missing)
        reasons = missing
    return RowVerdict(
        row=row.id,
        component_en=row.component.en,
        component_zh=row.component.zh,
        software_class=evidence.software_class,
        fault=wanted.fault if wanted else "",
        verdict=verdict,
        reasons=reasons,
        missing=missing,
        criteria=wanted.criteria if wanted else "",
        declared=tuple(f"{m.id}: {m.technique} ({m.phase})" for m in declared),
        findings=tuple(f for f in evidence.findings if f.subject == row.id),
        campaigns=campaigns,
        declared_time=max((m.detection_time for m in declared), default=None),
    )
