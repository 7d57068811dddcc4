"""The part of the job that runs the image: golden runs, campaigns, rows."""

from dataclasses import replace
from pathlib import Path

from swassess import __version__
from swassess.evaluate.golden_runs import coverage, run_all_golden, summarise_golden
from swassess.evaluate.options import Options, Progress
from swassess.evaluate.papers import Papers
from swassess.evaluate.row_campaigns import RowCampaigns
from swassess.faults.bench import make_bench
from swassess.faults.campaigns.campaign import Setting
from swassess.faults.golden import GoldenRun
from swassess.faults.heap import release_freed_memory
from swassess.faults.run_fault import GoldenReference
from swassess.faults.store import create_store
from swassess.faults.workers import Workers
from swassess.firmware.declared_target import declared_target
from swassess.firmware.fingerprint import fingerprint
from swassess.model.evaluation import CampaignSummary, GoldenRunSummary, RowVerdict, Verdict
from swassess.model.finding import Finding
from swassess.rules.catalogue_rows import table_rows
from swassess.rules.evidence import Evidence
from swassess.rules.image_view import ElfImage, used_flash, used_ram
from swassess.rules.judge import judge_row
from swassess.rules.recognised import ram_tests
from swassess.submission.intake import Submission

TIMING_UNCERTAINTY = 0.02
EXECUTED_ROWS = ("1.3", "4.1", "4.2")


