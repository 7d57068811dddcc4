"""The plugin that pyOCD's own commands load: `pyocd list`, `pyocd commander`, `pyocd load`, `pyocd gdbserver`.

Environment variables say what lies on the desk:

SWASSESS_PROBE           a firmware image, or a submission (folder or .zip)
SWASSESS_PROBE_MCU       the MCU's part number; needed for an image; alone it gives a board with erased flash
SWASSESS_PROBE_SCENARIO  the submission's scenario, by default the first one declared
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from swassess.errors import SwassessError
from swassess.target.boards import connect_board, find_board
from swassess.target.emulated_plugin import EmulatedProbePlugin
from swassess.target.emulated_probe import EmulatedProbe

IMAGE, PART, SCENARIO = "SWASSESS_PROBE", "SWASSESS_PROBE_MCU", "SWASSESS_PROBE_SCENARIO"
_log = logging.getLogger("pyocd.probe.swassess")
_read: list[str] = []


def connect_from_environment() -> None:
    """Once a process: the board that the environment describes. What is wrong with it is logged, in one sentence."""
    wanted = [os.environ.get(name, "").strip() for name in (IMAGE, PART, SCENARIO)]
    if _read or not (wanted[0] or wanted[1]):
        return
    _read.append("done")
    from swassess.evaluate.desk import set_up

    try:
        board = set_up(Path(wanted[0]) if wanted[0] else None, wanted[1], wanted[2]).board
    except SwassessError as error:
        _log.error("%s: %s", IMAGE if wanted[0] else PART, error)
        return
    if find_board(board.unique_id) is None:
        connect_board(board)


class BoardProbe(EmulatedProbe):
    """An emulated probe that looks at the environment first."""

    @classmethod
    def get_all_connected_probes(
        cls, unique_id: str | None = None, is_explicit: bool = False
    ) -> Sequence["BoardProbe"]:
        connect_from_environment()
        probes = super().get_all_connected_probes(unique_id, is_explicit)
        return [probe for probe in probes if isinstance(probe, cls)]


class ProbePlugin(EmulatedProbePlugin):
    """Entry point of the group `pyocd.probe`."""

    def load(self) -> type[EmulatedProbe]:
        return BoardProbe
