"""`swassess gdbserver`: debug a submission's or an image's firmware on the emulated MCU with gdb."""

from pathlib import Path
from typing import Annotated

import typer

_HIGHEST_PORT = 65535


def gdbserver(
    firmware: Annotated[
        Path,
        typer.Argument(
            metavar="IMAGE|SUBMISSION", help="A firmware image (.elf .axf .hex .bin), or a submission (folder or .zip)."
        ),
    ],
    mcu: Annotated[str, typer.Option("--mcu", metavar="PART", help="The MCU's part number; by default detected.")] = "",
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="NAME", help="Scenario of the submission; by default the first one.")
    ] = "",
    port: Annotated[
        int, typer.Option("--port", metavar="N", help="Port on this machine; 0 takes any that is free.")
    ] = 3333,
    persist: Annotated[bool, typer.Option("--persist", help="Go on serving after gdb has detached.")] = False,
) -> int:
    """Serve gdb with pyOCD: the emulated MCU, and the scenario's plant around it, stop and go with the debugger.

    Ends when gdb detaches.
    """
    from swassess.errors import UsageError
    from swassess.evaluate.desk import set_up
    from swassess.report.console import make_console

    if not 0 <= port <= _HIGHEST_PORT:
        raise UsageError(f"{port} is no port; choose one from 0 to {_HIGHEST_PORT}")
    desk = set_up(firmware, mcu, scenario)
    console = make_console()

    def tell(served: int) -> None:
        around = f", scenario {desk.scenario}" if desk.scenario else ""
        part = f"{desk.board.part} (detected, {desk.detected})" if desk.detected else desk.board.part
        console.print(f"{desk.firmware} on an emulated {part}{around}", soft_wrap=True, highlight=False)
        symbols = f" {desk.elf}" if desk.elf else ""
        console.print(
            f"gdb-multiarch{symbols} -ex 'target extended-remote localhost:{served}'", soft_wrap=True, highlight=False
        )

    from swassess.target.serve import serve_gdb

    serve_gdb(desk.board, port, desk.elf, tell, persist)
    return 0
