"""A rich evaluation for the tests of the report. TEST DATA: no product, image or campaign stands behind it."""

from dataclasses import replace

from swassess.model.declared import AddressRange, Hazard, Measure, PinLevel
from swassess.model.evaluation import (
    CampaignSummary,
    CatalogueEntry,
    DocumentItem,
    Evaluation,
    GoldenRunSummary,
    ImageSummary,
    MemorySpan,
    RecognisedMeasure,
    RowVerdict,
    SourceSummary,
    Verdict,
)
from swassess.model.finding import Finding, Place, Severity
from swassess.model.outcome import Outcome, OutcomeRecord
from swassess.model.time import TICKS_PER_MILLISECOND as MS
from swassess.model.time import TICKS_PER_SECOND as S

RAM = 0x20000000
FLASH = 0x08000000


def sample_evaluation() -> Evaluation:
    """One row that conforms, two that do not, several not shown, one not applicable; rows out of the table's order."""
    return Evaluation(
        tool_version="0.1.0",
        product="Drum washing machine 滚筒洗衣机 (test data)",
        product_model="XQG100-TEST",
        manufacturer="Example Appliances 示例电器",
        standard="GB/T 4706.1-2024 Annex R",
        part="STM32F103C8",
        submission_sha256="5b" * 32,
        profile="default",
        seed=20260113,
        catalogue=_catalogue(),
        documents=_documents(),
        image=_image(),
        sources=SourceSummary(
            parsed=tuple(f"safety/{name}.c" for name in ("cpu_test", "flash_test", "flow", "ram_test", "watchdog")),
            not_analysed=(("app/display_gen.c", "not in compile_commands.json"), ("startup.s", "assembly")),
            functions=143,
            lines=2310,
            safety_functions=("crc32_update", "flow_check", "iwdg_refresh", "ram_step", "relay_check"),
        ),
        hazards=_hazards(),
        measures=_measures(),
        golden_runs=(
            _golden("cold-start", "mode", 4),
            _golden("wash", "mode", 38),
            _golden("ntc-open", "abnormal", 12),
        ),
        rows=_rows(),
        findings=_findings(),
        assumptions=(
            "Every instruction is counted with the cycles of the Cortex-M3 manual, flash with zero wait states.",
            "The LSI oscillator runs at 40 kHz (30 to 60 kHz): watchdog times are uncertain by -33 % to +33 %.",
            "The ADC converts at once; its noise is not modelled.",
        ),
        safety_functions=tuple(
            (name, f"{index:02x}" * 32) for index, name in enumerate(("crc32_update", "ram_step"), 161)
        ),
    )


