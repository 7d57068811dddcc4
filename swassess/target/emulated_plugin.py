"""What pyOCD loads from the entry-point group `pyocd.probe`."""

from pyocd.core.plugin import Plugin

from swassess import __version__
from swassess.target.emulated_probe import EmulatedProbe


class EmulatedProbePlugin(Plugin):
    """Offers the emulated boards of this process as probes."""

    def load(self) -> type[EmulatedProbe]:
        return EmulatedProbe

    @property
    def version(self) -> str:
        return __version__

    @property
    def name(self) -> str:
        return "swassess"

    @property
    def description(self) -> str:
        return "swassess emulated MCU"
