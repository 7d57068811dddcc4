"""Control flow of one function from its bytes: blocks, loops, which of them are endless, whom it calls.

Works on any image, with or without symbols. Indirect jumps other than TBB and TBH tables are taken as ends.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import capstone

from swassess.firmware.disassembly import Instruction

ReadCode = Callable[[int, int], bytes]
_MOST_INSTRUCTIONS = 20_000
_STORES = ("str", "stm", "push", "vstr", "vstm")


@dataclass(slots=True)
class Block:
    """Straight code [start, end); `followers` inside the function, `calls`: addresses called directly.

    active: it stores to memory or calls, so a loop with it does something. returns: the function may return behind it.
    """

    start: int
    end: int
    followers: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()
    active: bool = False
    returns: bool = False
    leads: tuple[int, ...] = ()
    """A call that never comes back."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A natural loop: header, the blocks that jump back to it, all blocks. exits: blocks outside that follow it."""

    header: int
    latches: tuple[int, ...]
    body: frozenset[int]
    exits: tuple[int, ...]


@dataclass(slots=True)
class Flow:
    """A function's blocks by address, and its outermost loops (none inside another), by address."""

    start: int
    blocks: dict[int, Block]
    loops: tuple[Loop, ...] = ()
    sites: dict[int, int] = field(default_factory=dict)
    """Return address -> function called directly."""
    instructions: tuple[Instruction, ...] = ()

    def is_endless(self, loop: Loop, may_end: bool) -> bool:
        """Whether nothing that matters follows the loop: no exit, or exits to where the program stops for good; with
        `may_end` also exits to the function's end without further loops and calls."""
        seen: set[int] = set()
        work = list(loop.exits)
        while work:
            at = work.pop()
            if at in seen or at not in self.blocks:
                continue
            seen.add(at)
            block = self.blocks[at]
            if block.calls or (block.returns and not may_end):
                return False
            if any(at in other.body and (other.exits or self.is_active(other)) for other in self.loops):
                return False
            work.extend(block.followers)
        return True

    @property
    def never_returns(self) -> bool:
        return not any(block.returns for block in self.blocks.values())

    def is_active(self, loop: Loop) -> bool:
        return any(self.blocks[at].active for at in loop.body)


@lru_cache(maxsize=1)
def _engine() -> capstone.Cs:
    return capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)


def _decode_one(read: ReadCode, address: int) -> Instruction | None:
    code = read(address, 4)
    for at, size, mnemonic, operands in _engine().disasm_lite(code, address, 1):
        return Instruction(at, size, mnemonic, operands, code[:size])
    return None


def _table_targets(read: ReadCode, one: Instruction, limit: int) -> tuple[int, ...]:
    wide = 2 if one.mnemonic.startswith("tbh") else 1
    base = one.address + 4
    table = read(base, wide * limit)
    entries = [int.from_bytes(table[at : at + wide], "little") for at in range(0, len(table) - wide + 1, wide)]
    return tuple(base + 2 * entry for entry in entries)


def _leaves(one: Instruction) -> bool:
    """Whether control does not go on behind the instruction."""
    if (
        one.branch == "bx"
        or one.mnemonic in ("udf", "bkpt")
        or (one.branch == "b" and one.mnemonic in ("b", "b.w", "b.n"))
    ):
        return True
    if one.mnemonic.startswith(("pop", "ldm")) and "pc" in one.operands:
        return True
    return one.mnemonic.startswith(("tbb", "tbh")) or one.operands.startswith("pc,")


def analyse(read: ReadCode, start: int, end: int, never_returns: Callable[[int], bool]) -> Flow:
    """The flow of the function at `start`. read(address, size) gives bytes of the image; end: where it ends at most;
    never_returns(address) whether the function called there comes back."""
    instructions: dict[int, Instruction] = {}
    targets: dict[int, tuple[int, ...]] = {}
    leaders = {start}
    final: set[int] = set()  # calls that never come back
    tails: dict[int, int] = {}  # jumps to other functions
    work = [start]
    while work and len(instructions) < _MOST_INSTRUCTIONS:
        at = work.pop()
        compared = 0
        while start <= at < end and at not in instructions:
            one = _decode_one(read, at)
            if one is None:
                break
            instructions[at] = one
            following = at + one.size
            found = re.search(r"#(0x[0-9a-f]+|\d+)$", one.operands) if one.mnemonic.startswith("cmp") else None
            compared = int(found[1], 0) if found else compared
            aims: tuple[int, ...] = ()
            if one.branch in ("b", "cbz", "cbnz") and one.branch_target is not None:
                aims = (one.branch_target,)
            elif one.mnemonic.startswith(("tbb", "tbh")):
                aims = _table_targets(read, one, min(compared + 1, 256))
            inside = tuple(aim for aim in aims if start <= aim < end)
            if len(inside) < len(aims):
                tails[at] = next(aim for aim in aims if not start <= aim < end)
            if inside:
                targets[at] = inside
                leaders.update(inside)
                work.extend(inside)
                leaders.add(following)
            if one.branch in ("bl", "blx"):
                leaders.add(following)
                if one.branch_target is not None and never_returns(one.branch_target):
                    final.add(at)
                    break
            if _leaves(one):
                break
            at = following
    return _assemble(start, instructions, targets, leaders, final, tails)


