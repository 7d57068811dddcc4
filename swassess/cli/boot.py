"""`swassess boot`: runs an image from reset and shows what happened."""

from pathlib import Path
from typing import Annotated

import typer


def boot(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Firmware: ELF, AXF, HEX or BIN.")],
    mcu: Annotated[
        str, typer.Option("--mcu", metavar="PART", help="The MCU, such as STM32F103C8T6 or cortex-m4f; else detected.")
    ] = "",
    budget: Annotated[
        int, typer.Option("--budget", metavar="N", help="Instructions that a run may have at most.")
    ] = 100_000_000,
    trace: Annotated[bool, typer.Option("--trace", help="Show functions, source lines and register accesses.")] = False,
    events: Annotated[int, typer.Option("--events", metavar="N", min=1, max=100_000, help="Lines of the trace.")] = 400,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the whole report there.", dir_okay=False)
    ] = None,
) -> int:
    """Boot an image on an emulated MCU: how far it comes, who served which register, what had to be learned.

    Exit code 0 when the main loop is reached, 3 when it is not.
    """
    from swassess.boot.boot import boot as boot_image
    from swassess.cli.progress import ConsoleProgress, tell_first_call
    from swassess.model.boot import BootReport
    from swassess.report.boot import boot_json, print_boot
    from swassess.report.console import make_console

    console = make_console()
    with ConsoleProgress(make_console()) as progress:
        tell_first_call(progress)
        report: BootReport = boot_image(image, mcu, budget, events if trace else 0, progress.stage)
    if json_file is not None:
        json_file.write_text(boot_json(report), encoding="utf-8")
    print_boot(report, console)
    return 0 if report.level == "main loop" and report.reproducible else 3
