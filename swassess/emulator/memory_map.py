"""The address space of an MCU in the engine: flash, its aliases, RAM, factory memories, registers, bit bands."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import unicorn

from swassess.emulator import bit_band, bus, hooks, native
from swassess.emulator.peripherals.flash_stm32 import FlashController

if TYPE_CHECKING:
    from swassess.emulator.mcu import Mcu

_PAGE = 4096
_UNIQUE_ID = bytes(range(1, 13))
_READ_EXECUTE = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC


def map_memory(mcu: Mcu) -> None:
    """Maps everything that the target data describe; the rest of the address space gives bus errors."""
    engine, target = mcu.engine, mcu.target
    aliases = [
        memory.range.start
        for memory in target.memories
        if memory.shows == target.flash.start and memory.range.start != target.flash.start
    ]
    for start in (mcu.flash_start, *aliases):
        engine.mem_map_ptr(start, _pages(mcu.flash_size), _READ_EXECUTE, mcu.flash.ctypes.data)
    for start, memory in ((mcu.ram_start, mcu.ram), *mcu.further_ram):
        engine.mem_map_ptr(start, _pages(memory.size), unicorn.UC_PROT_ALL, memory.ctypes.data)
    _map_factory_memories(mcu)
    _map_registers(mcu, bus.SYSTEM_START, bus.SYSTEM_SIZE, hooks.on_system_read, hooks.on_system_write)
    low_end = bus.PERIPHERAL_START + (0x02000000 if target.bit_band else bus.PERIPHERAL_SIZE)
    _map_registers(
        mcu,
        bus.PERIPHERAL_START,
        low_end - bus.PERIPHERAL_START,
        hooks.on_peripheral_read,
        hooks.on_peripheral_write,
    )
    if target.bit_band:
        _map_bit_bands(mcu)
    if not target.peripherals or any(block.base >= bus.FAR_START for block in target.peripherals):
        _map_registers(mcu, bus.FAR_START, bus.FAR_SIZE, hooks.on_far_read, hooks.on_far_write)


def _pages(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


def _map_bit_bands(mcu: Mcu) -> None:
    _map_registers(
        mcu,
        bit_band.PERIPHERAL_ALIAS,
        bit_band.PERIPHERAL_ALIAS_SIZE,
        hooks.on_peripheral_bit_read,
        hooks.on_peripheral_bit_write,
    )
    rest = bus.PERIPHERAL_START + bus.PERIPHERAL_SIZE - bus.BEHIND_BIT_BAND
    _map_registers(mcu, bus.BEHIND_BIT_BAND, rest, hooks.on_high_peripheral_read, hooks.on_high_peripheral_write)
    if mcu.ram_start == bit_band.RAM_START:
        size = min(_pages(mcu.ram_size), bit_band.REGION_BYTES) * bit_band.RATIO
        _map_registers(mcu, bit_band.RAM_ALIAS, size, hooks.on_ram_bit_read, hooks.on_ram_bit_write)


def _map_registers(mcu: Mcu, start: int, size: int, read: Any, write: Any) -> None:
    user = ctypes.c_void_p(mcu.control.ctypes.data)
    mcu.check(
        native.library.uc_mmio_map(
            ctypes.c_void_p(mcu.handle),
            ctypes.c_uint64(start),
            ctypes.c_size_t(size),
            ctypes.c_void_p(read.address),
            user,
            ctypes.c_void_p(write.address),
            user,
        ),
        "peripherals cannot be mapped",
    )


def _map_factory_memories(mcu: Mcu) -> None:
    """System memory and option bytes: erased but for what the maker has programmed for software to read."""
    registers = range(bus.PERIPHERAL_START, bus.PERIPHERAL_START + bus.PERIPHERAL_SIZE)
    ranges = [
        memory.range
        for memory in mcu.target.memories
        if memory.shows is None and memory.range.start not in registers  # data flash among them: shadow registers
    ]
    pages = sorted({page for one in ranges for page in range(one.start // _PAGE, -(-one.end // _PAGE))})
    for page in pages:
        mcu.engine.mem_map(page * _PAGE, _PAGE, _READ_EXECUTE)
        mcu.engine.mem_write(page * _PAGE, b"\xff" * _PAGE)
    contents = {
        mcu.target.flash_size_at: (mcu.flash_size >> 10).to_bytes(2, "little"),
        mcu.target.unique_id_at: _UNIQUE_ID,
    }
    options = next((one.range.start for one in mcu.target.memories if one.name == "options"), 0)
    for block in mcu.blocks:
        if isinstance(block, FlashController):
            contents[options] = block.option_area()
    for address, content in contents.items():
        if address // _PAGE in pages and content:
            mcu.engine.mem_write(address, content)
