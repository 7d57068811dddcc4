"""Every rule passes the good controller and fails the one spoilt for it; what is not shown is never rounded up."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from evidences import CAMPAIGNS, END, LOOP, MEASURES, MISSED, RAM_USED, Controller, Image, campaign, declaration
from traces import FLASH, MARCH_C_MINUS, MARCH_X, MILLISECOND, RAM, RAM_SIZE

from swassess.faults.identity import format_fault, parse_fault
from swassess.model.declared import AddressRange
from swassess.model.evaluation import RowVerdict, Verdict
from swassess.model.finding import Finding, Severity
from swassess.rules.evidence import Evidence, UsedSpan
from swassess.rules.judge import judge_all, judge_row

GOOD = Controller().evidence()


def rules_of(verdict: RowVerdict) -> set[str]:
    return {f.rule for f in verdict.findings if f.severity is Severity.NONCONFORMITY}


def fresh(**changes: object) -> Evidence:
    return replace(GOOD, cache={}, **changes)  # type: ignore[arg-type]


def measures_with(identity: str, **changes: object) -> tuple[object, ...]:
    return tuple(replace(m, **changes) if m.id == identity else m for m in MEASURES)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", ["1.3", "4.1", "4.2"])
def test_the_good_controller_conforms(row: str) -> None:
    verdict = judge_row(GOOD, row)
    assert verdict.verdict is Verdict.CONFORMS, (verdict.reasons, verdict.missing)
    assert verdict.findings == ()
    assert verdict.missing == ()
    assert verdict.reasons
    assert verdict.recognised
    assert verdict.criteria


def test_what_is_recognised_is_told() -> None:
    ram, flash = judge_row(GOOD, "4.2"), judge_row(GOOD, "4.1")
    assert {(m.phase, m.algorithm) for m in ram.recognised} == {("startup", "March C-"), ("periodic", "March C-")}
    assert ram.recognised[0].functions == ("ram_test",)
    assert flash.recognised[0].algorithm == "CRC-32/ISO-HDLC"
    assert ("polynomial", "0x04C11DB7") in flash.recognised[0].details
    assert {span.state for span in ram.memory_map} == {"used", "tested"}
    assert ram.memory_map[0].start == RAM and ram.memory_map[-1].end == RAM + RAM_SIZE


def spoilt(**attributes: object) -> Callable[[], Evidence]:
    def make() -> Evidence:
        controller = Controller()
        for name, value in attributes.items():
            setattr(controller, name, value)
        return controller.evidence()

    return make


def declared(identity: str, **changes: object) -> Callable[[], Evidence]:
    return lambda: fresh(declaration=declaration(measures_with(identity, **changes)))  # type: ignore[arg-type]


def with_campaign(*more: object) -> Callable[[], Evidence]:
    return lambda: fresh(campaigns=(*CAMPAIGNS, *more))


MISS = {"miss_count": 3, "misses": (MISSED,)}
NONCONFORMITIES = [
    ("R4.2-RANGE", spoilt(ram_end=RAM + RAM_SIZE - 256), "0x20000700-0x200007ff"),
    ("R4.2-RANGE", spoilt(ram_end=RAM + RAM_SIZE - 4), "4 bytes"),
    ("R4.2-DECLARED", spoilt(ram_end=RAM + RAM_SIZE - 256), "declared as tested but never visited"),
    ("R4.2-NONE", spoilt(skip_ram=True), "no RAM test"),
    ("R4.2-NONE", spoilt(skip_start=True), "startup"),
    ("R4.2-TIME", declared("M4.2", detection_time=300 * MILLISECOND), "declared are 300 ms"),
    ("R4.2-TIME", declared("M4.2-start", detection_time=2 * MILLISECOND), "start-up"),
    ("R4.2-MISS", with_campaign(campaign("4.2", "stuck-at", **MISS)), "3 of 100 faults"),
    ("R4.1-RANGE", spoilt(flash_end=FLASH + 0x3000), "2048 bytes"),
    ("R4.1-RANGE", spoilt(flash_end=FLASH + 0x37FC), "4 bytes"),
    ("R4.1-DECLARED", spoilt(flash_end=FLASH + 0x3000), "never read"),
    ("R4.1-NONE", spoilt(skip_flash=True), "no range of flash"),
    ("R4.1-REFERENCE", spoilt(own_reference=True), "itself computed"),
    ("R4.1-TIME", declared("M4.1", detection_time=200 * MILLISECOND), "declared are 200 ms"),
    ("R4.1-MISS", with_campaign(campaign("4.1", "flip-data", **MISS)), "3 of 100 faults"),
    ("R1.3-HANDLER", spoilt(handler_refresh=True), "SysTick_Handler refreshes"),
    ("R1.3-MISS", with_campaign(campaign("1.3", "removed", **MISS)), "3 of 100 faults"),
]


@pytest.mark.parametrize(
    ("rule", "make", "words"),
    [case for case in NONCONFORMITIES if case[2]],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_nonconformities(rule: str, make: Callable[[], Evidence], words: str) -> None:
    verdict = judge_row(make(), rule[1:4])
    assert verdict.verdict is Verdict.DOES_NOT_CONFORM
    (message,) = {f.message for f in verdict.findings if f.rule == rule}
    assert words in message
    assert message in verdict.reasons


def test_the_flaw_decides_its_own_row_only() -> None:
    for attributes, row in (
        ({"ram_end": RAM + RAM_SIZE - 256}, "4.2"),
        ({"flash_end": FLASH + 0x3000}, "4.1"),
        ({"handler_refresh": True}, "1.3"),
    ):
        verdicts = {v.row: v.verdict for v in judge_all(spoilt(**attributes)())}
        assert verdicts.pop(row) is Verdict.DOES_NOT_CONFORM
        assert Verdict.DOES_NOT_CONFORM not in verdicts.values()


@pytest.mark.parametrize("row", ["1.3", "4.1", "4.2"])
def test_a_declared_function_that_never_runs(row: str) -> None:
    class More(Image):
        def function_address(self, name: str) -> int | None:
            return FLASH + 0xD00 if name == "unused_test" else super().function_address(name)

    identity = {"1.3": "M1.3", "4.1": "M4.1", "4.2": "M4.2"}[row]
    measures = measures_with(identity, functions=("unused_test", "fail_safe"))
    verdict = judge_row(fresh(declaration=declaration(measures), image=More()), row)  # type: ignore[arg-type]
    assert rules_of(verdict) == {f"R{row}-FUNCTION"}
    measures = measures_with(identity, functions=("inlined_test",))
    verdict = judge_row(fresh(declaration=declaration(measures)), row)  # type: ignore[arg-type]
    assert verdict.verdict is Verdict.NOT_SHOWN
    assert "inlined_test" in verdict.missing[0]


def test_a_watchdog_that_is_never_started() -> None:
    verdict = judge_row(fresh(watchdog_register=0x40002C00), "1.3")
    assert rules_of(verdict) == {"R1.3-WATCHDOG"}


def test_untested_cells_are_misses_with_identities() -> None:
    verdict = judge_row(spoilt(ram_end=RAM + RAM_SIZE - 256)(), "4.2")
    assert verdict.missed == 256 * 16
    (found,) = [f for f in verdict.findings if f.rule == "R4.2-RANGE"]
    assert "stack" in found.message
    for identity in found.evidence:
        assert format_fault(parse_fault(identity)) == identity
    assert parse_fault(found.evidence[0]).location.address == RAM + RAM_SIZE - 256
    assert [s.state for s in verdict.memory_map][-1] == "used_untested"


def test_remarks_do_not_decide_unless_strict() -> None:
    controller = Controller()
    controller.elements = {"elements": (*MARCH_C_MINUS[:1], ("up", "r0"), ("up", "w1"), ("up", "r1"))}
    evidence = controller.evidence()
    verdict = judge_row(evidence, "4.2")
    assert verdict.verdict is Verdict.CONFORMS, verdict.reasons
    assert {(f.rule, f.severity) for f in verdict.findings} == {("R4.2-CLASSES", Severity.REMARK)}
    strict = judge_row(replace(evidence, profile="strict", cache={}), "4.2")
    assert strict.verdict is Verdict.DOES_NOT_CONFORM


NOT_SHOWN = [
    ("4.2", lambda: fresh(campaigns=()), "no fault of this row was run"),
    ("4.1", lambda: fresh(campaigns=()), "no fault of this row was run"),
    ("1.3", lambda: fresh(campaigns=CAMPAIGNS[:2]), "stalled"),
    ("1.3", with_campaign(campaign("1.3", "stuck-at", exhaustive=False)), "sampled"),
    ("4.2", with_campaign(campaign("4.2", "stuck-at", outcomes=(("error", "run", 2),))), "without outcome"),
    ("4.2", lambda: fresh(traces={}), "no golden run"),
    ("4.2", lambda: fresh(ram_used=()), "not known"),
    ("4.1", lambda: fresh(flash_used=()), "not known"),
    ("4.1", lambda: fresh(learned={"4.1": "FLASH->ACR"}), "learned"),
    ("4.2", spoilt(ticks=20), "too short"),
    ("4.2", declared("M4.2", detection_time=400 * MILLISECOND), "margin"),
    ("4.2", lambda: fresh(declaration=declaration(())), "no measure is declared"),
    ("4.2", lambda: fresh(declaration=declaration(MEASURES[:3])), "no measure in operation"),
    ("1.3", lambda: fresh(watchdog_register=None), "not known"),
    ("4.2", lambda: fresh(software_class="R.2"), "R.2"),
]


@pytest.mark.parametrize(("row", "make", "words"), NOT_SHOWN)
def test_not_shown(row: str, make: Callable[[], Evidence], words: str) -> None:
    verdict = judge_row(make(), row)
    assert verdict.verdict is Verdict.NOT_SHOWN, verdict.reasons
    assert any(words in text for text in verdict.missing), verdict.missing


@pytest.mark.parametrize("elements", [MARCH_C_MINUS[:4], (("up", "w0r0w1r1"),)])
def test_an_unlisted_sequence_is_not_shown(elements: tuple[tuple[str, str], ...]) -> None:
    controller = Controller()
    controller.elements = {"elements": elements}
    verdict = judge_row(controller.evidence(), "4.2")
    assert verdict.verdict is Verdict.NOT_SHOWN
    assert "w0" in verdict.missing[0]


def test_march_x_conforms() -> None:
    controller = Controller()
    controller.elements = {"elements": MARCH_X}
    assert judge_row(controller.evidence(), "4.2").verdict is Verdict.CONFORMS


def test_a_sample_suffices_beside_a_proof() -> None:
    sampled = tuple(replace(c, exhaustive=False) if c.row in ("4.1", "4.2") else c for c in CAMPAIGNS)
    for row in ("4.1", "4.2"):
        assert judge_row(fresh(campaigns=sampled), row).verdict is Verdict.CONFORMS


def test_misses_of_remark_campaigns_do_not_decide() -> None:
    shorts = campaign("4.2", "bridge-and", remark=True, **MISS)
    verdict = judge_row(fresh(campaigns=(*CAMPAIGNS, shorts)), "4.2")
    assert verdict.verdict is Verdict.CONFORMS
    assert shorts in verdict.campaigns


def test_static_findings_decide() -> None:
    static = Finding("X1-STATIC", "4.1", Severity.NONCONFORMITY, "the check is compiled away")
    assert judge_row(fresh(findings=(static,)), "4.1").reasons == ("the check is compiled away",)


def test_other_rows() -> None:
    verdicts = {v.row: v for v in judge_all(GOOD)}
    assert len(verdicts) == 21
    assert verdicts["1.1"].verdict is Verdict.NOT_SHOWN
    assert verdicts["1.1"].missing
    assert verdicts["1.2"].verdict is Verdict.NOT_APPLICABLE
    assert [v.verdict for v in verdicts.values()].count(Verdict.CONFORMS) == 3


def test_the_reference_itself_is_not_required() -> None:
    spans = (*GOOD.flash_used, UsedSpan(END - 4, END, "constants", "last"))
    assert judge_row(fresh(flash_used=spans), "4.1").verdict is Verdict.CONFORMS
    assert AddressRange(END, END + 4)


def test_two_refresh_sites_are_a_remark() -> None:
    machine = Controller().run()
    machine.at(LOOP + 0x40)
    machine.peripheral(0x40003000, 0xAAAA)
    verdict = judge_row(fresh(traces={"wash": machine.trace()}), "1.3")
    assert verdict.verdict is Verdict.CONFORMS
    assert [f.rule for f in verdict.findings] == ["R1.3-SITES"]
    assert RAM_USED
