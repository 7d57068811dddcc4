"""One faulty run, from the fault's occurrence to the end of the observation window, and what became of it."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at
from swassess.emulator.mcu import Taps
from swassess.emulator.snapshot import Snapshot
from swassess.errors import EmulationError, FaultError
from swassess.faults.bench import HAZARD, ORACLE, SAFE, Bench
from swassess.faults.golden import GoldenRun
from swassess.faults.identity import format_fault
from swassess.faults.mechanism import install, remove, taps_for
from swassess.faults.plan import HAZARD_GRACE, Plan
from swassess.model.fault import Fault, Trigger
from swassess.model.outcome import Outcome, OutcomeRecord
from swassess.model.time import TICKS_PER_MILLISECOND

_SLICE = 20 * TICKS_PER_MILLISECOND
_SPIN_LIMIT = 64  # blocks
_HIT_LIMIT = 1_000_000


@dataclass(slots=True)
class GoldenReference:
    """What faulty runs need of the golden run: mode and output signature at each plant step, its end."""

    modes: npt.NDArray[np.int64]
    signatures: npt.NDArray[np.int64]
    ticks: int

    @classmethod
    def of(cls, golden: GoldenRun) -> "GoldenReference":
        return cls(golden.modes, golden.signatures, golden.ticks)


@dataclass(slots=True)
class _Detection:
    ticks: int
    oracle: str
    place: str


@dataclass(slots=True)
class Sequence:
    """What happened in one faulty run, for the story: (ticks, what)."""

    events: list[tuple[int, str]] = field(default_factory=list)

    def add(self, ticks: int, what: str) -> None:
        self.events.append((ticks, what))


class FaultRunner:
    """Runs faults of one scenario on one engine; golden snapshots at trigger times are kept."""

    def __init__(self, bench: Bench, scenario: str, golden: GoldenReference, taps: Taps) -> None:
        self.bench, self.scenario, self.golden, self.taps = bench, scenario, golden, taps
        self.mcu = bench.mcu(scenario, taps)
        count = len(golden.modes)
        self.mcu.golden_modes[:count] = golden.modes
        self.mcu.control[at.C_GOLDEN_MODE_COUNT] = count
        self._step = bench.programs[scenario].scenario.step
        self._snapshots: dict[tuple[str, str, int | None, int, int], Snapshot] = {}
        self._names = {entry: name for name, entry in bench.oracle_functions.items()}
        self._modes = {number: name for name, number in bench.declaration.modes}
        self._same_outputs: bool | None = None
        self._compare_at: int | None = None

    # ---- the fault's occurrence --------------------------------------------------------------------------------
    def _go_to(self, trigger: Trigger) -> None:
        """Brings the MCU, still sound, to the trigger. Raises FaultError when the golden run never gets there."""
        key = (trigger.kind, trigger.symbol, trigger.address, trigger.ticks, trigger.count)
        if key in self._snapshots:
            self.mcu.restore(self._snapshots[key])
            return
        mcu = self.mcu
        mcu.power_on()
        mcu.look_for_spins(0)
        mcu.control[at.C_STOP_ON_RESET] = 0
        if trigger.kind == "time":
            if trigger.ticks > self.golden.ticks or mcu.run(trigger.ticks) != at.DONE_TIME:
                raise FaultError(f"the golden run of {self.scenario!r} does not reach {trigger.ticks / 1e12:g} s")
        elif trigger.kind == "hit":
            self._go_to_hit(trigger)
        elif trigger.kind != "reset":
            raise FaultError(f"trigger {trigger.kind!r} is not available yet; use reset, time or hit")
        self._snapshots[key] = mcu.snapshot()

    def _go_to_hit(self, trigger: Trigger) -> None:
        address = trigger.address if trigger.address is not None else self.bench.functions.get(trigger.symbol)
        if address is None:
            raise FaultError(f"the image has no function {trigger.symbol!r} to trigger on")
        if trigger.count > _HIT_LIMIT:
            raise FaultError(f"{trigger.count} hits are more than the {_HIT_LIMIT} a trigger may count")
        self.mcu.set_watch(address, at.WATCH_STOP)
        hits = 0
        try:
            while hits < trigger.count:
                done = self.mcu.run(self.golden.ticks)
                if done != at.DONE_WATCH:
                    raise FaultError(
                        f"{trigger.symbol or hex(address)} is reached {hits} times in {self.scenario!r}, "
                        f"not {trigger.count}; choose a smaller count"
                    )
                hits += self.mcu.pc == address
        finally:
            if address not in self._names:
                self.mcu.watch[(address - self.mcu.flash_start) >> 1] = 0

    # ---- observation ---------------------------------------------------------------------------------------------
    def _clear_monitors(self) -> None:
        state = self.mcu.state
        for base in (at.MONITOR_FIRST, at.MONITOR_LAST_FALSE, at.MONITOR_SINCE, at.MONITOR_LONGEST):
            state[base : base + 32] = 0

    def _run_to(self, until: int) -> int:
        """Runs, noting when the golden run's end is passed, so that output histories are compared there."""
        mcu = self.mcu
        if self._compare_at is not None and mcu.ticks < self._compare_at <= until:
            done = mcu.run(self._compare_at)
            if mcu.ticks >= self._compare_at:
                self._note_signature()
            if done != at.DONE_TIME:
                return done
        return mcu.run(until)

    def _note_signature(self) -> None:
        step = int(self.mcu.state[at.PLANT_STEP]) - 1
        if 0 <= step < len(self.golden.signatures):
            self._same_outputs = int(self.mcu.state[at.OUTPUT_SIGNATURE]) == int(self.golden.signatures[step])
        self._compare_at = None

    def _hazards(self, longer_than: int) -> list[str]:
        state = self.mcu.state
        return [
            name.removeprefix(HAZARD)
            for i, name in enumerate(self.bench.monitors)
            if name.startswith(HAZARD) and state[at.MONITOR_LONGEST + i] > longer_than
        ]

    def _wait_for_oracle(self, plan: Plan, until: int, already: set[str], story: Sequence) -> _Detection | None:
        mcu, state = self.mcu, self.mcu.state
        resets = {
            oracle.reset: oracle.id
            for oracle in self.bench.declaration.oracles
            if oracle.reset and oracle.id in plan.oracles
        }
        expressions = [
            (i, name.removeprefix(ORACLE))
            for i, name in enumerate(self.bench.monitors)
            if name.startswith(ORACLE) and name.removeprefix(ORACLE) in plan.oracles and name not in already
        ]
        mcu.control[at.C_STOP_ON_RESET] = 1
        while mcu.ticks < until:
            done = self._run_to(min(mcu.ticks + _SLICE, until))
            held = [
                (int(state[at.MONITOR_FIRST + i]) - 1, name) for i, name in expressions if state[at.MONITOR_FIRST + i]
            ]
            if held:
                ticks, name = min(held)
                story.add(ticks, f"oracle {name!r} holds")
                return _Detection(ticks, name, "expression holds")
            if done == at.DONE_WATCH:
                oracle = self._names.get(mcu.pc, "")
                link = mcu.link
                story.add(mcu.ticks, f"oracle function of {oracle!r} entered, called from 0x{link:08X}")
                if oracle in plan.oracles and oracle not in already:
                    return _Detection(mcu.ticks, oracle, f"called from 0x{link:08X}")
            elif done == at.DONE_RESET:
                cause = at.RESET_NAMES[self._last_reset()]
                story.add(mcu.ticks, f"reset by {cause}")
                if cause in resets and resets[cause] not in already:
                    return _Detection(mcu.ticks, resets[cause], f"reset by {cause}")
            elif done == at.DONE_SPIN:
                story.add(
                    mcu.ticks, f"the core spins for ever at 0x{mcu.pc:08X} with interrupts masked, no watchdog on"
                )
                return None
            elif done in (at.DONE_ERROR, at.DONE_BUDGET):
                raise EmulationError(f"the faulty run stopped with code {done} at {mcu.ticks / 1e12:g} s")
        return None

    def _last_reset(self) -> int:
        count = min(int(self.mcu.state[at.RESET_COUNT]), 16)
        return int(self.mcu.state[at.RESET_LOG + 2 * (count - 1) + 1]) if count else at.RESET_IWDG

    def _observe(self, until: int, story: Sequence) -> bool:
        """Runs on without looking for oracles; returns whether outputs are safe for ever by proof.

        Either nothing can change any more, or the same start-up repeats itself: two resets with equal state, nothing
        of the outside read and no outside interrupt taken between them, outputs safe all the while.
        """
        mcu = self.mcu
        last_reset, since = "", mcu.ticks
        mcu.control[at.C_STOP_ON_RESET] = 1
        while mcu.ticks < until:
            done = self._run_to(until)
            if done == at.DONE_RESET:
                state = self._after_reset()
                if state == last_reset and self._never_unsafe(since):
                    story.add(mcu.ticks, "the same start-up repeats itself, outputs safe")
                    return True
                last_reset, since = state, mcu.ticks
                if len(story.events) < 12:
                    story.add(mcu.ticks, f"reset by {at.RESET_NAMES[self._last_reset()]}")
            elif done == at.DONE_SPIN:
                if self._safe_now():
                    story.add(mcu.ticks, f"outputs safe, the core spins for ever at 0x{mcu.pc:08X}")
                    return True
                mcu.look_for_spins(0)
        return False

    def _after_reset(self) -> str:
        """What the next start-up depends on: RAM, what survives a reset, how much of the outside was seen so far."""
        mcu, state = self.mcu, self.mcu.state
        digest = hashlib.sha256(mcu.ram.tobytes())
        clocks = (int(state[at.CYCLE_TICKS]), int(state[at.LSI_TICKS]))
        digest.update(repr((mcu.blocks.survivors(), clocks)).encode())
        outside = int(mcu.control[at.C_OUTSIDE_READS])
        interrupts = int(state[at.EXCEPTION_TAKEN + 16 : at.EXCEPTION_TAKEN + at.EXCEPTIONS].sum())
        return f"{digest.hexdigest()}:{outside}:{interrupts}"

    def _never_unsafe(self, since: int) -> bool:
        return int(self.mcu.state[at.MONITOR_LAST_FALSE + self.bench.monitor(SAFE)]) - 1 < since and self._safe_now()

    def _safe_now(self) -> bool:
        from swassess.emulator.plant import watch_monitors

        watch_monitors(self.mcu.control, self.mcu.state)
        return bool(self.mcu.state[at.MONITOR_VALUE + self.bench.monitor(SAFE)])

    # ---- the run -------------------------------------------------------------------------------------------------
    def run(self, fault: Fault, plan: Plan, story: Sequence | None = None) -> OutcomeRecord:
        """Injects one fault and classifies its outcome (facts: outcomes of one faulty run)."""
        if taps_for(fault) != self.taps:
            raise FaultError(f"{format_fault(fault)} needs an engine with taps {taps_for(fault)!r}")
        story = story if story is not None else Sequence()
        mcu = self.mcu
        self._go_to(fault.trigger)
        start = mcu.ticks
        self._same_outputs = None
        self._compare_at = self.golden.ticks - self._step // 2 if start < self.golden.ticks else None
        already = {
            name
            for i, name in enumerate(self.bench.monitors)
            if name.startswith(ORACLE) and start and mcu.state[at.MONITOR_VALUE + i]
        }
        self._clear_monitors()
        install(mcu, fault, self.bench.functions)
        mcu.look_for_spins(_SPIN_LIMIT)
        story.add(start, f"{format_fault(fault)} comes into being")
        try:
            return self._classify(fault, plan, start, already, story)
        finally:
            remove(mcu, fault, self.bench.functions)
            for entry in self.bench.oracle_functions.values():
                mcu.set_watch(entry, at.WATCH_STOP)
            mcu.look_for_spins(0)
            mcu.control[at.C_STOP_ON_RESET] = 0

    def _classify(self, fault: Fault, plan: Plan, start: int, already: set[str], story: Sequence) -> OutcomeRecord:
        mcu = self.mcu
        end = start + plan.detection_time + plan.window
        mode_index = min(start // self._step, len(self.golden.modes) - 1)
        mode = self._modes.get(int(self.golden.modes[mode_index]), "") if mode_index >= 0 else ""
        identity = format_fault(fault)
        detection, late_reaction, reaction = None, True, 0
        while late_reaction:
            found = self._wait_for_oracle(plan, end, already, story)
            if found is None:
                break
            detection = found
            hazards_before = self._hazards_before()
            self._observe(detection.ticks + plan.reaction_time, story)
            late_reaction = not self._safe_now()
            reaction = self._reaction_ticks(detection.ticks)
            if late_reaction:
                story.add(
                    mcu.ticks, f"outputs are not safe {plan.reaction_time / 1e12:g} s after oracle {detection.oracle!r}"
                )
                already.add(detection.oracle)
                self._ignore(detection.oracle)
        first_read = int(mcu.control[at.C_FAULT_FIRST_READ])
        if first_read:
            story.add(first_read - 1, "the faulty value is read or used for the first time")
        if detection is None:
            return self._undetected(identity, plan, end, mode, story)
        self._clear_monitors()
        for_ever = self._observe(max(detection.ticks + plan.window, mcu.ticks), story)
        unsafe_after = self._hazards(HAZARD_GRACE)
        left_safe = int(mcu.state[at.MONITOR_LAST_FALSE + self.bench.monitor(SAFE)]) > 0
        kept = not unsafe_after and not left_safe and not late_reaction
        detected_after = detection.ticks - start
        if unsafe_after:
            outcome, reason = Outcome.DANGEROUS, f"hazard {', '.join(unsafe_after)} after the detection"
        elif hazards_before:
            outcome, reason = Outcome.DANGEROUS, f"hazard {', '.join(hazards_before)} lasted its time to hazard"
        elif detected_after > plan.detection_time:
            outcome, reason = Outcome.DETECTED_LATE, "later than the declared detection time"
        elif not kept:
            outcome, reason = Outcome.DETECTED_LATE, "the safe state was not reached in the reaction time and kept"
        else:
            outcome = Outcome.DETECTED
            reason = "safe for ever: nothing can change any more" if for_ever else ""
        return OutcomeRecord(
            fault=identity,
            outcome=outcome,
            detection_ticks=detected_after,
            reaction_ticks=reaction,
            kept_safe=kept,
            mode=mode,
            detected_at=detection.place,
            oracle=detection.oracle,
            is_miss=outcome in (Outcome.DANGEROUS, Outcome.DETECTED_LATE),
            reason=reason,
        )

    def _ignore(self, oracle: str) -> None:
        """An oracle that did not lead to the safe state is not looked for again in this run."""
        entry = self.bench.oracle_functions.get(oracle)
        if entry is not None:
            self.mcu.watch[(entry - self.mcu.flash_start) >> 1] &= 0xFF & ~at.WATCH_STOP

    def _hazards_before(self) -> list[str]:
        state = self.mcu.state
        found = []
        for hazard in self.bench.declaration.hazards:
            name = HAZARD + hazard.id
            if name in self.bench.monitors:
                longest = int(state[at.MONITOR_LONGEST + self.bench.monitor(name)])
                if longest >= hazard.time_to_hazard:
                    found.append(hazard.id)
        return found

    def _reaction_ticks(self, detected: int) -> int:
        last_false = int(self.mcu.state[at.MONITOR_LAST_FALSE + self.bench.monitor(SAFE)]) - 1
        return max(last_false - detected, 0)

    def _undetected(self, identity: str, plan: Plan, end: int, mode: str, story: Sequence) -> OutcomeRecord:
        mcu = self.mcu
        if mcu.ticks < end:  # the core spins for ever: only the plant goes on
            if not self._safe_now():
                mcu.look_for_spins(0)
                self._observe(end, story)
            else:
                self._same_outputs = False
        unsafe = self._hazards(HAZARD_GRACE)
        activated = mcu.control[at.C_FAULT_FIRST_READ] != 0
        if self._compare_at is not None and mcu.ticks >= end:
            self._note_signature()
        if unsafe:
            outcome, reason = Outcome.DANGEROUS, f"no oracle, and hazard {', '.join(unsafe)}"
        elif not activated:
            outcome, reason = Outcome.NOT_ACTIVATED, "never exercised: no access sees the faulty value"
        elif self._same_outputs:
            outcome, reason = Outcome.MASKED, "read, but no output differs from the golden run"
        else:
            outcome, reason = Outcome.SAFE_UNDETECTED, "no oracle, hazardous outputs stay safe"
        missed = outcome is Outcome.DANGEROUS or (
            plan.pattern_test and outcome in (Outcome.NOT_ACTIVATED, Outcome.MASKED)
        )
        return OutcomeRecord(
            fault=identity,
            outcome=outcome,
            kept_safe=not unsafe,
            mode=mode,
            is_miss=missed,
            reason=reason,
        )
