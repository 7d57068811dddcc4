"""The recognisers applied to an evidence, each once."""

from typing import cast

from swassess.rules.evidence import Evidence
from swassess.rules.recognise.crc import FlashCheck, recognise_flash_checks
from swassess.rules.recognise.march import RamTest, recognise_ram_tests
from swassess.rules.recognise.watchdog import WatchdogUse, recognise_watchdog


def ram_tests(evidence: Evidence) -> tuple[RamTest, ...]:
    """RAM tests of the longest golden run."""
    if "ram" not in evidence.cache:
        trace = evidence.main_trace()
        evidence.cache["ram"] = (
            () if trace is None else recognise_ram_tests(trace, evidence.declaration.ram, evidence.loop_ticks(trace))
        )
    return cast(tuple[RamTest, ...], evidence.cache["ram"])


def flash_checks(evidence: Evidence) -> tuple[FlashCheck, ...]:
    """Flash checks of the longest golden run."""
    if "flash" not in evidence.cache:
        trace = evidence.main_trace()
        area = evidence.declaration.flash
        evidence.cache["flash"] = (
            () if trace is None else recognise_flash_checks(trace, evidence.flash, area, evidence.loop_ticks(trace))
        )
    return cast(tuple[FlashCheck, ...], evidence.cache["flash"])


def watchdog_use(evidence: Evidence) -> WatchdogUse | None:
    """How the watchdog is served in the longest golden run; None where the MCU has none or nothing ran."""
    if "watchdog" not in evidence.cache:
        trace = evidence.main_trace()
        evidence.cache["watchdog"] = (
            None
            if trace is None or evidence.watchdog_register is None
            else recognise_watchdog(
                trace,
                evidence.watchdog_register,
                evidence.image.function_at,
                evidence.image.handlers(),
                evidence.image.handler_only,
            )
        )
    return cast("WatchdogUse | None", evidence.cache["watchdog"])
