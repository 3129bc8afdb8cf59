"""What a component may bring itself: its Dockerfile, its lock, its own pytest."""

from pathlib import Path

import pytest

from tests.docker.engine import Ground
from tests.docker.project import project
from tests.factories import lay

pytestmark = pytest.mark.slow

DOCKERFILE = """\
ARG BASE_IMAGE
FROM $BASE_IMAGE
COPY wheels/ /wheels/
COPY code/one/greeting.txt /greeting.txt
RUN python3 -m pip install --break-system-packages --no-deps --no-index /wheels/*.whl
USER 4321
ENTRYPOINT ["/bin/false"]
"""
TEST = "from pathlib import Path\n\n\ndef test_it() -> None:\n    assert Path('/greeting.txt').read_text() == 'hello'\n"
SETTINGS = "components:\n  one: {path: code/one, dockerfile: code/one/Dockerfile}\n"


def test_a_dockerfile_of_its_own_is_built_with_its_folder_and_the_wheels(ground: Ground, tmp_path: Path) -> None:
    files = {"code/one/Dockerfile": DOCKERFILE, "code/one/greeting.txt": "hello", "code/one/tests/test_one.py": TEST}
    made = project(tmp_path, ground, files, settings=SETTINGS)
    done = made.build("--json")
    assert done.exit == 0, done.output + done.log
    first = done.json["images"]["one"]
    lay(made.root, {"code/one/Dockerfile": f"{DOCKERFILE}LABEL more=1\n"})
    assert made.build("--json", "--dry-run").json["images"]["one"]["inputs"] != first["inputs"]
