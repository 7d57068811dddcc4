"""Who answers for a block of an MCU. Nothing compiled is loaded to tell."""

from swassess.emulator import layout as at
from swassess.emulator.peripherals.registry import BEHAVIOURS
from swassess.model.target import Peripheral

_BASIC, _GENERAL, _ADVANCED = 0, 1, 2  # kinds of timers, as peripherals/timer.py numbers them

# behaviour id -> what the kernels call it, and which generation or kind of it
COMPILED: dict[str, tuple[int, int]] = {
    "stm32-gpio-v1": (at.B_GPIO, 1),
    "stm32-gpio-v2": (at.B_GPIO, 2),
    "stm32-exti-v1": (at.B_EXTI, 1),
    "stm32-exti-v2": (at.B_EXTI, 2),
    "stm32-timer-basic-v1": (at.B_TIMER, _BASIC),
    "stm32-timer-v1": (at.B_TIMER, _GENERAL),
    "stm32-timer-advanced-v1": (at.B_TIMER, _ADVANCED),
    "stm32-iwdg-v1": (at.B_IWDG, 0),
}


def served_by(block: Peripheral) -> str:
    """Who answers for a block: "compiled", "python" or "shadow" (registers that keep what is written)."""
    if block.behaviour in COMPILED:
        return "compiled"
    return "python" if block.behaviour in BEHAVIOURS else "shadow"
