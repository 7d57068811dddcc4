"""Fault registers in words (DDI 0403E B3.2.15 to B3.2.19)."""

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu

_CFSR = {
    0: "an instruction was fetched from where execution is forbidden (IACCVIOL)",
    1: "a data access was forbidden (DACCVIOL)",
    3: "unstacking failed on return from an exception, access forbidden (MUNSTKERR)",
    4: "stacking failed on entry to an exception, access forbidden (MSTKERR)",
    5: "saving floating-point registers was forbidden (MLSPERR)",
    8: "an instruction could not be fetched: nothing there (IBUSERR)",
    9: "a data access went to where nothing is (PRECISERR)",
    10: "a write went to where nothing is (IMPRECISERR)",
    11: "unstacking failed on return from an exception (UNSTKERR)",
    12: "stacking failed on entry to an exception: the stack is outside RAM (STKERR)",
    13: "saving floating-point registers failed (LSPERR)",
    16: "an undefined instruction was executed (UNDEFINSTR)",
    17: "the Thumb bit was clear: a jump to an even address (INVSTATE)",
    18: "an exception return was invalid (INVPC)",
    19: "a coprocessor that is off or not there was used, such as the FPU (NOCP)",
    24: "an access was not aligned (UNALIGNED)",
    25: "a division by zero (DIVBYZERO)",
}
_NAMES = {2: "NMI", 3: "HardFault", 4: "MemManage fault", 5: "bus fault", 6: "usage fault"}
_MEMORY_VALID, _BUS_VALID = 1 << 7, 1 << 15
_VECTOR_READ, _FORCED, _DEBUG = 1 << 1, 1 << 30, 1 << 31


def fault_name(exception: int) -> str:
    return _NAMES.get(exception, f"exception {exception}")


def fault_words(mcu: Mcu) -> tuple[str, ...]:
    """The fault status registers as sentences; Armv6-M has none."""
    state = mcu.state
    cfsr, hfsr = int(state[at.CFSR]), int(state[at.HFSR])
    words = [text for bit, text in _CFSR.items() if cfsr >> bit & 1]
    if cfsr & _BUS_VALID:
        words.append(f"at the address 0x{int(state[at.BFAR]) & 0xFFFFFFFF:08X} (BFAR)")
    if cfsr & _MEMORY_VALID:
        words.append(f"at the address 0x{int(state[at.MMFAR]) & 0xFFFFFFFF:08X} (MMFAR)")
    if hfsr & _VECTOR_READ:
        words.append("the vector table could not be read (VECTTBL)")
    if hfsr & _FORCED:
        words.append("it became a HardFault because its own handler is off or was busy (FORCED)")
    if hfsr & _DEBUG:
        words.append("a breakpoint was executed without a debugger (DEBUGEVT)")
    if not words and "v6" in mcu.target.architecture:
        words.append("Armv6-M does not tell why")
    return tuple(words)
