"""What a debugger may rely on, as checks through pyOCD. Each raises AssertionError when it does not hold.

test_conformance.py runs them on the sound debug unit, where they must hold, and on units broken on purpose, where the
check that looks for that must fail.
"""

from collections.abc import Callable
from contextlib import suppress

from debuggee import FLASH, Bench
from pyocd.core.exceptions import TransferFaultError
from pyocd.core.target import Target

RESULTS, SELECT = 0x20000100, 0x20000180
DFSR, DHCSR, DEMCR, CFSR, HFSR, VTOR, ICSR, AIRCR = (
    0xE000ED30, 0xE000EDF0, 0xE000EDFC, 0xE000ED28, 0xE000ED2C, 0xE000ED08, 0xE000ED04, 0xE000ED0C
)  # fmt: skip
RCC_CSR, GPIOA_CRL, GPIOA_ODR, GPIOA_BSRR = 0x40021024, 0x40010800, 0x4001080C, 0x40010810
BKPT, DWTTRAP, VCATCH, HALTED = 2, 4, 8, 1
Check = Callable[[Bench], None]


def breakpoint_address(bench: Bench) -> None:
    """The core halts before the instruction at the breakpoint, DFSR.BKPT set, whichever half-word it begins at."""
    bench.reset()
    for name in ("loop", "conditional", "store", "stored", "function", "sv_call"):
        bench.core.set_breakpoint(bench.at(name))
        bench.core.resume()
        bench.wait()
        assert bench.register("pc") == bench.at(name), name
        assert bench.core.read32(DFSR) & BKPT
        assert bench.core.get_halt_reason() is Target.HaltReason.BREAKPOINT
        bench.core.remove_breakpoint(bench.at(name))
    assert bench.register("r0") == 1  # the SVC's caller had just loaded it


def breakpoint_count(bench: Bench) -> None:
    """Each passage halts once, none is missed: the loop runs 20 times."""
    bench.reset()
    seen = []
    bench.core.set_breakpoint(bench.at("call"))
    for _ in range(20):
        bench.core.set_breakpoint(bench.at("store"))
        bench.core.resume()
        bench.wait()
        assert bench.register("pc") == bench.at("store")
        seen.append(bench.register("r0"))
        bench.core.step()  # as on silicon, a breakpoint holds a step too
        assert bench.register("pc") == bench.at("store")
        bench.core.remove_breakpoint(bench.at("store"))
        bench.core.step()
        assert bench.register("pc") == bench.at("stored")
    assert seen == list(range(1, 21))
    bench.core.resume()
    bench.wait()
    assert bench.register("pc") == bench.at("call")
    bench.core.remove_breakpoint(bench.at("call"))


def breakpoint_in_it_block(bench: Bench) -> None:
    """A breakpoint on a conditional instruction halts there, with the IT state in xPSR, and running on is right."""
    bench.reset()
    bench.core.set_breakpoint(bench.at("inside"))
    bench.core.resume()
    bench.wait()
    assert bench.register("pc") == bench.at("inside")
    assert bench.register("r1") == 5  # the instruction before has been executed
    assert bench.register("r2") == 0
    xpsr = bench.register("xpsr")
    assert (xpsr >> 8 & 0xFC | xpsr >> 25 & 3) == 0x34  # one LO to come, then HS
    bench.core.remove_breakpoint(bench.at("inside"))
    bench.run_to("store")
    assert (bench.register("r1"), bench.register("r2"), bench.register("r3")) == (5, 10, 15)


def watchpoint_write(bench: Bench) -> None:
    """A write halts the core behind the store, with the value in memory; a read of the word does not."""
    bench.reset()
    bench.core.set_watchpoint(RESULTS + 4, 4, Target.WatchpointType.WRITE)
    for value in (5 + 10, 10 + 20):
        bench.core.resume()
        bench.wait()
        assert bench.register("pc") == bench.at("stored")
        assert bench.core.get_halt_reason() is Target.HaltReason.WATCHPOINT
        assert bench.core.read32(RESULTS + 4) == value == bench.register("r3")
        assert bench.core.read32(0xE0001028) >> 24 & 1  # MATCHED of comparator 0
        assert not bench.core.read32(0xE0001028) >> 24 & 1  # which reading has cleared
    bench.core.remove_watchpoint(RESULTS + 4, 4, Target.WatchpointType.WRITE)


