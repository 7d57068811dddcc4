"""The fault identity is an exact round trip, and says clearly where a spelling is wrong."""

import itertools

import pytest

from swassess.errors import FaultError
from swassess.faults.identity import format_fault, format_ticks, parse_fault, parse_ticks
from swassess.model.fault import Fault, Location, Trigger

CANONICAL = [
    "stuck-at-1@ram:0x20002310.3#reset?wash",
    "flip-data@flash:0x08001234.5#time:2.5s?wash",
    "flip-execution@flash:0x08001234.5#time:2.5s?wash",
    "flip@reg:r8.31#hit:pid_step:12?wash",
    "flip@reg:r8.31#hit:0x08000a24:12?wash",
    "dead@irq:TIM2#time:2.5s?wash",
    "stuck-at-0@reg:pc.4#time:3s?wash",
    "removed@call:0x08000a24#reset?wash",
    "stalled@function:main_loop_step.constprop.0#time:3s?wash",
    "bridge-and@ram:0x20000010.3#reset?cold-start",
    "stuck-at-1@pin:PB0#mode:heat:1?wash",
    "stuck-code@adc:1#insn:123456?wash",
    "half@clock:HSI#time:1.000000000001s?wash",
    "dead@watchdog:IWDG#time:0s",
]


@pytest.mark.parametrize("text", CANONICAL)
def test_round_trip(text: str) -> None:
    assert format_fault(parse_fault(text)) == text


def test_fields() -> None:
    assert parse_fault("flip-data@flash:0x08001234.5#time:2.5s?wash") == Fault(
        "flip", Location("flash", address=0x08001234, bit=5), Trigger("time", ticks=2_500_000_000_000), "wash", "data"
    )
    assert parse_fault("flip@reg:r8.31#hit:pid_step:12?wash").trigger == Trigger("hit", symbol="pid_step", count=12)


@pytest.mark.parametrize(
    ("loose", "canonical"),
    [
        ("stuck-at-1@ram:0x2000000.0", "stuck-at-1@ram:0x02000000.0#reset"),
        ("stuck-at-1@ram:0x2000ABCD.0?wash", "stuck-at-1@ram:0x2000abcd.0#reset?wash"),
        ("dead@irq:TIM2#time:2500ms?wash", "dead@irq:TIM2#time:2.5s?wash"),
        ("dead@irq:TIM2#time:0.0025s?wash", "dead@irq:TIM2#time:2.5ms?wash"),
        ("flip@reg:pc.4#hit:f?wash", "flip@reg:pc.4#hit:f:1?wash"),
    ],
)
def test_loose_spellings_become_canonical(loose: str, canonical: str) -> None:
    assert format_fault(parse_fault(loose)) == canonical


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("stuck-at-1", 11, "'@'"),
        ("Stuck@ram:0x20000000.1#reset?w", 1, "fault model"),
        ("stuck-at-1@rom:0x20000000.1#reset?w", 12, "'rom' is no place"),
        ("stuck-at-1@ram:20000000.1#reset?w", 16, "not an address"),
        ("stuck-at-1@ram:0x20000000.8#reset?w", 27, "bit number"),
        ("stuck-at-1@reg:r1.32#reset?w", 19, "bit number"),
        ("flip-data@ram:0x20000000.1#reset?w", 6, "view"),
        ("dead@irq:TIM2#never?w", 15, "no trigger"),
        ("dead@irq:TIM2#time:2.5?w", 20, "not a time"),
        ("dead@irq:TIM2#time:0.5ps?w", 20, "finer"),
        ("flip@reg:r1.1#hit:f:0?w", 21, "not a count"),
        ("flip@reg:r1.1#reset:1?w", 21, "takes no argument"),
        ("dead@irq:TIM2#reset?", 21, "scenario"),
        ("dead@irq:TIM2#reset?a?b", 21, "scenario"),
    ],
)
def test_errors_name_the_position(text: str, position: int, word: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse_fault(text)
    assert f"position {position}:" in str(caught.value)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("a", "b"), list(itertools.product((0, 1, 7, 123456789), (1, 1000, 10**6, 10**9, 10**12))))
def test_times_are_exact(a: int, b: int) -> None:
    for ticks in (a * b, a * b + 1):
        assert parse_ticks(format_ticks(ticks)) == ticks


def test_a_fault_without_spelling_is_refused() -> None:
    with pytest.raises(FaultError):
        format_fault(Fault("flip", Location("ram", address=0x20000000, bit=9)))
    with pytest.raises(FaultError):
        format_fault(Fault("flip", Location("reg", name="r1", bit=1), Trigger("time", ticks=-1)))
    with pytest.raises(FaultError):
        format_fault(Fault("flip", Location("reg", name="r1", bit=1), Trigger("reset", ticks=5)))
