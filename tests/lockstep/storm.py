"""The storm of exceptions (programs/storm.s) with a random script."""

import random

from images import read_image
from machines import Machine

SCRIPT, SCRIPT_SIZE = 0x2000, 0x2000 + 64
ACTIONS = 32


def storm(machine: Machine, seed: int) -> bytes:
    """The program with a script of pairs (action, parameter)."""
    rng = random.Random(f"storm {machine.name} {seed}")
    program, _ = read_image(f"storm-{machine.name}")
    if len(program) > SCRIPT:
        raise ValueError("the program has grown into the script")
    script = bytearray()
    while len(script) < SCRIPT_SIZE:
        script += bytes([rng.randrange(ACTIONS), rng.getrandbits(8)])
    return program.ljust(SCRIPT, b"\0") + bytes(script)