class Execution:
    """Golden runs first, then campaigns and verdicts, one row after the other."""

    def __init__(self, submission: Submission, papers: Papers, options: Options, progress: Progress) -> None:
        self._submission, self._papers, self._options, self._progress = submission, papers, options, progress
        declaration = papers.declaration
        self._target = declared_target(declaration, papers.facts)
        self._bench, self._failed = make_bench(declaration, self._target, papers.facts.image, papers.facts)
        self._image = ElfImage(papers.facts, declaration)
        self._golden: dict[str, GoldenRun] = {}
        self.findings: tuple[Finding, ...] = ()

    def run_golden(self) -> None:
        self._golden, self.findings = run_all_golden(
            self._bench, self._failed, self._papers.facts, self._target, self._progress
        )

    def _evidence(self) -> Evidence:
        declaration = self._papers.declaration
        flash = declaration.flash
        watchdog = self._target.peripheral("IWDG")
        # A golden run that an oracle or a budget ended says nothing about what a fault changes.
        traces = {
            name: run.trace
            for name, run in self._golden.items()
            if run.trace is not None and run.finished and run.main_loop_entries
        }
        evidence = Evidence(
            declaration=declaration,
            image=self._image,
            flash=self._papers.facts.image.bytes_at(flash.start, flash.end),
            flash_used=used_flash(self._image, declaration),
            ram_used=(),
            traces=traces,
            findings=(),
            watchdog_register=watchdog.base if watchdog is not None else None,
            uncertainty=TIMING_UNCERTAINTY,
        )
        tests = {block for test in ram_tests(evidence) for block in test.blocks}
        evidence.ram_used = used_ram(self._image, declaration, traces, tests)
        self._forget_accesses(evidence)
        return evidence

    def _forget_accesses(self, evidence: Evidence) -> None:
        """Frees the accesses of golden runs that nothing asks for any more: all but the longest and the shortest."""
        main = evidence.main_trace()
        shortest = min(evidence.traces.values(), key=lambda trace: (trace.end_ticks, trace.scenario), default=None)
        for run in self._golden.values():
            if run.trace is not None and run.trace is not main and run.trace is not shortest:
                run.trace.memory = run.trace.memory.none()
                run.trace.registers = run.trace.registers.none()
        release_freed_memory()

    def judge_rows(self, store_path: Path) -> tuple[RowVerdict, ...]:
        """Campaigns into the store, then the verdict of every wanted row."""
        options = self._options
        wanted = options.rows or tuple(row.id for row in table_rows())
        evidence = self._evidence()
        references = {name: GoldenReference.of(run) for name, run in self._golden.items() if run.finished}
        summaries: list[CampaignSummary] = []
        digests = {f"golden:{name}": run.digest for name, run in sorted(self._golden.items())}
        with (
            create_store(
                store_path,
                tool_version=__version__,
                image_sha256=self._papers.image.sha256,
                seed=options.seed,
                digests=digests,
            ) as store,
            Workers(self._bench, references, options.workers) as workers,
        ):
            setting = Setting(workers, self._golden, options.seed, options.exhaustive, self._advance)
            campaigns = RowCampaigns(self._bench, setting, evidence, self._image)
            for row in wanted:
                for campaign in campaigns.of(row):
                    store.add_campaign(campaign.info)
                    store.add_outcomes(campaign.info.key, campaign.records)
                    summaries.append(store.summary(campaign.info.key))
            store.commit()
        evidence.campaigns = tuple(summaries)
        verdicts = tuple(self._not_applicable(judge_row(evidence, row)) for row in wanted)
        count = sum(summary.faults for summary in summaries)
        misses = sum(summary.miss_count for summary in summaries if not summary.remark)
        self._progress.stage("Rows", f"{len(verdicts)} rows, {count:,} faults, {misses:,} missed")
        return verdicts

    def _advance(self, name: str, done: int, total: int) -> None:
        self._progress.advance("Rows", done, total, name)

    def _not_applicable(self, verdict: RowVerdict) -> RowVerdict:
        """The submission's reason stands beside the verdict; confirming it needs the row's own evaluation."""
        reasons = dict(self._submission.manifest.not_applicable)
        given = reasons.get(verdict.row) or reasons.get(verdict.row.rstrip("ab"))
        if not given or verdict.verdict is not Verdict.NOT_SHOWN:
            return verdict
        return replace(
            verdict,
            reasons=(f"declared not applicable: {given}",),
            missing=("this version does not confirm the reason by itself", *verdict.missing),
        )

    def golden_summaries(self) -> tuple[GoldenRunSummary, ...]:
        declaration = self._papers.declaration
        steps = {scenario.id: scenario.step for scenario in declaration.scenarios}
        summaries: list[GoldenRunSummary] = []
        covered = coverage(self._golden, self._image, self._papers.sources.safety_functions, declaration.flash.start)
        for name, run in self._golden.items():
            summary = summarise_golden(run, declaration, self._image, self._target, steps[name])
            summaries.append(replace(summary, coverage=covered if not summaries else ()))
        return tuple(summaries)

    def safety_fingerprints(self) -> tuple[tuple[str, str], ...]:
        calls = self._image.calls
        names = [n for n in self._papers.sources.safety_functions if (u := calls.resolve(n)) and u in calls.code]
        return tuple(
            (name, fingerprint(self._papers.facts, calls.code[calls.resolve(name) or name]))
            for name in sorted(set(names))
        )

    def assumptions(self) -> tuple[str, ...]:
        """What was modelled and taken for granted; every verdict rests on it."""
        declaration = self._papers.declaration
        unmodelled = sorted(
            {
                f"0x{address:08X}"
                for run in self._golden.values()
                for address, _, _, modelled in run.registers
                if not modelled
            }
        )
        return (
            "The core is emulated by Unicorn as a Cortex-M3; interrupts are taken at the boundaries of basic blocks.",
            "Cycles: one an instruction, one more a word moved to or from memory, two more at the end of a block, "
            "eight for a division, twelve for exception entry and return; no flash wait states. Timing uncertainty: "
            f"{100 * TIMING_UNCERTAINTY:g} %, to which the tolerance of the oscillators comes.",
            f"Core clock {declaration.clock_hz} Hz and LSI {declaration.lsi_hz[1]} Hz (declared "
            f"{declaration.lsi_hz[0]} to {declaration.lsi_hz[2]} Hz); times that hang on the LSI scale with it.",
            "Outputs and hazards are evaluated at every change of an output and every plant step; a hazardous output "
            "counts after 100 ms. A PWM output counts as energised while its channel is on with a compare value "
            "above 0.",
            "Stuck-at cells act at every read by the core and by exception return; a stuck bit of the programme "
            "counter acts at each instruction, inside an IT block only after its end.",
            "Undetected faults in operation are followed for the detection time plus three detection times (at least "
            "1 s).",
            "The periodic rows are proven from the longest golden run; start-up looks the same in every scenario.",
            "Registers without a behaviour answer what was last written: " + (", ".join(unmodelled) or "none was used"),
        )
