"""The flash algorithms that pyOCD loads into a part's RAM, executed against the controllers they were written for."""

import importlib
import struct
from typing import Any

import numpy as np
import pytest
from alone import Alone, from_data, pass_time
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R9,
    UC_ARM_REG_SP,
)

pytest.importorskip("pyocd")

FLASH, RAM, BUFFER = 0x08000000, 0x20000000, 0x20004000
STEP = 100_000_000  # ticks that pass with each access of the controller


class Bench:
    """A bare core, RAM, the flash and its controller. faults: writes that the controller has refused."""

    def __init__(self, target: str, controller: int, flash: Any, size: int) -> None:
        self.algorithm = importlib.import_module(f"pyocd.target.builtin.{target}").FLASH_ALGO
        self.flash, self.faults = flash, 0
        flash.mcu.flash = np.zeros(size, np.uint8)
        self.core = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self.core.mem_map(RAM, 0x8000)
        for page in (0x40003000, 0xE0042000):  # watchdog and device id, which some of them touch
            self.core.mem_map(page, 0x1000)
        self.core.mmio_map(FLASH, size, self.fetch, None, self.program, None)
        self.core.mmio_map(controller, 0x400, self.read, None, self.write, None)
        words = self.algorithm["instructions"]
        self.core.mem_write(self.algorithm["load_address"], struct.pack(f"<{len(words)}I", *words))

    def fetch(self, _: Uc, offset: int, size: int, __: Any) -> int:
        return int(self.flash.word(offset, size))

    def program(self, _: Uc, offset: int, size: int, value: int, __: Any) -> None:
        self.faults += not self.flash.program(offset, size, value)

    def read(self, _: Uc, offset: int, size: int, __: Any) -> int:
        pass_time(self.flash.mcu, STEP)
        return int(self.flash.read(offset & ~3)) >> 8 * (offset & 3)

    def write(self, _: Uc, offset: int, size: int, value: int, __: Any) -> None:
        self.faults += not self.flash.write(offset, value, size)

    def call(self, entry: str, r0: int = 0, r1: int = 0, r2: int = 0) -> int:
        for register, value in ((UC_ARM_REG_R0, r0), (UC_ARM_REG_R1, r1), (UC_ARM_REG_R2, r2)):
            self.core.reg_write(register, value)
        self.core.reg_write(UC_ARM_REG_SP, RAM + 0x7F00)
        self.core.reg_write(UC_ARM_REG_R9, self.algorithm["static_base"])
        end = self.algorithm["load_address"]
        self.core.reg_write(UC_ARM_REG_LR, end | 1)
        self.core.emu_start(self.algorithm[entry] | 1, end, count=2_000_000)
        assert self.core.reg_read(UC_ARM_REG_PC) == end, f"{entry} has not come back"
        return int(self.core.reg_read(UC_ARM_REG_R0))


CASES = [
    ("target_STM32F103RC", "stm32f1-flash-v1", 0x40022000, {}, 1024),
    ("target_STM32F051T8", "stm32f1-flash-v1", 0x40022000, {"options": "f0"}, 1024),
    ("target_STM32F412xx", "stm32f4-flash-v1", 0x40023C00, {}, 16384),
    ("target_STM32L475xx", "stm32g0-flash-v1", 0x40022000, {"busy": "plain", "bank_bit": 11}, 2048),
]


@pytest.mark.parametrize(("target", "identifier", "address", "parameters", "page"), CASES)
def test_erases_and_programs(target: str, identifier: str, address: int, parameters: dict[str, Any], page: int) -> None:
    flash = from_data(identifier, Alone(), name="FLASH", interrupts=("FLASH",), parameters=parameters)
    bench = Bench(target, address, flash, 0x20000)
    content = bytes((3 * at + at // 256) & 0xFF for at in range(min(page, 4096)))
    bench.call("pc_init", FLASH, 8_000_000, 1)
    assert bench.call("pc_erase_sector", FLASH + page) == 0
    if "pc_unInit" in bench.algorithm:
        bench.call("pc_unInit", 1)
    written = flash.mcu.flash
    assert set(written[page : 2 * page].tolist()) == {0xFF} and not written[:page].any()
    bench.core.mem_write(BUFFER, content)
    bench.call("pc_init", FLASH, 8_000_000, 2)
    assert bench.call("pc_program_page", FLASH + page, len(content), BUFFER) == 0
    assert written[page : page + len(content)].tobytes() == content and not bench.faults
    if "pc_unInit" in bench.algorithm:
        bench.call("pc_unInit", 2)
    bench.call("pc_init", FLASH, 8_000_000, 1)
    assert bench.call("pc_eraseAll") == 0
    assert set(written.tolist()) == {0xFF}


def test_programming_what_is_not_erased_is_reported() -> None:
    flash = from_data("stm32f1-flash-v1", Alone(), name="FLASH", interrupts=("FLASH",))
    bench = Bench("target_STM32F103RC", 0x40022000, flash, 0x10000)
    bench.core.mem_write(BUFFER, b"\x55" * 16)
    bench.call("pc_init", FLASH, 8_000_000, 2)
    assert bench.call("pc_program_page", FLASH, 16, BUFFER) == 1