def many_misses(count: int) -> Evaluation:
    """The sample with `count` misses of weight 1 recorded in row 4.2."""
    sample = sample_evaluation()
    misses = tuple(_miss(RAM + 0x2300 + n // 8, n % 8) for n in range(count))
    rows = tuple(
        replace(row, campaigns=(replace(row.campaigns[0], misses=misses, miss_count=count), *row.campaigns[1:]))
        if row.row == "4.2"
        else row
        for row in sample.rows
    )
    return replace(sample, rows=rows)


def conforming() -> Evaluation:
    """Only the row that conforms, no finding on the submission."""
    sample = sample_evaluation()
    return replace(sample, rows=tuple(row for row in sample.rows if row.verdict is Verdict.CONFORMS), findings=())


def _rows() -> tuple[RowVerdict, ...]:
    open_rows = (
        ("7.2.1", "A/D and D/A converter", "A/D 和 D/A 转换器", "Fault conditions of 19.11.2"),
        ("1.1", "CPU registers", "CPU 寄存器", "Stuck-at"),
        ("6.3a", "external communication, timing", "外部通信：时序", "Wrong point in time"),
        ("2", "interrupt handling and execution", "中断处理与执行", "No or too frequent interrupt"),
        ("3", "clock", "时钟", "Wrong frequency"),
        ("7.1", "digital I/O", "数字 I/O", "Fault conditions of 19.11.2"),
    )
    shown = tuple(
        RowVerdict(
            row=row,
            component_en=en,
            component_zh=zh,
            software_class="R.1",
            fault=fault,
            verdict=Verdict.NOT_SHOWN,
            reasons=(),
            missing=(f"No campaign for row {row} exists in this version.",),
            criteria="R.1: the faults of the row are injected one by one; each must be detected in time or stay safe.",
            declared=("M-ADC",) if row == "7.2.1" else (),
        )
        for row, en, zh, fault in open_rows
    )
    display = RowVerdict(
        row="6.1",
        component_en="external communication, data",
        component_zh="外部通信：数据",
        software_class="R.1",
        fault="Hamming distance 3",
        verdict=Verdict.NOT_APPLICABLE,
        reasons=("Nothing safety-related flows through the display UART: no safety function reads its buffers.",),
    )
    return (*shown[:2], _ram_row(), display, _flow_row(), *shown[2:], _flash_row())


def _ram_row() -> RowVerdict:
    campaign = CampaignSummary(
        key="4.2/stuck-at/run-time",
        title="Stuck-at faults in every used cell, at run time",
        row="4.2",
        model="stuck-at-0, stuck-at-1",
        measure="M-RAM-RT",
        faults=294_528,
        outcomes=(
            ("detected", "run", 6_204),
            ("detected", "equivalence", 251_932),
            ("safe_undetected", "run", 31),
            ("masked", "proof", 3_072),
            ("not_activated", "proof", 1_024),
            ("dangerous", "run", 12),
            ("detected", "proof", 32_253),
        ),
        miss_count=4_108,
        misses=(
            OutcomeRecord(
                fault="stuck-at-1@ram:0x20002310.3#reset?wash",
                outcome=Outcome.DANGEROUS,
                mode="heat",
                weight=12,
                is_miss=True,
                reason="Heater relay PB0 is driven while the drum is empty: g_level reads too high.",
            ),
            *(_miss(RAM + 0x2300 + n, n % 8) for n in range(5)),
        ),
        slowest=7_214 * MS,
        histogram=tuple((edge * 500 * MS, weight) for edge, weight in enumerate(_BINS, 1)),
        exhaustive=True,
        basis="all 147,264 used bits, both values",
    )
    shorts = CampaignSummary(
        key="4.2/shorts/run-time",
        title="Shorts between neighbouring bits",
        row="4.2",
        model="short-and, short-or",
        measure="M-RAM-RT",
        faults=4_000,
        outcomes=(("detected", "run", 3_981), ("masked", "run", 19)),
        miss_count=0,
        misses=(),
        slowest=6_900 * MS,
        histogram=(),
        exhaustive=False,
        basis="seeded sample: with 95 % confidence less than 0.8 % of all shorts are masked",
        seed=20260114,
        remark=True,
    )
    spans = (
        MemorySpan(RAM, RAM + 0x120, "used", "RAM test buffer"),
        MemorySpan(RAM + 0x120, RAM + 0x1C00, "used", ".data and .bss"),
        MemorySpan(RAM + 0x1C00, RAM + 0x2300, "tested"),
        MemorySpan(RAM + 0x2300, RAM + 0x2400, "used_untested", "safety data"),
        MemorySpan(RAM + 0x2400, RAM + 0x4400, "tested"),
        MemorySpan(RAM + 0x4400, RAM + 0x4C00, "unused", "not in use"),
        MemorySpan(RAM + 0x4C00, RAM + 0x5000, "used", "stack"),
    )
    return RowVerdict(
        row="4.2",
        component_en="variable memory",
        component_zh="可变存储器",
        software_class="R.1",
        fault="DC fault",
        verdict=Verdict.DOES_NOT_CONFORM,
        reasons=(
            "0x20002300–0x200023FF holds safety data and lies outside the periodic test.",
            "4,108 of 294,528 stuck-at faults are missed, 12 of them drive the heater unsafely.",
        ),
        criteria="R.1: stuck-at 0/1 on every cell of data, bss, heap, deepest stack reached and the test's own "
        "buffers, over start-up and run-time tests as declared.\n"
        "Cells outside the tested range that hold safety data are misses.",
        declared=("M-RAM-SU", "M-RAM-RT"),
        recognised=(
            RecognisedMeasure(
                row="4.2",
                phase="periodic",
                algorithm="March C- (transparent, blocks of 64 bytes overlapping by 4)",
                functions=("ram_step", "ram_block"),
                ranges=(AddressRange(RAM, RAM + 0x2300), AddressRange(RAM + 0x2400, RAM + 0x5000)),
                cycle=7_120 * MS,
                details=(
                    ("Elements", "{⇕(w0); ⇑(r0,w1); ⇑(r1,w0); ⇓(r0,w1); ⇓(r1,w0); ⇕(r0)}"),
                    ("Backgrounds", "0x00000000, 0xAAAAAAAA"),
                    ("Interrupts", "masked during one block, 41 µs at most"),
                ),
                places=(
                    Place(file="safety/ram_test.c", line=118, address=0x080012F4, symbol="ram_block"),
                    Place(file="safety/ram_test.c", line=171, address=0x08001388, symbol="ram_step"),
                ),
            ),
        ),
        findings=(
            Finding(
                rule="R4.2-RANGE",
                subject="4.2",
                severity=Severity.NONCONFORMITY,
                message="The periodic test never visits 256 bytes that safety functions read: move its end to _eram.",
                places=(Place(file="safety/ram_test.c", line=44, address=0x08001290),),
                evidence=("last address visited in 5 cycles: 0x200022FF, then 0x20002400",),
            ),
            Finding(
                rule="R4.2-SHORTS",
                subject="4.2",
                severity=Severity.REMARK,
                message="Two backgrounds cannot see shorts between bits of equal value in both.",
            ),
        ),
        campaigns=(campaign, shorts),
        faults=294_528,
        missed=4_108,
        slowest=7_214 * MS,
        declared_time=10 * S,
        memory_map=spans,
    )


_BINS = (
    14_120,
    16_930,
    17_204,
    18_011,
    19_960,
    20_118,
    21_003,
    22_640,
    23_004,
    22_871,
    24_310,
    25_006,
    21_992,
    18_020,
    5_200,
)


def _flash_row() -> RowVerdict:
    campaign = CampaignSummary(
        key="4.1/flip/data-view",
        title="Every single-bit flip, data view",
        row="4.1",
        model="flip",
        measure="M-FLASH-RT",
        faults=330_496,
        outcomes=(("detected", "proof", 330_240), ("detected", "run", 256)),
        miss_count=0,
        misses=(),
        slowest=3_900 * MS,
        histogram=((1 * S, 82_000), (2 * S, 83_600), (3 * S, 82_900), (4 * S, 81_996)),
        exhaustive=True,
        basis="linearity of CRC-32 over the range really read, cross-checked by 256 runs",
        seed=20260113,
    )
    return RowVerdict(
        row="4.1",
        component_en="invariable memory",
        component_zh="不可变存储器",
        software_class="R.1",
        fault="All single bit faults",
        verdict=Verdict.CONFORMS,
        reasons=("CRC-32 covers all 41,312 bytes used; every single-bit flip changes it within 3.9 s.",),
        criteria="R.1: every single-bit flip of the safety-related flash must change the check's result.",
        declared=("M-FLASH-RT",),
        recognised=(
            RecognisedMeasure(
                row="4.1",
                phase="periodic",
                algorithm="CRC-32 (reflected, polynomial 0x04C11DB7)",
                functions=("crc32_update",),
                ranges=(AddressRange(FLASH, FLASH + 0xA160),),
                cycle=3_900 * MS,
                details=(("Reference", "0x3F9A11C0 stored at 0x0800FFFC"),),
                places=(Place(file="safety/flash_test.c", line=63, address=0x08000F20),),
            ),
        ),
        campaigns=(campaign,),
        faults=330_496,
        slowest=3_900 * MS,
        declared_time=5 * S,
        memory_map=(
            MemorySpan(FLASH, FLASH + 0xA160, "used", "vectors, code, constants"),
            MemorySpan(FLASH + 0xA160, FLASH + 0xFFFC, "unused", "erased"),
            MemorySpan(FLASH + 0xFFFC, FLASH + 0x10000, "tested", "reference"),
        ),
    )


def _flow_row() -> RowVerdict:
    miss = OutcomeRecord(
        fault="stalled@function:main_loop#time:2.5s?wash",
        outcome=Outcome.DANGEROUS,
        mode="heat",
        detected_at="",
        is_miss=True,
        reason="SysTick_Handler goes on refreshing the watchdog; the heater stays on.",
    )
    return RowVerdict(
        row="1.3",
        component_en="programme counter",
        component_zh="程序计数器",
        software_class="R.1",
        fault="Stuck-at",
        verdict=Verdict.DOES_NOT_CONFORM,
        reasons=("The watchdog is refreshed from SysTick_Handler, which does not depend on the main flow.",),
        criteria="R.1: permanent stuck-at on every PC bit that selects implemented code; main loop stalled with "
        "interrupts alive.",
        declared=("M-WDG",),
        findings=(
            Finding(
                rule="R1.3-REFRESH",
                subject="1.3",
                severity=Severity.NONCONFORMITY,
                message="The watchdog is refreshed in an interrupt handler: refresh it after the logical check only.",
                places=(Place(file="app/systick.c", line=31, address=0x08000412, symbol="SysTick_Handler"),),
            ),
        ),
        campaigns=(
            CampaignSummary(
                key="1.3/pc-and-flow",
                title="Stuck PC bits, removed calls, stalled main loop",
                row="1.3",
                model="stuck-at, removed, stalled",
                measure="M-WDG",
                faults=61,
                outcomes=(("detected", "run", 58), ("dangerous", "run", 1), ("safe_undetected", "run", 2)),
                miss_count=1,
                misses=(miss,),
                slowest=212 * MS,
                histogram=((50 * MS, 9), (100 * MS, 14), (150 * MS, 22), (250 * MS, 13)),
                exhaustive=True,
                basis="15 PC bits, both values, 30 checkpoints, 1 main loop",
            ),
        ),
        faults=61,
        missed=1,
        slowest=212 * MS,
        declared_time=400 * MS,
    )


def _miss(address: int, bit: int) -> OutcomeRecord:
    return OutcomeRecord(
        fault=f"stuck-at-1@ram:0x{address:08X}.{bit}#reset?wash",
        outcome=Outcome.NOT_ACTIVATED,
        is_miss=True,
        weight=2,
        reason="The periodic test never visits this cell.",
    )


def _hazards() -> tuple[Hazard, ...]:
    return (
        Hazard(
            id="H-HEAT",
            title="Heating without water 干烧",
            clause="19.11.2, 22.46",
            function="dry-heating protection",
            software_class="R.1",
            unsafe=(PinLevel("PB0", 1, ("idle", "drain", "spin")),),
            unsafe_when="PB0 && level < 0.08",
            time_to_hazard=30 * S,
            measures=("M-RAM-RT", "M-RAM-SU", "M-FLASH-RT", "M-WDG"),
            demanded_by=("ntc-open", "relay-welded"),
        ),
        Hazard(
            id="H-DOOR",
            title="Door opens while the drum spins",
            clause="20.104",
            function="door lock",
            software_class="R.1",
            unsafe=(PinLevel("PB1", 0, ("spin",)), PinLevel("PB2", 1, ())),
            unsafe_when="",
            time_to_hazard=500 * MS,
            measures=("M-WDG", "M-ADC", "M-LOST"),
            demanded_by=(),
        ),
    )


def _measures() -> tuple[Measure, ...]:
    def measure(name: str, row: str, technique: str, clause: str, function: str, phase: str, time: int) -> Measure:
        ranges = (AddressRange(RAM, RAM + 0x5000),) if row == "4.2" else ()
        return Measure(name, row, technique, clause, (function,), ranges, phase, time, 10 * MS, ("fault-state",))

    return (
        measure("M-RAM-SU", "4.2", "March C-", "H.2.19.6.2", "ram_startup", "startup", 400 * MS),
        measure("M-RAM-RT", "4.2", "March C-, transparent", "H.2.19.6.2", "ram_step", "periodic", 10 * S),
        measure("M-FLASH-RT", "4.1", "CRC-32, single word", "H.2.19.4.1", "crc32_update", "periodic", 5 * S),
        measure(
            "M-WDG",
            "1.3",
            "independent watchdog and logical monitoring",
            "H.2.18.10.2",
            "flow_check",
            "periodic",
            400 * MS,
        ),
        measure("M-ADC", "7.2.1", "plausibility check", "H.2.18.13", "adc_check", "periodic", 200 * MS),
    )


def _golden(scenario: str, kind: str, seconds: int) -> GoldenRunSummary:
    modes = (("idle", 0, 2 * S), ("fill", 2 * S, 3 * S + 400 * MS), ("heat", 3 * S + 400 * MS, 4 * S))
    if seconds > 4:
        modes += (("wash", 4 * S, seconds * S - 2 * S), ("fault 故障", seconds * S - 2 * S, seconds * S))
    return GoldenRunSummary(
        scenario=scenario,
        kind=kind,
        duration=seconds * S,
        instructions=1_204_331 * seconds,
        blocks=301_002 * seconds,
        resets=(),
        main_loop_reached=True,
        expected_held=True if kind == "abnormal" else None,
        digest="9c41d07e55aa0213",
        modes=modes,
        interrupts=(("SysTick", 1000 * seconds), ("EXTI0", 100 * seconds), ("TIM2", 37 * seconds)),
        served=(
            ("ADC1.DR", "adc behaviour", 812, 0),
            ("AFIO.MAPR", "unmodelled: learned default, reads back what was written", 1, 1),
            ("GPIOB.ODR", "gpio behaviour", 4_410, 4_396),
            ("IWDG.KR", "independent watchdog behaviour", 0, 402),
        ),
        coverage=(("crc32_update", 14, 14), ("flow_check", 9, 11), ("relay_check", 0 if kind == "mode" else 7, 9)),
        deepest_stack=812,
    )


def _catalogue() -> tuple[CatalogueEntry, ...]:
    return (
        CatalogueEntry("build/washer.bin", 41_312, "0a" * 32, "declared"),
        CatalogueEntry("build/washer.elf", 214_004, "1b" * 32, "declared"),
        CatalogueEntry("docs/1-操作指南.md", 4_120, "2c" * 32, "declared"),
        CatalogueEntry("docs/old/copy-of-1.md", 4_120, "2c" * 32, "duplicate", "same content as docs/1-操作指南.md"),
        CatalogueEntry("docs/6.1-coding-standard.md", 0, "", "missing", "named in submission.toml"),
        CatalogueEntry("safety/ram_test.c", 9_871, "3d" * 32, "declared"),
        CatalogueEntry("Thumbs.db", 11_264, "4e" * 32, "extra"),
    )


def _documents() -> tuple[DocumentItem, ...]:
    return (
        DocumentItem("1", "操作指南", "operating guide", "present", ("docs/1-操作指南.md",)),
        DocumentItem(
            "5.2",
            "软件结构说明",
            "software architecture description",
            "present",
            ("docs/5.2.md", "docs/5.2-figures.md"),
            for_the_assessor="Compare the call structure with section Sources.",
        ),
        DocumentItem("6", "软件安全确认", "software safety validation", "not_applicable", (), "first evaluation"),
        DocumentItem("6.1", "设计和编码标准", "design and coding standard", "absent", (), "no file is named"),
    )


def _image() -> ImageSummary:
    return ImageSummary(
        path="build/washer.elf",
        sha256="1b" * 32,
        machine="ARM Cortex-M3, little endian",
        entry=0x08000145,
        flash_used=41_312,
        ram_used=9_204,
        producer="GNU C11 12.2.1 -mcpu=cortex-m3 -mthumb -O2 -g",
        sections=((".isr_vector", FLASH, 0x130), (".text", FLASH + 0x130, 0x8A00), (".bss", RAM + 0x120, 0x1AE0)),
        vectors=((1, "Reset_Handler", 0x08000144), (15, "SysTick_Handler", 0x08000412), (22, "", 0x08000190)),
        facts=(("HEX equals ELF", "yes, 41,312 bytes"), ("BIN equals ELF", "no, first difference at 0x08004120")),
    )


def _findings() -> tuple[Finding, ...]:
    return (
        Finding(
            "IMG-COMPILER", "image", Severity.REMARK, "Built with GCC 12.2.1, declared 12.2: give the full version."
        ),
        Finding(
            "A4-MISSING",
            "A4-6.1",
            Severity.NONCONFORMITY,
            "The design and coding standard is missing: name its file under documents in submission.toml.",
            (Place(file="submission.toml", line=88),),
        ),
    )
