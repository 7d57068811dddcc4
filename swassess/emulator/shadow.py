"""Registers that no behaviour serves: each keeps what was written to it, and shows learned bits once a poll needs them.

A poll is recognised by equal reads of one register from one block. The frozen model (C_RULES) then says which bits are
shown, from this read on until the firmware writes the register; a poll that no rule knows stops the run loop if it was
asked to (C_STALL_LIMIT), so that a learning pass can look for one. Nothing is ever learned here.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from typing import Any

from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_BLOCK,
    C_RULE_COUNT,
    C_RULES,
    C_SHADOW,
    C_SHADOW_ROWS,
    C_STALL_ADDRESS,
    C_STALL_BLOCK,
    C_STALL_GAP,
    C_STALL_LIMIT,
    C_STALL_SIZE,
    C_STALL_TABLE,
    C_STALL_VALUE,
    DEADLINE,
    H_KEY,
    H_LEARNED_MASK,
    H_LEARNED_VALUE,
    H_RULE,
    H_SINCE,
    H_VALUE,
    R_ADDRESS,
    R_APPLIED,
    R_BITS,
    R_BLOCK,
    R_KIND,
    R_MASK,
    R_PERIOD,
    R_SEEN,
    RULE_COUNT,
    RULE_COUNT_DOWN,
    RULE_FIELD,
    RULE_LEAVE,
    RULE_PULSE,
    RULE_WORDS,
    SHADOW_WORDS,
    STALL_ROWS,
    STALL_WORDS,
    STEPS,
    TICKS,
)

_SPREAD = 2654435761


@njit(cache=True)
def _rows_of(C: Control) -> Any:
    return carray(native.int64_pointer(C[C_SHADOW]), (C[C_SHADOW_ROWS], SHADOW_WORDS))


@njit(cache=True)
def _rules_of(C: Control) -> Any:
    return carray(native.int64_pointer(C[C_RULES]), (C[C_RULE_COUNT] + 1, RULE_WORDS))


@njit(cache=True)
def _row_of(C: Control, address: int, add: bool) -> int:
    """The row of a word address; with `add` one is made. -1 when there is none, or no room."""
    rows = _rows_of(C)
    count = C[C_SHADOW_ROWS]
    at = ((address >> 2) * _SPREAD & 0xFFFFFFFF) % count
    for _ in range(count):
        if rows[at, H_KEY] == address + 1:
            return at
        if rows[at, H_KEY] == 0:
            if add:
                rows[at, H_KEY] = address + 1
                return at
            return -1
        at = (at + 1) % count
    return -1


@njit(cache=True)
def _shown(C: Control, S: State, at: int) -> int:
    rows = _rows_of(C)
    mask = rows[at, H_LEARNED_MASK]
    bits = rows[at, H_LEARNED_VALUE]
    if rows[at, H_SINCE] and 0 <= rows[at, H_RULE] < C[C_RULE_COUNT]:
        rule = _rules_of(C)[rows[at, H_RULE]]
        counts = (S[TICKS] + 1 - rows[at, H_SINCE]) // max(rule[R_PERIOD], 1)
        if rule[R_KIND] == RULE_COUNT:
            bits = bits + counts
        elif rule[R_KIND] == RULE_COUNT_DOWN:
            bits = bits - counts
    return ((rows[at, H_VALUE] & ~mask) | (bits & mask)) & 0xFFFFFFFF


@njit(cache=True)
def peek(C: Control, S: State, address: int) -> int:
    at = _row_of(C, address, False)
    return 0 if at < 0 else _shown(C, S, at)


@njit(cache=True)
def is_learned(C: Control, address: int) -> bool:
    at = _row_of(C, address, False)
    return at >= 0 and _rows_of(C)[at, H_LEARNED_MASK] != 0


@njit(cache=True)
def write(C: Control, address: int, value: int, mask: int) -> None:
    """The bits of `mask` are written; learned bits of the register are dropped."""
    at = _row_of(C, address, True)
    if at < 0:
        return
    rows = _rows_of(C)
    rows[at, H_VALUE] = (rows[at, H_VALUE] & ~mask) | (value & mask)
    rows[at, H_LEARNED_MASK] = 0
    rows[at, H_LEARNED_VALUE] = 0
    rows[at, H_SINCE] = 0
    table = carray(native.int64_pointer(C[C_STALL_TABLE]), (STALL_ROWS, STALL_WORDS))
    for i in range(STALL_ROWS):
        if table[i, 0] and (table[i, 0] - 1) & 0xFFFFFFFF == address:
            table[i, 2] = 0


@njit(cache=True)
def forget(C: Control) -> None:
    """A reset: registers are as if nobody had touched them, polls are counted anew."""
    _rows_of(C)[:] = 0
    carray(native.int64_pointer(C[C_STALL_TABLE]), (STALL_ROWS, STALL_WORDS))[:] = 0


@njit(cache=True)
def _changes(rules: Any, index: int, value: int) -> bool:
    """Whether a rule would change what is shown; a learned count always does."""
    if rules[index, R_KIND] == RULE_FIELD or rules[index, R_KIND] == RULE_PULSE:
        return (value ^ rules[index, R_BITS]) & rules[index, R_MASK] != 0
    return True


@njit(cache=True)
def _rule_for(C: Control, address: int, block: int, value: int) -> int:
    """The rule of a poll; -1 when there is none. One for this block goes before one for any block, and of those the one
    for this very value before one for any value, which counts only if it changes something: functions that read for
    many callers are told apart by what they see."""
    rules = _rules_of(C)
    found = -1
    rank = 0
    for i in range(C[C_RULE_COUNT]):
        if rules[i, R_ADDRESS] != address or rules[i, R_BLOCK] not in (0, block):
            continue
        own = 1 + (0 if rules[i, R_BLOCK] == 0 else 2)
        if rules[i, R_SEEN] == value:
            own += 1
        elif rules[i, R_SEEN] >= 0 or not _changes(rules, i, value):
            continue
        if own > rank:
            found, rank = i, own
    return found


@njit(cache=True)
def _apply(C: Control, S: State, address: int, index: int) -> int:
    """Carries out a rule; returns the register's value from now on."""
    at = _row_of(C, address, True)
    rules = _rules_of(C)
    rules[index, R_APPLIED] += 1
    if at < 0:
        return 0
    rows = _rows_of(C)
    mask = rules[index, R_MASK]
    if rules[index, R_KIND] == RULE_PULSE:
        return (_shown(C, S, at) & ~mask) | (rules[index, R_BITS] & mask)
    rows[at, H_LEARNED_VALUE] = (rows[at, H_LEARNED_VALUE] & ~mask) | (rules[index, R_BITS] & mask)
    rows[at, H_LEARNED_MASK] |= mask
    if rules[index, R_KIND] in (RULE_COUNT, RULE_COUNT_DOWN):
        rows[at, H_SINCE] = S[TICKS] + 1
        rows[at, H_RULE] = index
    return _shown(C, S, at)


