"""One faulty run: each outcome from a fault that must give it, and an engine that is as new afterwards."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from swassess.errors import EmulationError, FaultError
from swassess.faults.identity import parse_fault
from swassess.faults.mechanism import taps_for
from swassess.faults.plan import Plan
from swassess.faults.run_fault import Sequence
from swassess.model.outcome import Outcome

SECOND, MILLISECOND, MICROSECOND = 10**12, 10**9, 10**6
ORACLES = ("fail-safe", "watchdog")
Flawed = Callable[[str], Any]


def plan(detection: int, oracles: tuple[str, ...] = ORACLES, *, pattern_test: bool = True) -> Plan:
    return Plan("test", oracles, detection, 10 * MILLISECOND, pattern_test)


# ---- detected --------------------------------------------------------------------------------------------------------
def test_ram_cell_in_operation(product: Any) -> None:
    record = product.run("stuck-at-1@ram:0x20000100.3#time:1s?wash", product.plan("M4.2-periodic"))
    assert (record.outcome, record.oracle, record.kept_safe, record.is_miss) == (
        Outcome.DETECTED,
        "fail-safe",
        True,
        False,
    )
    assert 0 < record.detection_ticks < 3.5 * SECOND, "one pass over the RAM takes 3.42 s"
    assert record.mode == "fill"
    caller = int(record.detected_at.rpartition("0x")[2], 16)
    assert caller in range(*_span(product, "safety_ram_test_slice")) or caller in range(
        *_span(product, "safety_ram_march_block")
    ), record.detected_at


def _span(stand: Any, function: str) -> tuple[int, int]:
    start, code = stand.code(function)
    return start, start + len(code) + 1


def test_the_time_of_detection_follows_the_place_of_the_block(product: Any) -> None:
    """Blocks are tested one after the other: 4 KiB further on means later by the blocks in between."""
    near = product.run("stuck-at-1@ram:0x20001000.3#hit:main_loop_step:5?wash", product.plan("M4.2-periodic"))
    far = product.run("stuck-at-1@ram:0x20002000.3#hit:main_loop_step:5?wash", product.plan("M4.2-periodic"))
    blocks = 0x1000 / 60  # each block of 64 bytes shares a word with the next
    assert far.detection_ticks - near.detection_ticks == pytest.approx(blocks * 10 * MILLISECOND, rel=0.02)


@pytest.mark.parametrize(
    ("trigger", "measure"), [("reset?cold-start", "M4.1-startup"), ("time:1s?wash", "M4.1-periodic")]
)
def test_flash_as_the_check_reads_it(product: Any, trigger: str, measure: str) -> None:
    record = product.run(f"flip-data@flash:0x08000400.3#{trigger}", product.plan(measure))
    assert (record.outcome, record.oracle, record.is_miss) == (Outcome.DETECTED, "fail-safe", False)
    caller = int(record.detected_at.rpartition("0x")[2], 16)
    name = "safety_flash_test_startup" if "reset" in trigger else "safety_flash_test_slice"
    start, end = _span(product, name)
    assert start <= caller < end


def test_an_unused_byte_of_flash_counts_as_well(product: Any) -> None:
    record = product.run("flip-data@flash:0x0800f123.0#reset?cold-start", product.plan("M4.1-startup"))
    assert record.outcome is Outcome.DETECTED


def test_flash_behind_the_check_of_the_crc_range_variant(flawed: Flawed, product: Any) -> None:
    """The same constant flipped: the product notices, the variant reads past it and does not."""
    outcomes = []
    for stand in (product, flawed("crc-range")):
        table = next(one for one in stand.facts.objects if one.name == "k_permitted")
        identity = f"flip-data@flash:0x{table.address + table.size - 1:08x}.7#reset?cold-start"
        outcomes.append(stand.run(identity, stand.plan("M4.1-startup")))
    assert outcomes[0].outcome is Outcome.DETECTED
    assert outcomes[1].outcome is not Outcome.DETECTED
    assert outcomes[1].detection_ticks is None


def test_flash_as_the_core_executes_it(product: Any) -> None:
    """Code that is never executed again: only the check of the flash can see the flip."""
    start, _ = product.code("safety_flash_test_startup")
    record = product.run(f"flip-execution@flash:0x{start:08x}.3#time:1s?wash", product.plan("M4.1-periodic"))
    assert (record.outcome, record.oracle) == (Outcome.DETECTED, "fail-safe")
    as_data = product.run(f"flip-data@flash:0x{start:08x}.3#time:1s?wash", product.plan("M4.1-periodic"))
    assert record.detection_ticks == as_data.detection_ticks, "both views meet the same check"


@pytest.mark.parametrize("bit", [1, 6, 12])
@pytest.mark.parametrize("value", [0, 1])
def test_a_stuck_bit_of_the_programme_counter(product: Any, bit: int, value: int) -> None:
    record = product.run(f"stuck-at-{value}@reg:pc.{bit}#time:1s?wash", product.plan("M1.3", pattern_test=False))
    assert record.outcome is Outcome.DETECTED
    assert record.detection_ticks <= 500 * MILLISECOND
    assert record.kept_safe


def test_a_call_that_is_never_made(product: Any) -> None:
    call = product.call("main_loop_step", "safety_flash_test_slice")
    record = product.run(f"removed@call:0x{call:08x}#hit:main_loop_step:30?wash", product.plan("M1.3"))
    assert (record.outcome, record.oracle) == (Outcome.DETECTED, "fail-safe")
    assert record.detection_ticks < 10 * MILLISECOND, "the flow check at the end of the same loop"
    start, end = _span(product, "safety_flow_check")
    assert start <= int(record.detected_at.rpartition("0x")[2], 16) < end


def test_a_main_loop_that_stands_still(product: Any) -> None:
    record = product.run("stalled@function:main_loop_step#time:2s?wash", product.plan("M1.3"))
    assert (record.outcome, record.oracle, record.mode) == (Outcome.DETECTED, "watchdog", "heat")
    assert 200 * MILLISECOND < record.detection_ticks < 410 * MILLISECOND, "the watchdog's period"
    assert record.detected_at == "reset by iwdg"


# ---- the other outcomes ----------------------------------------------------------------------------------------------
def test_a_heater_left_on_is_dangerous(flawed: Flawed) -> None:
    record = flawed("wdg-tick").run(
        "stalled@function:main_loop_step#time:2s?wash", flawed("wdg-tick").plan("M1.3", pattern_test=False)
    )
    assert (record.outcome, record.mode, record.kept_safe, record.is_miss) == (Outcome.DANGEROUS, "heat", False, True)
    assert "H1" in record.reason
    assert record.detection_ticks is None


def test_a_cell_that_no_test_visits_is_never_exercised(flawed: Flawed, product: Any) -> None:
    variant = flawed("ram-range")
    identity = "stuck-at-1@ram:0x20004f08.3#time:1s?wash"
    missed = variant.run(identity, variant.plan("M4.2-periodic"))
    assert (missed.outcome, missed.is_miss) == (Outcome.NOT_ACTIVATED, True)
    concurrent = variant.run(identity, variant.plan("M4.2-periodic", pattern_test=False))
    assert (concurrent.outcome, concurrent.is_miss) == (Outcome.NOT_ACTIVATED, False)
    assert product.run(identity, product.plan("M4.2-periodic")).outcome is Outcome.DETECTED


def test_read_by_a_blind_test_is_masked(weak: Any) -> None:
    """The march reads the wrong value and does not look at it; nothing else uses the cell."""
    identity = "stuck-at-1@ram:0x20003000.5#reset?cold-start"
    record = weak.run(identity, plan(300 * MILLISECOND))
    assert (record.outcome, record.is_miss, record.kept_safe) == (Outcome.MASKED, True, True)
    assert not weak.run(identity, plan(300 * MILLISECOND, pattern_test=False)).is_miss


def test_a_flip_that_nobody_looks_at_in_time_is_masked(product: Any) -> None:
    """Unused flash, executed by nobody; the window ends before the check compares."""
    record = product.run("flip-execution@flash:0x0800f000.0#time:1s?wash", plan(10 * MILLISECOND))
    assert record.outcome is Outcome.MASKED


def test_outputs_that_go_off_unnoticed_are_safe(product: Any) -> None:
    """No oracle is asked for; the watchdog resets again and again with everything off."""
    record = product.run("stalled@function:main_loop_step#time:2s?wash", plan(500 * MILLISECOND, ()))
    assert (record.outcome, record.is_miss, record.kept_safe) == (Outcome.SAFE_UNDETECTED, False, True)
    assert record.oracle == ""


def test_detected_but_too_late(product: Any) -> None:
    identity = "stuck-at-1@ram:0x20000100.3#hit:main_loop_step:5?wash"
    in_time = product.run(identity, plan(MILLISECOND))
    assert in_time.outcome is Outcome.DETECTED
    late = product.run(identity, plan(in_time.detection_ticks - 1))
    assert (late.outcome, late.is_miss, late.detection_ticks) == (
        Outcome.DETECTED_LATE,
        True,
        in_time.detection_ticks,
    )
    assert product.run(identity, plan(in_time.detection_ticks)).outcome is Outcome.DETECTED, "the limit itself is met"


def test_a_detection_after_the_window_is_none(product: Any) -> None:
    """The block is reached after about 2.6 s; a window of 1 s does not wait for it."""
    record = product.run("stuck-at-1@ram:0x20000100.3#time:1s?wash", plan(MICROSECOND))
    assert record.detection_ticks is None
    assert record.outcome in (Outcome.MASKED, Outcome.SAFE_UNDETECTED)


def test_an_oracle_that_held_before_the_fault_is_no_evidence(product: Any) -> None:
    """After the welded relay was found, `protection` holds already: a fault that comes then is not seen by it."""
    golden = product.golden("relay-welded")
    _, first, _ = golden.monitors["oracle:protection"]
    before, after = (f"time:{ticks // MILLISECOND}ms?relay-welded" for ticks in (first, first + 100 * MILLISECOND))
    early = product.run(f"removed@call:{_late_call(product)}#{before}", plan(SECOND, ("protection",)))
    assert early.oracle == "protection", "here it comes true after the fault"
    late = product.run(f"removed@call:{_late_call(product)}#{after}", plan(SECOND, ("protection",)))
    assert (late.oracle, late.detection_ticks) == ("", None)
    assert late.outcome is not Outcome.DETECTED


def _late_call(stand: Any) -> str:
    """A call that is never made in operation, so that the fault changes nothing."""
    return f"0x{stand.call('main_start', 'safety_watchdog_start'):08x}"


def test_a_declared_oracle_of_another_measure_does_not_count(product: Any) -> None:
    identity = "stalled@function:main_loop_step#time:2s?wash"
    assert product.run(identity, plan(500 * MILLISECOND, ("watchdog",))).oracle == "watchdog"
    record = product.run(identity, plan(500 * MILLISECOND, ("fail-safe",)))
    assert record.detection_ticks is None


# ---- triggers --------------------------------------------------------------------------------------------------------
def test_the_fault_comes_at_the_given_hit(product: Any) -> None:
    trace = product.golden("cold-start", trace=True).trace
    entries = trace.mark_ticks[trace.mark_address == product.address("main_loop_step")]
    for count in (1, 5, 12):
        story = Sequence()
        product.run(f"stuck-at-1@ram:0x20000100.3#hit:main_loop_step:{count}?cold-start", plan(MILLISECOND), story)
        assert story.events[0][0] == entries[count - 1]


def test_a_hit_by_address_is_a_hit_by_name(product: Any) -> None:
    entry = product.address("main_loop_step")
    one = product.run("stuck-at-1@ram:0x20000100.3#hit:main_loop_step:7?cold-start", plan(SECOND))
    two = product.run(f"stuck-at-1@ram:0x20000100.3#hit:0x{entry:08x}:7?cold-start", plan(SECOND))
    assert replace(one, fault="") == replace(two, fault="")


def test_a_time_is_met_to_the_block(product: Any) -> None:
    story = Sequence()
    product.run("stuck-at-1@ram:0x20000100.3#time:333ms?cold-start", plan(MILLISECOND), story)
    assert 333 * MILLISECOND <= story.events[0][0] < 333 * MILLISECOND + 100 * MICROSECOND


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        ("stuck-at-1@ram:0x20005000.0#reset?cold-start", "not in RAM"),
        ("stuck-at-1@ram:0x1fffffff.0#reset?cold-start", "not in RAM"),
        ("flip-data@flash:0x08010000.0#reset?cold-start", "not in flash"),
        ("flip-execution@flash:0x20000000.0#reset?cold-start", "not in flash"),
        ("stuck-at-1@reg:pc.0#reset?cold-start", "bits 1 to 31"),
        ("removed@call:0x20000000#reset?cold-start", "not in flash"),
        ("stalled@function:no_such_function#reset?cold-start", "no function 'no_such_function'"),
        ("stuck-at-1@ram:0x20000000.0#hit:no_such_function:1?cold-start", "no function 'no_such_function'"),
        ("stuck-at-1@ram:0x20000000.0#hit:main_loop_step:5000?cold-start", "choose a smaller count"),
        ("stuck-at-1@ram:0x20000000.0#hit:main_loop_step:2000000?cold-start", "more than the 1000000"),
        ("stuck-at-1@ram:0x20000000.0#insn:1000?cold-start", "not available yet"),
        ("stuck-at-1@ram:0x20000000.0#mode:heat:1?cold-start", "not available yet"),
    ],
)
def test_what_cannot_be_injected_is_said(product: Any, identity: str, why: str) -> None:
    with pytest.raises(FaultError, match=why):
        product.run(identity, plan(MILLISECOND))
    sound = product.run("stuck-at-1@ram:0x20000100.3#hit:main_loop_step:5?cold-start", plan(MILLISECOND))
    assert sound.outcome is Outcome.DETECTED, "the engine goes on after a refusal"


@pytest.mark.parametrize(
    "identity",
    ["stuck-at-1@reg:r3.0#reset?wash", "dead@irq:TIM2#reset?wash", "flip@flash:0x08000000.0#reset?wash"],
)
def test_models_without_mechanism_are_refused(identity: str) -> None:
    with pytest.raises(FaultError, match="cannot be injected yet"):
        taps_for(parse_fault(identity))


def test_an_engine_serves_only_the_faults_of_its_taps(product: Any) -> None:
    runner = product.new_runner("cold-start", "none")
    with pytest.raises(FaultError, match="needs an engine with taps 'faults'"):
        runner.run(parse_fault("stuck-at-1@ram:0x20000000.0#reset?cold-start"), plan(MILLISECOND))


def test_a_hit_outside_of_flash_is_refused(product: Any) -> None:
    with pytest.raises(EmulationError, match="not in flash"):
        product.run("stuck-at-1@ram:0x20000000.0#hit:0x20000000:1?cold-start", plan(MILLISECOND))


# ---- the engine afterwards -------------------------------------------------------------------------------------------
def _groups(stand: Any) -> dict[str, list[str]]:
    call = stand.call("main_loop_step", "safety_stack_check")
    code = stand.address("program_step") + 4
    return {
        "faults": [
            "stuck-at-1@ram:0x20000100.3#hit:main_loop_step:9?wash",
            "flip-data@flash:0x08000004.1#time:500ms?wash",
            "stuck-at-0@ram:0x20004ff0.0#reset?wash",
            "stuck-at-1@ram:0x20004fe8.4#time:500ms?wash",
        ],
        "none": [
            f"flip-execution@flash:0x{code:08x}.2#hit:main_loop_step:9?wash",
            "stalled@function:main_loop_step#time:500ms?wash",
            f"flip-execution@flash:0x{code + 3:08x}.1#reset?wash",
            "stalled@function:display_step#hit:main_loop_step:9?wash",
        ],
        "instructions": [
            f"removed@call:0x{call:08x}#hit:main_loop_step:9?wash",
            "stuck-at-1@reg:pc.4#time:500ms?wash",
            "stuck-at-0@reg:pc.2#reset?wash",
        ],
    }


@pytest.mark.parametrize("taps", ["faults", "none", "instructions"])
def test_faults_leave_nothing_behind(product: Any, taps: str) -> None:
    """A, then others, then A again; and each as on an engine that never ran a fault."""
    identities = _groups(product)[taps]
    wanted = plan(500 * MILLISECOND)
    runner = product.new_runner("wash", taps)
    watch, flash = runner.mcu.watch.copy(), runner.mcu.flash.copy()
    seen = []
    for identity in (*identities, *reversed(identities)):
        story = Sequence()
        seen.append((runner.run(parse_fault(identity), wanted, story), story.events))
        assert np.array_equal(runner.mcu.flash, flash), identity
        assert np.array_equal(runner.mcu.watch, watch), identity
    count = len(identities)
    assert seen[:count] == seen[count:][::-1]
    fresh = product.new_runner("wash", taps)
    story = Sequence()
    assert (fresh.run(parse_fault(identities[-1]), wanted, story), story.events) == seen[count - 1]


def test_a_flip_that_is_executed_does_what_the_new_instruction_does(product: Any) -> None:
    """The first instruction of the main loop, then sound again: translated code is dropped both ways."""
    entry, code = product.code("main_loop_step")
    runner = product.new_runner("cold-start", "none")
    outcomes = set()
    for bit in range(8):
        fault = parse_fault(f"flip-execution@flash:0x{entry + 1:08x}.{bit}#hit:main_loop_step:9?cold-start")
        outcomes.add(runner.run(fault, plan(500 * MILLISECOND)).detection_ticks)
        assert bytes(runner.mcu.flash[entry - 0x08000000 :][: len(code)]) == code
    assert len(outcomes) > 1
    stalled = parse_fault("stalled@function:main_loop_step#hit:main_loop_step:9?cold-start")
    used = runner.run(stalled, plan(500 * MILLISECOND))
    assert used == product.new_runner("cold-start", "none").run(stalled, plan(500 * MILLISECOND))
