"""Which core an image needs: what its build attributes say, and what the instructions that it reaches are.

The attributes are Tag_CPU_arch, Tag_CPU_name and Tag_FP_arch of the Addenda to the ABI for the Arm architecture
(IHI 0045). Instructions are followed from the vectors along direct branches and calls, so data are not taken for code.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from swassess.errors import ImageError
from swassess.firmware.disassembly import Instruction, decode_at
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.model.target import TargetDescription

_CORE_NAMES = {
    "cortex-m0": "Cortex-M0", "cortex-m0plus": "Cortex-M0+", "cortex-m23": "Cortex-M23", "cortex-m3": "Cortex-M3",
    "cortex-m33": "Cortex-M33", "cortex-m4": "Cortex-M4", "cortex-m7": "Cortex-M7",
}  # fmt: skip
ARCHITECTURE_NAMES = {
    "armv6-m": "Armv6-M", "armv7-m": "Armv7-M", "armv7e-m": "Armv7E-M", "armv8-m.base": "Armv8-M Baseline",
    "armv8-m.main": "Armv8-M Mainline",
}  # fmt: skip
_BY_TAG = {
    10: "armv7-m", 11: "armv6-m", 12: "armv6-m", 13: "armv7e-m", 16: "armv8-m.base", 17: "armv8-m.main",
    21: "armv8-m.main",
}  # fmt: skip
_BY_NAME = {"6-m": "armv6-m", "6s-m": "armv6-m", "7-m": "armv7-m", "7e-m": "armv7e-m",
            "8-m.base": "armv8-m.base", "8-m.main": "armv8-m.main"}  # fmt: skip
# What each architecture can execute.
_CONTAINS = {
    "armv6-m": {"armv6-m"},
    "armv7-m": {"armv6-m", "armv7-m"},
    "armv7e-m": {"armv6-m", "armv7-m", "armv7e-m"},
    "armv8-m.base": {"armv6-m", "armv8-m.base"},
    "armv8-m.main": {"armv6-m", "armv7-m", "armv7e-m", "armv8-m.base", "armv8-m.main"},
}
_ARMV6M_LONG = {"bl", "dmb", "dsb", "isb", "mrs", "msr", "udf"}
# 32-bit instructions that Armv8-M Baseline has beside those of Armv6-M.
_BASELINE = {"b", "movw", "movt", "sdiv", "udiv", "ldrex", "strex", "ldrexb", "strexb", "ldrexh", "strexh", "clrex"}
_DSP = ("smla", "smul", "smml", "smmul", "smus", "smuad", "smlsd", "qadd", "qsub", "qasx", "qsax", "qdadd", "qdsub",
        "sadd", "ssub", "uadd", "usub", "shadd", "shsub", "uhadd", "uhsub", "uqadd", "uqsub", "umaal", "usad",
        "sxtab", "sxtah", "uxtab", "uxtah", "sxtb16", "uxtb16", "pkhbt", "pkhtb", "ssat16", "usat16", "sel", "sasx",
        "uasx", "ssax", "usax")  # fmt: skip
_COPROCESSOR = ("stc", "ldc", "cdp", "mcr", "mrc", ".short")
_V8 = ("sg", "tt", "blxns", "bxns", "lda", "stl")
_MOST_INSTRUCTIONS = 40_000


@dataclass(frozen=True, slots=True)
class CoreNeeds:
    """architecture: the least that can run the image ("armv7-m"); fpu: whether it computes with floating-point
    registers. cpu: the core that the build named ("cortex-m4", "" when none). declared: by build attributes, not found
    in the instructions. example: the first instruction that needs the architecture. followed: instructions looked at.
    """

    architecture: str
    fpu: bool
    cpu: str
    declared: bool
    example: str = ""
    followed: int = 0


def core_needs(image: LoadImage, facts: ElfFacts | None, starts: Iterable[int]) -> CoreNeeds:
    """What the image needs of a core. starts: addresses of handlers, to follow the code from (Thumb bit ignored)."""
    attributes = facts.attributes if facts is not None else {}
    declared = _declared(attributes)
    architecture, fpu, example, followed = _reached(image, starts)
    if declared:
        # inline assembly can touch floating-point registers that the build does not otherwise use
        has_fpu = bool(attributes.get("FP_ARCH")) and bool(attributes.get("ABI_VFP_ARGS", 0) or fpu)
        return CoreNeeds(declared, has_fpu, _cpu(attributes), True, example, followed)
    return CoreNeeds(architecture, fpu, "", False, example, followed)


def can_run(needs: CoreNeeds, architecture: str, fpu: bool) -> bool:
    """Whether a core of that architecture (and with or without floating-point registers) can run the image."""
    return needs.architecture in _CONTAINS.get(architecture, set()) and (fpu or not needs.fpu)


def check_core_fits(target: TargetDescription, needs: CoreNeeds) -> None:
    """Raises ImageError with one sentence where the target's core cannot execute the image."""
    if can_run(needs, target.architecture, target.fpu):
        return
    built = ARCHITECTURE_NAMES[needs.architecture]
    if needs.cpu:
        built = f"{_CORE_NAMES.get(needs.cpu, needs.cpu)} ({built})"
    what = f"is built for {built}" if needs.declared else f"has instructions of {built}"
    if needs.example and not needs.declared:
        what += f" ({needs.example})"
    if needs.fpu and not target.fpu and needs.architecture in _CONTAINS.get(target.architecture, set()):
        what = "computes with floating-point registers"
        has = f"{_CORE_NAMES[target.core]} without them"
    else:
        has = f"{_CORE_NAMES[target.core]} ({ARCHITECTURE_NAMES.get(target.architecture, target.architecture)})"
    raise ImageError(
        f"the image {what}, but {target.part} has a {has}; declare the MCU that the image is built for, or hand in the "
        "image of this one."
    )


