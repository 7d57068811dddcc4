"""The debug unit of the emulated MCU: halt, run, step, reset, and the registers a debugger does that with.

Sources: Armv7-M ARM C1 (DHCSR, DCRSR, DEMCR, DFSR, FPB, DWT), Armv6-M ARM C1. Time is virtual: it stands still while
the core is halted (for peripherals too, as if every freeze bit of the debug control block were set), and a running core
gets one slice of it for each read of DHCSR, so that sessions repeat exactly.
"""

from typing import Final

from unicorn import arm_const as arm

from swassess.emulator import cycle_counter, debug_step
from swassess.emulator import layout as at
from swassess.emulator.debug_cores import DWT, FPB, debug_core, identification
from swassess.emulator.debug_registers import read_register, write_register
from swassess.emulator.debug_reset import reset_core
from swassess.emulator.debug_triggers import Triggers
from swassess.emulator.mcu import Mcu
from swassess.emulator.reset import reset
from swassess.errors import EmulationError
from swassess.model.time import TICKS_PER_MILLISECOND

DHCSR, DCRSR, DCRDR, DEMCR, DFSR = 0xE000EDF0, 0xE000EDF4, 0xE000EDF8, 0xE000EDFC, 0xE000ED30
C_DEBUGEN, C_HALT, C_STEP, C_MASKINTS = 1, 2, 4, 8
S_REGRDY, S_HALT, S_SLEEP, S_LOCKUP, S_RETIRE_ST, S_RESET_ST = 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 24, 1 << 25
DFSR_HALTED, DFSR_BKPT, DFSR_DWTTRAP, DFSR_VCATCH, DFSR_EXTERNAL = 1, 2, 4, 8, 16
VC_CORERESET, TRCENA = 1, 1 << 24
LOCKUP_ADDRESS: Final = 0xFFFFFFFE
SLICE: Final = 10 * TICKS_PER_MILLISECOND
_DEBUG_KEY = 0xA05F
_ASLEEP = (at.IN_WFI, at.IN_WFE)
_SYNCHRONOUS = (3, 4, 5, 6, 11)  # exceptions that an instruction raises: faults and SVC
# vector catch: bit of DEMCR -> exception, bits of CFSR one of which must be set (0: any)
_CATCHES = (
    (4, 4, 0),
    (5, 6, 1 << 19),
    (6, 6, 3 << 24),
    (7, 6, 7 << 16),
    (8, 5, 0),
    (9, 3, 0x1818),
    (9, 5, 0x1800),
    (9, 4, 0x18),
    (10, 3, 0),
)