def watchpoint_read(bench: Bench) -> None:
    """A read halts behind the load; a write of the word does not."""
    bench.reset()
    bench.core.set_watchpoint(RESULTS + 4, 4, Target.WatchpointType.READ)
    bench.core.resume()
    bench.wait()
    assert bench.register("pc") == bench.at("loaded")
    assert bench.register("r4") == 15
    bench.core.remove_watchpoint(RESULTS + 4, 4, Target.WatchpointType.READ)


def watchpoint_in_it_block(bench: Bench) -> None:
    """A conditional store is seen; the core halts behind its IT block."""
    bench.reset()
    bench.core.set_watchpoint(RESULTS + 8, 4, Target.WatchpointType.READ_WRITE)
    bench.core.resume()
    bench.wait()
    assert bench.register("pc") == bench.at("stored_conditionally")
    assert bench.core.read32(RESULTS + 8) == 2 == bench.register("r5")
    bench.core.remove_watchpoint(RESULTS + 8, 4, Target.WatchpointType.READ_WRITE)


def watchpoint_size(bench: Bench) -> None:
    """A byte next to the word that is written is not watched; a byte of it is."""
    for offset, hits in ((3, False), (4, True), (7, True), (8, True), (12, True), (20, False)):
        bench.reset()
        bench.core.set_watchpoint(RESULTS + offset, 1, Target.WatchpointType.WRITE)
        bench.core.set_breakpoint(bench.at("done"))
        bench.core.resume()
        bench.wait()
        reason = Target.HaltReason.WATCHPOINT if hits else Target.HaltReason.BREAKPOINT
        assert bench.core.get_halt_reason() is reason, offset
        bench.core.remove_watchpoint(RESULTS + offset, 1, Target.WatchpointType.WRITE)
        bench.core.remove_breakpoint(bench.at("done"))


def watchpoint_of_pc(bench: Bench) -> None:
    """A comparator with function 4 halts at an instruction."""
    bench.reset()
    core = bench.core
    core.write32(0xE0001020, bench.at("store"))
    core.write32(0xE0001024, 0)
    core.write32(0xE0001028, 4)
    core.resume()
    bench.wait()
    assert bench.register("pc") == bench.at("store")
    assert core.get_halt_reason() is Target.HaltReason.WATCHPOINT
    core.write32(0xE0001028, 0)


def single_step(bench: Bench) -> None:
    """Each step executes one instruction, conditional or not, and halts with DFSR.HALTED."""
    bench.reset()
    bench.run_to("conditional")
    visited = []
    for _ in range(4):
        bench.core.step()
        visited.append(bench.register("pc"))
        assert bench.core.read32(DFSR) == HALTED
    first = bench.at("inside")
    assert visited == [first - 2, first, first + 2, first + 4]
    assert (bench.register("r1"), bench.register("r2")) == (5, 10)
    assert bench.register("xpsr") & 0xF8000000 == 0x80000000  # N of the comparison; ADD and LSL left it alone


def step_into_supervisor_call(bench: Bench) -> None:
    """Stepping SVC ends at the handler's first instruction; its return is one step too."""
    bench.reset()
    bench.run_to("call")
    stack = bench.register("sp")
    bench.core.step()
    assert bench.register("pc") == bench.at("sv_call")
    assert bench.register("ipsr") == 11
    assert bench.register("sp") == stack - 32
    assert bench.register("lr") == 0xFFFFFFF9
    assert bench.core.read32(stack - 32 + 24) == bench.at("called")
    for _ in range(4):
        bench.core.step()
    assert bench.register("pc") == bench.at("called")
    assert bench.register("ipsr") == 0
    assert bench.core.read32(RESULTS + 12) == 9


