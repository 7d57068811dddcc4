"""Addresses that code builds from two halves with movw and movt."""

from dataclasses import dataclass

from swassess.firmware.disassembly import FunctionCode

_WINDOW = 16  # instructions between the two halves; compilers schedule them close together


@dataclass(frozen=True, slots=True)
class ImmediatePair:
    """Indices of the movw and the movt in the function's instructions, the movt's address, and the 32-bit value."""

    low_index: int
    high_index: int
    address: int
    value: int


def immediate_pairs(function: FunctionCode) -> tuple[ImmediatePair, ...]:
    """Every movt with the nearest movw before it that writes the same register, in address order."""
    pairs = []
    for high_index, instruction in enumerate(function.instructions):
        if not instruction.mnemonic.startswith("movt"):
            continue
        register, _, half = instruction.operands.partition(", #")
        for low_index in range(high_index - 1, max(high_index - _WINDOW, 0) - 1, -1):
            before = function.instructions[low_index]
            if before.mnemonic.startswith("movw") and before.operands.startswith(register + ", #"):
                value = int(half, 0) << 16 | int(before.operands.partition(", #")[2], 0)
                pairs.append(ImmediatePair(low_index, high_index, instruction.address, value))
                break
    return tuple(pairs)
