"""Start-up or operation: whether the main loop has been reached since the last reset."""

import numpy as np
import numpy.typing as npt

from swassess.model.trace import Trace


def is_startup(trace: Trace, ticks: npt.ArrayLike, loop_ticks: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """For each time: True when no entry of the main loop lies between the last reset and it.

    loop_ticks: times at which the main loop was entered, in any order; none: everything is start-up.
    """
    when = np.atleast_1d(np.asarray(ticks, dtype=np.int64))
    loops = np.sort(np.asarray(loop_ticks, dtype=np.int64))
    resets = np.sort(np.array([0, *(tick for tick, _ in trace.resets)], dtype=np.int64))
    last_reset = resets[np.maximum(np.searchsorted(resets, when, side="right") - 1, 0)]
    reached = np.searchsorted(loops, when, side="right") - 1
    last_loop = loops[np.maximum(reached, 0)] if len(loops) else np.full(len(when), -1)
    return np.asarray((reached < 0) | (last_loop < last_reset), dtype=np.bool_)
