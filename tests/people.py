"""Synthetic people: numbers by arithmetic, names by chance, nobody's."""

from __future__ import annotations

import random

_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
_GIVEN = "清雅景行思远若溪书瑶承泽语晨知夏嘉禾怀瑾明哲沐阳"
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_number(chance: random.Random, region_code: str = "420106") -> str:
    """A resident ID number that is right in form (GB 11643-1999)."""
    born = f"{chance.randrange(1975, 2000)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
    return _checked(f"{region_code}{born}{chance.randrange(1, 1000):03d}")


def _checked(body: str) -> str:
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def born_with(person: dict[str, str]) -> str:
    """Another resident ID number of the same place, day and sex."""
    number = person["id_number"]
    sequence = (int(number[14:17]) + 2) % 1000 or 2
    return _checked(f"{number[:14]}{sequence:03d}")


def credit_code(chance: random.Random, region_code: str = "420106") -> str:
    """A unified social credit code that is right in form (GB 32100-2015)."""
    body = f"91{region_code}MA" + "".join(chance.choices(_CODE, k=7))
    return body + _CODE[-sum(_CODE.index(character) * pow(3, place, 31) for place, character in enumerate(body)) % 31]


def person(chance: random.Random | None = None, region_code: str = "420106", **other: str) -> dict[str, str]:
    """Somebody new, in the shape of `people.json`."""
    chance = chance or random.Random()
    return {
        "name": chance.choice("王李张刘陈杨黄赵吴周") + "".join(chance.choices(_GIVEN, k=2)),
        "id_type": "resident_id",
        "id_number": id_number(chance, region_code),
        "phone": f"199{chance.randrange(10**8):08d}",
        "region_code": region_code,
        "employer": "湖北示例新设会计有限公司",
        "uscc": credit_code(chance, region_code),
        **other,
    }
