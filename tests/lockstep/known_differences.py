"""Where our MCU and QEMU are known to differ, and why. A test shows for each that it is still so.

Keys: (core or "all", case of programs/faults.s).
"""

_QEMU = "QEMU: "
_OPEN = "the architecture leaves it open (UNPREDICTABLE): "
_DECODER = "Unicorn's decoder, a fork of QEMU 5.0: "

KNOWN: dict[tuple[str, str], str] = {
    ("all", "sleep_register"): _QEMU + "does not keep SCR.SLEEPDEEP",
    ("m0", "registers"): _QEMU + "has a priority for DebugMonitor, which Armv6-M does not have",
    ("m0", "jump_to_peripherals"): _QEMU + "has no regions on Armv6-M that cannot be executed",
    ("m0", "jump_to_system"): _QEMU + "has no regions on Armv6-M that cannot be executed",
    ("m0", "return_in_thread"): _QEMU + "has no regions on Armv6-M that cannot be executed",
    ("all", "breakpoint"): _QEMU + "tells a breakpoint without debugger by HFSR.FORCED instead of DEBUGEVT",
    ("all", "return_e9"): _OPEN + "EXC_RETURN of a floating-point frame without FPU; ours is a UsageFault",
    ("all", "return_unusual"): _OPEN + "EXC_RETURN with bits 27:5 that are not all ones; ours is a UsageFault",
    ("all", "enabled_return_e9"): _OPEN + "as return_e9",
    ("all", "enabled_return_unusual"): _OPEN + "as return_unusual",
    ("all", "stack_pointer_low_bits"): _DECODER + "MSR MSP and MSR PSP keep bits 1:0 (exceptions ignore them)",
    ("all", "exclusive_over_exception"): _DECODER + "nothing outside it can clear the exclusive monitor",
    ("all", "isb_in_it"): _DECODER + "what follows an ISB inside an IT block is no longer conditional",
}
