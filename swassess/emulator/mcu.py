"""The emulated MCU as an object: memory map, engine, snapshots, digests, runs."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import ctypes
import hashlib
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import unicorn
from unicorn import arm_const as arm

from swassess.emulator import cycle_counter, debug_hooks, examine, hooks, taps, wiring
from swassess.emulator import layout as at
from swassess.emulator.block_ring import BlockRing
from swassess.emulator.blocks import Blocks, cells_wanted, check_room, number_of
from swassess.emulator.bus import PERIPHERAL_SIZE, PERIPHERAL_START
from swassess.emulator.control_block import fill_control
from swassess.emulator.cores import describe_core, find_core
from swassess.emulator.master import master_read, master_write
from swassess.emulator.memory_map import map_memory
from swassess.emulator.peripherals import systick, timer
from swassess.emulator.polls import forget_polls
from swassess.emulator.register_use import RegisterUse, registers_used
from swassess.emulator.registers import FLOATING_POINT_REGISTERS
from swassess.emulator.reset import reset
from swassess.emulator.run import NEVER, run
from swassess.emulator.scenario_programs import ScenarioPrograms
from swassess.emulator.snapshot import Snapshot
from swassess.errors import EmulationError
from swassess.firmware.image import LoadImage
from swassess.model.target import TargetDescription
from swassess.model.time import TICKS_PER_SECOND

Taps = Literal["none", "trace", "faults", "instructions", "debug"]
MODE_SAMPLES = 200_000
_SECOND_BUS = 0x40010000  # APB2 of the STM32 families lies behind APB1
_PAGE = 4096
_SHADOW_ROWS, _SHADOW_ROWS_GENERIC = 256, 2048
_SLICE = TICKS_PER_SECOND // 2
CONTEXT_REGISTERS = (
    *range(arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R0 + 13),
    arm.UC_ARM_REG_MSP,
    arm.UC_ARM_REG_PSP,
    arm.UC_ARM_REG_LR,
    arm.UC_ARM_REG_PC,
    arm.UC_ARM_REG_XPSR,
    arm.UC_ARM_REG_PRIMASK,
    arm.UC_ARM_REG_FAULTMASK,
    arm.UC_ARM_REG_BASEPRI,
    arm.UC_ARM_REG_CONTROL,
)
# cells of the state that say nothing about what the MCU will do
_NOT_STATE = (at.DEEPEST_STACK, at.DEADLINE, at.MASKED_PENDING)


def _page_aligned(size: int) -> npt.NDArray[np.uint8]:
    whole = np.zeros(size + _PAGE, np.uint8)
    offset = (-whole.ctypes.data) % _PAGE
    return whole[offset : offset + size]


def _whole_pages(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


class Mcu:
    """One emulated MCU with one scenario around it. An engine must stay in the process that made it.

    taps: "none" (fastest), "trace" (golden traces), "faults" (cells of RAM and data view of flash),
    "instructions" (programme counter faults), "debug" (a debugger: swassess.emulator.debug).
    """

    def __init__(
        self,
        target: TargetDescription,
        image: LoadImage,
        programs: ScenarioPrograms,
        *,
        clock_hz: int,
        lsi_hz: int,
        taps: Taps = "none",
        vectors: int | None = None,
    ) -> None:
        """clock_hz: of the core where no clock control is modelled. vectors: address of the first vector table, where
        it is not the target's own."""
        check_room(target)
        self.core = find_core(target.core)
        self.target = target
        self.programs = programs
        self.clock_hz = clock_hz
        self.lsi_hz = lsi_hz
        self.taps = taps
        self.vectors = vectors if vectors is not None else target.vectors or target.flash.start
        self.failure: BaseException | None = None
        self.timer_names = [block.name for block in wiring.timers_of(target)]
        self.flash_start = target.flash.start
        self.flash_size = target.flash.end - target.flash.start
        self.ram_start = target.ram.start
        self.ram_size = target.ram.end - target.ram.start
        self._lay_out_arena()
        self.flash = _page_aligned(_whole_pages(self.flash_size) + 8)
        self.flash[: self.flash_size] = np.frombuffer(image.bytes_at(target.flash.start, target.flash.end), np.uint8)
        self._image = self.flash.copy()
        self.flash_version = 0  # of the content: 0 is the image, every change gives a number of its own
        self._flash_versions = 0
        self.golden_modes = np.full(MODE_SAMPLES, -1, np.int64)
        self.golden_signatures = np.zeros(MODE_SAMPLES, np.int64)
        self.control = np.zeros(at.CONTROL_WORDS, np.int64)
        self.number = number_of(self)
        self.blocks = Blocks(self, self.cells)
        self.kept: list[Any] = []
        self._open_engine()
        half_words = self.flash_size >> 1
        self.watch = self.array(np.uint8, half_words)
        self.block_entries = self.array(np.int64, half_words)
        self.block_sizes = self.array(np.uint16, half_words)
        self.known_blocks = self.array(np.int64, half_words)
        self.cost_sizes = self.array(np.uint16, half_words)
        self.statistics = np.zeros((at.STATISTICS_ROWS, at.STATISTICS_WORDS), np.int64)
        fill_control(self)
        self.ring = BlockRing(self.control)
        map_memory(self)
        self._add_hooks()
        self.power_on()

    def _lay_out_arena(self) -> None:
        """One array: RAM regions (page aligned each), STATE, VARIABLES, cells of the Python blocks, shadow registers,
        polls."""
        target = self.target
        # RAM among the registers (backup SRAM) is left to the shadow registers
        further = [
            region.range
            for region in target.rams
            if region.range.start != target.ram.start
            and not PERIPHERAL_START <= region.range.start < PERIPHERAL_START + PERIPHERAL_SIZE
        ]
        ram_bytes = _whole_pages(self.ram_size)
        further_bytes = sum(_whole_pages(region.end - region.start) for region in further)
        self.cell_count = cells_wanted(target)
        self.shadow_rows = _SHADOW_ROWS if self.cell_count else _SHADOW_ROWS_GENERIC
        extra = self.cell_count + self.shadow_rows * at.SHADOW_WORDS + at.STALL_ROWS * at.STALL_WORDS
        words = at.STATE_WORDS + at.VARIABLE_COUNT + extra
        self.arena = _page_aligned(ram_bytes + further_bytes + 8 * words)
        self.ram = self.arena[: self.ram_size]
        self.further_ram: list[tuple[int, npt.NDArray[np.uint8]]] = []
        at_byte = ram_bytes
        for region in further:
            self.further_ram.append((region.start, self.arena[at_byte : at_byte + region.end - region.start]))
            at_byte += _whole_pages(region.end - region.start)
        rest = self.arena[at_byte:].view(np.int64)
        self.state = rest[: at.STATE_WORDS]
        self.variables = rest[at.STATE_WORDS : at.STATE_WORDS + at.VARIABLE_COUNT].view(np.float64)
        self.cells = rest[at.STATE_WORDS + at.VARIABLE_COUNT :]

    # ---- construction ------------------------------------------------------------------------------------------
    def _open_engine(self) -> None:
        self.engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
        self.engine.ctl_set_cpu_model(self.core.engine)
        self.handle = self.engine._uch.value if hasattr(self.engine._uch, "value") else int(self.engine._uch)
        self.base_context = self._new_context()

    def _new_context(self) -> int:
        pointer = ctypes.c_void_p()
        native.library.uc_context_alloc(ctypes.c_void_p(self.handle), ctypes.byref(pointer))
        native.library.uc_context_save(ctypes.c_void_p(self.handle), pointer)
        self.kept.append(pointer)
        return int(pointer.value or 0)

    def new_context(self) -> int:
        """A core context for native snapshots (it lives as long as this MCU)."""
        return self._new_context()

    def array(self, dtype: Any, count: int) -> npt.NDArray[Any]:
        """An array that native code may point to as long as this MCU lives."""
        made = np.zeros(count, dtype)
        self.kept.append(made)
        return made

    def add_hook(self, kind: int, callback: Any, first: int = 1, last: int = 0) -> None:
        """A native callback; before the first run, because code that has been translated would not call it."""
        handle = ctypes.c_size_t()
        self.kept.append(handle)
        self.check(
            native.library.uc_hook_add(
                ctypes.c_void_p(self.handle),
                ctypes.byref(handle),
                ctypes.c_int(kind),
                ctypes.c_void_p(callback.address),
                ctypes.c_void_p(self.control.ctypes.data),
                ctypes.c_uint64(first),
                ctypes.c_uint64(last),
            ),
            "a hook cannot be added",
        )

    def _add_hooks(self) -> None:
        self.add_hook(unicorn.UC_HOOK_BLOCK, hooks.on_block)
        self.add_hook(unicorn.UC_HOOK_INTR, hooks.on_interrupt)
        self.add_hook(unicorn.UC_HOOK_MEM_INVALID, hooks.on_bad_access)
        ram = (self.ram_start, self.ram_start + self.ram_size - 1)
        flash = (self.flash_start, self.flash_start + self.flash_size - 1)
        if self.taps == "trace":
            self.add_hook(unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE, taps.on_ram_access, *ram)
            self.add_hook(unicorn.UC_HOOK_MEM_READ, taps.on_flash_read, *flash)
        elif self.taps == "faults":
            self.add_hook(unicorn.UC_HOOK_MEM_READ, taps.on_ram_access, *ram)
            self.add_hook(unicorn.UC_HOOK_MEM_READ, taps.on_flash_read, *flash)
            self.add_hook(unicorn.UC_HOOK_MEM_READ_AFTER, taps.on_flash_read_done, *flash)
        elif self.taps == "instructions":
            self.add_hook(unicorn.UC_HOOK_CODE, taps.on_instruction)
        elif self.taps == "debug":
            self.debug_table = debug_hooks.add_hooks(self.add_hook, self.control, self.array)

    def examine(self) -> None:
        """From now on every instruction is examined before it executes, for what the engine does not check."""
        if not self.control[at.C_EXAMINING]:
            self.control[at.C_EXAMINING] = 1
            self.add_hook(unicorn.UC_HOOK_CODE, examine.on_examined)
            self.flush_code()

    @staticmethod
    def check(error: int, what: str) -> None:
        """Raises EmulationError for an error of the engine."""
        if error:
            raise EmulationError(f"{what}: Unicorn error {error}")

    # ---- life --------------------------------------------------------------------------------------------------
    def power_on(self) -> None:
        """Cold start: RAM cleared, plant at its initial values, time zero. What flash holds, it keeps."""
        self.arena[:] = 0
        self.variables[:] = self.programs.variables
        describe_core(self.state, self.core, self.target, int(self.control[at.C_INTERRUPTS]))
        self.state[at.CYCLE_TICKS] = round(TICKS_PER_SECOND / self.clock_hz)
        self.state[at.SYSTICK_EXTERNAL_TICKS] = 8 * self.state[at.CYCLE_TICKS]
        self.state[at.LSI_TICKS] = round(TICKS_PER_SECOND / self.lsi_hz)
        self.state[at.DEEPEST_STACK] = self.ram_size
        self.clear_fault()
        reset(self.control, at.RESET_POWER_ON)

    def fetch_vectors(self) -> None:
        """Power-on once more with flash as it is now: initial stack pointer and start address are read anew."""
        reset(self.control, at.RESET_POWER_ON)

    def look_for_spins(self, blocks: int) -> None:
        """From now on, loops that change nothing are skipped by proof (looked for after so many blocks; 0: never)."""
        self.control[at.C_SPIN_LIMIT] = blocks
        forget_polls(self.control)
        self.control[at.C_SPIN_TRIES] = 0
        self.control[at.C_SPIN_FROM] = self.state[at.STEPS]

    def clear_fault(self) -> None:
        self.control[at.C_FAULT : at.C_CODE_FORWARD + 1] = 0

    def set_watch(self, address: int, flags: int) -> None:
        """Flags (WATCH_STOP, WATCH_MARK, WATCH_STALL) at a function's entry."""
        index = (address - self.flash_start) >> 1
        if not 0 <= index < self.watch.size:
            raise EmulationError(f"address 0x{address:08X} is not in flash; a watched function must be there")
        self.watch[index] |= flags
        self.known_blocks[index] = 0

    def run(self, until: int, budget: int = NEVER) -> int:
        """Runs until a time (ticks) or another reason; slices keep Ctrl-C working. Returns a DONE_ value."""
        self.control[at.C_INSTRUCTION_LIMIT] = NEVER if budget >= NEVER else int(self.state[at.INSTRUCTIONS]) + budget
        while True:
            goal = min(until, self.ticks + _SLICE)
            self.control[at.C_RUN_UNTIL] = goal
            done = int(run(self.control))
            if self.failure is not None:
                self._raise_failure()
            if done != at.DONE_TIME or goal >= until:
                return done

    def _raise_failure(self) -> None:
        """What a block in plain Python raised: it could not pass through compiled code."""
        failure, self.failure = self.failure, None
        self.control[at.C_ERROR] = 0
        if failure is not None:
            raise failure

    # ---- what blocks and other bus masters do to the MCU -------------------------------------------------------
    def bus_read(self, address: int, size: int) -> int | None:
        """A read by DMA or a debugger (1, 2 or 4 bytes); None for a bus error."""
        value = int(master_read(self.control, address & 0xFFFFFFFF, size))
        return None if value < 0 else value

    def bus_write(self, address: int, size: int, value: int) -> bool:
        """A write by DMA or a debugger; False for a bus error."""
        return bool(master_write(self.control, address & 0xFFFFFFFF, size, value))

    def clocks_changed(self, periods: dict[str, int]) -> None:
        """The clock tree gives other clocks from now on (ticks a cycle by clock name, 0: stopped)."""
        state = self.state
        core = periods.get("HCLK", 0)
        if core:
            external = periods.get("SYSTICK_EXT", 8 * core) or 8 * core
            if (core, external) != (state[at.CYCLE_TICKS], state[at.SYSTICK_EXTERNAL_TICKS]):
                cycle_counter.rebase(state)
                systick.set_clock(state, core, external)
            if state[at.SLEEPING] == at.WITHOUT_CLOCK:
                state[at.SLEEPING] = at.AWAKE
        else:
            state[at.SLEEPING] = at.WITHOUT_CLOCK
        for unit, block in enumerate(wiring.timers_of(self.target)):
            bus_clock = "TIMCLK1" if block.base < _SECOND_BUS else "TIMCLK2"
            clock = block.parameters.get("clock", block.name if block.name in periods else bus_clock)
            timer.set_clock(state, unit, periods.get(clock, core))

    def reset_compiled(self, name: str) -> None:
        """The clock control resets a compiled block: a timer or a port."""
        if name in self.timer_names:
            timer.reset_timer(self.control, self.state, self.timer_names.index(name))

    def flash_changed(self, offset: int, size: int) -> None:
        """A range of flash has another content: what was derived from the old one is dropped before execution goes
        on (not at once: the engine may be in the middle of it)."""
        self.control[at.C_FLASH_CHANGED] = 1
        self.state[at.DEADLINE] = 0
        self._flash_versions += 1
        self.flash_version = self._flash_versions

    def flush_code(self) -> None:
        """Drops translated code and the times of its blocks. Not to be called while the engine executes."""
        self.cost_sizes[:] = 0
        self.known_blocks[:] = 0
        self.engine.ctl_flush_tb()

    @property
    def ticks(self) -> int:
        return int(self.state[at.TICKS])

    def register(self, number: int) -> int:
        return int(self.engine.reg_read(number))

    @property
    def link(self) -> int:
        """The link register without the Thumb bit: where the present function was called from."""
        return self.register(arm.UC_ARM_REG_LR) & ~1

    @property
    def pc(self) -> int:
        return self.register(arm.UC_ARM_REG_PC) & ~1

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.arena.copy(),
            self.engine.context_save(),
            int(self.control[at.C_INTERRUPT]),
            int(self.control[at.C_BLOCK]),
            int(self.control[at.C_BYPASS]),
            self.flash.copy() if self.flash_version else None,
            self.flash_version,
        )

    def restore(self, snapshot: Snapshot) -> None:
        self.arena[:] = snapshot.arena
        self.engine.context_restore(snapshot.context)
        self.control[at.C_INTERRUPT] = snapshot.interrupt
        self.control[at.C_BLOCK] = snapshot.block
        self.control[at.C_BYPASS] = snapshot.bypass
        forget_polls(self.control)
        if snapshot.flash_version != self.flash_version:
            self.flash[:] = self._image if snapshot.flash is None else snapshot.flash
            self.flash_version = snapshot.flash_version
            self.flush_code()

    def registers_used(self) -> list[RegisterUse]:
        """Every register touched while the statistics were on, by address."""
        return registers_used(self.statistics)

    def digest(self) -> str:
        """SHA-256 over the whole state: arena and core registers.

        Left out: the deepest stack (a measurement) and the run loop's own plans (next deadline, masks looked at).
        """
        kept = {cell: int(self.state[cell]) for cell in _NOT_STATE}
        for cell in _NOT_STATE:
            self.state[cell] = 0
        digest = hashlib.sha256(self.arena.tobytes())
        if self.flash_version:
            digest.update(self.flash.tobytes())
        for cell, value in kept.items():
            self.state[cell] = value
        floating = FLOATING_POINT_REGISTERS if self.state[at.CORE_FEATURES] & at.F_FPU else ()
        for number in (*CONTEXT_REGISTERS, *floating):
            digest.update(self.register(number).to_bytes(8, "little"))
        return digest.hexdigest()

    def flip_executed(self, address: int, bit: int) -> None:
        """Flips a flash bit for execution and data alike, and drops translated code."""
        self.flash[address - self.flash_start] ^= 1 << bit
        self.flush_code()
