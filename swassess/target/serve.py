"""pyOCD's gdbserver on an emulated board."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyocd.core.exceptions import Error as PyocdError
from pyocd.core.session import Session
from pyocd.core.target import Target
from pyocd.gdbserver import GDBServer

from swassess.errors import EmulationError, UsageError
from swassess.target.boards import EmulatedBoard
from swassess.target.emulated_probe import EmulatedProbe

_WATCH_WORDS = {5: b"rwatch", 6: b"watch", 7: b"awatch"}
_MATCHED = 1 << 24
OPTIONS = {
    "reset.post_delay": 0.0,  # virtual time does not pass while pyOCD sleeps
    "reset.core_recover.timeout": 0.0,
    "hide_programming_progress": True,
    "no_config": True,
    "enable_multicore_debug": False,
}


class WatchingServer(GDBServer):
    """pyOCD's server, which also tells gdb which watchpoint was hit; without that gdb shows no old and new value."""

    def get_t_response(self, client: Any, forceSignal: Any = None) -> bytes:
        response: bytes = super().get_t_response(client, forceSignal)
        unit = self.target.dwt
        if unit is None or self.target.get_halt_reason() is not Target.HaltReason.WATCHPOINT:
            return response
        for watch in unit.get_watchpoints():
            if self.target.read32(watch.comp_register_addr + unit.DWT_FUNCTION_OFFSET) & _MATCHED:
                return response + _WATCH_WORDS.get(watch.func, b"watch") + b":%08x;" % watch.addr
        return response


def open_session(board: EmulatedBoard, options: dict[str, object] | None = None) -> Session:
    """A pyOCD session (a context manager) with the board."""
    return Session(EmulatedProbe(board), options={**OPTIONS, **(options or {})})


def serve_gdb(
    board: EmulatedBoard, port: int, elf: Path | None, listening: Callable[[int], None], persist: bool = False
) -> None:
    """Serves gdb on a loopback port (0: any that is free) until gdb detaches, or for ever if `persist`.

    listening: called with the port once gdb may connect. Raises UsageError when the port is taken, EmulationError
    when pyOCD cannot use the board.
    """
    logging.getLogger("pyocd").setLevel(logging.ERROR)
    options: dict[str, object] = {
        "gdbserver_port": port,
        "telnet_port": 0,
        "persist": persist,
        "serve_local_only": True,
    }
    try:
        with open_session(board, options) as session:
            if elf is not None:
                session.target.elf = str(elf)
            try:
                server = WatchingServer(session, core=0)
            except OSError as error:
                raise UsageError(
                    f"port {port} cannot be served ({error.strerror}); choose another with --port"
                ) from None
            session.gdbservers[0] = server
            server.start()
            listening(server.port)
            try:
                while server.is_alive():
                    time.sleep(0.1)
            finally:
                server.stop()
    except PyocdError as error:
        raise EmulationError(f"pyOCD cannot use the emulated MCU: {error}") from None
