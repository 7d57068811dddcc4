"""The store of an evaluation: one SQLite file with every campaign and every outcome.

Written under a temporary name and renamed on `commit`, so that an earlier store is never half overwritten. Content
depends on the arguments alone (no clock, no random names inside), so equal evaluations give equal files.

An outcome is split into what varies from fault to fault (address, bit, times: integers) and what campaigns share (the
rest of the identity: `shapes`; outcome, oracle, reason ...: `kinds`), each kept once.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from swassess.errors import StoreError
from swassess.faults.identity import format_fault, parse_fault
from swassess.faults.store_rows import (
    SCHEMA,
    SCHEMA_VERSION,
    CampaignInfo,
    Interned,
    campaign_row,
    campaign_summary,
    info_of,
    join_identity,
    kind_of,
    record_of,
    split_identity,
)
from swassess.model.evaluation import CampaignSummary
from swassess.model.outcome import OutcomeRecord

__all__ = ["CampaignInfo", "Store", "create_store", "open_store"]

_SELECT = """
SELECT s.head, s.tail, o.address, o.bit, o.detection, o.reaction, o.phase, o.weight, k.outcome, k.resolution,
       k.kept_safe, k.is_miss, k.mode, k.detected_at, k.oracle, k.target, k.time_source, k.reason
