"""Simulated time is counted in integer ticks of one picosecond, so that no sum ever depends on rounding."""

TICKS_PER_SECOND = 1_000_000_000_000
TICKS_PER_MILLISECOND = 1_000_000_000
TICKS_PER_MICROSECOND = 1_000_000
