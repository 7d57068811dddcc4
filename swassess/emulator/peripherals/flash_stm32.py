"""What the flash controllers of the STM32 families share: keys, busy time, erasing, option bytes that last.

The bus calls program() for a write to the main flash; False means a bus fault. Contents change when an operation
starts, BSY falls when its time is over. A new operation while one is under way waits for it on silicon; here the old
one then ends at once.
"""

from typing import ClassVar

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour

KEY1, KEY2 = 0x45670123, 0xCDEF89AB
_MICROSECOND = 1_000_000
LOCKED_OUT = 2


class FlashController(Behaviour):
    """Cells: KEYS and OPTION_KEYS (1: the first key has come, 2: locked until the next reset), JOB (1: busy).

    Cells named in `lasting` are the non-volatile ones: no reset touches them, 0 is the state of delivery.
    """

    extra: ClassVar[tuple[str, ...]] = ("KEYS", "OPTION_KEYS", "JOB")
    lasting: ClassVar[tuple[str, ...]] = ()
    option_keys: ClassVar[tuple[int, int]] = (KEY1, KEY2)
    lock: ClassVar[int] = 1 << 31
    """LOCK in CR."""
    strict: ClassVar[bool] = False
    """Whether a key written to an open controller counts as a wrong sequence."""

    def reset(self, cause: int) -> None:
        lasting = {name: self.get(name) for name in self.lasting if self.has(name)}
        super().reset(cause)
        for name, value in lasting.items():
            self.put(name, value)

    def keeps(self, name: str) -> bool:
        return name in self.lasting or super().keeps(name)

    # ---- for the engine ----------------------------------------------------------------------------------------
    def program(self, offset: int, size: int, value: int) -> bool:
        """A write of the core, DMA or a debugger to the main flash. False: bus fault."""
        raise NotImplementedError

    def program_option(self, offset: int, size: int, value: int) -> bool:
        """A write into the option bytes where they lie in memory. False: bus fault."""
        return False

    def hardware_watchdog(self) -> bool:
        """Whether the option bytes start the independent watchdog by hardware."""
        return False

    def option_area(self) -> bytes:
        """The option bytes as they can be read from their memory."""
        return b""

    # ---- keys --------------------------------------------------------------------------------------------------
    def key(self, value: int) -> bool:
        """A write to KEYR. False (bus fault) for a wrong key, which locks CR until the next reset."""
        if not self.get("CR") & self.lock and not self.strict:
            return True
        if self._step("KEYS", value, (KEY1, KEY2), bool(self.get("CR") & self.lock)):
            self.put("CR", self.get("CR") & ~self.lock)
        elif self.get("KEYS") == LOCKED_OUT:
            self.put("CR", self.get("CR") | self.lock)
            return False
        return True

    def option_key(self, value: int) -> bool | None:
        """A write to the option key register: True when it opens, False for a wrong key, None for the first one."""
        if self._step("OPTION_KEYS", value, self.option_keys, True):
            return True
        return False if self.get("OPTION_KEYS") == LOCKED_OUT else None

    def _step(self, cell: str, value: int, keys: tuple[int, int], closed: bool) -> bool:
        step = self.get(cell)
        if step == LOCKED_OUT or not closed or value != keys[step]:
            self.put(cell, LOCKED_OUT)
            return False
        self.put(cell, 1 - step)
        return step == 1

    # ---- contents ----------------------------------------------------------------------------------------------
    def size(self) -> int:
        return len(self.mcu.flash_view())

    def word(self, offset: int, size: int) -> int:
        return int.from_bytes(self.mcu.flash_view()[offset : offset + size].tobytes(), "little")

    def store(self, offset: int, size: int, value: int) -> None:
        view = self.mcu.flash_view()
        for lane in range(size):
            view[offset + lane] = value >> 8 * lane & 0xFF
        self.mcu.flash_changed(offset, size)

    def erase(self, start: int, length: int) -> None:
        end = min(start + length, self.size())
        if start < end:
            self.mcu.flash_view()[start:end] = 0xFF
            self.mcu.flash_changed(start, end - start)

    # ---- busy time ---------------------------------------------------------------------------------------------
    def begin(self, microseconds: int) -> None:
        """An operation has started; finished() is called after its time."""
        self.put("JOB", 1)
        self.next_event = self.mcu.now + max(microseconds, 1) * _MICROSECOND

    def wait(self) -> None:
        """What is under way ends before the next operation."""
        if self.get("JOB"):
            self.due()

    def due(self) -> None:
        if self.get("JOB"):
            self.put("JOB", 0)
            self.finished()
        self.next_event = NEVER

    def finished(self) -> None:
        """The operation is over: flags, interrupt."""
