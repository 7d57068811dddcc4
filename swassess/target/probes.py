"""What is connected: debug probes on USB and emulated boards, as pyOCD finds them."""

import logging
from dataclasses import dataclass

from pyocd.core.helpers import ConnectHelper

from swassess.target.boards import PREFIX, connected_boards


@dataclass(frozen=True, slots=True)
class ProbeEntry:
    """unique_id is what `--target pyocd:UID` takes. target: pyOCD's target type, "" when the probe does not know it."""

    unique_id: str
    description: str
    target: str
    emulated: bool


def list_probes() -> tuple[ProbeEntry, ...]:
    """By unique id. A probe whose driver fails is left out, and pyOCD's log tells why."""
    logging.getLogger("pyocd").setLevel(logging.ERROR)
    found: dict[str, ProbeEntry] = {}
    for probe in ConnectHelper.get_all_connected_probes(blocking=False):
        info = probe.associated_board_info
        emulated = probe.unique_id.startswith(PREFIX)
        target = (info.target or "") if info else ""
        found[probe.unique_id] = ProbeEntry(probe.unique_id, probe.description, target, emulated)
    for board in connected_boards():  # also where the plugin is not installed
        entry = ProbeEntry(board.unique_id, f"swassess emulated {board.part}", board.pyocd_target, True)
        found.setdefault(board.unique_id, entry)
    return tuple(entry for _, entry in sorted(found.items()))