def _assemble(
    start: int,
    instructions: dict[int, Instruction],
    targets: dict[int, tuple[int, ...]],
    leaders: set[int],
    final: set[int],
    tails: dict[int, int],
) -> Flow:
    blocks: dict[int, Block] = {}
    sites: dict[int, int] = {}
    for leader in sorted(leaders & set(instructions)):
        at, calls, active, returns = leader, [], False, False
        leads: tuple[int, ...] = ()
        followers: tuple[int, ...] = ()
        while True:
            one = instructions[at]
            following = at + one.size
            active = active or one.mnemonic.startswith(_STORES) or one.branch in ("bl", "blx") or one.mnemonic == "svc"
            if at in final:
                leads = (one.branch_target or 0,)
                break
            if one.branch == "bl" and one.branch_target is not None:
                calls.append(one.branch_target)
                sites[following] = one.branch_target
            elif one.branch == "blx":
                calls.append(0)
            elif at in tails:
                calls.append(tails[at])
            if at in targets or _leaves(one) or following in leaders or following not in instructions:
                followers = targets.get(at, ())
                if not _leaves(one) and following in instructions:
                    followers = (*followers, following)
                returns = not followers and one.mnemonic not in ("udf", "bkpt")
                break
            at = following
        blocks[leader] = Block(leader, following, followers, tuple(calls), active, returns, leads)
    ordered = tuple(instructions[at] for at in sorted(instructions))
    return Flow(start, blocks, _outermost_loops(start, blocks), sites, ordered)


def _outermost_loops(start: int, blocks: dict[int, Block]) -> tuple[Loop, ...]:
    dominators = _dominators(start, blocks)
    before: dict[int, list[int]] = {at: [] for at in blocks}
    for at, block in blocks.items():
        for follower in block.followers:
            if follower in before:
                before[follower].append(at)
    found: list[tuple[int, int, frozenset[int]]] = []
    for at in sorted(dominators):
        for header in blocks[at].followers:
            if header in dominators.get(at, ()):
                found.append((header, at, _natural_loop(header, at, before, dominators)))
    loops: list[Loop] = []
    largest = [one for one in found if not any(one[2] < other[2] for other in found)]
    for header in sorted({one[0] for one in largest}):
        mine = [one for one in largest if one[0] == header]
        whole = frozenset().union(*(one[2] for one in mine))
        exits = sorted({to for at in whole for to in blocks[at].followers if to not in whole})
        loops.append(Loop(header, tuple(sorted(one[1] for one in mine)), whole, tuple(exits)))
    return tuple(loops)


def _natural_loop(
    header: int, latch: int, before: dict[int, list[int]], reachable: dict[int, set[int]]
) -> frozenset[int]:
    """All blocks from which `latch` is reached without passing `header`."""
    body = {header, latch}
    work = [latch] if latch != header else []
    while work:
        for previous in before[work.pop()]:
            if previous not in body and previous in reachable:
                body.add(previous)
                work.append(previous)
    return frozenset(body)


def _dominators(start: int, blocks: dict[int, Block]) -> dict[int, set[int]]:
    """Block -> its dominators; unreachable blocks are left out."""
    order: list[int] = []
    seen: set[int] = set()
    work = [start]
    while work:
        at = work.pop()
        if at in seen or at not in blocks:
            continue
        seen.add(at)
        order.append(at)
        work.extend(blocks[at].followers)
    before: dict[int, list[int]] = {at: [] for at in order}
    for at in order:
        for follower in blocks[at].followers:
            if follower in before:
                before[follower].append(at)
    dominators = {at: set(order) for at in order}
    if start in dominators:
        dominators[start] = {start}
    changed = True
    while changed:
        changed = False
        for at in order:
            if at == start or not before[at]:
                continue
            new = set.intersection(*(dominators[previous] for previous in before[at])) | {at}
            if new != dominators[at]:
                dominators[at], changed = new, True
    return dominators
