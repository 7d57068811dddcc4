"""The learning pass: finds, for polls that no behaviour answers, the smallest change of the register that lets go.

Time stands still while a poll is looked at: every attempt starts from the same snapshot. What is learned is frozen;
only runs from a cold start under the frozen model count. Registers that `never` names are left alone. When the program
comes to a bad end later on, the pass returns to the latest poll that had another answer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from swassess.boot import candidates
from swassess.boot.program import Program
from swassess.boot.progress import MAIN_LOOP, Reached, judge
from swassess.boot.rules import ANY, Entry, Poll, Rule
from swassess.boot.runner import ERROR, FAULT, RESET, STALL, TIME, Mark, Runner
from swassess.boot.search import CHUNK, Model, Search
from swassess.emulator import layout as at

MOST_SECONDS = 60
REACHED = "the main loop was reached"
_MOST_RESTARTS = 4
_MOST_RETURNS = 24  # to earlier decisions
_MOST_ENTRIES = 200


@dataclass(slots=True)
class Decision:
    """A poll with more than one acceptable answer: those not taken, to come back to."""

    mark: Mark
    poll: Poll
    entries: int
    rest: list[tuple[Entry, Rule]]


class Learner:
    """One pass over one program."""

    def __init__(
        self,
        runner: Runner,
        program: Program,
        never: Callable[[int], str],
        budget: int,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """never(address): reason why that register is not learned, or "". budget: instructions of the run as it counts
        (attempts are not counted). tell: is told of each poll."""
        self.runner, self.program, self.never, self.budget, self.tell = runner, program, never, budget, tell
        self.model = Model()
        self._decisions: list[Decision] = []
        self._counted: set[tuple[int, int]] = set()
        self.search = Search(runner, program, self.model, self._counted)

    def learn(self) -> Model:
        """Runs the pass to its end."""
        while True:
            self.runner.cold_start()
            self._decisions.clear()
            self.search.install()
            if not self._pass() or self.model.restarts >= _MOST_RESTARTS:
                return self.model
            self.model.restarts += 1

    # ---- the run that is being made --------------------------------------------------------------------------------
    def _pass(self) -> bool:
        """One run from a cold start; True when it has to be begun anew."""
        runner = self.runner
        settled = False
        blocks = 0
        while True:
            why = runner.go(CHUNK)
            if why == STALL:
                poll = runner.poll
                if self._reached().level == MAIN_LOOP:
                    self._leave(poll, "the main loop had been reached; what it polls is left alone")
                elif self._learn(poll):
                    return True
                continue
            if why == FAULT and self.search.is_trouble() and self._return("a fault"):
                continue
            if why == RESET and self._return("a reset"):
                continue
            if self.search.is_dead():
                if self._return("an endless loop that does nothing"):
                    continue
                self.model.ended = "the program stays in an endless loop that does nothing"
                return False
            if why in (ERROR, TIME):
                self.model.ended = "the engine gave up" if why == ERROR else "the core is locked up"
                return False
            if self._reached().level == MAIN_LOOP:
                if settled:
                    self.model.ended = REACHED
                    return False
                settled = True
            coverage = runner.coverage()
            if coverage.blocks != blocks:
                blocks, self.model.latest_news = coverage.blocks, runner.instructions
            if runner.instructions >= self.budget:
                self.model.ended = "the instruction budget was used up"
                return False
            if runner.seconds >= MOST_SECONDS:
                self.model.ended = f"{MOST_SECONDS} s of simulated time were over"
                return False

    def _reached(self) -> Reached:
        return judge(self.program, self.runner.coverage())

    def _leave(self, poll: Poll, reason: str) -> None:
        self.model.left.setdefault((poll.address, poll.block, poll.value), reason)
        self.search.install()

    def _return(self, why: str) -> bool:
        """Back to the latest decision that has an answer left; False when there is none."""
        while self._decisions and self.model.returns < _MOST_RETURNS:
            decision = self._decisions[-1]
            if not decision.rest:
                self._decisions.pop()
                continue
            wrong = self.model.entries[decision.entries] if decision.entries < len(self.model.entries) else None
            entry, rule = decision.rest.pop(0)
            if wrong is not None:
                entry.rejected.append((wrong.rule.describe(), f"led to {why} later on"))
            del self.model.entries[decision.entries :]
            self.model.entries.append(entry)
            entry.rule = rule
            self.model.returns += 1
            self.runner.back_to(decision.mark)
            self.search.install()
            return True
        return False

    # ---- one poll --------------------------------------------------------------------------------------------------
    def _learn(self, poll: Poll) -> bool:
        """Looks for an answer to a poll and goes on from it. True: the whole pass has to begin anew."""
        reason = self.never(poll.address)
        if reason:
            self._leave(poll, reason)
            return False
        if len(self.model.entries) >= _MOST_ENTRIES:
            self._leave(poll, "too many registers had been learned")
            return False
        if self._turns_out_to_count(poll):
            return True
        mark = self.runner.mark()
        seen = mark.entries > 0
        entry = Entry(Rule(poll.address, poll.block, at.RULE_LEAVE), poll)
        good = self.search.search(poll, mark, seen, entry)
        self.runner.back_to(mark)
        if not good:
            self._leave(poll, "no change of few bits lets go without an error")
            return False
        first = not any(
            (other.rule.address, other.rule.block) == (poll.address, poll.block) for other in self.model.entries
        )
        rules = [self._final(attempt.rule, poll, first) for attempt in good]
        entry.rule, entry.new_blocks = rules[0], len(good[0].new)
        rest = [
            (Entry(rule, poll, entry.tried, list(entry.rejected), len(attempt.new)), rule)
            for rule, attempt in zip(rules[1:4], good[1:4], strict=False)
        ]
        entry.rejected += [(rule.describe(), "ranked behind") for rule in rules[1:8]]
        self._decisions.append(Decision(mark, poll, len(self.model.entries), rest))
        del self._decisions[:-40]
        self.model.entries.append(entry)
        self.search.install()
        where = self.program.name_at(poll.block)
        self.tell(f"0x{poll.address:08X} polled in {where}: {entry.rule.describe()}")
        return False

    def _final(self, rule: Rule, poll: Poll, first: bool) -> Rule:
        """The first rule of a poll holds for any value that it changes, further ones for the value seen."""
        counting = rule.kind in (at.RULE_COUNT, at.RULE_COUNT_DOWN)
        return Rule(
            rule.address,
            rule.block,
            rule.kind,
            rule.mask,
            rule.bits,
            rule.period,
            ANY if first or counting else poll.value,
        )

    def _turns_out_to_count(self, poll: Poll) -> bool:
        """A register that keeps being waited for with ever other values, each of them learned, is a counter."""
        place = (poll.address, poll.block)
        mine = [entry for entry in self.model.entries if (entry.rule.address, entry.rule.block) == place]
        if len(mine) < 3 or place in self._counted or any(entry.rule.kind != at.RULE_FIELD for entry in mine):
            return False
        shown = {entry.rule.bits & entry.rule.mask for entry in mine}
        if poll.value not in shown or any(entry.new_blocks > 0 for entry in mine[1:]):
            return False
        self._counted.add(place)
        self.model.entries = [entry for entry in self.model.entries if (entry.rule.address, entry.rule.block) != place]
        count = candidates.counters(poll)[0]
        self.model.entries.append(Entry(count, poll, 1, [("single bits", "other values were waited for again")]))
        return True
