"""Each cell's way through a session of a RAM test: chains of one background, and the visits they make up."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from swassess.model.trace import READ, WRITE, AccessColumns
from swassess.rules.recognise.testing_code import Ints, chain_starts, order_by_cell

MINIMUM_OPERATIONS = 4  # w0 r0 w1 r1
MAXIMUM_OPERATIONS = 512
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that powers never vanish modulo 2^64


@dataclass(slots=True)
class Chains:
    """One row a chain, ordered by cell and time. A chain: accesses of one cell in one session, one background.

    first/length: position in `order` of the first write, and operations up to the last read. leading: the read just
    before inverts to the first write. trailing: writes after the last read. order: row numbers in the trace, by cell
    and time; when: position of each of them in the order of time. symbols: 0 r0, 1 r1, 2 w0, 3 w1, per position.
    rank: number of the chain in its session and cell. run: chains of one sequence and session that overlap in time,
    such as a block; blocks tested one after the other are different runs.
    """

    cell: npt.NDArray[np.uint32]
    size: npt.NDArray[np.uint8]
    session: Ints
    first: Ints
    length: Ints
    leading: npt.NDArray[np.bool_]
    trailing: Ints
    background: npt.NDArray[np.uint32]
    digest: npt.NDArray[np.uint64]
    rank: Ints
    run: Ints
    visit: Ints
    order: Ints
    when: Ints
    ticks: Ints
    symbols: npt.NDArray[np.uint8]
    session_of_row: Ints


@dataclass(slots=True)
class Visits:
    """One row a visit (cell and session), ordered by cell and time. signature: bit set of the kinds of its chains."""

    cell: npt.NDArray[np.uint32]
    session: Ints
    run: Ints
    start: Ints
    end: Ints
    signature: npt.NDArray[np.uint64]
    first_row: Ints
    last_row: Ints

    def only(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """The visits chosen."""
        return type(self)(
            self.cell[chosen],
            self.session[chosen],
            self.run[chosen],
            self.start[chosen],
            self.end[chosen],
            self.signature[chosen],
            self.first_row[chosen],
            self.last_row[chosen],
        )


def chains_of(memory: AccessColumns, tested: Ints, sessions: Ints, start: int) -> Chains:
    """Chains that write a background and its complement and read at least once after. tested: rows in time order."""
    by_cell = order_by_cell(memory.address[tested], start)
    order = tested[by_cell]
    address, value, size, kind = memory.address[order], memory.value[order], memory.size[order], memory.kind[order]
    session = sessions[by_cell]
    begins, inverted = chain_starts(address, value, size)
    begins[1:] |= session[1:] != session[:-1]
    starts = np.flatnonzero(begins)
    number = np.cumsum(begins) - 1
    position = np.arange(len(order), dtype=np.int64)
    read, write = kind == READ, kind == WRITE

    beyond = np.int64(len(order))
    first = np.minimum.reduceat(np.where(write, position, beyond), starts)
    last = np.maximum.reduceat(np.where(read, position, -1), starts)
    inside = (position >= first[number]) & (position <= last[number])
    toggles = np.add.reduceat((inverted & write & inside & (position > first[number])).astype(np.int64), starts)
    length = last - first + 1
    ends = np.append(starts[1:], len(order))
    good = (toggles > 0) & (length >= MINIMUM_OPERATIONS) & (length <= MAXIMUM_OPERATIONS)

    base = value[np.minimum(first, beyond - 1)][number]
    symbols = (write.astype(np.uint8) << 1) | (value != base).astype(np.uint8)
    powers = np.cumprod(np.full(MAXIMUM_OPERATIONS, _FACTOR, dtype=np.uint64))
    use = inside & good[number]
    weighted = np.zeros(len(order), dtype=np.uint64)
    weighted[use] = (symbols[use].astype(np.uint64) + np.uint64(1)) * powers[(position - first[number])[use]]
    digest = np.add.reduceat(weighted, starts)

    first_good, kept = first[good], np.flatnonzero(good)
    previous = np.maximum(first_good - 1, 0)
    leading = (first_good > starts[good]) & read[previous] & (value[previous] != value[first_good])
    cell, of_session = address[first_good], session[first_good]
    new = np.ones(len(kept), dtype=np.bool_)
    new[1:] = (cell[1:] != cell[:-1]) | (of_session[1:] != of_session[:-1])
    count = np.arange(len(kept), dtype=np.int64)
    rank = count - np.maximum.accumulate(np.where(new, count, 0)) if len(kept) else count
    chains = Chains(
        cell=cell,
        size=size[first_good],
        session=of_session,
        first=first_good,
        length=length[good],
        leading=leading,
        trailing=(ends - 1 - last)[good],
        background=value[first_good],
        digest=digest[good],
        rank=rank,
        run=rank,
        visit=np.cumsum(new) - 1,
        order=order,
        when=by_cell,
        ticks=memory.ticks[order],
        symbols=symbols,
        session_of_row=sessions,
    )
    chains.run = _runs(chains)
    return chains


def _runs(chains: Chains) -> Ints:
    """Number of the run of each chain: cut where every earlier chain of that sequence and session had ended."""
    begin, end = chains.when[chains.first], chains.when[chains.first + chains.length - 1]
    sort = np.lexsort((begin, chains.session, chains.rank, chains.length, chains.digest))
    new = np.zeros(len(sort), dtype=np.bool_)
    for column in (chains.digest, chains.length, chains.rank, chains.session):
        new[1:] |= column[sort][1:] != column[sort][:-1]
    group = np.cumsum(new) * np.int64(len(chains.order) + 1)  # keeps the running latest end inside a group
    latest = np.maximum.accumulate(group + end[sort]) if len(sort) else group
    cut = np.ones(len(sort), dtype=np.bool_)
    cut[1:] = group[1:] + begin[sort][1:] > latest[:-1]
    run = np.empty(len(sort), dtype=np.int64)
    run[sort] = np.cumsum(cut)
    return run


def merge_visits(chains: Chains, kind_of_chain: Ints, kinds: int) -> Visits:
    """Chains of one cell and session become one visit. Kinds beyond the 62nd share the last bit."""
    starts = np.flatnonzero(chains.rank == 0)
    bits = np.uint64(1) << np.minimum(kind_of_chain, min(max(kinds - 1, 0), 62)).astype(np.uint64)
    last = chains.first + chains.length - 1
    return Visits(
        cell=chains.cell[starts],
        session=chains.session[starts],
        run=chains.run[starts],
        start=chains.ticks[chains.first[starts]],
        end=np.maximum.reduceat(chains.ticks[last], starts),
        signature=np.bitwise_or.reduceat(bits, starts),
        first_row=chains.order[chains.first[starts]],
        last_row=chains.order[np.maximum.reduceat(last, starts)],
    )
