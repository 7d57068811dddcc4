"""Debug units broken on purpose: what is broken, and the checks that have to notice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from swassess.emulator import debug, debug_memory, debug_step
from swassess.emulator import layout as at
from swassess.emulator.debug import DebugUnit
from swassess.emulator.debug_comparators import BreakpointUnit, WatchpointUnit
from swassess.emulator.debug_memory import BusError, DebugMemory
from swassess.emulator.debug_triggers import Triggers
from swassess.emulator.mcu import Mcu

Break = Callable[[pytest.MonkeyPatch], None]


def breakpoints_off_by_two(patch: pytest.MonkeyPatch) -> None:
    right = BreakpointUnit.addresses
    patch.setattr(BreakpointUnit, "addresses", lambda self: [address + 2 for address in right(self)])


def breakpoints_dead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BreakpointUnit, "addresses", lambda self: [])


def breakpoints_hit_once(patch: pytest.MonkeyPatch) -> None:
    halt = DebugUnit._halt_for

    def once(self: DebugUnit, events: int) -> None:
        halt(self, events)
        if events & at.D_BREAKPOINT:
            self.breakpoints._comparators[:] = [0] * len(self.breakpoints._comparators)
            self._apply()

    patch.setattr(DebugUnit, "_halt_for", once)


def it_blocks_run_whole(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(debug_step, "opens_it_block", lambda half_word: False)
    patch.setattr(debug_step, "it_state", lambda xpsr: 0)


def it_state_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(debug_step, "with_it_state", lambda xpsr, state: xpsr & ~0x0600FC00)


def flags_set_in_it_blocks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(debug_step, "keeps_flags", lambda half_word: False)


def watchpoints_dead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(WatchpointUnit, "ranges", lambda self: [])


def _ranges(patch: pytest.MonkeyPatch, **changes: Callable[[Any], int]) -> None:
    right = WatchpointUnit.ranges

    def changed(self: WatchpointUnit) -> list[Any]:
        return [replace(one, **{name: change(one) for name, change in changes.items()}) for one in right(self)]

    patch.setattr(WatchpointUnit, "ranges", changed)


def watchpoints_of_both_kinds(patch: pytest.MonkeyPatch) -> None:
    _ranges(patch, kinds=lambda one: 3)


def watchpoints_of_no_writes(patch: pytest.MonkeyPatch) -> None:
    _ranges(patch, kinds=lambda one: one.kinds & ~2)


def watchpoints_too_wide(patch: pytest.MonkeyPatch) -> None:
    _ranges(patch, behind=lambda one: one.behind + 4)


def watchpoints_late(patch: pytest.MonkeyPatch) -> None:
    halt = DebugUnit._halt_for

    def late(self: DebugUnit, events: int) -> None:
        if events & at.D_WATCHPOINT and not self._halted:
            self._step()
        halt(self, events)

    patch.setattr(DebugUnit, "_halt_for", late)


def match_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Triggers, "read_watchpoint", lambda self, offset: self.watchpoints.read(offset, 0)[0])


def steps_of_two(patch: pytest.MonkeyPatch) -> None:
    one = DebugUnit._step

    def two(self: DebugUnit) -> int:
        return one(self) | one(self)

    patch.setattr(DebugUnit, "_step", two)


def stacked_it_state_lost(patch: pytest.MonkeyPatch) -> None:
    finish = debug_step.finish_conditional
    patch.setattr(
        debug_step,
        "finish_conditional",
        lambda mcu, before, faulted: None if faulted else finish(mcu, before, faulted),
    )


def interrupts_not_masked(patch: pytest.MonkeyPatch) -> None:
    apply = DebugUnit._apply

    def unmasked(self: DebugUnit) -> None:
        apply(self)
        self.mcu.control[at.C_DEBUG_MASK_INTERRUPTS] = 0

    patch.setattr(DebugUnit, "_apply", unmasked)


def interrupts_always_masked(patch: pytest.MonkeyPatch) -> None:
    apply = DebugUnit._apply

    def masked(self: DebugUnit) -> None:
        apply(self)
        self.mcu.control[at.C_DEBUG_MASK_INTERRUPTS] = 1

    patch.setattr(DebugUnit, "_apply", masked)


def nothing_is_caught(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DebugUnit, "_catches_this", lambda self: False)


def status_cleared_by_reading(patch: pytest.MonkeyPatch) -> None:
    read = DebugUnit.read

    def clearing(self: DebugUnit, address: int) -> int:
        value = read(self, address)
        if address == debug.DFSR:
            self._dfsr = 0
        return value

    patch.setattr(DebugUnit, "read", clearing)


def reset_status_never_cleared(patch: pytest.MonkeyPatch) -> None:
    status = DebugUnit._status
    patch.setattr(DebugUnit, "_status", lambda self: status(self) | debug.S_RESET_ST)


def reset_keeps_registers(patch: pytest.MonkeyPatch) -> None:
    after = DebugUnit._after_reset

    def kept(self: DebugUnit) -> None:
        after(self)
        self.mcu.engine.reg_write(71, 5)  # r5

    patch.setattr(DebugUnit, "_after_reset", kept)


def reset_keeps_peripherals(patch: pytest.MonkeyPatch) -> None:
    def core_alone(self: DebugUnit, cause: int = 0) -> None:
        self._halted = False
        debug.reset_core(self.mcu)
        self._after_reset()

    patch.setattr(DebugUnit, "system_reset", core_alone)


def core_reset_is_a_system_reset(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DebugUnit, "local_reset", lambda self: self.system_reset())


def pin_reset_tells_software(patch: pytest.MonkeyPatch) -> None:
    right = DebugUnit.system_reset
    patch.setattr(DebugUnit, "system_reset", lambda self, cause=0: right(self, at.RESET_SOFTWARE))


def bus_errors_swallowed(patch: pytest.MonkeyPatch) -> None:
    read, write = DebugMemory.read, DebugMemory.write

    def any_read(self: DebugMemory, address: int, size: int) -> int:
        try:
            return read(self, address, size)
        except BusError:
            return 0

    def any_write(self: DebugMemory, address: int, size: int, value: int) -> None:
        try:
            write(self, address, size, value)
        except BusError:
            return

    patch.setattr(DebugMemory, "read", any_read)
    patch.setattr(DebugMemory, "write", any_write)


def bus_without_side_effects(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mcu, "bus_write", lambda self, address, size, value: True)
    patch.setattr(debug_memory.bit_band, "write_peripheral_bit", lambda control, offset, value: None)


def flash_written_like_ram(patch: pytest.MonkeyPatch) -> None:
    build = DebugMemory.__init__

    def writable(self: DebugMemory, unit: DebugUnit) -> None:
        build(self, unit)
        self._writable.append(self._plain[-1])
        self._writable.append((unit.mcu.flash_start, unit.mcu.flash_start + unit.mcu.flash_size, unit.mcu.flash))

    patch.setattr(DebugMemory, "__init__", writable)


def cycles_stand_still(patch: pytest.MonkeyPatch) -> None:
    write = DebugUnit.write

    def deaf(self: DebugUnit, address: int, value: int) -> None:
        write(self, address, value & ~1 if address == 0xE0001000 else value)

    patch.setattr(DebugUnit, "write", deaf)


def lockup_unseen(patch: pytest.MonkeyPatch) -> None:
    status = DebugUnit._status
    patch.setattr(DebugUnit, "_status", lambda self: status(self) & ~debug.S_LOCKUP)


def register_writes_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(debug, "write_register", lambda mcu, number, value: None)


def code_changes_unseen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DebugUnit, "code_changed", lambda self, address, size: None)


def wrong_identity(patch: pytest.MonkeyPatch) -> None:
    read = BreakpointUnit.read
    patch.setattr(BreakpointUnit, "read", lambda self, offset: read(self, offset) & ~0x20)


BREAKS: dict[str, tuple[Break, tuple[str, ...]]] = {
    break_.__name__: (break_, names)
    for break_, names in (
        (breakpoints_off_by_two, ("breakpoint_address", "breakpoint_count", "breakpoint_in_it_block")),
        (breakpoints_dead, ("breakpoint_address", "breakpoint_count")),
        (breakpoints_hit_once, ("breakpoint_count",)),
        (it_blocks_run_whole, ("single_step",)),
        (it_state_lost, ("breakpoint_in_it_block", "step_exception_in_it_block")),
        (flags_set_in_it_blocks, ("single_step",)),
        (watchpoints_dead, ("watchpoint_write", "watchpoint_read", "watchpoint_in_it_block", "watchpoint_of_pc")),
        (watchpoints_of_both_kinds, ("watchpoint_write", "watchpoint_read")),
        (watchpoints_of_no_writes, ("watchpoint_write",)),
        (watchpoints_too_wide, ("watchpoint_size",)),
        (watchpoints_late, ("watchpoint_write", "watchpoint_read", "watchpoint_in_it_block")),
        (match_forgotten, ("watchpoint_write",)),
        (steps_of_two, ("single_step", "step_into_supervisor_call", "fault_while_stepping", "masked_interrupts")),
        (stacked_it_state_lost, ("step_exception_in_it_block",)),
        (interrupts_not_masked, ("masked_interrupts",)),
        (interrupts_always_masked, ("masked_interrupts",)),
        (nothing_is_caught, ("vector_catch",)),
        (status_cleared_by_reading, ("sticky_status",)),
        (reset_status_never_cleared, ("sticky_status",)),
        (reset_keeps_registers, ("system_reset", "pin_reset", "core_reset")),
        (reset_keeps_peripherals, ("system_reset", "pin_reset")),
        (core_reset_is_a_system_reset, ("core_reset",)),
        (pin_reset_tells_software, ("pin_reset",)),
        (bus_errors_swallowed, ("bad_addresses",)),
        (bus_without_side_effects, ("side_effects",)),
        (flash_written_like_ram, ("flash_is_not_written",)),
        (cycles_stand_still, ("cycle_counter",)),
        (lockup_unseen, ("lockup",)),
        (register_writes_lost, ("registers_when_halted",)),
        (code_changes_unseen, ("breakpoint_instruction",)),
        (wrong_identity, ("identification",)),
    )
}
