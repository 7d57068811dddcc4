"""Cortex-M cores as data: which engine model serves a core, what it has, what is not modelled.

Sources: the architecture reference manuals DDI0419 (Armv6-M), DDI0403 (Armv7-M), DDI0553 (Armv8-M) and the technical
reference manuals of the cores (DDI0432, DDI0484, DDI0337, DDI0439, DDI0489, DDI0550, 100230).
"""

from dataclasses import dataclass

from unicorn import arm_const as arm

from swassess.emulator import layout as at
from swassess.emulator.arrays import State
from swassess.errors import EmulationError
from swassess.model.target import TargetDescription

_V6M, _V7M, _V7EM, _V8M_BASE, _V8M_MAIN = "Armv6-M", "Armv7-M", "Armv7E-M", "Armv8-M Baseline", "Armv8-M Mainline"
_MAINLINE = at.F_MAINLINE | at.F_VTOR
_FPU = at.F_FPU | at.F_ENGINE_FPU

_LOW_BITS = "MSR leaves bits 1 and 0 of a stack pointer as they are; frames are aligned all the same"
_EXCLUSIVE = "the exclusive monitor is the engine's own: an exception between LDREX and STREX does not clear it"
_NO_TRUSTZONE = (
    "the security extension is not modelled: there is one state, exceptions return with the codes of a core without it,"
    " and CONTROL shows bit 3 once floating point has been used"
)
_NO_BANKED_SYSTICK = "stack limits are kept by the engine and not checked while a frame is stacked"


@dataclass(frozen=True, slots=True)
class Core:
    """One core. engine: Unicorn's model constant. features: F_ flags (layout.py). timing: a TIMING_ value.

    entry, chain, back: cycles of exception entry, tail-chaining and return without wait states. mpu_regions: when the
    MCU has an MPU. limits: sentences for the evidence, one for each thing that the emulation does not do.
    """

    name: str
    architecture: str
    engine: int
    cpuid: int
    features: int
    timing: int
    entry: int
    chain: int
    back: int
    mpu_regions: int = 8
    limits: tuple[str, ...] = ()


CORES = {
    core.name: core
    for core in (
        Core(
            "cortex-m0", _V6M, arm.UC_CPU_ARM_CORTEX_M0, 0x410CC200, 0, at.TIMING_M0, 16, 11, 16, 0,
            ("multiplication is reckoned with the fast multiplier (one cycle)",),
        ),
        Core(
            "cortex-m0plus", _V6M, arm.UC_CPU_ARM_CORTEX_M0, 0x410CC601, at.F_VTOR, at.TIMING_M0PLUS, 15, 11, 15, 8,
            (
                "Cortex-M0+ runs as Cortex-M0, whose instructions are the same",
                "all code runs privileged: the engine's Cortex-M0 has no CONTROL.nPRIV",
                "multiplication is reckoned with the fast multiplier (one cycle)",
            ),
        ),
        Core(
            "cortex-m3", _V7M, arm.UC_CPU_ARM_CORTEX_M3, 0x411FC231, _MAINLINE | at.F_BIT_BAND, at.TIMING_M3,
            12, 6, 12, 8, (_EXCLUSIVE, _LOW_BITS),
        ),
        Core(
            "cortex-m4", _V7EM, arm.UC_CPU_ARM_CORTEX_M4, 0x410FC241, _MAINLINE | at.F_BIT_BAND | _FPU,
            at.TIMING_M4, 12, 6, 12, 8, (_EXCLUSIVE, _LOW_BITS),
        ),
        Core(
            "cortex-m7", _V7EM, arm.UC_CPU_ARM_CORTEX_M7, 0x411FC271, _MAINLINE | _FPU | at.F_CACHES, at.TIMING_M7,
            12, 6, 12, 8,
            (
                _EXCLUSIVE,
                _LOW_BITS,
                "times are those of a core that issues one instruction at a time: dual issue, caches and branch "
                "prediction are not modelled, so real times are shorter",
            ),
        ),
        Core(
            "cortex-m33", _V8M_MAIN, arm.UC_CPU_ARM_CORTEX_M33, 0x410FD213, _MAINLINE | _FPU | at.F_V8M,
            at.TIMING_M33, 12, 6, 12, 8,
            (_EXCLUSIVE, _LOW_BITS, _NO_TRUSTZONE, _NO_BANKED_SYSTICK, "dual issue is not modelled"),
        ),
        Core(
            "cortex-m23", _V8M_BASE, arm.UC_CPU_ARM_CORTEX_M33, 0x411CD200,
            at.F_VTOR | at.F_V8M | at.F_ALIGNED | at.F_ENGINE_FPU,
            at.TIMING_M0PLUS, 15, 11, 15, 8,
            (
                "Cortex-M23 runs as Cortex-M33 with the exceptions of Armv8-M Baseline: instructions that only "
                "Mainline has are executed instead of being refused",
                _NO_TRUSTZONE,
                _NO_BANKED_SYSTICK,
            ),
        ),
    )
}  # fmt: skip


def find_core(name: str) -> Core:
    """The core called `name` ("cortex-m4"). Raises EmulationError for one that is not emulated."""
    core = CORES.get(name)
    if core is None:
        raise EmulationError(f"core {name[:40]!r} is not emulated; emulated are {', '.join(sorted(CORES))}")
    return core


def describe_core(state: State, core: Core, target: TargetDescription, interrupts: int) -> None:
    """Writes what the compiled parts need to know of the core into its cells (a reset keeps them).

    interrupts: of the MCU's NVIC; Armv6-M has no more than 32.
    """
    features = core.features
    if not target.fpu:
        features &= ~at.F_FPU
    if not target.bit_band:
        features &= ~at.F_BIT_BAND
    state[at.CORE_FEATURES] = features
    state[at.CORE_CPUID] = _reset_value(target, "SCB", "CPUID") or core.cpuid
    state[at.EXCEPTION_COUNT] = 16 + (min(interrupts, 32) if core.architecture == _V6M else interrupts)
    state[at.PRIORITY_MASK] = 0xFF & ~(0xFF >> target.priority_bits)
    state[at.CORE_TIMING] = core.timing
    state[at.MPU_REGIONS] = core.mpu_regions if target.mpu else 0
    state[at.ENTRY_CYCLES] = core.entry
    state[at.CHAIN_CYCLES] = core.chain
    state[at.RETURN_CYCLES] = core.back
    state[at.SYSTICK_CALIBRATION] = _reset_value(target, "SysTick", "CALIB")


def _reset_value(target: TargetDescription, block: str, name: str) -> int:
    peripheral = target.peripheral(block)
    register = peripheral.register(name) if peripheral is not None else None
    return register.reset if register is not None else 0
