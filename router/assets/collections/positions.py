"""Where a picture stands in a collection: a text that sorts, with room for another between any two, so that moving one
picture changes one row."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)
_WIDTH = 8  # digits of a number; what is put between two that follow each other has more
_STEP = _BASE**2
_MIDDLE = _BASE**_WIDTH // 2


def after(low: str | None, high: str | None) -> str:
    """A place behind `low` and before `high`; None is the beginning, and the end."""
    if low is None:
        return _written(_MIDDLE if high is None else _number(high) - _STEP)
    if high is None:
        return _written(_number(low) + _STEP)
    gap = _number(high) - _number(low)
    if gap > 1:
        return _written(_number(low) + gap // 2)
    return low[:_WIDTH] + _between(low[_WIDTH:], None if gap else high[_WIDTH:])


def _between(low: str, high: str | None) -> str:
    """Never ends in 0, below which there would be no room."""
    if high is not None:
        same = next(at for at in range(len(high)) if high[at] != (low[at] if at < len(low) else _DIGITS[0]))
        if same:
            return high[:same] + _between(low[same:], high[same:])
    first = _DIGITS.index(low[0]) if low else 0
    last = _DIGITS.index(high[0]) if high else _BASE
    if last - first > 1:
        return _DIGITS[(first + last) // 2]
    if high is not None and len(high) > 1:
        return high[0]
    return _DIGITS[first] + _between(low[1:], None)


def _number(position: str) -> int:
    number = 0
    for digit in position[:_WIDTH]:
        number = number * _BASE + _DIGITS.index(digit)
    return number


def _written(number: int) -> str:
    digits = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, _BASE)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
