"""report.html: one self-contained file, made from the evaluation alone. Same evaluation, same bytes."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from swassess.model.declared import Hazard, Measure
from swassess.model.evaluation import CampaignSummary, Evaluation, GoldenRunSummary, RowVerdict, Verdict
from swassess.report import formatting, pictures, words
from swassess.report.summary import closing_sentence, count_verdicts, sorted_rows, submission_findings

MISSES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign with its outcomes pivoted: (word, {resolution: weight}, sum), worst first, and its histogram."""

    campaign: CampaignSummary
    outcomes: tuple[tuple[words.Word, dict[str, int], int], ...]
    total: int
    histogram: Markup


@dataclass(frozen=True, slots=True)
class RowView:
    """A row with what belongs to it: anchor, declared measures, campaigns, memory map; bare rows have no evidence."""

    row: RowVerdict
    anchor: str
    declared: tuple[Measure, ...]
    campaigns: tuple[CampaignView, ...]
    memory_map: Markup
    bare: bool


@dataclass(frozen=True, slots=True)
class HazardView:
    """A line of the hazard matrix: the hazard, the measures it relies on, ids nobody declared, the measures' rows."""

    hazard: Hazard
    measures: tuple[Measure, ...]
    unknown: tuple[str, ...]
    rows: tuple[tuple[str, RowView | None], ...]


def render_html(evaluation: Evaluation) -> str:
    """The report as HTML text. It formats; every figure in it stands in the evaluation."""
    rows = tuple(_row_view(evaluation, row, number) for number, row in enumerate(sorted_rows(evaluation.rows)))
    timelines = [
        Markup(pictures.timeline_svg(run.modes, run.duration, f"run{number}")) if run.modes else Markup("")
        for number, run in enumerate(evaluation.golden_runs)
    ]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            evaluation=evaluation,
            rows=rows,
            hazards=[_hazard_view(evaluation, hazard, rows) for hazard in evaluation.hazards],
            findings=submission_findings(evaluation),
            counts=[(words.VERDICTS[verdict], count) for verdict, count in _tiles(evaluation)],
            sentence=closing_sentence(evaluation),
            runs=list(zip(evaluation.golden_runs, timelines, strict=True)),
            coverage=_coverage(evaluation),
        )
        .rstrip()
        + "\n"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("swassess.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: formatting.clean(value) if type(value) is str else value,
    )
    environment.filters.update(
        ticks=formatting.format_ticks,
        count=formatting.format_count,
        address=formatting.format_address,
        span=formatting.format_range,
        capital=lambda text: text[:1].upper() + text[1:],
        place=formatting.format_place,
        command=formatting.format_command,
        verdict=lambda verdict: words.VERDICTS[verdict],
        severity=lambda severity: words.SEVERITIES[severity],
        outcome=lambda outcome: words.OUTCOMES[outcome],
        document_state=lambda state: words.word(words.DOCUMENT_STATES, state),
        catalogue_state=lambda state: words.word(words.CATALOGUE_STATES, state),
    )
    environment.globals.update(
        resolutions=[(str(key), word) for key, word in words.RESOLUTIONS.items()],
        memory_states=pictures.STATES,
        misses_shown=MISSES_SHOWN,
        slowest=formatting.format_slowest,
        evidence=_evidence,
        unmodelled=_unmodelled,
    )
    return environment


def _tiles(evaluation: Evaluation) -> list[tuple[Verdict, int]]:
    """The counts in the order a reader asks for them: what is wrong, what is open, what is well."""
    counts = count_verdicts(evaluation)
    order = (Verdict.DOES_NOT_CONFORM, Verdict.NOT_SHOWN, Verdict.CONFORMS, Verdict.NOT_APPLICABLE)
    return [(verdict, counts[verdict]) for verdict in order]


