"""Power control of the STM32: backup-domain access, ready flags of the regulator, supply monitor, low-power flags.

Registers only say how deep a sleep is to be (sleep_mode); the core's WFI goes on as a plain sleep unless the engine
asks. Standby flags are set by woke_from_standby(). The supply is nominal until set_supply() changes it.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.behaviour import POWER_ON, Behaviour, merged

_NOMINAL = 3300
_PVD_LINE = 16


class Power(Behaviour):
    """Parameters: pvd_mv, thresholds of the supply monitor by code; ready, bits that are always set in the status
    register. Cell SUPPLY: millivolts above the nominal 3300."""

    extra: ClassVar[tuple[str, ...]] = ("SUPPLY", "LOW")
    status: ClassVar[str] = "CSR"
    flags: ClassVar[int] = 3
    """WUF and SBF in the register of flags, which every reset but power-on keeps."""
    flags_in: ClassVar[str] = "CSR"
    pvdo: ClassVar[int] = 1 << 2

    def reset(self, cause: int) -> None:
        supply, flags = self.get("SUPPLY"), self.get(self.flags_in) & self.flags
        super().reset(cause)
        self.put("SUPPLY", supply)
        if cause != POWER_ON:
            self.put(self.flags_in, self.get(self.flags_in) | flags)
        self.put(self.status, self.get(self.status) | int(self.parameters.get("ready", 0)))

    def survivors(self) -> tuple[int, ...]:
        return (*super().survivors(), self.get("SUPPLY"), self.get(self.flags_in) & self.flags)

    # ---- for the engine and other blocks -----------------------------------------------------------------------
    def backup_writable(self) -> bool:
        """DBP: the backup domain may be written."""
        return bool(self.get("CR") & 1 << 8)

    def sleep_mode(self) -> str:
        """What WFI with SLEEPDEEP would enter: "stop", "standby" or "shutdown"."""
        return "standby" if self.get("CR") & 2 else "stop"

    def woke_from_standby(self, by_pin: bool) -> None:
        """Flags after a standby, which ends like a power-on of everything outside the backup domain."""
        self.put(self.flags_in, self.get(self.flags_in) | 2 | int(by_pin))

    def set_supply(self, millivolts: int) -> None:
        """Another supply voltage from now on."""
        self.put("SUPPLY", millivolts - _NOMINAL)
        self.monitor()
        self.mcu.line_changed()

    # ---- supply monitor ----------------------------------------------------------------------------------------
    def threshold(self) -> int | None:
        """Millivolts below which PVDO is set; None while the monitor is off."""
        control = self.get("CR")
        return self._by_code(control >> 5 & 7) if control & 1 << 4 else None

    def _by_code(self, code: int) -> int:
        table: Sequence[int] = self.parameters.get("pvd_mv", (2200, 2300, 2400, 2500, 2600, 2700, 2800, 2900))
        return int(table[min(code, len(table) - 1)])

    def monitor(self) -> None:
        threshold = self.threshold()
        low = threshold is not None and self.get("SUPPLY") + _NOMINAL < threshold
        if low != bool(self.get("LOW")):
            self.put("LOW", int(low))
            self.mcu.line_edge(_PVD_LINE, low)
        self.put(self.status, self.get(self.status) & ~self.pvdo | (self.pvdo if low else 0))

    # ---- registers ---------------------------------------------------------------------------------------------
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.take(name, merged(self.get(name), offset, value, size))
        self.monitor()
        return True

    def take(self, name: str, new: int) -> None:
        """A write to a register: CWUF and CSBF clear their flags and read 0."""
        if name == "CR":
            self.put("CR", new & ~0xC)
            cleared = (1 if new & 4 else 0) | (2 if new & 8 else 0)
            self.put("CSR", self.get("CSR") & ~cleared)
        else:
            self.put(name, self.get(name) & ~0xFF00 | new & 0xFF00)


class PowerF4(Power):
    """With voltage scaling, over-drive and the backup regulator, each ready when asked for."""

    def take(self, name: str, new: int) -> None:
        super().take(name, new)
        control, status = self.get("CR"), self.get("CSR")
        status &= ~(1 << 3 | 1 << 14 | 3 << 16)
        status |= control & 3 << 16 | (status >> 9 & 1) << 3 | 1 << 14
        self.put("CSR", status)

    def reset(self, cause: int) -> None:
        super().reset(cause)
        self.put("CSR", self.get("CSR") | 1 << 14)


class PowerG0(Power):
    """G0, G4, L4: DBP in CR1, flags in SR1 (cleared by SCR), regulator flags in SR2. Parameter pvd: "split" where
    rising and falling thresholds are chosen apart (G0)."""

    status = "SR2"
    flags_in = "SR1"
    flags = 0xFFFF
    pvdo = 1 << 11

    def backup_writable(self) -> bool:
        return bool(self.get("CR1") & 1 << 8)

    def sleep_mode(self) -> str:
        code = self.get("CR1") & 7
        return "shutdown" if code & 4 else "standby" if code == 3 else "stop"

    def woke_from_standby(self, by_pin: bool) -> None:
        self.put("SR1", self.get("SR1") | 1 << 8 | int(by_pin))

    def threshold(self) -> int | None:
        control = self.get("CR2")
        if not control & 1:
            return None
        split_and_low = self.parameters.get("pvd") == "split" and self.get("LOW")
        return self._by_code(control >> (4 if split_and_low else 1) & 7)

    def take(self, name: str, new: int) -> None:
        if name == "SCR":
            self.put("SR1", self.get("SR1") & ~(new & 0x13F))
        elif name not in ("SR1", "SR2"):
            self.put(name, new)
            low_power = self.get("CR1") >> 14 & 1
            self.put("SR2", self.get("SR2") & ~(1 << 9) | low_power << 9)
