"""Numbers as documents write them: 二十一 ↔ 21, with 〇 (or a circle ○), 两, 千, 万, full width."""

import unicodedata

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TEN_THOUSAND = "万"

NUMERAL = r"[〇零一二两三四五六七八九十百千万0-9０-９]"
"""Regular-expression class of the characters a numeral is written with."""


def parse(numeral: str) -> int:
    """Read a Chinese, ASCII or full-width numeral.

    Args:
        numeral: For example ``二十一``, ``两千零三``, ``二〇一五``, ``120`` or ``１２０``.

    Returns:
        The number, at least 0.

    Raises:
        ValueError: The string is empty or no numeral.
    """
    text = unicodedata.normalize("NFKC", numeral)
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in _DIGITS and c not in _UNITS and c != _TEN_THOUSAND for c in text):
        raise ValueError(f"not a numeral: {numeral!r}")
    if all(c in _DIGITS for c in text):  # digit by digit, as years are written: 二〇一五
        return int("".join(str(_DIGITS[c]) for c in text))
    head, separator, tail = text.rpartition(_TEN_THOUSAND)
    if separator:
        return _below_ten_thousand(head or "一") * 10_000 + (
            _below_ten_thousand(tail) if tail else 0
        )
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> int:
    total, pending = 0, None
    for char in text:
        if char in _DIGITS:
            pending = _DIGITS[char]
        elif char in _UNITS:
            total += (1 if pending is None else pending) * _UNITS[char]
            pending = None
        else:
            raise ValueError(f"not a numeral: {text!r}")
    return total + (pending or 0)


def to_chinese(number: int) -> str:
    """Write a number as article numbers are written.

    Args:
        number: 0 to 99,999,999.

    Returns:
        For example ``二十一``, ``一百零三`` or ``一千二百六十``; ``parse`` reads it back.

    Raises:
        ValueError: The number is out of range.
    """
    if not 0 <= number < 100_000_000:
        raise ValueError(f"out of range: {number}")
    high, low = divmod(number, 10_000)
    if not high:
        return _write(low) if low else "零"
    gap = "零" if 0 < low < 1000 else ""
    return _write(high) + _TEN_THOUSAND + gap + (_write(low, leading=True) if low else "")


def _write(number: int, *, leading: bool = False) -> str:
    """Write 1 to 9,999; 10 to 19 as 十…, unless something stands before it (一百一十)."""
    out, gap = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, size)
        if digit:
            out += ("零" if gap else "") + "零一二三四五六七八九"[digit] + unit
        gap = bool(out) and not digit and bool(number)
    return out.removeprefix("一") if out.startswith("一十") and not leading else out
