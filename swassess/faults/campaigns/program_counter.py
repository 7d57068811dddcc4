"""Row 1.3: stuck bits of the programme counter, calls that are never made, a main loop that stands still."""

from collections.abc import Sequence

from swassess.faults.bench import Bench
from swassess.faults.campaigns.campaign import Campaign, Setting
from swassess.faults.plan import plan_of
from swassess.faults.store import CampaignInfo
from swassess.faults.workers import Job
from swassess.model.declared import Measure
from swassess.model.fault import Fault, Location, Trigger


def _times_text(triggers: Sequence[Trigger]) -> str:
    return ", ".join("reset" if t.kind == "reset" else f"{t.ticks / 1e12:g} s" for t in triggers)


def _run(setting: Setting, key: str, faults: Sequence[Fault], measure: Measure, info: CampaignInfo) -> Campaign:
    jobs = [Job(fault, plan_of(measure, fault)) for fault in faults]
    return Campaign(info, setting.workers.run(jobs, lambda done: setting.advance(key, done, len(jobs))))


def stuck_bits(
    bench: Bench, setting: Setting, measure: Measure, scenario: str, triggers: Sequence[Trigger]
) -> Campaign:
    """Each bit of PC that selects implemented code, at both values, permanently from each trigger on."""
    size = bench.declaration.flash.end - bench.declaration.flash.start
    bits = range(1, size.bit_length() - 1)
    faults = [
        Fault(f"stuck-at-{value}", Location("reg", "pc", None, bit), trigger, scenario)
        for trigger in triggers
        for bit in bits
        for value in (0, 1)
    ]
    key = f"1.3-{measure.id}-pc"
    info = CampaignInfo(
        key=key,
        row="1.3",
        title=f"programme counter: bits {bits[0]} to {bits[-1]} permanently stuck ({measure.id})",
        model="stuck-at",
        scenario=scenario,
        exhaustive=True,
        measure=measure.id,
        basis=f"every bit that selects implemented code, both values, arising at {_times_text(triggers)}",
    )
    return _run(setting, key, faults, measure, info)


def removed_calls(
    bench: Bench, setting: Setting, measure: Measure, scenario: str, calls: Sequence[tuple[int, Trigger]]
) -> Campaign:
    """Each call of a self-test or checkpoint never made; an address and a trigger each."""
    faults = [Fault("removed", Location("call", "", address), trigger, scenario) for address, trigger in calls]
    key = f"1.3-{measure.id}-calls"
    info = CampaignInfo(
        key=key,
        row="1.3",
        title=f"calls of self-tests and checkpoints permanently removed ({measure.id})",
        model="removed",
        scenario=scenario,
        exhaustive=True,
        measure=measure.id,
        basis="every call of a declared periodic self-test or checkpoint that the golden run makes",
    )
    return _run(setting, key, faults, measure, info)


def stalled_loop(
    bench: Bench, setting: Setting, measure: Measure, scenario: str, triggers: Sequence[Trigger]
) -> Campaign:
    """The main loop stands still while interrupts go on, from each trigger on."""
    name = bench.declaration.main_loop
    faults = [Fault("stalled", Location("function", name), trigger, scenario) for trigger in triggers]
    key = f"1.3-{measure.id}-stalled"
    info = CampaignInfo(
        key=key,
        row="1.3",
        title=f"main loop stalled with interrupts alive ({measure.id})",
        model="stalled",
        scenario=scenario,
        exhaustive=True,
        measure=measure.id,
        basis=f"at {_times_text(triggers)}",
    )
    return _run(setting, key, faults, measure, info)
