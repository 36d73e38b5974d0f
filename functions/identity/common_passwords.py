"""Passwords everybody tries first. Composed from what people in China type, not copied from a leaked list.

Only what is long enough to pass the length rule matters: a word doubled, or a word with a habitual tail.
"""

from functools import cache

WORDS = (
    "password passw0rd p@ssword p@ssw0rd administrator admin root test user welcome hello qwerty qwertyuiop asdfgh "
    "asdfghjkl zxcvbn zxcvbnm qazwsx 1qaz2wsx 1q2w3e4r q1w2e3r4 abc abcd abcdef abc123 a123456 iloveyou letmein "
    "monkey dragon woaini woaiwojia wodemima mima nihao zhongguo china hubei wuhan kuaiji caizheng caiwu kuaijishi "
    "jingkuai accounting accountant zhanghao denglu beijing xiaoming zhangsan lisi wangwei"
)
TAILS = (
    "1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 1314 520 1314520 5201314 666 888 999 000 111 "
    "111111 2020 2021 2022 2023 2024 2025 2026 2027 ! !! @ # . @123 @1234 @12345 @123456 #123 !123 123! 123. 123@ "
    "1234! _123 abc qwe aa"
)
ROWS = (
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "abcdefghijklmnopqrstuvwxyz",
)
LONGEST = 24


def is_common(password: str) -> bool:
    """Whether this is among the first guesses: a listed one, one character over and over, or a walk along a row of keys."""
    typed = password.casefold()
    return typed in _listed() or len(set(typed)) <= 2 or _is_repeated(typed) or any(typed in row * 3 for row in ROWS)


def _is_repeated(typed: str) -> bool:
    """Whether the whole is a short piece repeated (abcabcabcabc): it then stands inside its own doubling, moved by the piece."""
    return 0 < (typed + typed).find(typed, 1) <= len(typed) // 2


@cache
def _listed() -> frozenset[str]:
    words, tails = WORDS.split(), TAILS.split()
    tailed = {word + tail for word in words for tail in tails}
    doubled = {first + second for first in words for second in words}
    return frozenset(text for text in tailed | doubled if len(text) <= LONGEST)
