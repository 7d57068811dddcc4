"""Evidence of small made-up controllers: a good one, and ways to spoil it one at a time."""

import random
from dataclasses import replace

from traces import FLASH, FLASH_SIZE, MILLISECOND, RAM, RAM_SIZE, Machine, march, transparent_block, words

from swassess.model.declared import AddressRange, Declaration, Measure, Oracle
from swassess.model.evaluation import CampaignSummary
from swassess.model.finding import Place
from swassess.model.outcome import Outcome, OutcomeRecord
from swassess.rules.evidence import Evidence, UsedSpan
from swassess.rules.recognise.check_codes import CheckCode, candidates

LOOP, TICK, START = FLASH + 0x900, FLASH + 0xA00, FLASH + 0xB00
RAM_CODE, FLASH_CODE, FAIL = FLASH + 0x500, FLASH + 0x700, FLASH + 0xC00
END = FLASH + FLASH_SIZE - 4
KEY, STATE = 0x40003000, RAM + 0x40
FUNCTIONS = {
    "main_loop": (LOOP, LOOP + 0x80),
    "SysTick_Handler": (TICK, TICK + 0x80),
    "watchdog_start": (START, START + 0x80),
    "ram_test": (RAM_CODE, RAM_CODE + 0x180),
    "flash_test": (FLASH_CODE, FLASH_CODE + 0x80),
    "fail_safe": (FAIL, FAIL + 0x80),
}


class Image:
    """Facts of the made-up image."""

    def function_at(self, address: int) -> str:
        return next((name for name, (low, high) in FUNCTIONS.items() if low <= address < high), "")

    def function_address(self, name: str) -> int | None:
        return FUNCTIONS[name][0] if name in FUNCTIONS else None

    def place(self, address: int) -> Place:
        return Place(address=address, symbol=self.function_at(address))

    def handlers(self) -> frozenset[str]:
        return frozenset({"SysTick_Handler"})

    def handler_only(self, name: str) -> bool:
        return name == "SysTick_Handler"


def measure(
    identity: str, row: str, phase: str, function: str, start: int, end: int, time: int, technique: str
) -> Measure:
    ranges = (AddressRange(start, end),) if end else ()
    return Measure(identity, row, technique, "", (function,), ranges, phase, time * MILLISECOND, MILLISECOND, ("safe",))


MEASURES = (
    measure("M1.3", "1.3", "periodic", "watchdog_start", 0, 0, 500, "independent time-slot monitoring (watchdog)"),
    measure("M4.1", "4.1", "periodic", "flash_test", FLASH, END, 400, "periodic modified checksum"),
    measure("M4.2-start", "4.2", "startup", "ram_test", RAM, RAM + RAM_SIZE, 100, "periodic static memory test"),
    measure("M4.2", "4.2", "periodic", "ram_test", RAM, RAM + RAM_SIZE, 500, "periodic static memory test"),
)
RAM_USED = (
    UsedSpan(RAM, RAM + 0x100, "data", ".data"),
    UsedSpan(RAM + 0x100, RAM + 0x400, "bss", ".bss"),
    UsedSpan(RAM + RAM_SIZE - 0x100, RAM + RAM_SIZE, "stack", "stack"),
)
FLASH_USED = (
    UsedSpan(FLASH, FLASH + 0x100, "vectors", ".vectors"),
    UsedSpan(FLASH + 0x100, FLASH + 0x3000, "code", ".text"),
    UsedSpan(FLASH + 0x3000, FLASH + 0x3800, "constants", ".rodata"),
    UsedSpan(END, END + 4, "constants", "reference"),
)


def declaration(measures: tuple[Measure, ...] = MEASURES) -> Declaration:
    return Declaration(
        product="washer", product_model="W", manufacturer="M", standard="GB/T 4706.1-2024", part="P", core="cortex-m3",
        clock_hz=8_000_000, lsi_hz=(30000, 40000, 60000), flash=AddressRange(FLASH, FLASH + FLASH_SIZE),
        ram=AddressRange(RAM, RAM + RAM_SIZE), compiler="", compiler_version="", compiler_switches=(), linker="",
        linker_switches=(), images=(), check_values=(), constants=(), mode_expression="", modes=(),
        main_loop="main_loop", hazards=(), safe_state=(), measures=measures,
        oracles=(Oracle("safe", function="fail_safe"),), scenarios=(), safety_sources=(),
        application_sources=(), compile_commands="",
    )  # fmt: skip


