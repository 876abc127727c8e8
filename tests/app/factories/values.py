"""JSON values that differ by a number, for fields whose values must be unique."""

from base64 import b64encode
from datetime import date as calendar_date
from datetime import datetime, time, timedelta
from decimal import Decimal, localcontext

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def text(number: int, shortest: int, longest: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits[-longest:].rjust(shortest, "x")


def whole(number: int, low: int, high: int) -> int:
    return low + number % (high - low + 1)


def decimal(number: int, low: str, high: str, scale: int) -> str:
    with localcontext(prec=100):
        unit = Decimal(1).scaleb(-scale)
        steps = int((Decimal(high) - Decimal(low)) / unit) + 1
        return f"{Decimal(low) + number % steps * unit:.{scale}f}"


def date(number: int) -> str:
    return (calendar_date(2000, 1, 1) + timedelta(days=number)).isoformat()


def instant(number: int) -> str:
    return (datetime(2000, 1, 1) + timedelta(seconds=number)).isoformat() + "Z"  # noqa: DTZ001 -- written as UTC


def clock(number: int) -> str:
    return time(number // 3600 % 24, number // 60 % 60, number % 60).isoformat()


def base64(number: int) -> str:
    return b64encode(str(number).encode()).decode()
