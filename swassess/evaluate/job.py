"""The main job, readable from top to bottom."""

import tempfile
from dataclasses import replace
from pathlib import Path

from swassess import __version__
from swassess.errors import UsageError
from swassess.evaluate.options import Options, Progress
from swassess.evaluate.papers import Papers, read_papers
from swassess.model.evaluation import Evaluation, GoldenRunSummary, RowVerdict, Verdict
from swassess.model.finding import Finding
from swassess.report.write import write_outputs
from swassess.rules.catalogue_rows import table_row, table_rows
from swassess.submission.intake import Submission, open_submission

STORE = "campaigns.sqlite"


def evaluate(path: Path, out: Path, options: Options, progress: Progress) -> Evaluation:
    """Evaluates a submission and writes evaluation.json, the store and report.html into `out`.

    Raises SwassessError with one sentence where the submission cannot be evaluated; nothing is written then.
    """
    rows = tuple(row.id for row in table_rows())
    for row in options.rows:
        if row not in rows:
            raise UsageError(f"there is no row {row!r}; rows are {', '.join(rows)}")
    options = replace(options, rows=tuple(dict.fromkeys(options.rows)))
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; name a folder for the results")
    with tempfile.TemporaryDirectory(prefix="swassess-") as scratch, open_submission(path, Path(scratch)) as submission:
        papers = read_papers(submission, progress)
        if options.check_only:
            evaluation = _without_execution(submission, papers, options)
        else:
            evaluation = _with_execution(submission, papers, options, out, progress)
    json_path, html_path = write_outputs(evaluation, out)
    progress.stage("Report", f"{html_path}, {json_path.name}")
    return evaluation


def _without_execution(submission: Submission, papers: Papers, options: Options) -> Evaluation:
    wanted = options.rows or tuple(row.id for row in table_rows())
    rows = tuple(_unexecuted(row) for row in wanted)
    return _evaluation(submission, papers, options, rows, (), (), ())


def _unexecuted(row: str) -> RowVerdict:
    entry = table_row(row)
    wanted = entry.classes.get("R.1")
    if wanted is None:
        return RowVerdict(
            row=row,
            component_en=entry.component.en,
            component_zh=entry.component.zh,
            software_class="R.1",
            fault="",
            verdict=Verdict.NOT_APPLICABLE,
            reasons=("Table R.1 asks nothing in this row",),
        )
    return RowVerdict(
        row=row,
        component_en=entry.component.en,
        component_zh=entry.component.zh,
        software_class="R.1",
        fault=wanted.fault,
        verdict=Verdict.NOT_SHOWN,
        reasons=("nothing was executed (swassess check); run swassess evaluate",),
        missing=("golden runs and campaigns",),
        criteria=wanted.criteria,
    )


def _with_execution(
    submission: Submission, papers: Papers, options: Options, out: Path, progress: Progress
) -> Evaluation:
    # Emulator and kernels are loaded only now: papers can be checked on a machine where they cannot run.
    from swassess.emulator.kernel_cache import mark_complete
    from swassess.evaluate.execution import Execution

    execution = Execution(submission, papers, options, progress)
    execution.run_golden()
    rows = execution.judge_rows(out / STORE)
    mark_complete()
    return _evaluation(
        submission, papers, options, rows, execution.golden_summaries(), execution.findings, execution.assumptions(),
        execution.safety_fingerprints(),
    )  # fmt: skip


def _evaluation(
    submission: Submission,
    papers: Papers,
    options: Options,
    rows: tuple[RowVerdict, ...],
    golden: tuple[GoldenRunSummary, ...],
    findings: tuple[Finding, ...],
    assumptions: tuple[str, ...],
    fingerprints: tuple[tuple[str, str], ...] = (),
) -> Evaluation:
    declaration = papers.declaration
    return Evaluation(
        tool_version=__version__,
        product=declaration.product,
        product_model=declaration.product_model,
        manufacturer=declaration.manufacturer,
        standard=declaration.standard,
        part=declaration.part,
        submission_sha256=submission.digest,
        profile="default",
        seed=options.seed,
        catalogue=submission.catalogue,
        documents=papers.documents,
        image=papers.image,
        sources=papers.sources,
        hazards=declaration.hazards,
        measures=declaration.measures,
        golden_runs=golden,
        rows=rows,
        findings=(*papers.findings, *findings),
        assumptions=assumptions,
        safety_functions=fingerprints,
    )