def campaign(row: str, model: str, **changes: object) -> CampaignSummary:
    made = CampaignSummary(
        key=f"{row}-{model}", title=f"{model} of row {row}", row=row, model=model, measure="", faults=100,
        outcomes=(("detected", "run", 100),), miss_count=0, misses=(), slowest=100 * MILLISECOND, histogram=(),
        exhaustive=True, basis="",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


CAMPAIGNS = (
    campaign("1.3", "stuck-at"),
    campaign("1.3", "removed"),
    campaign("1.3", "stalled"),
    campaign("4.1", "flip-data"),
    campaign("4.2", "stuck-at"),
)
MISSED = OutcomeRecord("stuck-at-1@ram:0x20000010.3#reset?wash", Outcome.DANGEROUS, is_miss=True, reason="heater on")


def crc() -> CheckCode:
    return next(code for code in candidates() if code.name == "CRC-32/ISO-HDLC")


class Controller:
    """A main loop of 10 ms with one RAM block and one slice of flash each, a watchdog refresh and an interrupt."""

    def __init__(self) -> None:
        self.ram_end, self.flash_end, self.ticks = RAM + RAM_SIZE, END, 80
        self.handler_refresh = self.own_reference = self.skip_ram = self.skip_flash = self.skip_start = False
        self.slice = 0x400
        self.elements: dict[str, object] = {}

    def run(self) -> Machine:
        content = bytearray(random.Random(9).randbytes(FLASH_SIZE))
        value = crc().values([bytes(content[: self.flash_end - FLASH])])[-1]
        content[-4:] = value.to_bytes(4, "little")
        machine = Machine(bytes(content))
        self.reference = END
        if not self.skip_start:
            for background in (0, 0x55555555):
                march(machine, words(RAM, RAM + RAM_SIZE), background=background, code=RAM_CODE)
        if self.own_reference:
            self.reference = RAM + 0x80
            machine.write(self.reference, value)
        machine.at(START)
        machine.peripheral(KEY, 0xCCCC)
        at, state = FLASH, crc().initial
        for tick in range(self.ticks):
            machine.mark(LOOP)
            machine.idle(10 * MILLISECOND)
            machine.interrupt(lambda: self.tick(machine))
            if not self.skip_ram:
                blocks = list(range(RAM, self.ram_end - 4, 60))
                start = blocks[tick % len(blocks)]
                block = words(start, min(start + 64, self.ram_end))
                buffer = RAM + 0x300 if start >= RAM + 0x380 or start + 64 <= RAM + 0x300 else RAM + 0x500
                for background in (0, 0x55555555):
                    transparent_block(machine, block, buffer, code=RAM_CODE, background=background, **self.elements)
            if not self.skip_flash:
                for at in range(at, min(at + self.slice, self.flash_end)):  # noqa: B020
                    machine.at(FLASH_CODE)
                    state = CheckCode("", "crc", 32, crc().polynomial, state, True).values(
                        [bytes([machine.read(at, 1)])]
                    )[0]
                at += 1
                machine.write(STATE, state)
                if at >= self.flash_end:
                    machine.at(FLASH_CODE + 0x10)
                    machine.read(self.reference)
                    at, state = FLASH, crc().initial
            machine.at(LOOP + 0x20)
            if not self.handler_refresh:
                machine.peripheral(KEY, 0xAAAA)
        return machine

    def tick(self, machine: Machine) -> None:
        machine.at(TICK)
        machine.write(RAM + 8, machine.read(RAM + 8) + 1)
        if self.handler_refresh:
            machine.peripheral(KEY, 0xAAAA)

    def evidence(self, **changes: object) -> Evidence:
        machine = self.run()
        made = Evidence(
            declaration=declaration(), image=Image(), flash=machine.flash, flash_used=FLASH_USED, ram_used=RAM_USED,
            traces={"wash": machine.trace()}, campaigns=CAMPAIGNS, watchdog_register=KEY,
        )  # fmt: skip
        return replace(made, **changes)  # type: ignore[arg-type]
