"""Flash checks are recognised by the bytes really read and the value compared, at once or in slices, despite noise."""

import random

import pytest
from traces import FLASH, FLASH_SIZE, MILLISECOND, RAM, Machine

from swassess.model.declared import AddressRange
from swassess.rules.recognise.check_codes import CheckCode, candidates, named_check_values
from swassess.rules.recognise.check_codes import detects_all_single_bit_flips as code_detects
from swassess.rules.recognise.crc import FlashCheck, detects_all_single_bit_flips, recognise_flash_checks

AREA = AddressRange(FLASH, FLASH + FLASH_SIZE)
LOOP = FLASH + 0x900
END = FLASH + FLASH_SIZE - 4
TABLE = FLASH + 0x3400
STATE, REFERENCE_COPY = RAM + 0x40, RAM + 0x80
ZLIB, XMODEM = "CRC-32/ISO-HDLC", "CRC-16/XMODEM"


def code_named(name: str) -> CheckCode:
    return next(code for code in candidates() if code.name == name)


def image(code: CheckCode, final_xor: int, end: int = END, at: int = END) -> bytes:
    """Seeded content with the reference placed after the build, little-endian."""
    content = bytearray(random.Random(4).randbytes(FLASH_SIZE))
    value = code.values([bytes(content[: end - FLASH])])[-1] ^ final_xor
    content[at - FLASH : at - FLASH + 4] = value.to_bytes(4, "little")
    return bytes(content)


class Checker:
    """A firmware's flash check: bytes, a table in flash, the state in RAM between slices."""

    def __init__(self, machine: Machine, code: CheckCode, final_xor: int, start: int = FLASH, end: int = END) -> None:
        self.machine, self.code, self.final_xor, self.start, self.end = machine, code, final_xor, start, end
        self.at, self.state = start, code.initial

    def slice(self, count: int, unit: int = 1) -> bool:
        machine = self.machine
        for _ in range(count):
            machine.at(FLASH + 0x700)
            data = machine.read(self.at, unit).to_bytes(unit, "little")
            machine.read(TABLE + 4 * (data[0] ^ self.state & 0xFF))
            self.state = CheckCode(
                "", self.code.family, self.code.width, self.code.polynomial, self.state, self.code.reflected, unit
            ).values([data])[-1]
            self.at += unit
            if self.at >= self.end:
                break
        machine.at(FLASH + 0x710)
        machine.write(STATE, self.state)
        return self.at >= self.end

    def compare(self, reference: int = END) -> None:
        self.machine.at(FLASH + 0x720)
        self.machine.read(reference)
        self.at, self.state = self.start, self.code.initial


def checks_of(machine: Machine) -> tuple[FlashCheck, ...]:
    trace = machine.trace()
    return recognise_flash_checks(trace, machine.flash, AREA, trace.mark_ticks[trace.mark_address == LOOP])


def noise(machine: Machine) -> None:
    """Literal pool, constants and a copy loop, as any program has."""
    machine.at(FLASH + 0x2000)
    machine.read(FLASH + 0x2040)
    for offset in range(0, 40, 4):
        machine.at(FLASH + 0x2010)
        machine.write(RAM + 0x100 + offset, machine.read(FLASH + 0x3000 + offset))


def in_operation(machine: Machine, checker: Checker, cycles: int, per_tick: int = 1024, **compare: int) -> None:
    for _ in range(cycles):
        done = False
        while not done:
            machine.mark(LOOP)
            machine.idle(10 * MILLISECOND)
            noise(machine)
            done = checker.slice(per_tick)
        checker.compare(**compare)