def _row_view(evaluation: Evaluation, row: RowVerdict, number: int) -> RowView:
    by_id = {measure.id: measure for measure in evaluation.measures}
    declared = tuple(by_id[name] for name in row.declared if name in by_id)
    campaigns = tuple(
        _campaign_view(campaign, _declared_time(campaign, by_id, row), f"row{number}c{index}")
        for index, campaign in enumerate(row.campaigns)
    )
    memory_map = pictures.memory_map_svg(row.memory_map, f"row{number}m") if row.memory_map else ""
    return RowView(
        row=row,
        anchor=f"row-{row.row}-{row.software_class}",
        declared=declared or tuple(measure for measure in evaluation.measures if measure.row == row.row),
        campaigns=campaigns,
        memory_map=Markup(memory_map),
        bare=not (row.campaigns or row.recognised or row.findings or row.memory_map),
    )


def _declared_time(campaign: CampaignSummary, measures: dict[str, Measure], row: RowVerdict) -> int | None:
    """The detection time of the measure that the campaign judges; the row's where that is not known."""
    measure = measures.get(campaign.measure)
    return measure.detection_time if measure is not None else row.declared_time


def _campaign_view(campaign: CampaignSummary, declared_time: int | None, prefix: str) -> CampaignView:
    outcomes = []
    for outcome, word in words.OUTCOMES.items():
        weights = {resolution: weight for name, resolution, weight in campaign.outcomes if name == outcome}
        if weights:
            outcomes.append((word, weights, sum(weights.values())))
    histogram = pictures.histogram_svg(campaign.histogram, declared_time, prefix) if campaign.histogram else ""
    total = sum(weight for _, _, weight in campaign.outcomes)
    return CampaignView(campaign, tuple(outcomes), total, Markup(histogram))


def _hazard_view(evaluation: Evaluation, hazard: Hazard, rows: tuple[RowView, ...]) -> HazardView:
    """The verdict beside a hazard is that of its own class, where the row was evaluated for it."""
    by_id = {measure.id: measure for measure in evaluation.measures}
    measures = tuple(by_id[name] for name in hazard.measures if name in by_id)
    unknown = tuple(name for name in hazard.measures if name not in by_id)
    relied_on = {measure.row for measure in measures}
    found: list[tuple[str, RowView | None]] = [
        (view.row.row, view)
        for view in rows
        if view.row.row in relied_on and view.row.software_class == hazard.software_class
    ]
    found.extend((row, None) for row in sorted(relied_on - {row for row, _ in found}))
    return HazardView(hazard, measures, unknown, tuple(found))


def _evidence(view: RowView) -> list[tuple[str, str]]:
    """Where the static evidence points, (file:line, address): recognised measures first, then findings, each once."""
    places = [place for recognised in view.row.recognised for place in recognised.places]
    places += [place for finding in view.row.findings for place in finding.places]
    pairs = ((formatting.format_place(replace(p, address=None, symbol="")) or p.symbol, p.address) for p in places)
    texts = ((where, "" if address is None else formatting.format_address(address)) for where, address in pairs)
    return list(
        dict.fromkeys((where or address, address if where else "") for where, address in texts if where or address)
    )


def _unmodelled(run: GoldenRunSummary) -> list[str]:
    """Registers that no hand-written behaviour served, by the words of the one who did."""
    return [register for register, who, _, _ in run.served if any(word in who for word in ("unmodelled", "learned"))]


def _coverage(evaluation: Evaluation) -> list[dict[str, Any]]:
    """A line per safety function: its fingerprint and, per golden run, blocks executed of blocks known (or None)."""
    fingerprints = dict(evaluation.safety_functions)
    per_run = [{name: (executed, known) for name, executed, known in run.coverage} for run in evaluation.golden_runs]
    names = sorted({*fingerprints, *(name for run in per_run for name in run)})
    return [
        {
            "name": name,
            "fingerprint": fingerprints.get(name, ""),
            "runs": [run.get(name) for run in per_run],
            "never": any(name in run for run in per_run) and not any(run.get(name, (0, 0))[0] for run in per_run),
        }
        for name in names
    ]