FROM outcomes o JOIN shapes s ON s.id = o.shape JOIN kinds k ON k.id = o.kind
"""


class Store:
    """An open store; made by `create_store` (writable until `commit`) or `open_store` (read only)."""

    def __init__(self, connection: sqlite3.Connection, path: Path, temporary: Path | None) -> None:
        self._connection = connection
        self._path = path
        self._temporary = temporary
        self._shapes = Interned(connection, "shapes", 2)
        self._kinds = Interned(connection, "kinds", 10)
        self._next: dict[str, tuple[int, int]] = {}  # campaign key -> id, next position

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit a store that was being written when all went well; drop it otherwise."""
        if self._temporary is not None and kind is None:
            self.commit()
        self.close()

    @property
    def meta(self) -> dict[str, str]:
        """schema, tool_version, image_sha256, seed and the digests given (as `digest:<name>`)."""
        return dict(self._connection.execute("SELECT name, value FROM meta ORDER BY name"))

    def add_campaign(self, info: CampaignInfo) -> None:
        """Announce a campaign before its outcomes. StoreError when its key is taken or the store is read only."""
        self._must_write()
        if info.key in self._next:
            raise StoreError(f"the campaign '{info.key}' is already in {self._path.name}")
        cursor = self._connection.execute(
            "INSERT INTO campaigns (key, row, title, model, measure, scenario, basis, exhaustive, seed, remark) "
            "VALUES (?,?,?,?,?,?,?,?,?,?)",
            campaign_row(info),
        )
        self._next[info.key] = (int(cursor.lastrowid or 0), 0)

    def add_outcomes(self, key: str, records: Iterable[OutcomeRecord]) -> int:
        """Append outcomes to a campaign in one transaction; how many there were."""
        self._must_write()
        campaign, position = self._campaign(key)
        first = position
        shape_id, kind_id = self._shapes.id_of, self._kinds.id_of

        def rows() -> Iterator[tuple[int | None, ...]]:
            nonlocal position
            for record in records:
                head, address, bit, tail = split_identity(record.fault)
                yield (
                    campaign,
                    position,
                    shape_id((head, tail)),
                    address,
                    bit,
                    kind_id(kind_of(record)),
                    record.detection_ticks,
                    record.reaction_ticks,
                    record.phase_ticks,
                    record.weight,
                )
                position += 1

        try:
            self._connection.executemany("INSERT INTO outcomes VALUES (?,?,?,?,?,?,?,?,?,?)", rows())
        except sqlite3.Error as error:
            raise StoreError(f"outcomes of '{key}' cannot be written to {self._path}: {error}") from None
        self._next[key] = (campaign, position)
        return position - first

    def campaigns(self) -> tuple[CampaignInfo, ...]:
        """The campaigns, in the order they were added."""
        return tuple(
            info_of(row)
            for row in self._connection.execute(
                "SELECT key, row, title, model, measure, scenario, basis, exhaustive, seed, remark "
                "FROM campaigns ORDER BY id"
            )
        )

    def outcomes(self, key: str) -> Iterator[OutcomeRecord]:
        """The outcomes of a campaign, in the order they were added."""
        campaign = self._known(key)
        for row in self._connection.execute(_SELECT + " WHERE o.campaign = ? ORDER BY o.position", (campaign,)):
            yield record_of(row, join_identity(*row[:4]))

    def summary(self, key: str, first_misses: int = 50) -> CampaignSummary:
        """Totals of a campaign, with its first misses."""
        campaign = self._known(key)
        info = next(entry for entry in self.campaigns() if entry.key == key)
        misses = [
            record_of(row, join_identity(*row[:4]))
            for row in self._connection.execute(
                _SELECT + " WHERE o.campaign = ? AND k.is_miss = 1 ORDER BY o.position LIMIT ?",
                (campaign, first_misses),
            )
        ]
        return campaign_summary(self._connection, campaign, info, misses)

    def find(self, identity: str) -> tuple[tuple[str, OutcomeRecord], ...]:
        """(campaign key, outcome) of every record of this fault; FaultError when the identity is malformed."""
        canonical = format_fault(parse_fault(identity))
        head, address, bit, tail = split_identity(canonical)
        found = self._connection.execute(
            _SELECT.replace("SELECT", "SELECT c.key,", 1)
            + " JOIN campaigns c ON c.id = o.campaign"
            + " WHERE s.head = ? AND s.tail = ? AND o.address IS ? AND o.bit IS ? ORDER BY o.campaign, o.position",
            (head, tail, address, bit),
        )
        return tuple((row[0], record_of(row[1:], canonical)) for row in found)

    def commit(self) -> None:
        """Finish writing: the store appears under its real name, replacing an earlier one as a whole."""
        self._must_write()
        assert self._temporary is not None
        self._connection.execute("CREATE INDEX by_fault ON outcomes (address, bit, shape)")
        self._connection.commit()
        self._connection.close()
        try:
            os.replace(self._temporary, self._path)
        except OSError as error:
            self._temporary.unlink(missing_ok=True)
            raise StoreError(f"the store {self._path} cannot be replaced: {error.strerror or error}") from None
        self._temporary = None
        self._connection = _connect(self._path, writable=False)

    def close(self) -> None:
        """Close; a store that was never committed leaves nothing behind."""
        self._connection.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None

    def _must_write(self) -> None:
        if self._temporary is None:
            raise StoreError(f"{self._path.name} is open for reading only; make a new store to add to it")

    def _campaign(self, key: str) -> tuple[int, int]:
        if key not in self._next:
            raise StoreError(f"the campaign '{key}' was not announced with add_campaign before its outcomes")
        return self._next[key]

    def _known(self, key: str) -> int:
        row = self._connection.execute("SELECT id FROM campaigns WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise StoreError(f"{self._path.name} has no campaign '{key}'")
        return int(row[0])


def create_store(
    path: Path, *, tool_version: str, image_sha256: str, seed: int, digests: Mapping[str, str] | None = None
) -> Store:
    """A new, empty store that takes the place of `path` on `commit`. StoreError when it cannot be written."""
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        connection = _connect(temporary, writable=True)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the store {path} cannot be written: {error}") from None
    connection.executescript(SCHEMA)
    meta = {
        "schema": str(SCHEMA_VERSION),
        "tool_version": tool_version,
        "image_sha256": image_sha256,
        "seed": str(seed),
    }
    meta |= {f"digest:{name}": value for name, value in (digests or {}).items()}
    connection.executemany("INSERT INTO meta VALUES (?,?)", sorted(meta.items()))
    return Store(connection, path, temporary)


def open_store(path: Path, *, image_sha256: str | None = None) -> Store:
    """An existing store, read only.

    StoreError when it is missing, no store, of another schema version, or (where `image_sha256` is given) of another
    image.
    """
    if not path.is_file():
        raise StoreError(f"there is no store {path}; run an evaluation first")
    try:
        connection = _connect(path, writable=False)
        meta = dict(connection.execute("SELECT name, value FROM meta"))
    except sqlite3.Error:
        raise StoreError(f"{path} is not a store of swassess or is damaged; run the evaluation again") from None
    problem = ""
    if meta.get("schema") != str(SCHEMA_VERSION):
        problem = f"has schema version {meta.get('schema')}, this program reads version {SCHEMA_VERSION}"
    elif image_sha256 is not None and meta.get("image_sha256") != image_sha256:
        problem = f"belongs to another image (SHA-256 {meta.get('image_sha256', '')[:16]}...)"
    if problem:
        connection.close()
        raise StoreError(f"{path} {problem}; run the evaluation again")
    return Store(connection, path, None)


def _connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    if not writable:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    connection = sqlite3.connect(path)
    # A crash loses only the temporary file, so journal and syncing would be wasted.
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA journal_mode = OFF")
        cursor.execute("PRAGMA synchronous = OFF")
    return connection
