"""The store keeps every outcome exactly, quickly, and only under its name once it is complete."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from swassess.errors import FaultError, StoreError
from swassess.faults.store import CampaignInfo, Store, create_store, open_store
from swassess.model.outcome import Outcome, OutcomeRecord, Resolution

SHA = "ab" * 32
CAMPAIGN = CampaignInfo("4.2-stuck", "4.2", "stuck-at on every RAM bit", "stuck-at", "wash", True, "M4.2-periodic")
DETECTED = OutcomeRecord(
    "stuck-at-1@ram:0x20000010.3#reset?wash",
    Outcome.DETECTED,
    detection_ticks=5_000_000_000,
    reaction_ticks=7,
    kept_safe=True,
    mode="fill",
    phase_ticks=3,
    detected_at="safety_fail_safe (safety/fail.c:12)",
    oracle="fail-safe",
)
RECORDS = [
    DETECTED,
    replace(DETECTED, fault="stuck-at-0@ram:0x20000010.3#reset?wash", detection_ticks=9_000_000_000),
    OutcomeRecord("stalled@function:main_loop_step#time:3s?wash", Outcome.MASKED, is_miss=True, reason="never seen"),
    OutcomeRecord(
        "flip-data@flash:0x08000000.0#reset?wash", Outcome.DETECTED, 1, resolution=Resolution.PROOF, weight=8
    ),
    OutcomeRecord("removed@call:0x08000a24#reset?wash", Outcome.DANGEROUS, kept_safe=False, is_miss=True, weight=2),
]


def new(path: Path, sha: str = SHA) -> Store:
    return create_store(path, tool_version="0.1.0", image_sha256=sha, seed=7, digests={"golden:wash": "cafe"})


def filled(path: Path) -> Store:
    store = new(path)
    store.add_campaign(CAMPAIGN)
    store.add_outcomes(CAMPAIGN.key, RECORDS[:2])
    store.add_outcomes(CAMPAIGN.key, iter(RECORDS[2:]))
    store.commit()
    return store


def test_round_trip(tmp_path: Path) -> None:
    filled(tmp_path / "s.sqlite").close()
    with open_store(tmp_path / "s.sqlite", image_sha256=SHA) as store:
        assert list(store.outcomes(CAMPAIGN.key)) == RECORDS
        assert store.campaigns() == (CAMPAIGN,)
        assert store.meta["seed"] == "7"
        assert store.meta["digest:golden:wash"] == "cafe"


def test_summary(tmp_path: Path) -> None:
    summary = filled(tmp_path / "s.sqlite").summary(CAMPAIGN.key, first_misses=1)
    assert summary.faults == 13
    assert summary.miss_count == 3
    assert summary.misses == (RECORDS[2],)
    assert summary.slowest == 9_000_000_000
    assert sum(weight for _, weight in summary.histogram) == 10
    assert summary.histogram[-1][0] > 9_000_000_000
    assert summary.outcomes == (
        ("detected", "run", 2),
        ("detected", "proof", 8),
        ("dangerous", "run", 2),
        ("masked", "run", 1),
    )


def test_find(tmp_path: Path) -> None:
    store = filled(tmp_path / "s.sqlite")
    for record in RECORDS:
        assert store.find(record.fault) == ((CAMPAIGN.key, record),)
    assert store.find("stuck-at-1@ram:0x20000010.4#reset?wash") == ()
    with pytest.raises(FaultError):
        store.find("stuck-at-1")


def test_equal_evaluations_give_equal_files(tmp_path: Path) -> None:
    filled(tmp_path / "a.sqlite").close()
    filled(tmp_path / "b.sqlite").close()
    assert (tmp_path / "a.sqlite").read_bytes() == (tmp_path / "b.sqlite").read_bytes()


def test_an_earlier_store_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    filled(path).close()
    before = path.read_bytes()
    with pytest.raises(RuntimeError), new(path, "cd" * 32) as store:
        store.add_campaign(CAMPAIGN)
        assert path.read_bytes() == before
        raise RuntimeError("interrupted")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.sqlite"]
    with new(path, "cd" * 32) as store:
        store.add_campaign(CAMPAIGN)
    assert open_store(path).meta["image_sha256"] == "cd" * 32


def test_errors(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with pytest.raises(StoreError, match="no store"):
        open_store(path)
    path.write_bytes(b"not a database, by far not one")
    with pytest.raises(StoreError, match="not a store"):
        open_store(path)
    store = filled(path)
    with pytest.raises(StoreError, match="reading only"):
        store.add_outcomes(CAMPAIGN.key, RECORDS)
    with pytest.raises(StoreError, match="no campaign"):
        store.summary("5.1")
    with pytest.raises(StoreError, match="another image"):
        open_store(path, image_sha256="00" * 32)
    with new(tmp_path / "t.sqlite") as other:
        with pytest.raises(StoreError, match="not announced"):
            other.add_outcomes("x", RECORDS)
        other.add_campaign(CAMPAIGN)
        with pytest.raises(StoreError, match="already"):
            other.add_campaign(CAMPAIGN)


def test_another_schema_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "s.sqlite").close()
    monkeypatch.setattr("swassess.faults.store.SCHEMA_VERSION", 2)
    with pytest.raises(StoreError, match="schema version 1"):
        open_store(tmp_path / "s.sqlite")


def test_four_hundred_thousand_outcomes_take_seconds(tmp_path: Path) -> None:
    records = [
        replace(DETECTED, fault=f"stuck-at-1@ram:0x{0x20000000 + n // 8:08x}.{n % 8}#reset?wash", detection_ticks=n)
        for n in range(400_000)
    ]
    # Processor time: the machine may be shared.
    start = time.process_time()
    with new(tmp_path / "s.sqlite") as store:
        store.add_campaign(CAMPAIGN)
        assert store.add_outcomes(CAMPAIGN.key, records) == 400_000
    assert time.process_time() - start < 6
    with open_store(tmp_path / "s.sqlite") as store:
        assert store.summary(CAMPAIGN.key).slowest == 399_999
