"""Row 4.1: single-bit flips of flash, as the check reads them (data view) and as the core executes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from swassess.faults.bench import Bench
from swassess.faults.campaigns.campaign import Campaign, Setting, confidence_text
from swassess.faults.plan import plan_of
from swassess.faults.store import CampaignInfo
from swassess.faults.workers import Job
from swassess.model.declared import AddressRange, Measure
from swassess.model.fault import Fault, Location, Trigger
from swassess.model.outcome import Outcome, OutcomeRecord, Resolution

SAMPLE_DATA = 24
SAMPLE_EXECUTION = 36


@dataclass(frozen=True, slots=True)
class LinearCheck:
    """A recognised flash check. covered: bytes really read. worst: ticks from a flip to the compare at the latest.

    argument: why every single-bit flip changes the result.
    """

    covered: tuple[AddressRange, ...]
    worst: int
    argument: str
    algorithm: str


def proof_campaign(measure: Measure, scenario: str, check: LinearCheck, used: Sequence[AddressRange]) -> Campaign:
    """Every single-bit flip of flash in use, resolved by linearity (one record a byte, weight 8)."""

    def covered(address: int) -> bool:
        return any(span.start <= address < span.end for span in check.covered)

    when = "reset" if measure.phase == "startup" else "time:1s"

    def records() -> Iterator[OutcomeRecord]:
        for span in used:
            for address in range(span.start, span.end):
                seen = covered(address)
                late = check.worst > measure.detection_time
                yield OutcomeRecord(
                    fault=f"flip-data@flash:0x{address:08x}.0#{when}?{scenario}",
                    outcome=Outcome.NOT_ACTIVATED if not seen else Outcome.DETECTED_LATE if late else Outcome.DETECTED,
                    detection_ticks=check.worst if seen else None,
                    kept_safe=True if seen else None,
                    weight=8,
                    detected_at=check.algorithm if seen else "",
                    resolution=Resolution.PROOF,
                    is_miss=not seen or late,
                    reason="stands for all bits of the byte" if seen else "never exercised: the check does not read it",
                )

    info = CampaignInfo(
        key=f"4.1-{measure.id}-proof",
        row="4.1",
        title=f"data view: every single-bit flip of flash in use ({measure.id})",
        model="flip-data",
        scenario=scenario,
        exhaustive=True,
        measure=measure.id,
        basis=f"proof: {check.argument}; bytes really read from the golden trace",
    )
    return Campaign(info, records())


def sample_campaign(
    bench: Bench,
    setting: Setting,
    measure: Measure,
    scenario: str,
    triggers: Sequence[Trigger],
    used: Sequence[AddressRange],
    view: str,
) -> Campaign:
    """A seeded sample of flips run for real; the execution view is informative unless an output turns unsafe."""
    space = [(byte, bit) for span in used for byte in range(span.start, span.end) for bit in range(8)]
    size = SAMPLE_DATA if view == "data" else SAMPLE_EXECUTION
    chosen = setting.sample(space, size, f"flash-{view}-{measure.id}")
    faults = [
        Fault(
            "flip",
            Location("flash", "", address, bit),
            triggers[i % len(triggers)],
            scenario,
            "data" if view == "data" else "execution",
        )
        for i, (address, bit) in enumerate(chosen)
    ]
    jobs = [Job(fault, plan_of(measure, fault)) for fault in faults]
    jobs.sort(key=lambda job: job.fault.trigger.ticks)
    key = f"4.1-{measure.id}-{view}"
    records = setting.workers.run(jobs, lambda done: setting.advance(key, done, len(jobs)))
    remark = view == "execution" and not any(record.outcome is Outcome.DANGEROUS for record in records)
    titles = {
        "data": f"cross-check of the data view: single-bit flips run for real ({measure.id})",
        "execution": f"execution view: single-bit flips that run as well ({measure.id})",
    }
    info = CampaignInfo(
        key=key,
        row="4.1",
        title=titles[view],
        model=f"flip-{view}",
        scenario=scenario,
        exhaustive=setting.exhaustive,
        measure=measure.id,
        basis=confidence_text(len(jobs), len(space)),
        seed=None if setting.exhaustive else setting.seed,
        remark=remark,
    )
    return Campaign(info, records)
