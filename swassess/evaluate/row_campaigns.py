"""Which campaigns a row needs, from what the recognisers found."""

from collections.abc import Callable, Iterator

from swassess.faults.bench import Bench
from swassess.faults.campaigns import flash, program_counter, ram
from swassess.faults.campaigns.campaign import Campaign, Setting, declared, main_loop_start, trigger_times
from swassess.model.declared import AddressRange, Measure
from swassess.model.fault import Trigger
from swassess.model.time import TICKS_PER_MICROSECOND, TICKS_PER_MILLISECOND
from swassess.rules.evidence import Evidence
from swassess.rules.flash import required
from swassess.rules.image_view import ElfImage
from swassess.rules.ranges import union, without
from swassess.rules.recognise.crc import FlashCheck, detects_all_single_bit_flips
from swassess.rules.recognised import flash_checks, ram_tests

PHASES = 3  # times in operation at which faults arise
_BEFORE_CALL = 20 * TICKS_PER_MICROSECOND
_LONGEST_BLOCK = 512  # bytes


class RowCampaigns:
    """Builds the campaigns of rows over one set of golden runs."""

    def __init__(self, bench: Bench, setting: Setting, evidence: Evidence, image: ElfImage) -> None:
        self.bench, self.setting, self.evidence, self.image = bench, setting, evidence, image
        trace = evidence.main_trace()
        self.scenario = trace.scenario if trace is not None else ""
        golden = setting.golden.get(self.scenario)
        loop = bench.functions.get(evidence.declaration.main_loop, -1)
        start = main_loop_start(golden, loop) if golden is not None else None
        self.times: list[int] = []
        if golden is not None and start is not None:
            settled = start + 500 * TICKS_PER_MILLISECOND
            self.times = trigger_times(golden, settled, PHASES, 100 * TICKS_PER_MILLISECOND)

    def of(self, row: str) -> Iterator[Campaign]:
        """Campaigns of a row; none where the golden runs never reach the main loop."""
        builders: dict[str, Callable[[], Iterator[Campaign]]] = {
            "1.3": self._program_counter,
            "4.1": self._flash,
            "4.2": self._ram,
        }
        if row in builders and self.times:
            yield from builders[row]()

    def _measures(self, row: str, *phases: str) -> list[Measure]:
        return declared(self.evidence.declaration.measures, row, *phases)

    def _shortest(self) -> str:
        """The shortest scenario that reaches the main loop: start-up looks the same in all of them."""
        reached = [run for run in self.setting.golden.values() if run.main_loop_entries and run.finished]
        return min(reached, key=lambda run: (run.ticks, run.scenario)).scenario if reached else self.scenario

    # ---- 4.2 -----------------------------------------------------------------------------------------------------
    def _ram(self) -> Iterator[Campaign]:
        for measure in self._measures("4.2", "startup"):
            yield ram.startup_campaign(self.bench, self.setting, measure, self._shortest())
            yield from self._shorts(measure)
        for measure in self._measures("4.2", "periodic"):
            visits = [
                ram.CellVisits(test.cells, test.longest_gap, test.cell_size, test.algorithm)
                for test in ram_tests(self.evidence)
                if test.phase == "periodic" and test.recognised and test.cycle is not None
            ]
            if visits:
                yield ram.periodic_proof(self.setting, measure, self.scenario, self.times[0], visits)
            yield from self._shorts(measure)
            used = union(AddressRange(span.start, span.end) for span in self.evidence.ram_used)
            yield ram.periodic_sample(self.bench, self.setting, measure, self.scenario, self.times, used)

    def _shorts(self, measure: Measure) -> Iterator[Campaign]:
        tests = [test for test in ram_tests(self.evidence) if test.phase == measure.phase and test.recognised]
        blocks = sorted({block for test in tests for block in test.blocks})
        if blocks:
            yield ram.shorts_campaign(self.bench, measure, self.setting.golden[self.scenario], blocks)

    # ---- 4.1 -----------------------------------------------------------------------------------------------------
    def _flash(self) -> Iterator[Campaign]:
        used = required(self.evidence)
        for phase in ("startup", "periodic"):
            for measure in self._measures("4.1", phase):
                linear = self._linear(phase)
                if linear is not None:
                    yield flash.proof_campaign(measure, self.scenario, linear, used)
                if phase == "startup":
                    scenario, triggers = self._shortest(), [Trigger()]
                else:
                    scenario, triggers = self.scenario, [Trigger("time", ticks) for ticks in self.times]
                yield flash.sample_campaign(self.bench, self.setting, measure, scenario, triggers, used, "data")
                if phase == "periodic":
                    code = without(used, without(used, self._code()))
                    yield flash.sample_campaign(
                        self.bench, self.setting, measure, scenario, triggers, code, "execution"
                    )

    def _code(self) -> tuple[AddressRange, ...]:
        return tuple(AddressRange(s.start, s.end) for s in self.evidence.flash_used if s.kind in ("code", "vectors"))

    def _linear(self, phase: str) -> flash.LinearCheck | None:
        def worst(check: FlashCheck) -> int:
            return max(cycle.compare for cycle in check.cycles) if phase == "startup" else check.worst or 0

        checks = [
            check
            for check in flash_checks(self.evidence)
            if check.phase == phase
            and check.agrees
            and detects_all_single_bit_flips(check)[0]
            and (phase == "startup" or check.worst is not None)
        ]
        if not checks:
            return None
        return flash.LinearCheck(
            covered=union(span for check in checks for span in check.ranges),
            worst=max(worst(check) for check in checks),
            argument=detects_all_single_bit_flips(checks[0])[1],
            algorithm=checks[0].algorithm,
        )

    # ---- 1.3 -----------------------------------------------------------------------------------------------------
    def _program_counter(self) -> Iterator[Campaign]:
        in_operation = [Trigger("time", ticks) for ticks in self.times]
        for measure in self._measures("1.3", "periodic", "concurrent"):
            yield program_counter.stuck_bits(
                self.bench, self.setting, measure, self.scenario, [Trigger(), *in_operation]
            )
            yield program_counter.removed_calls(self.bench, self.setting, measure, self.scenario, self._calls())
            yield program_counter.stalled_loop(self.bench, self.setting, measure, self.scenario, in_operation)

    def _calls(self) -> list[tuple[int, Trigger]]:
        """Direct calls of declared periodic and concurrent measures that the golden run makes in operation.

        Each is removed shortly before it is next due: a call that is not due cannot be missing.
        """
        calls, declaration = self.image.calls, self.evidence.declaration
        functions = {
            calls.resolve(name) or name
            for measure in declaration.measures
            if measure.phase in ("periodic", "concurrent")
            for name in measure.functions
        }
        main_loop = calls.resolve(declaration.main_loop) or declaration.main_loop
        in_operation = {main_loop, *calls.reachable(main_loop)}
        for handler in self.image.handlers():
            in_operation |= {handler, *calls.reachable(handler)}
        found = []
        for site in sorted(calls.sites, key=lambda one: one.address):
            if site.target in functions and site.caller in in_operation and site.kind == "call":
                due = self._next_entry(site.target)
                if due is not None and self._executed(site.address):
                    before = (due - _BEFORE_CALL) // TICKS_PER_MICROSECOND * TICKS_PER_MICROSECOND
                    found.append((site.address, Trigger("time", before)))
        return found

    def _next_entry(self, function: str) -> int | None:
        """When the golden run next enters a function after the first chosen time."""
        trace = self.evidence.main_trace()
        address = self.image.function_address(function)
        assert trace is not None
        entries = trace.mark_ticks[(trace.mark_address == address) & (trace.mark_ticks >= self.times[0])]
        return int(entries[0]) if entries.size else None

    def _executed(self, address: int) -> bool:
        """Whether a basic block that holds the address was executed."""
        start = self.evidence.declaration.flash.start
        trace = self.evidence.main_trace()
        assert trace is not None
        for back in range(0, _LONGEST_BLOCK, 2):
            index = (address - back - start) >> 1
            if index >= 0 and trace.block_entries[index] > 0:
                return bool(back < int(trace.block_sizes[index]))
        return False
