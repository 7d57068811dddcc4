"""Which mechanism of the emulator stands for which fault model."""

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu, Taps
from swassess.errors import FaultError
from swassess.faults.identity import format_fault
from swassess.model.fault import Fault

_PC_BITS = 32


def taps_for(fault: Fault) -> Taps:
    """The hooks that the fault's engine needs. Raises FaultError for faults that no mechanism stands for yet."""
    match fault.location.space, fault.model:
        case "ram", "stuck-at-0" | "stuck-at-1":
            return "faults"
        case "flash", "flip" if fault.view == "data":
            return "faults"
        case "flash", "flip" if fault.view == "execution":
            return "none"
        case "reg", "stuck-at-0" | "stuck-at-1" if fault.location.name == "pc":
            return "instructions"
        case "call", "removed":
            return "instructions"
        case "function", "stalled":
            return "none"
    raise FaultError(
        f"{format_fault(fault)}: this fault model cannot be injected yet; available are stuck-at-0/1@ram, "
        "flip-data/flip-execution@flash, stuck-at-0/1@reg:pc, removed@call, stalled@function"
    )


def install(mcu: Mcu, fault: Fault, functions: dict[str, int]) -> None:
    """Breaks the hardware as the fault says, from now on. Raises FaultError when the location does not exist."""
    taps_for(fault)
    if fault.location.space in ("ram", "flash", "reg") and fault.location.bit is None:
        raise FaultError(f"{format_fault(fault)}: say which bit is broken, such as {fault.location.space}:0x20000000.3")
    control = mcu.control
    mcu.clear_fault()
    location = fault.location
    address, bit = location.address or 0, location.bit or 0
    if location.space == "ram":
        if not mcu.ram_start <= address < mcu.ram_start + mcu.ram_size:
            raise FaultError(f"{format_fault(fault)}: address is not in RAM")
        control[at.C_FAULT] = at.FAULT_RAM_STUCK
        control[at.C_FAULT_ADDRESS] = address
        control[at.C_FAULT_OR] = 1 << bit if fault.model == "stuck-at-1" else 0
        control[at.C_FAULT_AND] = 0xFF if fault.model == "stuck-at-1" else 0xFF & ~(1 << bit)
    elif location.space == "flash":
        if not mcu.flash_start <= address < mcu.flash_start + mcu.flash_size:
            raise FaultError(f"{format_fault(fault)}: address is not in flash")
        control[at.C_FAULT_ADDRESS] = address
        control[at.C_FAULT_OR] = 1 << bit
        if fault.view == "data":
            control[at.C_FAULT] = at.FAULT_FLASH_DATA
        else:
            control[at.C_FAULT] = at.FAULT_FLASH_EXECUTED
            control[at.C_FAULT_FIRST_READ] = 1 + mcu.ticks
            mcu.flip_executed(address, bit)
            if mcu.ticks == 0:
                mcu.fetch_vectors()  # the core reads stack pointer and start address from the broken flash
    elif location.space == "reg":
        if not 1 <= bit < _PC_BITS:
            raise FaultError(f"{format_fault(fault)}: the programme counter has bits 1 to 31")
        control[at.C_FAULT] = at.FAULT_PC_STUCK
        control[at.C_FAULT_OR] = 1 << bit if fault.model == "stuck-at-1" else 0
        control[at.C_FAULT_AND] = 0xFFFFFFFF if fault.model == "stuck-at-1" else 0xFFFFFFFF & ~(1 << bit)
    elif location.space == "call":
        index = address - mcu.flash_start
        if not 0 <= index < mcu.flash_size - 4:
            raise FaultError(f"{format_fault(fault)}: address is not in flash")
        first = int(mcu.flash[index]) | int(mcu.flash[index + 1]) << 8
        direct = first >> 11 == 0b11110 and mcu.flash[index + 3] & 0xD0 == 0xD0
        if address & 1 or not (direct or first & 0xFF87 == 0x4780):
            raise FaultError(f"{format_fault(fault)}: there is no call (BL or BLX) at that address")
        control[at.C_FAULT] = at.FAULT_CALL_REMOVED
        control[at.C_FAULT_ADDRESS] = address
        control[at.C_FAULT_OR] = 4 if first >> 11 >= 29 else 2
    else:
        entry = functions.get(location.name)
        if entry is None:
            raise FaultError(f"{format_fault(fault)}: the image has no function {location.name!r}")
        control[at.C_FAULT] = at.FAULT_STALLED
        control[at.C_FAULT_ADDRESS] = entry
        mcu.set_watch(entry, at.WATCH_STALL)


def remove(mcu: Mcu, fault: Fault, functions: dict[str, int]) -> None:
    """Mends what a fault changed outside the arena, so that the engine can serve the next one."""
    if mcu.control[at.C_FAULT_UNDO]:
        mcu.flash[int(mcu.control[at.C_FAULT_ADDRESS]) - mcu.flash_start] ^= int(mcu.control[at.C_FAULT_OR])
    if mcu.control[at.C_FAULT] == at.FAULT_FLASH_EXECUTED:
        mcu.flip_executed(fault.location.address or 0, fault.location.bit or 0)
    if fault.location.space == "function":
        index = (functions[fault.location.name] - mcu.flash_start) >> 1
        mcu.watch[index] &= 0xFF & ~at.WATCH_STALL
    mcu.clear_fault()
