"""mlops-ci.yaml -> frozen values, or all that is wrong with it in one UsageError."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from mlops_ci.config.cross_checks import contradictions
from mlops_ci.config.problems import Keys, Problem, leading_zeros, problems_of
from mlops_ci.config.schema import Config
from mlops_ci.config.yaml import Document, Key, read_yaml
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.names import is_name
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError

CONFIG_FILE = PurePosixPath("mlops-ci.yaml")
_MOST_FINDINGS = 50
_MOST_ROUNDS = 8  # taking out one mistake may show another, in a section that was not looked at before


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration in force. `document`: the file that it was read from, None where there is none."""

    config: Config
    document: Document | None = None

    def place(self, *keys: Key) -> Place | None:
        """Where a key stands, or its nearest ancestor that is in the file; None without a file."""
        return self.document.place(keys) if self.document else None


def read_config(content: bytes | None, path: PurePosixPath = CONFIG_FILE) -> Loaded:
    """Read the file's bytes; without them everything has its default.

    Raises UsageError with a finding for each mistake.
    """
    if content is None:
        return Loaded(Config())
    document = read_yaml(content, path, strict=True)
    zeros = list(leading_zeros(document))
    # The round trip gives every alias a value of its own, so that mistakes can be taken out one by one.
    config, problems = _sound_part(json.loads(json.dumps(document.value)), document)
    broken = [one.keys for one in (*zeros, *problems)]
    declared = document.value.get("components")
    names = frozenset(filter(is_name, declared)) if isinstance(declared, dict) else frozenset()
    problems += [one for one in contradictions(config, components=names) if not _blurred(one, broken)]
    if zeros or problems:
        raise UsageError(_findings([*zeros, *problems], document))
    return Loaded(config, document)


def read_config_file(root: Path) -> Loaded:
    """Read mlops-ci.yaml at a repository's root, if it is there. Raises UsageError."""
    path = root / CONFIG_FILE
    try:
        if not path.is_symlink() and not path.exists():
            return read_config(None)
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise _unreadable("is a link out of the repository", "a file of the repository")
        if not path.is_file():
            raise _unreadable("is not a file", "a file, or nothing")
        content = path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise _unreadable("cannot be read", f"a file that can be read ({type(error).__name__})") from error
    return read_config(content)


def _sound_part(value: dict[str, Any], document: Document) -> tuple[Config, list[Problem]]:
    """The configuration without what is wrong in it, and what that is."""
    problems: list[Problem] = []
    for _ in range(_MOST_ROUNDS):
        try:
            return Config.model_validate_json(json.dumps(value)), problems
        except ValidationError as error:
            found = problems_of(error, document)
            problems += found
            for one in found:
                _take_out(value, one)
    return Config(), problems


def _take_out(value: dict[str, Any], one: Problem) -> None:
    """Remove a value that was refused; where a key is missing, the section that lacks it."""
    keys = one.keys[:-1] if one.code == "MC-CONFIG-021" else one.keys
    parent: Any = value
    for depth, key in enumerate(keys):
        last = depth == len(keys) - 1 or not isinstance(parent.get(key), dict)
        if last:
            parent.pop(key, None)
            return
        parent = parent[key]
    value.clear()


def _blurred(one: Problem, broken: Iterable[Keys]) -> bool:
    """Whether a conclusion rests on a value that was refused, so that it may be none."""
    return any(
        wrong[: len(read)] == read or read[: len(wrong)] == wrong for wrong in broken for read in (one.keys, *one.reads)
    )


def _findings(problems: list[Problem], document: Document) -> list[Finding]:
    """In the order of the file, at most one for each value and not more than can be read."""
    by_keys: dict[Keys, Finding] = {}
    for one in problems:
        by_keys.setdefault(one.keys, one.finding(document))
    found = sorted(by_keys.values(), key=_position)
    if len(found) <= _MOST_FINDINGS:
        return found
    more = Finding(
        code="MC-CONFIG-029", subject=str(document.path), what=f"{len(found) - _MOST_FINDINGS:,} more mistakes",
        exit=ExitCode.USAGE, place=Place(path=document.path), do="mend the first ones, then look again",
    )  # fmt: skip
    return [*found[:_MOST_FINDINGS], more]


def _position(finding: Finding) -> tuple[int, int]:
    place = finding.place
    return (place.line or 0, place.column or 0) if place else (0, 0)


def _unreadable(what: str, expected: str) -> UsageError:
    return UsageError.at(
        "MC-CONFIG-016", str(CONFIG_FILE), what, place=Place(path=CONFIG_FILE), expected=expected,
        do="put a plain file there, or remove it: every key has a default",
    )  # fmt: skip