def test_start_up_and_slices() -> None:
    code = code_named(ZLIB)
    machine = Machine(image(code, 0xFFFFFFFF))
    checker = Checker(machine, code, 0xFFFFFFFF)
    checker.slice(1 << 20)
    checker.compare()
    in_operation(machine, checker, 3)
    first, second = checks_of(machine)
    for check in (first, second):
        assert check.algorithm == ZLIB
        assert check.final_xor == 0xFFFFFFFF
        assert check.ranges == (AddressRange(FLASH, END),)
        assert (check.reference_address, check.agrees, check.program_computed) == (END, True, False)
        assert set(check.blocks) == {FLASH + 0x700}
    assert (first.phase, second.phase) == ("startup", "periodic")
    assert len(second.cycles) == 3
    assert second.slices == 16
    assert second.states == 15
    assert second.worst is not None
    assert 2 * 160 * MILLISECOND < second.worst < 2 * 185 * MILLISECOND
    assert second.worst >= second.cycles[2].compare - second.cycles[1].start
    assert detects_all_single_bit_flips(second)[0]


def test_a_range_that_leaves_out_constants() -> None:
    code = code_named(ZLIB)
    machine = Machine(image(code, 0xFFFFFFFF, end=FLASH + 0x2C00))
    in_operation(machine, Checker(machine, code, 0xFFFFFFFF, end=FLASH + 0x2C00), 2)
    (check,) = checks_of(machine)
    assert check.ranges == (AddressRange(FLASH, FLASH + 0x2C00),)
    assert check.agrees


@pytest.mark.parametrize("offset", [-4, 1, 4])
def test_the_range_is_exact(offset: int) -> None:
    code, end = code_named(ZLIB), FLASH + 0x2C00 + offset
    machine = Machine(image(code, 0, end=end))
    in_operation(machine, Checker(machine, code, 0, end=end), 1)
    (check,) = checks_of(machine)
    assert check.ranges == (AddressRange(FLASH, end),)
    assert check.agrees


def test_two_ranges_in_one_value() -> None:
    code = code_named(ZLIB)
    content = bytearray(random.Random(5).randbytes(FLASH_SIZE))
    value = code.values([bytes(content[:0x1000] + content[0x2000:0x2800])])[-1]
    content[-4:] = value.to_bytes(4, "little")
    machine = Machine(bytes(content))
    checker = Checker(machine, code, 0, end=FLASH + 0x1000)
    checker.slice(0x1000)
    checker.at, checker.end = FLASH + 0x2000, FLASH + 0x2800
    checker.slice(0x800)
    checker.compare()
    (check,) = checks_of(machine)
    assert check.ranges == (AddressRange(FLASH, FLASH + 0x1000), AddressRange(FLASH + 0x2000, FLASH + 0x2800))
    assert check.agrees