def step_exception_in_it_block(bench: Bench) -> None:
    """SVC inside an IT block: the stacked xPSR holds the IT state behind it, and the block goes on after the return."""
    bench.reset()
    bench.run_to("pended")
    for _ in range(16):
        if bench.register("pc") != bench.at("sv_call"):
            bench.core.step(disable_interrupts=False)
    assert bench.register("pc") == bench.at("sv_call")
    stacked = bench.core.read32(bench.register("sp") + 28)
    assert (stacked >> 8 & 0xFC | stacked >> 25 & 3) == 0x08  # EQ for one more instruction
    for _ in range(4):
        bench.core.step()
    assert bench.register("pc") == bench.at("called_conditionally")
    bench.core.step()
    assert bench.register("r1") == 3


def masked_interrupts(bench: Bench) -> None:
    """With C_MASKINTS a pending PendSV waits; without it the step takes it and halts at its first instruction."""
    bench.reset()
    bench.run_to("called")
    for _ in range(3):
        bench.core.step(disable_interrupts=True)
    assert bench.register("pc") == bench.at("pended")
    assert bench.core.read32(ICSR) >> 28 & 1
    bench.core.step(disable_interrupts=True)
    assert bench.register("pc") == bench.at("pended") + 2
    bench.core.step(disable_interrupts=False)
    assert bench.register("pc") == bench.at("pend_sv")
    assert bench.register("ipsr") == 14


def fault_while_stepping(bench: Bench) -> None:
    """Stepping an undefined instruction ends at HardFault's first instruction, with its status."""
    bench.reset()
    bench.run_to("undefined")
    bench.core.step()
    assert bench.register("pc") == bench.at("hard_fault")
    assert bench.core.read32(CFSR) == 1 << 16
    assert bench.core.read32(HFSR) == 1 << 30
    assert bench.core.read32(bench.register("sp") + 24) == bench.at("undefined")


def vector_catch(bench: Bench) -> None:
    """DEMCR.VC_HARDERR halts at the handler, DFSR.VCATCH set; without it the handler runs."""
    bench.reset()
    bench.core.set_vector_catch(Target.VectorCatch.HARD_FAULT)
    bench.core.resume()
    bench.wait()
    assert bench.register("pc") == bench.at("hard_fault")
    assert bench.core.get_halt_reason() is Target.HaltReason.VECTOR_CATCH
    bench.reset()
    bench.core.set_vector_catch(Target.VectorCatch.NONE)
    bench.run_to("done")


def sticky_status(bench: Bench) -> None:
    """DFSR keeps causes until they are written back; reading DHCSR clears S_RESET_ST."""
    bench.reset()
    bench.run_to("loop")
    assert bench.core.read32(DFSR) & BKPT
    assert bench.core.read32(DFSR) & BKPT
    bench.core.write32(DFSR, HALTED)
    assert bench.core.read32(DFSR) & BKPT
    bench.core.write32(DFSR, BKPT)
    assert not bench.core.read32(DFSR) & BKPT
    bench.core.write32(DEMCR, bench.core.read32(DEMCR) | 1)
    bench.core.write32(AIRCR, 0x05FA0004)
    assert bench.core.read32(DHCSR) >> 25 & 1
    assert not bench.core.read32(DHCSR) >> 25 & 1


def _spoil(bench: Bench) -> None:
    """Registers, RAM and peripherals unlike after a reset."""
    bench.reset()
    bench.run_to("stored")
    for number in range(13):
        bench.core.write_core_register(f"r{number}", 0x100 + number)
    bench.core.write_core_register("psp", 0x20001000)
    bench.core.write_core_register("control", 2)
    bench.core.write32(GPIOA_CRL, 0x33333333)
    bench.core.write32(VTOR, 0x20000200)
    bench.core.write32(SELECT, 0x1234)


