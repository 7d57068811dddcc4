"""Fills an MCU's control block: where the kernels find memory, tables, programs and buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at
from swassess.emulator import wiring
from swassess.emulator.registers import SAVED_WORDS
from swassess.emulator.run import NEVER

if TYPE_CHECKING:
    from swassess.emulator.mcu import Mcu


def fill_control(mcu: Mcu) -> None:
    """Makes the tables of an MCU whose arena, flash, blocks and engine exist, and enters all addresses."""
    control, programs = mcu.control, mcu.programs
    half_words = mcu.flash_size >> 1
    pages = wiring.page_table(mcu.target)
    mcu.blocks.page_entries(pages)
    regions = np.array(
        [(start, memory.size, memory.ctypes.data) for start, memory in mcu.further_ram] + [(0, 0, 0)], np.int64
    )
    shadow = mcu.cells[mcu.cell_count :]
    polls = shadow[mcu.shadow_rows * at.SHADOW_WORDS :]
    setup, pins = wiring.timer_setup(mcu.target), wiring.timer_pins(mcu.target)
    wired: dict[int, npt.NDArray[Any]] = {
        at.C_PAGE_BEHAVIOUR: pages,
        at.C_TIMER_SETUP: setup,
        at.C_TIMER_PINS: pins,
        at.C_EXTI_EXCEPTIONS: wiring.line_exceptions(mcu.target),
        at.C_EXTI_RESET: wiring.line_masks(mcu.target),
        at.C_GPIO_RESET: wiring.port_reset_values(mcu.target),
        at.C_BLOCKS: mcu.blocks.rows,
        at.C_RAM_REGIONS: regions,
        at.C_CELLS: mcu.cells,
        at.C_SHADOW: shadow,
        at.C_STALL_TABLE: polls,
        at.C_ASSERTED: np.zeros(at.EXCEPTIONS, np.int64),
        at.C_MEMO: np.zeros((at.MEMO_ROWS, at.MEMO_WORDS), np.int64),
        at.C_POLLS: np.zeros((at.POLL_ROWS, at.POLL_WORDS), np.int64),
        at.C_RULES: np.zeros((1, at.RULE_WORDS), np.int64),
        at.C_REGISTER_STATS: mcu.statistics,
    }
    for index, table in wired.items():
        control[index] = table.ctypes.data
    mcu.kept.append(wired)
    values = {
        at.C_ENGINE: mcu.handle,
        at.C_STATE: mcu.state.ctypes.data,
        at.C_VARIABLES: mcu.variables.ctypes.data,
        at.C_RAM: mcu.ram.ctypes.data,
        at.C_FLASH: mcu.flash.ctypes.data,
        at.C_RAM_START: mcu.ram_start,
        at.C_RAM_SIZE: mcu.ram_size,
        at.C_FLASH_START: mcu.flash_start,
        at.C_FLASH_SIZE: mcu.flash_size,
        at.C_COST: mcu.array(np.uint32, half_words).ctypes.data,
        at.C_COST_SIZE: mcu.cost_sizes.ctypes.data,
        at.C_WATCH: mcu.watch.ctypes.data,
        at.C_RECIPES: mcu.array(np.int64, half_words).ctypes.data,
        at.C_PLANTED_BYTES: mcu.array(np.uint8, 16).ctypes.data,
        at.C_SAVED: mcu.array(np.int64, SAVED_WORDS).ctypes.data,
        at.C_SCRATCH: mcu.array(np.uint32, 16).ctypes.data,
        at.C_STEP_STOP: -1,
        at.C_BASE_CONTEXT: mcu.base_context,
        at.C_GOLDEN_MODES: mcu.golden_modes.ctypes.data,
        at.C_GOLDEN_SIGNATURES: mcu.golden_signatures.ctypes.data,
        at.C_MCU: mcu.number,
        at.C_KNOWN_BLOCKS: mcu.known_blocks.ctypes.data,
        at.C_SKIP_POLLS: 1,
        at.C_VECTORS: mcu.vectors,
        at.C_CELL_COUNT: len(mcu.cells),
        at.C_SHADOW_ROWS: mcu.shadow_rows,
        at.C_BLOCK_COUNT: len(mcu.blocks.rows) - 1,
        at.C_TIMER_COUNT: len(setup) - 1,
        at.C_TIMER_PIN_COUNT: len(pins) - 1,
        at.C_RAM_REGION_COUNT: len(regions) - 1,
        at.C_INTERRUPTS: wiring.interrupt_count(mcu.target),
        at.C_BLOCK_ENTRIES: mcu.block_entries.ctypes.data,
        at.C_BLOCK_SIZES: mcu.block_sizes.ctypes.data,
        at.C_RUN_UNTIL: NEVER,
        at.C_INSTRUCTION_LIMIT: NEVER,
        at.C_CODE: programs.code.ctypes.data,
        at.C_CONSTANTS: programs.constants.ctypes.data,
        at.C_PROGRAMS: programs.table.ctypes.data,
        at.C_PROGRAM_COUNT: len(programs.table),
        at.C_STEP_TICKS: programs.scenario.step,
        at.C_SIGNAL_COUNT: len(programs.scenario.signals),
        at.C_SIGNAL_PINS: programs.signal_pins.ctypes.data,
        at.C_FRAMES: programs.frames.ctypes.data,
        at.C_FRAME_COUNT: len(programs.frames) - 1,
        at.C_EVENTS: programs.events.ctypes.data,
        at.C_EVENT_COUNT: len(programs.events) - 1,
        at.C_MONITOR_COUNT: len(programs.monitors),
        at.C_MODE_PROGRAM: programs.mode_row,
    }
    for index, value in values.items():
        control[index] = value
    mcu.kept.append(programs)
