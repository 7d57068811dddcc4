"""The run that counts: from a cold start, under the frozen model, with everything that happens written down."""

from dataclasses import dataclass, field

from swassess.boot.fault_words import fault_name, fault_words
from swassess.boot.learn import MOST_SECONDS
from swassess.boot.program import Program
from swassess.boot.progress import MAIN_LOOP, Reached, judge
from swassess.boot.rules import Rule
from swassess.boot.runner import ERROR, FAULT, RESET, STALL, TIME, Runner
from swassess.boot.search import CHUNK
from swassess.emulator import layout as at
from swassess.model.boot import BootFault

_MOST_FAULTS = 20
_LOOKS_BEHIND = 2  # further looks once the main loop has been reached


@dataclass(slots=True)
class Replay:
    """What one run from a cold start came to."""

    reached: Reached
    ended: str = ""
    digest: str = ""
    faults: list[BootFault] = field(default_factory=list)
    open_polls: set[tuple[int, int]] = field(default_factory=set)


def replay(runner: Runner, program: Program, rules: list[Rule], budget: int, patience: int = 0) -> Replay:
    """Runs from a cold start until the main loop has been reached, and a little further.

    patience: after so many looks without new code, with a poll that nobody answers, the run is over (0: never).
    """
    runner.cold_start()
    runner.set_rules(rules)
    runner.clear_statistics()
    mcu = runner.mcu
    found = Replay(judge(program, runner.coverage()))
    behind = unchanged = blocks = 0
    while not found.ended:
        why = runner.go(CHUNK)
        if why == STALL:
            poll = runner.poll
            if (poll.address, poll.block) not in found.open_polls:  # from now on it does not stop the run any more
                found.open_polls.add((poll.address, poll.block))
                left = [Rule(address, block, at.RULE_LEAVE) for address, block in sorted(found.open_polls)]
                runner.set_rules([*rules, *left], len(rules))
            continue
        if why in (FAULT, RESET) and len(found.faults) < _MOST_FAULTS:
            found.faults.append(_event(runner, program, why))
            continue
        if why in (FAULT, RESET):
            found.ended = "it met one fault or reset after the other"
            break
        coverage = runner.coverage()
        unchanged, blocks = (unchanged + 1 if coverage.blocks == blocks else 0), coverage.blocks
        found.reached = judge(program, coverage)
        if why == ERROR:
            found.ended = "the engine gave up"
        elif why == TIME:
            found.ended = "the core is locked up: a fault happened where none can be handled"
        elif found.reached.level == MAIN_LOOP:
            behind += 1
            if behind > _LOOKS_BEHIND:
                found.ended = f"{found.reached.level} reached"
        elif patience and found.open_polls and unchanged >= patience:
            found.ended = "it waits at a poll that nobody answers"
        elif runner.instructions >= budget:
            found.ended = f"the budget of {budget:,} instructions was used up"
        elif runner.seconds >= MOST_SECONDS:
            found.ended = f"{MOST_SECONDS} s of simulated time were over"
    found.reached = judge(program, runner.coverage())
    found.digest = mcu.digest()
    return found


def _event(runner: Runner, program: Program, why: str) -> BootFault:
    mcu = runner.mcu
    if why == RESET:
        cause = int(mcu.state[at.RESET_LOG + 2 * (min(int(mcu.state[at.RESET_COUNT]), at.RESET_LOG_PAIRS) - 1) + 1])
        latest = runner.latest(1)
        place = int(latest[-1]) if len(latest) else 0
        name = at.RESET_NAMES.get(cause, str(cause))
        return BootFault(mcu.ticks, f"reset by {name}", place, program.name_at(place), ())
    place = int(mcu.control[at.C_BLOCK])
    if int(mcu.state[at.SLEEPING]) == at.LOCKED_UP:
        return BootFault(mcu.ticks, "lock-up", place, program.name_at(place), fault_words(mcu))
    what = fault_name(int(mcu.control[at.C_INTERRUPT]))
    return BootFault(mcu.ticks, what, place, program.name_at(place), fault_words(mcu))