def _check_reset_registers(bench: Bench) -> None:
    assert bench.register("pc") == bench.at("start")
    assert bench.register("msp") == bench.register("sp") == 0x20005000
    assert bench.register("lr") == 0xFFFFFFFF
    assert bench.register("xpsr") & 0x010001FF == 0x01000000
    assert bench.register("cfbp") == 0
    assert [bench.register(f"r{number}") for number in range(13)] == [0] * 13
    assert bench.core.read32(VTOR) == 0
    assert bench.core.read32(SELECT) == 0x1234  # RAM is kept


def system_reset(bench: Bench) -> None:
    """SYSRESETREQ: core and peripherals start anew, RAM stays, RCC tells the cause."""
    _spoil(bench)
    bench.core.reset_and_halt(Target.ResetType.SYSRESETREQ)
    _check_reset_registers(bench)
    assert bench.core.read32(GPIOA_CRL) == 0x44444444
    assert bench.core.read32(RCC_CSR) >> 28 & 1


def pin_reset(bench: Bench) -> None:
    """The reset pin: as SYSRESETREQ, with another cause."""
    _spoil(bench)
    bench.core.write32(RCC_CSR, 1 << 24)
    bench.core.reset_and_halt(Target.ResetType.HARDWARE)
    _check_reset_registers(bench)
    assert bench.core.read32(GPIOA_CRL) == 0x44444444
    assert bench.core.read32(RCC_CSR) >> 26 & 0x3F == 1


def core_reset(bench: Bench) -> None:
    """VECTRESET: the core starts anew, peripherals do not."""
    _spoil(bench)
    bench.core.reset_and_halt(Target.ResetType.VECTRESET)
    _check_reset_registers(bench)
    assert bench.core.read32(GPIOA_CRL) == 0x33333333


def bad_addresses(bench: Bench) -> None:
    """Reads and writes where nothing is are transfer faults, at the right address, and do not disturb what follows."""
    bench.reset()
    core = bench.core
    for address in (0x60000000, 0x20005000, 0x30000000, 0x08010000):
        for access in (
            lambda at: core.read32(at),
            lambda at: core.write32(at, 1),
            lambda at: core.read8(at),
            lambda at: core.read_memory_block32(at, 4),
            lambda at: core.write_memory_block32(at, [1, 2]),
        ):
            try:
                access(address)
            except TransferFaultError as error:
                assert error.fault_address in range(address, address + 16)
            else:
                raise AssertionError(f"0x{address:08X} answers")
        assert core.read32(FLASH) == 0x20005000
    try:
        core.read_memory_block32(0x20004FF8, 4)  # the first two words are there
    except TransferFaultError:
        pass
    else:
        raise AssertionError("a block across the end of RAM answers")


def side_effects(bench: Bench) -> None:
    """The debugger's accesses are the bus's: a bit set register sets bits of another one, narrow accesses reach their
    part, a bit written through the bit band reaches the register."""
    bench.reset()
    core = bench.core
    core.write32(GPIOA_BSRR, 1 << 3)
    assert core.read32(GPIOA_ODR) == 1 << 3
    core.write32(GPIOA_BSRR, 1 << 19 | 1)
    assert core.read32(GPIOA_ODR) == 1
    core.write32(RESULTS, 0x11223344)
    core.write8(RESULTS + 1, 0xAA)
    core.write16(RESULTS + 2, 0xBBCC)
    assert core.read32(RESULTS) == 0xBBCCAA44
    core.write32(0x22000000 + (RESULTS - 0x20000000) * 32 + 4, 1)
    assert core.read8(RESULTS) == 0x46
    core.write32(0x42000000 + (GPIOA_CRL - 0x40000000) * 32, 1)
    assert core.read32(GPIOA_CRL) & 1


def flash_is_not_written(bench: Bench) -> None:
    """A plain write into locked flash is refused and changes nothing."""
    bench.reset()
    with suppress(TransferFaultError):
        bench.core.write16(FLASH + 0x8000, 0x1234)
    assert bench.core.read16(FLASH + 0x8000) == 0xFFFF


