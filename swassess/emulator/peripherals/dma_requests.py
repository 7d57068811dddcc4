"""How a DMA controller finds the block behind a request."""

from swassess.emulator.peripherals.behaviour import Behaviour, Surroundings


def asked_block(mcu: Surroundings, request: str) -> Behaviour | None:
    """The block whose request this is: "USART1" for "USART1_TX", "ADC1" for "ADC1"."""
    return mcu.block(request) or mcu.block(request.rpartition("_")[0])


def asks(mcu: Surroundings, request: str) -> bool | None:
    """Whether the request line is up; None for a block that cannot be asked: each of its calls is one transfer."""
    block = asked_block(mcu, request)
    return None if block is None else block.wants_dma(request)
