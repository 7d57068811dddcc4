"""How campaigns and outcomes become rows of the store, and rows become them again."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from swassess.model.evaluation import CampaignSummary
from swassess.model.outcome import Outcome, OutcomeRecord, Resolution

SCHEMA_VERSION = 1
HISTOGRAM_BARS = 24

# Positions in these lists are what the file holds: append, never reorder.
_OUTCOMES = (
    Outcome.DETECTED,
    Outcome.DETECTED_LATE,
    Outcome.SAFE_UNDETECTED,
    Outcome.DANGEROUS,
    Outcome.NOT_ACTIVATED,
    Outcome.MASKED,
    Outcome.UNSUPPORTED,
    Outcome.ERROR,
)
_RESOLUTIONS = (Resolution.RUN, Resolution.PROOF, Resolution.EQUIVALENCE)
_OUTCOME_NUMBER = {outcome: number for number, outcome in enumerate(_OUTCOMES)}
_RESOLUTION_NUMBER = {resolution: number for number, resolution in enumerate(_RESOLUTIONS)}

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE campaigns (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, row TEXT NOT NULL, title TEXT NOT NULL,
    model TEXT NOT NULL, measure TEXT NOT NULL, scenario TEXT NOT NULL, basis TEXT NOT NULL,
    exhaustive INTEGER NOT NULL, seed INTEGER, remark INTEGER NOT NULL);
CREATE TABLE shapes (id INTEGER PRIMARY KEY, head TEXT NOT NULL, tail TEXT NOT NULL);
CREATE TABLE kinds (id INTEGER PRIMARY KEY, outcome INTEGER NOT NULL, resolution INTEGER NOT NULL, kept_safe INTEGER,
    is_miss INTEGER NOT NULL, mode TEXT NOT NULL, detected_at TEXT NOT NULL, oracle TEXT NOT NULL,
    target TEXT NOT NULL, time_source TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE outcomes (campaign INTEGER NOT NULL, position INTEGER NOT NULL, shape INTEGER NOT NULL, address INTEGER,
    bit INTEGER, kind INTEGER NOT NULL, detection INTEGER, reaction INTEGER, phase INTEGER, weight INTEGER NOT NULL,
    PRIMARY KEY (campaign, position)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class CampaignInfo:
    """What a campaign is. seed: of the sample (None when exhaustive); remark: True when it decides no verdict."""

    key: str
    row: str
    title: str
    model: str
    scenario: str
    exhaustive: bool
    measure: str = ""
    basis: str = ""
    seed: int | None = None
    remark: bool = False


class Interned:
    """Rows of a table kept once each; ids count from 1 in the order of first use."""

    def __init__(self, connection: sqlite3.Connection, table: str, columns: int) -> None:
        self._connection = connection
        self._insert = f"INSERT INTO {table} VALUES ({','.join('?' * (columns + 1))})"
        self._ids: dict[tuple[Any, ...], int] = {}

    def id_of(self, row: tuple[Any, ...]) -> int:
        known = self._ids.get(row)
        if known is None:
            known = self._ids[row] = len(self._ids) + 1
            self._connection.execute(self._insert, (known, *row))
        return known


def split_identity(text: str) -> tuple[str, int | None, int | None, str]:
    """(head, address, bit, tail) of an identity; text that has no `:0x........[.b]` location keeps all in the head."""
    head, colon, rest = text.partition(":0x")
    if colon and "#" not in head:
        where, sharp, tail = rest.partition("#")
        digits, point, bit = where.partition(".")
        if sharp and len(digits) == 8:
            try:
                address, number = int(digits, 16), int(bit) if point else None
            except ValueError:
                return text, None, None, ""
            if join_identity(head, tail, address, number) == text:
                return head, address, number, tail
    return text, None, None, ""


def join_identity(head: str, tail: str, address: int | None, bit: int | None) -> str:
    """The identity that `split_identity` took apart."""
    if address is None:
        return head
    return f"{head}:0x{address:08x}#{tail}" if bit is None else f"{head}:0x{address:08x}.{bit}#{tail}"


def kind_of(record: OutcomeRecord) -> tuple[Any, ...]:
    """What many outcomes share, as a row of `kinds`."""
    return (
        _OUTCOME_NUMBER[record.outcome],
        _RESOLUTION_NUMBER[record.resolution],
        None if record.kept_safe is None else int(record.kept_safe),
        int(record.is_miss),
        record.mode,
        record.detected_at,
        record.oracle,
        record.target,
        record.time_source,
        record.reason,
    )


def record_of(row: Sequence[Any], fault: str) -> OutcomeRecord:
    """The record of a joined row (columns as selected in store.py)."""
    _, _, _, _, detection, reaction, phase, weight, outcome, resolution, kept_safe, is_miss, *texts = row
    mode, detected_at, oracle, target, time_source, reason = texts
    return OutcomeRecord(
        fault=fault,
        outcome=_OUTCOMES[outcome],
        detection_ticks=detection,
        reaction_ticks=reaction,
        kept_safe=None if kept_safe is None else bool(kept_safe),
        mode=mode,
        phase_ticks=phase,
        weight=weight,
        detected_at=detected_at,
        oracle=oracle,
        resolution=_RESOLUTIONS[resolution],
        target=target,
        time_source=time_source,
        is_miss=bool(is_miss),
        reason=reason,
    )


def campaign_row(info: CampaignInfo) -> tuple[Any, ...]:
    """A row of `campaigns` without its id."""
    return (
        info.key,
        info.row,
        info.title,
        info.model,
        info.measure,
        info.scenario,
        info.basis,
        int(info.exhaustive),
        info.seed,
        int(info.remark),
    )


def info_of(row: Sequence[Any]) -> CampaignInfo:
    """The campaign of a row in the order of `campaign_row`."""
    key, number, title, model, measure, scenario, basis, exhaustive, seed, remark = row
    return CampaignInfo(key, number, title, model, scenario, bool(exhaustive), measure, basis, seed, bool(remark))


def campaign_summary(
    connection: sqlite3.Connection, campaign: int, info: CampaignInfo, misses: list[OutcomeRecord]
) -> CampaignSummary:
    """Totals by one pass of SQL over the campaign's rows."""
    totals = connection.execute(
        "SELECT k.outcome, k.resolution, SUM(o.weight) FROM outcomes o JOIN kinds k ON k.id = o.kind "
        "WHERE o.campaign = ? GROUP BY 1, 2 ORDER BY 1, 2",
        (campaign,),
    ).fetchall()
    missed, slowest = connection.execute(
        "SELECT COALESCE(SUM(CASE WHEN k.is_miss THEN o.weight ELSE 0 END), 0), MAX(o.detection) "
        "FROM outcomes o JOIN kinds k ON k.id = o.kind WHERE o.campaign = ?",
        (campaign,),
    ).fetchone()
    return CampaignSummary(
        key=info.key,
        title=info.title,
        row=info.row,
        model=info.model,
        measure=info.measure,
        faults=sum(weight for _, _, weight in totals),
        outcomes=tuple((_OUTCOMES[o].value, _RESOLUTIONS[r].value, weight) for o, r, weight in totals),
        miss_count=missed,
        misses=tuple(misses),
        slowest=slowest,
        histogram=_histogram(connection, campaign, slowest),
        exhaustive=info.exhaustive,
        basis=info.basis,
        seed=info.seed,
        remark=info.remark,
    )


def _histogram(connection: sqlite3.Connection, campaign: int, slowest: int | None) -> tuple[tuple[int, int], ...]:
    """(upper edge in ticks, weight) of bars of equal width up to the slowest detection."""
    if slowest is None:
        return ()
    width = slowest // HISTOGRAM_BARS + 1
    bars = dict(
        connection.execute(
            "SELECT detection / ?, SUM(weight) FROM outcomes WHERE campaign = ? AND detection IS NOT NULL GROUP BY 1",
            (width, campaign),
        ).fetchall()
    )
    return tuple(((bar + 1) * width, bars.get(bar, 0)) for bar in range(slowest // width + 1))
