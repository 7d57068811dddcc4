"""Which clock of the tree a block runs from."""

from swassess.emulator.peripherals.behaviour import Behaviour

_APB2 = 0x40010000  # STM32: from here on the faster bus (on parts with one bus only, PCLK1 and PCLK2 are the same)
_APB2_END = 0x40018000


def clock_period(block: Behaviour) -> int:
    """Ticks of one cycle of the block's clock; 0 while it is stopped.

    The block's parameter `clock` names it; else the tree's entry of the block's own name (parts that select a kernel
    clock), else that of the bus the block hangs on.
    """
    named = block.parameters.get("clock")
    if named:
        return block.mcu.period(str(named))
    own = block.mcu.period(block.block.name)
    return own or block.mcu.period("PCLK2" if _APB2 <= block.block.base < _APB2_END else "PCLK1")
