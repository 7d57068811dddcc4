"""Answers to one poll: tried from one snapshot, with time standing still, and judged by where they lead.

An attempt is rejected when it leads to a fault, a reset, a function that handles fatal errors, an endless loop that
does nothing, the same path as the program's own time-out, or nowhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from swassess.boot import candidates
from swassess.boot.program import Program
from swassess.boot.rules import Entry, Poll, Rule
from swassess.boot.runner import BUDGET, ERROR, FAULT, RESET, STALL, Mark, Runner
from swassess.emulator import layout as at

Seen = npt.NDArray[np.bool_]  # per half-word: whether a block began there before
CHUNK = 2_000_000  # cycles between two looks at how far it has come
DEEP = 300_000
_LONG = 60_000
_TIMEOUT_PATH = 3_000_000
_PLENTY = 8  # released by so many single bits: not a flag


@dataclass(slots=True)
class Attempt:
    """What came of one rule. problem: why it is rejected ("": it is not)."""

    rule: Rule
    released: bool
    problem: str = ""
    new: frozenset[int] = frozenset()


@dataclass(slots=True)
class Model:
    """The frozen model. left: polls for which nothing was learned, with the reason. restarts, returns: how often the
    pass began anew, or came back to an earlier decision."""

    entries: list[Entry] = field(default_factory=list)
    left: dict[tuple[int, int, int], str] = field(default_factory=dict)
    restarts: int = 0
    returns: int = 0
    ended: str = ""
    latest_news: int = 0  # instructions when code was last executed for the first time

    def rules(self) -> list[Rule]:
        return [entry.rule for entry in self.entries]


class Search:
    """Looks for answers to polls, under the rules of a model."""

    def __init__(self, runner: Runner, program: Program, model: Model, counted: set[tuple[int, int]]) -> None:
        """counted: (register, block) of polls that turned out to wait for a counter."""
        self.runner, self.program, self.model, self._counted = runner, program, model, counted

    def is_trouble(self) -> bool:
        """Whether the exception that was entered is one that a program does not plan with."""
        return int(self.runner.mcu.control[at.C_INTERRUPT]) in (2, 3, 4, 5, 6) or self.locked_up()

    def locked_up(self) -> bool:
        return int(self.runner.mcu.state[at.SLEEPING]) == at.LOCKED_UP

    def is_dead(self) -> bool:
        """Whether the core is locked up, or stays in an endless loop that does nothing or that sounds like an error."""
        if self.locked_up():
            return True
        latest = [int(address) for address in np.unique(self.runner.latest(64))]
        if not latest or int(self.runner.mcu.control[at.C_INTERRUPT]) not in (0, 2, 3, 4, 5, 6):
            return False
        start = self.program.start_of(latest[0])
        if start is None or any(self.program.start_of(address) != start for address in latest):
            return False
        flow = self.program.flow(start)
        for loop in flow.loops:
            low = min(loop.body)
            high = max(flow.blocks[block].end for block in loop.body)
            if flow.is_endless(loop, False) and all(low <= address < high for address in latest):
                quiet = not flow.is_active(loop) and start != self._main()
                return quiet or all(self.program.sounds_wrong(address) for address in latest)
        return False

    def _main(self) -> int | None:
        return self.program.function("main")

    def install(self, extra: Rule | None = None) -> None:
        rules = [Rule(address, block, at.RULE_LEAVE, seen=value) for address, block, value in sorted(self.model.left)]
        self.runner.set_rules([*self.model.rules(), *rules, *([extra] if extra is not None else [])])

    def search(self, poll: Poll, mark: Mark, seen: Seen, entry: Entry) -> list[Attempt]:
        """Acceptable answers, best first: single bits before fields, fields before words."""
        stretch, usual = self._stretch(poll, mark, seen)
        if stretch == 0:
            return []
        singles = [self._try_short(rule, poll, mark, seen, usual, stretch) for rule in self._known(poll)]
        groups: list[Callable[[], list[Rule]]] = [
            lambda: candidates.pairs(poll),
            lambda: candidates.constants(poll, self.program),
            lambda: candidates.all_bits(poll),
        ]
        released = [attempt for attempt in singles if attempt.released]
        entry.tried += len(singles)
        bits = {attempt.rule.mask.bit_length() - 1 for attempt in released if attempt.rule.mask.bit_count() == 1}
        if candidates.looks_like_a_count(bits) or (poll.address, poll.block) in self._counted:
            counting = self._judge_all(candidates.counters(poll), poll, mark, seen, usual, stretch, entry)
            if counting:
                return counting
        good = self._accept(released, poll, mark, seen, entry)
        for group in groups:
            if good:
                return good
            attempts = [self._try_short(rule, poll, mark, seen, usual, stretch) for rule in group()]
            entry.tried += len(attempts)
            released = [attempt for attempt in attempts if attempt.released]
            smaller = [self._minimise(attempt, poll, mark, seen, usual, stretch) for attempt in released[:6]]
            good = self._accept(smaller, poll, mark, seen, entry)
        if good:
            return good
        return self._judge_all(candidates.counters(poll), poll, mark, seen, usual, stretch, entry)

    def _known(self, poll: Poll) -> list[Rule]:
        """What was learned for this register at this place with other values, then each single bit."""
        known = [
            Rule(poll.address, poll.block, entry.rule.kind, entry.rule.mask, entry.rule.bits, entry.rule.period)
            for entry in self.model.entries
            if (entry.rule.address, entry.rule.block) == (poll.address, poll.block)
            and entry.rule.kind == at.RULE_FIELD
            and (entry.rule.bits ^ poll.value) & entry.rule.mask
            and entry.rule.mask.bit_count() > 1
        ]
        return [*known, *candidates.single_bits(poll)]

    def _judge_all(
        self, rules: list[Rule], poll: Poll, mark: Mark, seen: Seen,
        usual: set[int], stretch: int, entry: Entry,
    ) -> list[Attempt]:  # fmt: skip
        attempts = [self._try_short(rule, poll, mark, seen, usual, max(stretch, _LONG)) for rule in rules]
        entry.tried += len(attempts)
        return self._accept([attempt for attempt in attempts if attempt.released], poll, mark, seen, entry)

    def _run_with(self, rule: Rule | None, poll: Poll, mark: Mark, budget: int) -> str:
        """From the mark, with a rule more; None: the poll is left alone."""
        self.runner.back_to(mark)
        self.runner.entries[:] = 0
        self.runner.mcu.control[at.C_RING_COUNT] = 0
        extra = rule or Rule(poll.address, poll.block, at.RULE_LEAVE)
        self.install(replace(extra, seen=poll.value))
        return self.runner.go(budget)

    def _executed(self, poll: Poll) -> int:
        return int(np.count_nonzero(self.runner.latest(1 << 14) == poll.block))

    def _stretch(self, poll: Poll, mark: Mark, seen: Seen) -> tuple[int, set[int]]:
        """(instructions in which the poll is repeated some ten times, new blocks that come by themselves meanwhile).
        0 instructions: it is not repeated at all, so it was no wait."""
        self._run_with(None, poll, mark, _LONG)
        times = self._executed(poll)
        if times < 4:
            return 0, set()
        window = min(_LONG, int(self.runner.mcu.control[at.C_RING_COUNT]) and _LONG)
        stretch = min(max(10 * window // max(self._total(poll), 1), 400), _LONG)
        self._run_with(None, poll, mark, stretch)
        return stretch, self._new(seen)

    def _total(self, poll: Poll) -> int:
        """How often the poll's block was entered in the run just made (in RAM: among the latest blocks)."""
        place = (poll.block - self.runner.address_of(0)) >> 1
        entries = self.runner.entries
        return int(entries[place]) if 0 <= place < len(entries) else self._executed(poll)

    def _new(self, seen: Seen) -> set[int]:
        found = np.flatnonzero((self.runner.entries > 0) & ~seen)
        return {self.runner.address_of(int(place)) for place in found}

    def _try_short(
        self, rule: Rule, poll: Poll, mark: Mark, seen: Seen,
        usual: set[int], stretch: int,
    ) -> Attempt:  # fmt: skip
        """Whether the poll ends at once under a rule: it is not repeated, or code is reached that was new."""
        why = self._run_with(rule, poll, mark, stretch)
        new = self._new(seen) - usual
        released = bool(new) or self._executed(poll) <= 2 or why in (FAULT, RESET)
        if (
            why == STALL
            and self.runner.poll.address == poll.address
            and self.runner.poll.block == poll.block
            and not new
        ):
            released = False
        return Attempt(rule, released, new=frozenset(new))

    def _minimise(
        self, attempt: Attempt, poll: Poll, mark: Mark, seen: Seen,
        usual: set[int], stretch: int,
    ) -> Attempt:  # fmt: skip
        """The same answer with every bit left out that is not needed."""
        best = attempt
        if best.rule.kind != at.RULE_FIELD:
            return best
        for bit in range(32):
            if not best.rule.mask >> bit & 1 or best.rule.mask.bit_count() == 1:
                continue
            mask = best.rule.mask & ~(1 << bit)
            rule = Rule(poll.address, poll.block, at.RULE_FIELD, mask, best.rule.bits & mask)
            smaller = self._try_short(rule, poll, mark, seen, usual, stretch)
            if smaller.released and bool(smaller.new) >= bool(best.new):
                best = smaller
        return best

    def _accept(
        self, released: list[Attempt], poll: Poll, mark: Mark, seen: Seen,
        entry: Entry,
    ) -> list[Attempt]:  # fmt: skip
        """Runs on with each answer; what ends badly is rejected, the rest is ranked."""
        if len(released) > 2 * _PLENTY:
            released = released[:_PLENTY]
        good: list[Attempt] = []
        for attempt in released:
            why = self._run_with(attempt.rule, poll, mark, DEEP)
            new = self._new(seen)
            attempt.new = frozenset(new)
            attempt.problem = self._problem(why, new)
            if attempt.problem:
                entry.rejected.append((attempt.rule.describe(), attempt.problem))
            else:
                good.append(attempt)
        if len(good) > 1 and len({attempt.new for attempt in good}) > 1:
            good = self._without_timeouts(good, poll, mark, seen, entry)
        return good

    def _problem(self, why: str, new: set[int]) -> str:
        if why == FAULT and self.is_trouble():
            return "leads to a fault"
        if why == RESET:
            return "leads to a reset"
        if why == ERROR:
            return "stops the engine"
        wrong = sorted(address for address in new if self.program.gives_up(address))
        if wrong:
            return f"enters {self.program.function_name(wrong[0])}"
        if self.is_dead():
            return "leads to an endless loop that does nothing"
        if not new:
            return "nothing new is reached"
        return ""

    def _without_timeouts(
        self, good: list[Attempt], poll: Poll, mark: Mark, seen: Seen,
        entry: Entry,
    ) -> list[Attempt]:  # fmt: skip
        """Ranks answers by how little they share with what the program does once it has waited for too long."""
        late = self._timeout_path(poll, mark, seen)
        ranked = sorted(
            good,
            key=lambda one: (
                len(one.new & late) / max(len(one.new), 1),
                -len(one.new),
                one.rule.mask.bit_count(),
                one.rule.mask,
            ),
        )
        kept = [one for one in ranked if not late or one.new - late]
        for one in ranked:
            if one not in kept:
                entry.rejected.append((one.rule.describe(), "the same path as the time-out's"))
        return kept or ranked

    def _timeout_path(self, poll: Poll, mark: Mark, seen: Seen) -> frozenset[int]:
        """New blocks behind the program's own time-out for this wait; empty when it waits for ever."""
        why = self._run_with(None, poll, mark, CHUNK // 4)
        spent = CHUNK // 4
        while why == BUDGET and spent < _TIMEOUT_PATH and poll.block in self.runner.latest(512):
            why = self.runner.go(CHUNK // 4)
            spent += CHUNK // 4
        if why == BUDGET and poll.block in self.runner.latest(512):
            return frozenset()
        if why == BUDGET:
            self.runner.go(DEEP)
        return frozenset(self._new(seen))