class DebugUnit:
    """Debug hardware of an MCU that was made with taps="debug". slice_ticks: virtual time per poll of DHCSR."""

    def __init__(self, mcu: Mcu, slice_ticks: int = SLICE) -> None:
        if mcu.taps != "debug":
            raise EmulationError(f'a debugger needs an MCU made with taps="debug", not {mcu.taps!r}')
        self.mcu = mcu
        self.core = debug_core(mcu.target.core)
        self.slice_ticks = slice_ticks
        self._triggers = Triggers(mcu, self.core)
        self.breakpoints, self.watchpoints = self._triggers.breakpoints, self._triggers.watchpoints
        self._identification = identification(self.core)
        self._enabled = self._halted = self._locked = self._register_ready = False
        self._masked = 0
        self._dfsr = self._dcrdr = 0
        self._was_reset, self._retired = True, False
        self.in_reset = False
        self._changed: list[tuple[int, int]] = []
        self.resets = 0
        """Resets of the MCU seen so far, whatever caused them."""

    # ---- registers -----------------------------------------------------------------------------------------------
    @property
    def halted(self) -> bool:
        return self._halted

    @property
    def pc(self) -> int:
        return LOCKUP_ADDRESS if self._locked else self.mcu.pc

    def serves(self, address: int) -> bool:
        """Whether a word address belongs to the debug hardware."""
        return (
            DHCSR <= address <= DEMCR
            or address == DFSR
            or DWT <= address < DWT + 0x60
            or FPB <= address < FPB + 0x40
            or address in self._identification
        )

    def read(self, address: int) -> int:
        """A debugger's read of a debug register; reading DHCSR lets a running core run for one slice."""
        if address == DHCSR:
            return self._status()
        if address == DCRSR:
            return 0
        if address == DCRDR:
            return self._dcrdr
        if address == DEMCR:
            return self._demcr
        if address == DFSR:
            return self._dfsr
        if FPB <= address < FPB + 0x40:
            return self.breakpoints.read(address - FPB)
        if DWT <= address < DWT + 0x60:
            return self._read_watch(address - DWT)
        return self._identification.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """A debugger's write of a debug register."""
        if address == DHCSR:
            if value >> 16 == _DEBUG_KEY:
                self._control(value & 0xFFFF)
        elif address == DCRSR:
            self._transfer(value)
        elif address == DCRDR:
            self._dcrdr = value
        elif address == DEMCR:
            cycle_counter.write(self.mcu.state, DEMCR, value & self.core.catches)
            self._apply()
        elif address == DFSR:
            self._dfsr &= ~value
        elif FPB <= address < FPB + 0x40:
            self.breakpoints.write(address - FPB, value)
            self._apply()
        elif DWT <= address < DWT + 0x60:
            self._write_watch(address - DWT, value)

    def _status(self) -> int:
        if not self._halted and not self.in_reset:
            self.advance()
        sleeping = int(self.mcu.state[at.SLEEPING])
        value = C_DEBUGEN * self._enabled | self._masked
        value |= (C_HALT | S_HALT) * self._halted | S_REGRDY * self._register_ready
        if not self._halted:
            value |= S_SLEEP * (sleeping in _ASLEEP) | S_LOCKUP * (sleeping == at.LOCKED_UP)
        value |= S_RETIRE_ST * self._retired | S_RESET_ST * (self._was_reset or self.in_reset)
        self._retired = self._was_reset = False
        return value

    def _control(self, value: int) -> None:
        self._enabled = bool(value & C_DEBUGEN)
        if not self._enabled:
            self._masked = 0
            self._apply()
            self._resume()
            return
        self._masked = value & C_MASKINTS
        self._apply()
        if value & C_HALT:
            if not self._halted:
                self._halt(DFSR_HALTED)
        elif value & C_STEP and self._halted:
            self.step()
        else:
            self._resume()

    def _transfer(self, value: int) -> None:
        self._register_ready = self._halted
        if not self._halted:
            return
        number = value & 0x7F
        if not value >> 16 & 1:
            self._dcrdr = self.pc if number == 15 else read_register(self.mcu, number)
        else:
            if number == 15:
                self._locked = False
            write_register(self.mcu, number, self._dcrdr)

    # ---- watchpoints and cycles ----------------------------------------------------------------------------------
    def _read_watch(self, offset: int) -> int:
        if offset == 0:
            missing = 0 if self.core.cycle_counter else 1 << 25
            return self.watchpoints.count << 28 | missing | int(self.mcu.state[at.DWT_CONTROL])
        if offset == 4:
            return int(cycle_counter.count(self.mcu.state)) if self.core.cycle_counter else 0
        if offset == 0x1C:
            return 0xFFFFFFFF if self._halted else self.mcu.pc
        return self._triggers.read_watchpoint(offset)

    def _write_watch(self, offset: int, value: int) -> None:
        if offset > 4:
            self.watchpoints.write(offset, value)
            self._apply()
        elif self.core.cycle_counter:
            cycle_counter.write(self.mcu.state, DWT + offset, value)

    @property
    def _demcr(self) -> int:
        return int(self.mcu.state[at.DEMCR])

    def _apply(self) -> None:
        """Hands breakpoints, watchpoints and vector catch to the engine's hooks."""
        control = self.mcu.control
        control[at.C_DEBUG_ON] = self._enabled
        control[at.C_DEBUG_MASK_INTERRUPTS] = self._masked != 0
        self._triggers.apply(self._enabled, bool(self._demcr & TRCENA))
        catch = 0
        for bit, exception, _ in _CATCHES:
            if self._enabled and self._demcr >> bit & 1:
                catch |= 1 << exception
        control[at.C_DEBUG_CATCH] = catch

    def code_changed(self, address: int, size: int) -> None:
        """Tells that memory has been written from outside: code translated from there is dropped before running on."""
        self._changed.append((address, size))

    def _before_running(self) -> None:
        mcu = self.mcu
        for address, size in self._changed:
            mcu.engine.ctl_remove_cache(address, address + size)
        self._changed.clear()
        if self._locked:
            self._locked = False
            mcu.state[at.SLEEPING] = at.LOCKED_UP
        mcu.control[at.C_DEBUG_EVENT] = 0
        mcu.control[at.C_STOP_ON_RESET] = 1
        state = debug_step.it_state(mcu.register(arm.UC_ARM_REG_XPSR))
        if state:
            pc = mcu.pc
            mcu.debug_table[at.DT_IT_START] = pc - 2
            while state:
                pc += debug_step.instruction_size(debug_step.half_word_at(mcu, pc))
                state = debug_step.advance(state)
            mcu.control[at.C_DEBUG_IT_END] = pc

    # ---- halt, run, step -------------------------------------------------------------------------------------------
    def _halt(self, cause: int) -> None:
        state = self.mcu.state
        if state[at.SLEEPING] == at.LOCKED_UP:
            self._locked = True
        if self._locked or state[at.SLEEPING] in _ASLEEP:
            state[at.SLEEPING] = at.AWAKE
        self._halted = True
        self._dfsr |= cause

    def _resume(self) -> None:
        if self._halted:
            self._halted = False
            self._register_ready = False

    def advance(self) -> None:
        """One slice of virtual time for the running core; breakpoints and the like may halt it earlier."""
        end = self.mcu.ticks + self.slice_ticks
        while not self._halted and self.mcu.ticks < end:
            self._before_running()
            done = self.mcu.run(end)
            self._retired = True
            events = self._events(done)
            if events & at.D_CONDITIONAL:
                self._step_through_it_block(events & ~at.D_CONDITIONAL)
            elif events:
                self._halt_for(events)

    def step(self) -> None:
        """One instruction, or the entry of an exception that is due; then the core is halted again."""
        self._resume()
        events = self._step()
        self._retired = True
        if not self._halted:
            self._halt_for(events & ~at.D_STEPPED)
            self._dfsr |= DFSR_HALTED
            self._halted = True
        self._register_ready = True

    def _step(self) -> int:
        """Executes one instruction; the D_ events met."""
        mcu = self.mcu
        self._before_running()
        if mcu.state[at.SLEEPING] == at.LOCKED_UP:
            self._halt(DFSR_HALTED)
            return 0
        conditional = debug_step.it_state(mcu.register(arm.UC_ARM_REG_XPSR)) != 0
        before = (0, 0, 0)
        if conditional or debug_step.opens_it_block(debug_step.half_word_at(mcu, mcu.pc)):
            met = self._triggers.breakpoint_at(mcu.pc)
            if met:
                return met
            if not conditional:
                debug_step.enter_it_block(mcu)
                return 0
            if debug_step.skip_conditional(mcu):
                return 0
            before = debug_step.prepare_conditional(mcu)
        taken = int(mcu.state[at.EXCEPTION_TAKEN : at.EXCEPTION_TAKEN + at.EXCEPTIONS].sum())
        mcu.control[at.C_DEBUG_IT_END] = 0
        events, done = self._run_for_step(2, 1)
        if done == at.DONE_TIME and any(mcu.state[at.PENDING + number] for number in _SYNCHRONOUS):
            events |= self._run_for_step(1, self.slice_ticks)[0]  # the exception that the instruction has raised
        mcu.control[at.C_DEBUG_PENDING] = 0
        if conditional and done != at.DONE_RESET:
            faulted = int(mcu.state[at.EXCEPTION_TAKEN : at.EXCEPTION_TAKEN + at.EXCEPTIONS].sum()) != taken
            debug_step.finish_conditional(mcu, before, faulted)
        if mcu.state[at.SLEEPING] in _ASLEEP:
            mcu.state[at.SLEEPING] = at.AWAKE
        return events

    def _run_for_step(self, stop: int, ticks: int) -> tuple[int, int]:
        """Runs until C_DEBUG_STEP = stop is used up, or the time has passed; events met, why the run ended."""
        mcu = self.mcu
        mcu.control[at.C_DEBUG_STEP] = stop
        end = mcu.ticks + ticks
        done = mcu.run(end)
        while done == at.DONE_WATCH:  # an observer's watch before the instruction
            done = mcu.run(end)
        mcu.control[at.C_DEBUG_STEP] = 0
        return self._events(done) | int(mcu.control[at.C_DEBUG_PENDING]), done

    def _step_through_it_block(self, met: int) -> None:
        """The IT block at PC holds a breakpoint: its instructions are executed one by one."""
        events = met | self._step()
        while not self._halted and not events & ~at.D_STEPPED:
            if not debug_step.it_state(self.mcu.register(arm.UC_ARM_REG_XPSR)):
                return
            events |= self._triggers.breakpoint_at(self.mcu.pc) or self._step()
        if not self._halted:
            self._halt_for(events & ~at.D_STEPPED)

    def _events(self, done: int) -> int:
        """What the end of a run means for the debugger: D_ events."""
        mcu = self.mcu
        events = int(mcu.control[at.C_DEBUG_EVENT])
        mcu.control[at.C_DEBUG_EVENT] = 0
        if done == at.DONE_RESET:
            self._after_reset()
            return 0
        if done == at.DONE_ERROR:
            error = int(mcu.control[at.C_ERROR])
            mcu.control[at.C_ERROR] = 0
            mcu.state[at.SLEEPING] = at.LOCKED_UP
            raise EmulationError(f"the emulated core stopped with engine error {error} at 0x{mcu.pc:08X}")
        if events & at.D_CAUGHT and not self._catches_this():
            events &= ~at.D_CAUGHT
        return events

    def _catches_this(self) -> bool:
        exception, status = int(self.mcu.control[at.C_INTERRUPT]), int(self.mcu.state[at.CFSR])
        return any(
            self._demcr >> bit & 1 and number == exception and (not wanted or status & wanted)
            for bit, number, wanted in _CATCHES
        )

    def _halt_for(self, events: int) -> None:
        cause = DFSR_BKPT if events & at.D_BREAKPOINT else 0
        cause |= DFSR_DWTTRAP if events & at.D_WATCHPOINT else 0
        cause |= DFSR_VCATCH if events & at.D_CAUGHT else 0
        if cause:
            self._halt(cause)

    # ---- resets ------------------------------------------------------------------------------------------------
    def _after_reset(self) -> None:
        self.resets += 1
        self._was_reset, self._locked = True, False
        self.mcu.control[at.C_DEBUG_PENDING] = 0
        if self._enabled and self._demcr & VC_CORERESET:
            self._halt(DFSR_VCATCH)

    def system_reset(self, cause: int = at.RESET_SOFTWARE) -> None:
        """Resets the MCU (AIRCR.SYSRESETREQ, or the reset pin with RESET_PIN); debug registers stay as they are."""
        self._halted = False
        reset(self.mcu.control, cause)
        self.mcu.control[at.C_BYPASS] = 0
        self._after_reset()

    def local_reset(self) -> None:
        """AIRCR.VECTRESET: the core alone, without peripherals; only where the core has it."""
        if not self.core.vector_reset:
            return
        self._halted = False
        reset_core(self.mcu)
        self._after_reset()

    def power_cycle(self) -> None:
        """Cold start of the MCU; the debug hardware keeps its settings, as if powered by the probe."""
        state = self.mcu.state
        kept = int(state[at.DEMCR]), int(state[at.DWT_CONTROL])
        self.mcu.power_on()
        state[at.DEMCR], state[at.DWT_CONTROL] = kept
        self.mcu.control[at.C_BYPASS] = 0

    def clear_active(self) -> None:
        """AIRCR.VECTCLRACTIVE: no exception is active any more."""
        self.mcu.state[at.ACTIVE : at.ACTIVE + at.EXCEPTIONS] = 0

    def hold_in_reset(self, asserted: bool) -> None:
        """The reset pin: while it is asserted nothing runs."""
        if asserted:
            self._halted = False
            self.in_reset = True
        elif self.in_reset:
            self.in_reset = False
            self.system_reset(at.RESET_PIN)
