"""One whole number in a file of parameters: read, and set so that nothing else in the file changes."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.config.yaml import Node, read_yaml

_NOTATIONS = (".yaml", ".yml", ".json")
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")


class NoParameterError(Exception):
    """What is named is no whole number that can be set. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Where it stands: a file, from the repository's root, and the keys that lead to it."""

    file: PurePosixPath
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}:{'.'.join(self.keys)}"


def parameter_named(text: str) -> Parameter:
    """Read `params.yaml:train.seed`. Raises NoParameterError."""
    file, colon, name = text.rpartition(":")
    path = PurePosixPath(file)
    if not colon or not all(name.split(".")) or path.is_absolute() or ".." in path.parts or path.name == "":
        raise NoParameterError(f"{text!r} names no parameter; it is written like params.yaml:seed")
    if path.suffix not in _NOTATIONS:
        raise NoParameterError(f"{path} is neither YAML nor JSON, so a parameter there can't be set")
    return Parameter(file=path, keys=tuple(name.split(".")))


def value_of(content: bytes, parameter: Parameter) -> int:
    """Its value. Raises NoParameterError where it is no whole number, UsageError where the file can't be read."""
    return int(_node(content, parameter).written)


def with_value(content: bytes, parameter: Parameter, value: int) -> bytes:
    """The file with another value there, every other byte as it was. Raises as `value_of`."""
    node = _node(content, parameter)
    lines = content.decode("utf-8-sig").split("\n")
    line, begin = lines[node.line - 1], node.column - 1
    if not line.startswith(node.written, begin):
        raise NoParameterError(f"{parameter} is not written in one place of its own")
    lines[node.line - 1] = f"{line[:begin]}{value}{line[begin + len(node.written) :]}"
    return "\n".join(lines).encode()


def _node(content: bytes, parameter: Parameter) -> Node:
    node = read_yaml(content, parameter.file).node(parameter.keys)
    if node is None:
        raise NoParameterError(f"there is no parameter {parameter}")
    if not node.plain or not isinstance(node.value, int) or not _WHOLE.fullmatch(node.written):
        raise NoParameterError(f"{parameter} is no whole number")
    return node