@njit(cache=True)
def read(C: Control, S: State, address: int, size: int) -> int:
    """A read by the core: notices polls, applies the model, or asks the run loop to stop."""
    row = _row_of(C, address, False)
    value = 0 if row < 0 else _shown(C, S, row)
    if C[C_STALL_LIMIT] == 0 or (row >= 0 and _rows_of(C)[row, H_SINCE]):  # a register that counts is waited for
        return value
    block = C[C_BLOCK]
    key = 1 + (block << 32 | address)
    table = carray(native.int64_pointer(C[C_STALL_TABLE]), (STALL_ROWS, STALL_WORDS))
    at = (((address >> 2) ^ block * 31) * _SPREAD & 0xFFFFFFFF) >> 24
    if table[at, 0] == key and table[at, 1] == value and S[STEPS] - table[at, 3] <= C[C_STALL_GAP]:
        table[at, 2] += 1
    else:
        table[at, 0] = key
        table[at, 1] = value
        table[at, 2] = 1
    table[at, 3] = S[STEPS]
    if table[at, 2] < C[C_STALL_LIMIT]:
        return value
    rule = _rule_for(C, address, block, value)
    if rule < 0:
        if table[at, 2] == C[C_STALL_LIMIT]:
            C[C_STALL_ADDRESS] = address
            C[C_STALL_BLOCK] = block
            C[C_STALL_VALUE] = value
            C[C_STALL_SIZE] = size
            S[DEADLINE] = 0
        return value
    if _rules_of(C)[rule, R_KIND] == RULE_LEAVE or table[at, 2] == C[C_STALL_LIMIT]:
        return value
    table[at, 2] = 0
    return _apply(C, S, address, rule)
