"""What others may see of personal data (个人信息脱敏): the masked forms, and the only place that makes them.

Source: handbook, section 3. Of an ID number or phone the first 3 and last 4 are shown, of a name the first character
and, where it has three or more, the last.
"""

from __future__ import annotations


def mask_id_number(number: str) -> str:
    """An ID number as others see it: 420***********0011.
    Too short a number for that (permits, passports) shows its first and at most its last four, never more than half.
    """
    if len(number) >= 11:
        return _stars(number, 3, 4)
    return _stars(number, 1, max(0, min(4, (len(number) - 1) // 2)))


def mask_phone(phone: str) -> str:
    """A phone number as others see it: 199****7120."""
    return _stars(phone, 3, 4) if len(phone) >= 11 else mask_id_number(phone)


def mask_name(name: str) -> str:
    """A name as others see it: 王*, 欧**国. A rare character beyond the basic plane (𬭎) is one star like any other."""
    if len(name) < 2:
        return "*" * len(name)
    return name[0] + "*" if len(name) == 2 else _stars(name, 1, 1)


def _stars(text: str, first: int, last: int) -> str:
    hidden = len(text) - first - last
    return text[:first] + "*" * hidden + text[len(text) - last :]
