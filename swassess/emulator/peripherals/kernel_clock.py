"""Which clock of the tree a block runs from."""

from weakref import WeakKeyDictionary

from swassess.emulator.peripherals.behaviour import Behaviour, Surroundings
from swassess.emulator.peripherals.clock_control import ClockControl

_APB2 = 0x40010000  # STM32: from here on the faster bus (on parts with one bus only, PCLK1 and PCLK2 are the same)
_APB2_END = 0x40018000
_CONTROLS = ("RCC", "RCU", "CLK")

# Names of the clocks that a clock control gives; they are the part's and never change.
_given: WeakKeyDictionary[ClockControl, frozenset[str]] = WeakKeyDictionary()


def clock_period(block: Behaviour) -> int:
    """Ticks of one cycle of the block's clock; 0 while it is stopped.

    The block's parameter `clock` names it; else the tree's entry of the block's own name (parts that select a kernel
    clock), else that of the bus the block hangs on.
    """
    named = block.parameters.get("clock")
    if named:
        return block.mcu.period(str(named))
    own = block.mcu.period(block.block.name)
    if own or _selects(block.mcu, block.block.name):
        return own
    return block.mcu.period("PCLK2" if _APB2 <= block.block.base < _APB2_END else "PCLK1")


def _selects(mcu: Surroundings, name: str) -> bool:
    """Whether the clock control has a clock for this block alone, be it stopped."""
    control = next((one for control in _CONTROLS if (one := mcu.block(control)) is not None), None)
    if not isinstance(control, ClockControl):
        return False
    if control not in _given:
        _given[control] = frozenset(control.frequencies())
    return name in _given[control]