def _declared(attributes: dict[str, int | str]) -> str:
    tag = attributes.get("CPU_ARCH")
    if isinstance(tag, int) and tag in _BY_TAG:
        return _BY_TAG[tag]
    return _BY_NAME.get(str(attributes.get("CPU_NAME", "")).lower(), "")


def _cpu(attributes: dict[str, int | str]) -> str:
    name = str(attributes.get("CPU_NAME", "")).lower().replace("+", "plus")
    return next((core for core in sorted(_CORE_NAMES, key=len, reverse=True) if name.startswith(core)), "")


def _reached(image: LoadImage, starts: Iterable[int]) -> tuple[str, bool, str, int]:
    """Architecture, floating point, an example and how many instructions, by following the code."""
    waiting = sorted({start & ~1 for start in starts}, reverse=True)
    seen: set[int] = set()
    literals: set[int] = set()
    found: dict[str, str] = {}
    fpu, count = False, 0
    while waiting and count < _MOST_INSTRUCTIONS:
        address = waiting.pop()
        while address not in seen and address & ~3 not in literals and count < _MOST_INSTRUCTIONS:
            seen.add(address)
            instruction = decode_at(image, address)
            # behind a call that does not return there may be data
            if instruction is None or instruction.mnemonic.startswith(_COPROCESSOR):
                break
            count += 1
            literal = instruction.literal_address
            if literal is not None:
                literals.add(literal & ~3)
            needed = _needed(instruction)
            if needed:
                found.setdefault(needed, f"{instruction.mnemonic} at 0x{address:08X}")
            fpu = fpu or _is_floating(instruction)
            target = instruction.branch_target
            if target is not None:
                waiting.append(target)
            if _ends(instruction):
                break
            address += instruction.size
    for architecture in ("armv8-m.main", "armv7e-m", "armv7-m", "armv8-m.base"):
        if architecture in found:
            if architecture == "armv8-m.main" and not {"armv7e-m", "armv7-m"} & set(found):
                architecture = "armv8-m.base"
            example = found.get(architecture) or found["armv8-m.main"]
            # what Baseline has, every Armv7-M has too: an older part is the likelier one
            if architecture == "armv8-m.base" and "armv8-m.main" not in found:
                return "armv7-m", fpu, example, count
            return architecture, fpu, example, count
    return "armv6-m", fpu, "", count


def _needed(instruction: Instruction) -> str:
    """The architecture that an instruction needs beyond Armv6-M; "" for none."""
    name = instruction.mnemonic.split(".")[0]
    if name.startswith(_V8):
        return "armv8-m.main"
    if instruction.size == 2:
        return "armv8-m.base" if name in ("cbz", "cbnz") else "armv7-m" if name.startswith("it") else ""
    if name in _ARMV6M_LONG:
        return ""
    if name in _BASELINE:
        return "armv8-m.base"
    if name.startswith(_DSP):
        return "armv7-m" if name in ("smull", "smlal") else "armv7e-m"
    return "armv7-m"


def _is_floating(instruction: Instruction) -> bool:
    return instruction.size == 4 and instruction.mnemonic.startswith("v")


def _ends(instruction: Instruction) -> bool:
    """Whether what follows is not reached: an unconditional branch, a return, data."""
    name = instruction.mnemonic
    if name in ("b", "b.w", "b.n", "bx", "udf", ".short"):
        return True
    if name.startswith(("pop", "ldm", "ldr")) and instruction.operands.rstrip("}").endswith("pc"):
        return True
    return (name in ("ldr", "ldr.w") and instruction.operands.startswith("pc")) or name in ("tbb", "tbh")
