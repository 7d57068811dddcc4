"""Tables that tell the compiled kernels how this part is wired: which block lies where, which line is which exception.

All of it comes from the target data; an MCU of which nothing is known has empty tables.
"""

import re

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at
from swassess.emulator.bus import PAGE_BYTES, PAGES, PERIPHERAL_START
from swassess.emulator.peripherals import timer
from swassess.emulator.serving import COMPILED
from swassess.expressions.names import pin_number
from swassess.model.target import Peripheral, TargetDescription

_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_FIRST_INTERRUPT = 16


def compiled_blocks(target: TargetDescription, behaviour: int) -> list[Peripheral]:
    """The blocks of one compiled behaviour, by address."""
    return [block for block in target.peripherals if COMPILED.get(block.behaviour, (0, 0))[0] == behaviour]


def port_of(block: Peripheral) -> int:
    """Number of a port by its name (GPIOA is 0)."""
    return ord(block.name[-1].upper()) - ord("A")


def timers_of(target: TargetDescription) -> list[Peripheral]:
    return compiled_blocks(target, at.B_TIMER)[: at.TIMERS]


def page_table(target: TargetDescription) -> npt.NDArray[np.int32]:
    """behaviour << 16 | instance for every 256 bytes of peripheral space that a compiled behaviour serves."""
    pages = np.zeros(PAGES, np.int32)
    timers = [block.name for block in timers_of(target)]
    for block in target.peripherals:
        compiled = COMPILED.get(block.behaviour)
        if compiled is None:
            continue
        behaviour, instance = compiled
        if behaviour == at.B_GPIO:
            instance = port_of(block)
            if not 0 <= instance < at.GPIO_PORTS:
                continue
        elif behaviour == at.B_TIMER:
            if block.name not in timers:
                continue
            instance = timers.index(block.name)
        first = (block.base - PERIPHERAL_START) // PAGE_BYTES
        last = (block.base + block.size - 1 - PERIPHERAL_START) // PAGE_BYTES
        if 0 <= first <= last < PAGES:
            pages[first : last + 1] = behaviour << 16 | instance
    return pages


def port_reset_values(target: TargetDescription) -> npt.NDArray[np.int64]:
    """Per port: kind, CRL or MODER, CRH or OTYPER, OSPEEDR, PUPDR after a reset."""
    values = np.zeros((at.GPIO_PORTS, 5), np.int64)
    for block in compiled_blocks(target, at.B_GPIO):
        port = port_of(block)
        if 0 <= port < at.GPIO_PORTS:
            kind = COMPILED[block.behaviour][1]
            names = ("CRL", "CRH") if kind == 1 else ("MODER", "OTYPER", "OSPEEDR", "PUPDR")
            values[port, 0] = kind
            for column, name in enumerate(names):
                values[port, 1 + column] = _reset_value(block, name)
    return values


def _reset_value(block: Peripheral, name: str) -> int:
    register = block.register(name)
    return register.reset if register is not None else 0


def timer_setup(target: TargetDescription) -> npt.NDArray[np.int64]:
    """Per timer: kind, mask of the counter, exceptions of update, capture and compare, break, trigger (0: none)."""
    blocks = timers_of(target)
    rows = np.zeros((len(blocks) + 1, timer.SETUP_WORDS), np.int64)
    for row, block in zip(rows, blocks, strict=False):
        wide = block.parameters.get("bits", 16) == 32
        row[:2] = COMPILED[block.behaviour][1], _FULL_32 if wide else _FULL_16
        row[2:6] = [_exception(block, part) for part in ("UP", "CC", "BRK", "TRG")]
    return rows


def _exception(block: Peripheral, part: str) -> int:
    """The exception of one kind of event: the interrupt that names it, else the only one there is."""
    named = [one for one in block.interrupts if part in re.split(r"[_\d]+", one.name)]
    chosen = named or [one for one in block.interrupts if not re.search(r"_(UP|CC|BRK|TRG)", one.name)]
    return _FIRST_INTERRUPT + chosen[0].number if chosen else 0


def timer_pins(target: TargetDescription) -> npt.NDArray[np.int64]:
    """Rows of timer, channel 0..3, pin, alternate function (-1: of a port with CRL). Parameter of a timer:
    `pins: {CH1: [PA8], CH2: [{pin: PA9, af: 2}]}`."""
    rows = []
    for index, block in enumerate(timers_of(target)):
        for name, entries in sorted(block.parameters.get("pins", {}).items()):
            for entry in entries:
                text, function = (entry, -1) if isinstance(entry, str) else (entry["pin"], int(entry["af"]))
                number = pin_number(text)
                if number is not None and name[:2] == "CH":
                    rows.append((index, int(name[2]) - 1, number, function))
    return np.array([*rows, (0, 0, -1, 0)], np.int64)


def line_exceptions(target: TargetDescription) -> npt.NDArray[np.int64]:
    """Per external line: the exception it raises, by names such as EXTI0, EXTI9_5, EXTI4_15, and by the parameter
    `lines: {17: RTC_Alarm}` of the block."""
    table = np.zeros(32 * at.EXTI_BANKS, np.int64)
    for block in compiled_blocks(target, at.B_EXTI):
        for interrupt in block.interrupts:
            match = re.fullmatch(r"EXTI(?:Line)?(\d+)(?:_(\d+))?", interrupt.name)
            if match:
                first, last = sorted((int(match[1]), int(match[2] or match[1])))
                table[first : last + 1] = _FIRST_INTERRUPT + interrupt.number
        for line, name in block.parameters.get("lines", {}).items():
            found = target.interrupt(name)
            if found is not None:
                table[int(line)] = _FIRST_INTERRUPT + found.number
    return table


def line_masks(target: TargetDescription) -> npt.NDArray[np.int64]:
    """IMR of both banks after a reset."""
    masks = np.zeros(at.EXTI_BANKS, np.int64)
    for block in compiled_blocks(target, at.B_EXTI):
        for bank, names in enumerate((("IMR", "IMR1"), ("IMR2",))):
            masks[bank] = max(_reset_value(block, name) for name in names)
    return masks


def interrupt_count(target: TargetDescription) -> int:
    """How many interrupts the NVIC of the part has: multiples of 32, as far as the tables reach."""
    highest = max((one.number for one in target.interrupts), default=-1)
    rounded = -(-(highest + 1) // 32) * 32
    return min(rounded or at.EXCEPTIONS - _FIRST_INTERRUPT, at.EXCEPTIONS - _FIRST_INTERRUPT)
