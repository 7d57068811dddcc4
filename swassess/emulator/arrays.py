"""The two arrays that every kernel works on (cells: layout.py)."""

import numpy as np
import numpy.typing as npt

Control = npt.NDArray[np.int64]  # CONTROL_WORDS cells
State = npt.NDArray[np.int64]  # STATE_WORDS cells, inside the arena
