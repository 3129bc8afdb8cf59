"""What of an artifact is where, in words."""

from pathlib import PurePosixPath
from typing import Any

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.report.artifacts_text import remote_words
from mlops_ci.tools.dvc.artifacts import Artifact, Here, Presence

DIGEST = Digest("md5", "0" * 32)


def artifact(**differing: Any) -> Artifact:
    usual: dict[str, Any] = {
        "path": PurePosixPath("model.bin"), "stage": "train", "digest": DIGEST, "size": 1, "files": None,
        "here": Here.SAME, "objects": 1, "cached": 1, "cached_bytes": 1,
    }  # fmt: skip
    return Artifact(**{**usual, **differing})


def presence(objects: int = 0, absent: int = 0, *, configured: bool = True, corrupt: str = "") -> Presence:
    lacking = tuple((f"parts/{number}", Digest("md5", f"{number:032}")) for number in range(absent))
    return Presence(configured=configured, objects=objects, absent=lacking, corrupt=corrupt)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (presence(3), "whole"),
        (presence(1, 2), "1 of 3"),
        (presence(0, 3), "absent"),
        (presence(configured=False), "no remote"),
        (presence(corrupt="other bytes"), "corrupt listing"),
        (None, "not to be asked"),
    ],
)
def test_what_a_remote_has_is_one_word_or_a_count(there: Presence | None, words: str) -> None:
    assert remote_words(artifact(), there) == words


def test_what_no_remote_is_to_have_says_why_and_what_was_never_made_says_nothing() -> None:
    assert remote_words(artifact(why_not="`push: false`"), None) == "`push: false`"
    assert remote_words(artifact(digest=None), None) == ""
