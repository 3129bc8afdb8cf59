"""A real shell given every hostile string as our messages quote it: it hands on words, and runs nothing."""

import json
import subprocess
from pathlib import Path

import pytest

from mlops_ci.core.paths import quoted, shown

STRINGS = Path(__file__).parents[1] / "corpus/hostile-strings.json"


@pytest.mark.guarantee("G15")
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_shell_hands_on_words_and_runs_nothing(shell: str, tmp_path: Path) -> None:
    texts = [text for group in json.loads(STRINGS.read_text()).values() for text in group]
    script = "printf '%s\\0' " + " ".join(map(quoted, texts))
    done = subprocess.run(
        [shell, "-c", script], cwd=tmp_path, capture_output=True, check=True, env={"PATH": "/usr/bin:/bin"}
    )
    assert done.stdout.decode().split("\0")[:-1] == list(map(shown, texts))
    assert list(tmp_path.iterdir()) == []
