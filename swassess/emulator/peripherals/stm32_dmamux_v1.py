"""Request multiplexer in front of the DMA (RM0444 11, RM0440 13): which request reaches which channel.

Parameter requests: number of a request -> its name. Not modelled: synchronisation, request generators.
"""

from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.emulator.peripherals.dma_requests import asks


class DmaMux(Behaviour):
    def routed(self, channel: int) -> str:
        """Name of the request that a channel (0 is the first of the multiplexer) passes on; empty for none."""
        name = f"CCR[{channel}]"
        if not self.has(name):
            return ""
        number = self.get(name) & 0x7F
        requests = self.parameters.get("requests", {})
        return str(requests.get(number, requests.get(str(number), "")))

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name in ("CSR", "RGSR", "CFR", "RGCFR"):
            return True
        done = super().write(offset, value, size)
        if done and name is not None and name.startswith("CCR["):
            # The request may be up already: then the channel behind it has to look.
            request = self.routed(int(name[4:-1]))
            if request and asks(self.mcu, request):
                self.mcu.request_dma(request)
        return done
