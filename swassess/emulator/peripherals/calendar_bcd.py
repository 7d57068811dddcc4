"""Calendar arithmetic of the STM32's RTC: BCD registers, years 2000 to 2099, the next time an alarm matches.

Times are seconds since 2000-01-01 00:00:00, modulo a hundred years.
"""

from collections.abc import Iterator
from datetime import date, timedelta

DAY = 86400
_FIRST = date(2000, 1, 1)
CENTURY = (date(2100, 1, 1) - _FIRST).days * DAY
_DAYS_TO_SEARCH = 400


def bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def from_bcd(value: int) -> int:
    return (value >> 4) * 10 + (value & 15)


def time_register(seconds: int, twelve: bool) -> int:
    """TR: PM, hours, minutes, seconds."""
    hours, rest = divmod(seconds % DAY, 3600)
    afternoon = 0
    if twelve:
        afternoon, hours = hours // 12, (hours % 12) or 12
    return afternoon << 22 | bcd(hours) << 16 | bcd(rest // 60) << 8 | bcd(rest % 60)


def seconds_of(register: int, twelve: bool) -> int:
    """Seconds of the day of TR."""
    hours = from_bcd(register >> 16 & 0x3F)
    if twelve:
        hours = hours % 12 + (12 if register & 1 << 22 else 0)
    return hours * 3600 + from_bcd(register >> 8 & 0x7F) * 60 + from_bcd(register & 0x7F)


def date_register(seconds: int, weekday: int) -> int:
    """DR: year, weekday 1..7, month, day."""
    day = _FIRST + timedelta(days=seconds % CENTURY // DAY)
    return bcd(day.year - 2000) << 16 | weekday << 13 | bcd(day.month) << 8 | bcd(day.day)


def midnight_of(register: int) -> int:
    """Seconds at which the day of DR begins. A day that the month has not is the last one it has."""
    year = from_bcd(register >> 16 & 0xFF) % 100 + 2000
    month = min(max(from_bcd(register >> 8 & 0x1F), 1), 12)
    day = max(from_bcd(register & 0x3F), 1)
    while True:
        try:
            return (date(year, month, day) - _FIRST).days * DAY
        except ValueError:
            day -= 1


def next_match(alarm: int, twelve: bool, start: int, weekday: int) -> int | None:
    """The first time from `start` on that an alarm register (ALRMxR) matches; weekday: that of `start`."""
    for ahead in range(_DAYS_TO_SEARCH):
        midnight = start // DAY * DAY + ahead * DAY
        if not _day_matches(alarm, midnight, (weekday - 1 + ahead) % 7 + 1):
            continue
        least = start % DAY if ahead == 0 else 0
        found = next((one for one in _times(alarm, twelve, least)), None)
        if found is not None:
            return midnight + found
    return None


def _day_matches(alarm: int, midnight: int, weekday: int) -> bool:
    if alarm & 1 << 31:
        return True
    if alarm & 1 << 30:
        return alarm >> 24 & 0xF == weekday
    return from_bcd(alarm >> 24 & 0x3F) == (_FIRST + timedelta(days=midnight % CENTURY // DAY)).day


def _times(alarm: int, twelve: bool, least: int) -> Iterator[int]:
    wanted = seconds_of(alarm & 0x7F7F7F, twelve)
    hours = range(24) if alarm & 1 << 23 else (wanted // 3600,)
    minutes = range(60) if alarm & 1 << 15 else (wanted // 60 % 60,)
    seconds = range(60) if alarm & 1 << 7 else (wanted % 60,)
    for hour in hours:
        if hour * 3600 + 3599 < least:
            continue
        for minute in minutes:
            if hour * 3600 + minute * 60 + 59 < least:
                continue
            for second in seconds:
                if hour * 3600 + minute * 60 + second >= least:
                    yield hour * 3600 + minute * 60 + second
