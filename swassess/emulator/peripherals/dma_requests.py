"""How a DMA controller finds the block behind a request."""

from swassess.emulator.peripherals.behaviour import Behaviour, Surroundings


def asked_block(mcu: Surroundings, request: str) -> Behaviour | None:
    """The block whose request this is: "USART1" for "USART1_TX", "ADC1" for "ADC1"."""
    return mcu.block(request) or mcu.block(request.rpartition("_")[0])


def asks(mcu: Surroundings, request: str) -> bool | None:
    """Whether the request line is up; None for a block that cannot be asked: each of its calls is one transfer."""
    block = asked_block(mcu, request)
    return None if block is None else block.wants_dma(request)


def remaining(mcu: Surroundings, request: str) -> int:
    """How many data the DMA channel that serves a request has still to move; 0 when none serves it."""
    for name in ("DMA1", "DMA2", "DMA"):
        block = mcu.block(name)
        count = getattr(block, "remaining", None)
        if count is not None and (left := int(count(request))):
            return left
    return 0
