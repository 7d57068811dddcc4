"""[[peer]] tables of a scenario: devices on the MCU's I2C and SPI buses that answer as declared."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from swassess.model.declared import BusPeer
from swassess.submission.explain import place
from swassess.submission.manifest_models import Table
from swassess.submission.problems import Problems
from swassess.submission.toml_file import TomlFile
from swassess.submission.values import Pin, Text, shown

MOST_PEERS = 8  # on one bus
LONGEST_REQUEST = 16
_LAST_REGISTER = 0xFFFF
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]{1,4}|[0-9]{1,5}")


def _bytes(value: object) -> object:
    if isinstance(value, list) and all(type(one) is int and 0 <= one <= 0xFF for one in value):
        return " ".join(f"{one:02X}" for one in value)
    if isinstance(value, str) and all(_HEX_PAIR.fullmatch(part) for part in value.split()):
        return " ".join(value.split())
    raise ValueError(
        f'must be bytes as pairs of hexadecimal digits such as "19 80" or a list such as [0x19, 0x80], '
        f"not {shown(value)}"
    )


def _register(value: object) -> object:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value) or int(value, 0) > _LAST_REGISTER:
        raise ValueError(f"must be a register's number from 0 to 0xFFFF, not {shown(value)}")
    return value


Bytes = Annotated[str, BeforeValidator(_bytes)]
RegisterKey = Annotated[str, BeforeValidator(_register)]


class ReplyTable(Table):
    request: Bytes = Field(default="", description="bytes that the MCU writes first")
    bytes: Annotated[Bytes, Field(min_length=2)]


class PeerTable(Table):
    bus: Text
    address: Annotated[int, Field(ge=0, le=0x7F)] | None = None
    select: Pin | None = None
    registers: dict[RegisterKey, Annotated[Bytes, Field(min_length=2)]] = Field(default_factory=dict)
    pointer_bytes: Literal[1, 2] = 1
    read_flag: Annotated[int, Field(ge=0, le=0xFF)] = 0x80
    reply: list[ReplyTable] = Field(default_factory=list)


def peers_of(tables: Sequence[PeerTable]) -> tuple[BusPeer, ...]:
    """The declared devices, in the order of the file."""
    return tuple(
        BusPeer(
            bus=table.bus,
            address=-1 if table.address is None else table.address,
            select=table.select or "",
            registers=tuple(
                sorted((int(register, 0), bytes.fromhex(data)) for register, data in table.registers.items())
            ),
            pointer_bytes=table.pointer_bytes,
            read_flag=table.read_flag,
            replies=tuple((bytes.fromhex(one.request), bytes.fromhex(one.bytes)) for one in table.reply),
        )
        for table in tables
    )


def check_peers(file: TomlFile, tables: Sequence[PeerTable], problems: Problems) -> None:
    """Adds what a single value cannot show: addresses and select pins that clash, devices that cannot be told apart."""
    seen: set[tuple[str, object]] = set()
    for number, table in enumerate(tables):
        for sentence in _faults(table):
            problems.add(file.name, file.line(("peer", number)), f"{place(('peer', number), file.data)} {sentence}")
        key = (table.bus, table.select if table.address is None else table.address)
        if key in seen:
            what = "no select pin" if table.address is None and not table.select else "that address or select pin"
            sentence = f"{place(('peer', number), file.data)}: another device on {table.bus} has {what} too"
            problems.add(file.name, file.line(("peer", number)), sentence)
        seen.add(key)
        if sum(one.bus == table.bus for one in tables[:number]) == MOST_PEERS:
            sentence = f"{place(('peer', number), file.data)}: {table.bus} has more than {MOST_PEERS} devices"
            problems.add(file.name, file.line(("peer", number)), sentence)


def _faults(table: PeerTable) -> list[str]:
    faults = []
    if not table.registers and not table.reply:
        faults.append("needs registers or a reply")
    if table.address is not None and table.select:
        faults.append("has both an address (I2C) and a select pin (SPI)")
    if table.bus.upper().startswith("I2C") and table.address is None:
        faults.append("is on an I2C bus and needs an address")
    if table.bus.upper().startswith("SPI"):
        if table.address is not None:
            faults.append("is on an SPI bus, which has no addresses; name its select pin")
        elif not table.select and (table.registers or any(one.request for one in table.reply)):
            faults.append("needs a select pin: without one nothing tells where a request begins")
    if any(len(one.request.split()) > LONGEST_REQUEST for one in table.reply):
        faults.append(f"has a request of more than {LONGEST_REQUEST} bytes")
    requests = [one.request.upper() for one in table.reply]
    if len(set(requests)) < len(requests):
        faults.append("has two replies to the same request")
    numbers = [int(register, 0) for register in table.registers]
    if len(set(numbers)) < len(numbers):
        faults.append("gives a register twice")
    return faults
