"""A state of the MCU to come back to."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(slots=True)
class Snapshot:
    """The whole MCU at a block boundary: arena bytes, core context, what the control block keeps of the core, and flash
    if the program has changed it."""

    arena: npt.NDArray[np.uint8]
    context: Any
    interrupt: int
    block: int
    bypass: int
    flash: npt.NDArray[np.uint8] | None
    flash_version: int
