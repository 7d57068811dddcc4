"""The emulated MCU as an object: memory map, engine, snapshots, digests, runs."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import ctypes
import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import unicorn
from unicorn import arm_const as arm

from swassess.emulator import bit_band, bus, hooks, taps
from swassess.emulator import layout as at
from swassess.emulator.reset import reset
from swassess.emulator.run import NEVER, run
from swassess.emulator.scenario_programs import ScenarioPrograms
from swassess.errors import EmulationError
from swassess.firmware.image import LoadImage
from swassess.model.target import TargetDescription
from swassess.model.time import TICKS_PER_SECOND

Taps = Literal["none", "trace", "faults", "instructions"]
MODE_SAMPLES = 200_000
_PAGE = 4096
_FLASH_SIZE_AT = 0x1FFFF7E0
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
_BEHAVIOURS = {
    "rcc": at.B_RCC,
    "flash": at.B_FLASH,
    "pwr": at.B_PWR,
    "bkp": at.B_BKP,
    "rtc": at.B_RTC,
    "gpio": at.B_GPIO,
    "afio": at.B_AFIO,
    "exti": at.B_EXTI,
    "timer": at.B_TIMER,
    "adc": at.B_ADC,
    "usart": at.B_USART,
    "iwdg": at.B_IWDG,
}
# instances that the arena has room for; the others are left to the shadow registers and reported as unmodelled
_INSTANCES = {
    "GPIOA": 0, "GPIOB": 1, "GPIOC": 2, "GPIOD": 3, "GPIOE": 4,
    "TIM2": 0, "TIM3": 1, "TIM4": 2, "ADC1": 0, "USART1": 0,
    "RCC": 0, "FLASH": 0, "PWR": 0, "BKP": 0, "RTC": 0, "AFIO": 0, "EXTI": 0, "IWDG": 0,
}  # fmt: skip


# cells of the state that say nothing about what the MCU will do
_NOT_STATE = (at.DEEPEST_STACK, at.DEADLINE, at.MASKED_PENDING)


def _page_aligned(size: int) -> npt.NDArray[np.uint8]:
    whole = np.zeros(size + _PAGE, np.uint8)
    offset = (-whole.ctypes.data) % _PAGE
    return whole[offset : offset + size]


@dataclass(slots=True)
class Snapshot:
    """The whole MCU at a block boundary: arena bytes, core context, what the control block keeps of the core."""

    arena: npt.NDArray[np.uint8]
    context: Any
    interrupt: int
    block: int
    bypass: int


class Mcu:
    """One emulated MCU with one scenario around it. An engine must stay in the process that made it.

    taps: "none" (fastest), "trace" (golden traces), "faults" (cells of RAM and data view of flash),
    "instructions" (programme counter faults).
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
    ) -> None:
        if target.core != "cortex-m3":
            raise EmulationError(f"core {target.core!r} is not emulated yet; only cortex-m3 is")
        self.target = target
        self.programs = programs
        self.clock_hz = clock_hz
        self.lsi_hz = lsi_hz
        self.taps = taps
        self.flash_start = target.flash.start
        self.flash_size = target.flash.end - target.flash.start
        self.ram_start = target.ram.start
        self.ram_size = target.ram.end - target.ram.start
        ram_bytes = -(-self.ram_size // _PAGE) * _PAGE
        self.arena = _page_aligned(ram_bytes + 8 * (at.STATE_WORDS + at.VARIABLE_COUNT))
        self.ram = self.arena[: self.ram_size]
        self.state = self.arena[ram_bytes : ram_bytes + 8 * at.STATE_WORDS].view(np.int64)
        self.variables = self.arena[ram_bytes + 8 * at.STATE_WORDS :].view(np.float64)
        self.flash = _page_aligned(self.flash_size + 8)
        self.flash[: self.flash_size] = np.frombuffer(image.bytes_at(target.flash.start, target.flash.end), np.uint8)
        self.golden_modes = np.full(MODE_SAMPLES, -1, np.int64)
        self.golden_signatures = np.zeros(MODE_SAMPLES, np.int64)
        self.control = np.zeros(at.CONTROL_WORDS, np.int64)
        self._keep: list[Any] = []
        self._open_engine()
        self._fill_control()
        self._map_memory()
        self._add_hooks()
        self.power_on()

    # ---- construction ------------------------------------------------------------------------------------------
    def _open_engine(self) -> None:
        self.engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
        self.engine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M3)
        self._handle = self.engine._uch.value if hasattr(self.engine._uch, "value") else int(self.engine._uch)
        self._base_context = self._new_context()

    def _new_context(self) -> int:
        pointer = ctypes.c_void_p()
        native.library.uc_context_alloc(ctypes.c_void_p(self._handle), ctypes.byref(pointer))
        native.library.uc_context_save(ctypes.c_void_p(self._handle), pointer)
        self._keep.append(pointer)
        return int(pointer.value or 0)

    def new_context(self) -> int:
        """A core context for native snapshots (it lives as long as this MCU)."""
        return self._new_context()

    def array(self, dtype: Any, count: int) -> npt.NDArray[Any]:
        """An array that native code may point to as long as this MCU lives."""
        made = np.zeros(count, dtype)
        self._keep.append(made)
        return made

    def _fill_control(self) -> None:
        control, programs = self.control, self.programs
        half_words = self.flash_size >> 1
        self.watch = self.array(np.uint8, half_words)
        self.register_stats = self.array(np.int64, bus.STATISTICS_WORDS)
        self.block_entries = self.array(np.int64, half_words)
        self.block_sizes = self.array(np.uint16, half_words)
        self._cost_sizes = self.array(np.uint16, half_words)
        pages = self.array(np.int64, bus.PERIPHERAL_SIZE >> 10)
        for peripheral in self.target.peripherals:
            kind = _behaviour(peripheral.behaviour)
            page = (peripheral.base - bus.PERIPHERAL_START) >> 10
            if kind and peripheral.name in _INSTANCES and 0 <= page < pages.size:
                pages[page] = kind << 8 | _INSTANCES[peripheral.name]
        values = {
            at.C_ENGINE: self._handle,
            at.C_STATE: self.state.ctypes.data,
            at.C_VARIABLES: self.variables.ctypes.data,
            at.C_RAM: self.ram.ctypes.data,
            at.C_FLASH: self.flash.ctypes.data,
            at.C_RAM_START: self.ram_start,
            at.C_RAM_SIZE: self.ram_size,
            at.C_FLASH_START: self.flash_start,
            at.C_FLASH_SIZE: self.flash_size,
            at.C_COST: self.array(np.uint32, half_words).ctypes.data,
            at.C_COST_SIZE: self._cost_sizes.ctypes.data,
            at.C_WATCH: self.watch.ctypes.data,
            at.C_SCRATCH: self.array(np.uint32, 16).ctypes.data,
            at.C_STEP_STOP: -1,
            at.C_BASE_CONTEXT: self._base_context,
            at.C_GOLDEN_MODES: self.golden_modes.ctypes.data,
            at.C_GOLDEN_SIGNATURES: self.golden_signatures.ctypes.data,
            at.C_PAGE_BEHAVIOUR: pages.ctypes.data,
            at.C_REGISTER_STATS: self.register_stats.ctypes.data,
            at.C_BLOCK_ENTRIES: self.block_entries.ctypes.data,
            at.C_BLOCK_SIZES: self.block_sizes.ctypes.data,
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
        self._keep.append(programs)

    def _map_memory(self) -> None:
        engine = self.engine
        self._map_factory_memories()
        for start in (self.flash_start, 0):
            engine.mem_map_ptr(
                start, self.flash_size, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC, self.flash.ctypes.data
            )
        whole = -(-self.ram_size // _PAGE) * _PAGE
        engine.mem_map_ptr(self.ram_start, whole, unicorn.UC_PROT_ALL, self.ram.ctypes.data)
        user = ctypes.c_void_p(self.control.ctypes.data)
        for start, size, read, write in (
            (bus.PERIPHERAL_START, bus.PERIPHERAL_SIZE, hooks.on_peripheral_read, hooks.on_peripheral_write),
            (bus.SYSTEM_START, bus.SYSTEM_SIZE, hooks.on_system_read, hooks.on_system_write),
            (
                bit_band.PERIPHERAL_ALIAS,
                bit_band.PERIPHERAL_ALIAS_SIZE,
                hooks.on_peripheral_bit_read,
                hooks.on_peripheral_bit_write,
            ),
            (
                self.ram_start + bit_band.ALIAS_OFFSET,
                whole * bit_band.RATIO,
                hooks.on_ram_bit_read,
                hooks.on_ram_bit_write,
            ),
        ):
            self._check(
                native.library.uc_mmio_map(
                    ctypes.c_void_p(self._handle),
                    ctypes.c_uint64(start),
                    ctypes.c_size_t(size),
                    ctypes.c_void_p(read.address),
                    user,
                    ctypes.c_void_p(write.address),
                    user,
                ),
                "peripherals cannot be mapped",
            )

    def _map_factory_memories(self) -> None:
        """System memory and option bytes: erased but for the size of the flash in KiB (RM0008 30.1.1)."""
        ranges = [memory.range for memory in self.target.memories if memory.shows is None]
        pages = sorted({page for one in ranges for page in range(one.start // _PAGE, -(-one.end // _PAGE))})
        for page in pages:
            self.engine.mem_map(page * _PAGE, _PAGE, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC)
            self.engine.mem_write(page * _PAGE, b"\xff" * _PAGE)
        if _FLASH_SIZE_AT // _PAGE in pages:
            self.engine.mem_write(_FLASH_SIZE_AT, (self.flash_size >> 10).to_bytes(2, "little"))

    def _add_hook(self, kind: int, callback: Any, first: int = 1, last: int = 0) -> None:
        handle = ctypes.c_size_t()
        self._keep.append(handle)
        self._check(
            native.library.uc_hook_add(
                ctypes.c_void_p(self._handle),
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
        self._add_hook(unicorn.UC_HOOK_BLOCK, hooks.on_block)
        self._add_hook(unicorn.UC_HOOK_INTR, hooks.on_interrupt)
        self._add_hook(unicorn.UC_HOOK_MEM_INVALID, hooks.on_bad_access)
        ram = (self.ram_start, self.ram_start + self.ram_size - 1)
        flash = (self.flash_start, self.flash_start + self.flash_size - 1)
        if self.taps == "trace":
            self._add_hook(unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE, taps.on_ram_access, *ram)
            self._add_hook(unicorn.UC_HOOK_MEM_READ, taps.on_flash_read, *flash)
        elif self.taps == "faults":
            self._add_hook(unicorn.UC_HOOK_MEM_READ, taps.on_ram_access, *ram)
            self._add_hook(unicorn.UC_HOOK_MEM_READ, taps.on_flash_read, *flash)
            self._add_hook(unicorn.UC_HOOK_MEM_READ_AFTER, taps.on_flash_read_done, *flash)
        elif self.taps == "instructions":
            self._add_hook(unicorn.UC_HOOK_CODE, taps.on_instruction)

    @staticmethod
    def _check(error: int, what: str) -> None:
        if error:
            raise EmulationError(f"{what}: Unicorn error {error}")

    # ---- life --------------------------------------------------------------------------------------------------
    def power_on(self) -> None:
        """Cold start: memory cleared, plant at its initial values, time zero."""
        self.arena[:] = 0
        self.variables[:] = self.programs.variables
        self.state[at.CYCLE_TICKS] = TICKS_PER_SECOND // self.clock_hz
        self.state[at.LSI_TICKS] = TICKS_PER_SECOND // self.lsi_hz
        self.state[at.DEEPEST_STACK] = self.ram_size
        self.clear_fault()
        reset(self.control, at.RESET_POWER_ON)

    def fetch_vectors(self) -> None:
        """Power-on once more with flash as it is now: initial stack pointer and start address are read anew."""
        reset(self.control, at.RESET_POWER_ON)

    def look_for_spins(self, blocks: int) -> None:
        """From now on, loops that change nothing are skipped by proof (looked for after so many blocks; 0: never)."""
        self.control[at.C_SPIN_LIMIT] = blocks
        self.control[at.C_ANCHOR] = 0
        self.control[at.C_ANCHOR_SKIP] = 0
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

    def run(self, until: int, budget: int = NEVER) -> int:
        """Runs until a time (ticks) or another reason; slices keep Ctrl-C working. Returns a DONE_ value."""
        self.control[at.C_INSTRUCTION_LIMIT] = NEVER if budget >= NEVER else int(self.state[at.INSTRUCTIONS]) + budget
        while True:
            goal = min(until, self.ticks + _SLICE)
            self.control[at.C_RUN_UNTIL] = goal
            done = int(run(self.control))
            if done != at.DONE_TIME or goal >= until:
                return done

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
        )

    def restore(self, snapshot: Snapshot) -> None:
        self.arena[:] = snapshot.arena
        self.engine.context_restore(snapshot.context)
        self.control[at.C_INTERRUPT] = snapshot.interrupt
        self.control[at.C_BLOCK] = snapshot.block
        self.control[at.C_BYPASS] = snapshot.bypass

    def digest(self) -> str:
        """SHA-256 over the whole state: arena and core registers.

        Left out: the deepest stack (a measurement) and the run loop's own plans (next deadline, masks looked at).
        """
        kept = {cell: int(self.state[cell]) for cell in _NOT_STATE}
        for cell in _NOT_STATE:
            self.state[cell] = 0
        digest = hashlib.sha256(self.arena.tobytes())
        for cell, value in kept.items():
            self.state[cell] = value
        for number in CONTEXT_REGISTERS:
            digest.update(self.register(number).to_bytes(8, "little"))
        return digest.hexdigest()

    def flip_executed(self, address: int, bit: int) -> None:
        """Flips a flash bit for execution and data alike, and drops translated code."""
        self.flash[address - self.flash_start] ^= 1 << bit
        self._cost_sizes[:] = 0
        self.engine.ctl_flush_tb()


def _behaviour(name: str) -> int:
    for word, number in _BEHAVIOURS.items():
        if word in name.split("-"):
            return number
    return at.B_UNMODELLED