@pytest.mark.parametrize("name", [XMODEM, "CRC-32/MPEG-2", "CRC-32K Koopman", "sum (32 bit, units of 32 bit)"])
def test_other_codes(name: str) -> None:
    code = code_named(name)
    machine = Machine(image(code, 0))
    checker = Checker(machine, code, 0)
    unit = code.unit
    while not checker.slice(2048 // unit, unit):
        machine.idle(10 * MILLISECOND)
    checker.compare()
    (check,) = checks_of(machine)
    assert (check.algorithm, check.ranges, check.agrees) == (name, (AddressRange(FLASH, END),), True)


def test_a_short_value_that_agrees_by_chance_is_not_believed() -> None:
    """One pass in registers alone, followed by reads of every byte value."""
    machine = Machine(bytes(random.Random(6).randbytes(FLASH_SIZE)))
    for at in range(FLASH, FLASH + 0x1000):
        machine.at(FLASH + 0x700)
        machine.read(at, 1)
    for value in range(60):
        machine.ram[RAM + value] = value * 4
        machine.read(RAM + value, 1)
    assert [check.algorithm for check in checks_of(machine)] == ["unknown"]


def test_a_reference_the_program_computes_is_told() -> None:
    code = code_named(ZLIB)
    machine = Machine(image(code, 0))
    checker = Checker(machine, code, 0)
    checker.slice(1 << 20)
    machine.write(REFERENCE_COPY, checker.state)
    checker.at, checker.state = FLASH, code.initial
    in_operation(machine, checker, 2, reference=REFERENCE_COPY)
    periodic = checks_of(machine)[-1]
    assert periodic.phase == "periodic"
    assert periodic.reference_address == REFERENCE_COPY
    assert periodic.program_computed


def test_a_reference_copied_from_flash_is_a_constant() -> None:
    code = code_named(ZLIB)
    machine = Machine(image(code, 0))
    machine.write(REFERENCE_COPY, machine.read(END))
    in_operation(machine, Checker(machine, code, 0), 2, reference=REFERENCE_COPY)
    (check,) = checks_of(machine)
    assert check.reference_address == REFERENCE_COPY
    assert not check.program_computed


def test_a_pass_cut_short_by_the_end_of_the_run_is_no_check_of_its_own() -> None:
    code = code_named(ZLIB)
    machine = Machine(image(code, 0))
    checker = Checker(machine, code, 0)
    in_operation(machine, checker, 2)
    checker.slice(3000)
    (check,) = checks_of(machine)
    assert len(check.cycles) == 2


def test_copying_constants_is_no_check_with_a_code() -> None:
    machine = Machine(bytes(random.Random(7).randbytes(FLASH_SIZE)))
    for offset in range(0, 1024, 4):
        machine.at(FLASH + 0x210)
        machine.write(RAM + offset, machine.read(FLASH + 0x3000 + offset))
    assert not any(check.recognised for check in checks_of(machine))


@pytest.mark.parametrize(("code", "final_xor", "value"), named_check_values(), ids=lambda v: getattr(v, "name", ""))
def test_codes_give_their_published_check_values(code: CheckCode, final_xor: int, value: int) -> None:
    assert code.values([b"123456789"])[-1] ^ final_xor == value
    assert code.values([b"1234", b"56789"])[-1] ^ final_xor == value


@pytest.mark.parametrize("code", list(candidates()), ids=lambda c: f"{c.name} {c.initial:x} {c.reflected} {c.order}")
def test_the_proof_agrees_with_flipping_every_bit(code: CheckCode) -> None:
    data = random.Random(8).randbytes(40)
    good = code.values([data])[-1]
    seen = [code.values([_flipped(data, bit)])[-1] != good for bit in range(8 * len(data))]
    assert code_detects(code)[0] == all(seen)


def test_codes_that_miss_flips_are_told() -> None:
    for code in (CheckCode("no generator", "crc", 16), CheckCode("narrow", "sum", 8, unit=2)):
        holds, why = code_detects(code)
        assert not holds
        assert why
        assert any(code.values([_flipped(bytes(40), bit)]) == [0] for bit in range(320))


def _flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_words_with_look_ups_of_words_entered_through_another_block() -> None:
    """As compilers make it: the first word of each slice is read by the block before the loop, tables are words too."""
    code = code_named(ZLIB)
    machine = Machine(image(code, 0xFFFFFFFF))
    state = code.initial
    for start in range(FLASH, END, 256):
        machine.mark(LOOP)
        machine.idle(10 * MILLISECOND)
        for at in range(start, min(start + 256, END), 4):
            machine.at(FLASH + 0x700 + (0 if at == start else 0x10))
            word = machine.read(at).to_bytes(4, "little")
            for byte in word:
                machine.read(TABLE + 4 * (byte ^ state & 0xFF))
                state = CheckCode("", "crc", 32, code.polynomial, state, True).values([bytes([byte])])[0]
        machine.at(FLASH + 0x730)
        machine.write(STATE, state)
    machine.read(END)
    (check,) = checks_of(machine)
    assert (check.algorithm, check.ranges) == (ZLIB, (AddressRange(FLASH, END),))
    assert (check.reference_address, check.agrees) == (END, True)
    assert check.states == 63