def cycle_counter(bench: Bench) -> None:
    """CYCCNT counts cycles of the core while it runs, stands still while it is halted, and can be set."""
    bench.reset()
    bench.run_to("store")
    core = bench.core
    core.write32(0xE0001004, 0x100)
    assert core.read32(0xE0001004) == 0x100
    before = bench.mcu.ticks
    core.step()
    bench.run_to("store")
    passed = (bench.mcu.ticks - before) * 8_000_000 // 10**12
    assert 10 < passed < 100
    assert core.read32(0xE0001004) == 0x100 + passed


def lockup(bench: Bench) -> None:
    """A fault in HardFault's handler locks up: S_LOCKUP, PC 0xFFFFFFFE when halted; a reset ends it."""
    bench.reset()
    bench.run_to("undefined")
    bench.core.set_vector_catch(Target.VectorCatch.NONE)
    bench.core.step()
    bench.core.write_core_register("pc", bench.at("undefined"))
    bench.core.resume()
    assert bench.core.get_state() is Target.State.LOCKUP
    bench.core.halt()
    assert bench.core.get_state() is Target.State.HALTED
    assert bench.register("pc") == 0xFFFFFFFE
    bench.reset()
    assert bench.register("pc") == bench.at("start")


def registers_when_halted(bench: Bench) -> None:
    """What is written to core registers is read back, and the program sees it."""
    bench.reset()
    for number in range(13):
        bench.core.write_core_register(f"r{number}", 0xA0000000 + number)
    assert [bench.register(f"r{number}") for number in range(13)] == [0xA0000000 + number for number in range(13)]
    for name, value in (("msp", 0x20002000), ("psp", 0x20001800), ("primask", 1), ("basepri", 0x40), ("control", 2)):
        bench.core.write_core_register(name, value)
        assert bench.register(name) == value, name
    assert bench.register("sp") == 0x20001800  # CONTROL selects the process stack
    bench.reset()
    bench.run_to("store")
    bench.core.write_core_register("r3", 0xCAFE)
    bench.core.step()
    assert bench.core.read32(RESULTS + 4) == 0xCAFE


def breakpoint_instruction(bench: Bench) -> None:
    """BKPT, as a debugger puts it into RAM, halts the core on it."""
    bench.reset()
    bench.core.write_memory_block8(0x20001000, bytes.fromhex("0130013000be0130fee7"))  # adds, adds, bkpt, adds, b .
    bench.core.write_core_register("pc", 0x20001000)
    bench.core.resume()
    bench.wait()
    assert bench.register("pc") == 0x20001004
    assert bench.register("r0") == 2
    assert bench.core.read32(DFSR) & BKPT
    bench.core.write_memory_block8(0x20001004, bytes.fromhex("0130"))  # code changed under the core is seen
    bench.core.write_core_register("pc", 0x20001000)
    bench.core.resume()
    assert not bench.core.is_halted()
    bench.core.halt()
    assert bench.register("r0") == 2 + 4


def identification(bench: Bench) -> None:
    """pyOCD finds the core and its units by the ROM table."""
    core = bench.core
    assert core.name == "Cortex-M3"
    assert (core.fpb.nb_code, core.fpb.nb_lit, core.fpb.revision) == (6, 2, 1)
    assert core.dwt.watchpoint_count == 4
    assert core.dwt.has_cycle_counter


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        breakpoint_address, breakpoint_count, breakpoint_in_it_block, watchpoint_write, watchpoint_read,
        watchpoint_in_it_block, watchpoint_size, watchpoint_of_pc, single_step, step_into_supervisor_call,
        step_exception_in_it_block, masked_interrupts, fault_while_stepping, vector_catch, sticky_status, system_reset,
        pin_reset, core_reset, bad_addresses, side_effects, flash_is_not_written, cycle_counter, lockup,
        registers_when_halted, breakpoint_instruction, identification,
    )
}  # fmt: skip
