"""Plain scalars by the core schema of YAML 1.2 (yaml.org/spec/1.2.2, 10.3.2).

So `no`, `on` and `1:30` are text, `010` is ten, `0o10` is eight, `1e3` is a thousand, and a date is text.
"""

import re

Scalar = str | int | float | bool | None

_NAMED: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_LONGEST_INTEGER = 300  # beyond it lies infinity as a float, and Python refuses to read thousands of digits


def plain_value(text: str) -> Scalar:
    """What an unquoted scalar without a tag stands for."""
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in "0123456789+-.":
        return text
    return _number(text)


def _number(text: str) -> str | int | float:
    short = len(text) <= _LONGEST_INTEGER
    if _INTEGER.fullmatch(text):
        return int(text) if short else float(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if short and _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if short and _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    return text
