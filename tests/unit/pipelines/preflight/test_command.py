"""Commands that can't run here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]


@pytest.mark.parametrize(
    ("cmd", "code", "found"),
    [
        ("py -3 train.py", "MC-PIPE-062", "py -3 train.py"),
        (r"python src\train.py --out models\m.pkl", "MC-PIPE-061", r"src\train.py"),
        ("cat x | spark-submit job.py", "MC-PIPE-063", "spark-submit"),
        ("A=1 Rscript fit.R > out.txt", "MC-PIPE-063", "Rscript"),
        ("./run.sh", "MC-PIPE-064", "run.sh"),
        ("cat a &&\n    bin/plain", "MC-PIPE-065", "bin/plain"),
    ],
)
def test_what_is_not_here_is_named(look: Eye, stage: Write, cmd: str, code: str, found: str) -> None:
    text = "stages:\n  train:\n    cmd: |\n" + "".join(f"      {line}\n" for line in cmd.splitlines())
    looked = look({"dvc.yaml": text, "bin/plain": "#!/bin/sh\n"})
    assert looked.codes == [code]
    assert looked.only(code).found.replace("\\\\", "\\") == found


@pytest.mark.parametrize(
    "cmd",
    [
        "python train.py", "python3.11 -m train", "pip install x", "cd src && ./run.sh", "$PYTHON train.py",
        "echo 'py x'",
        "for f in *; do foo $f; done", "if true; then foo; fi", "cat <<EOF\nfoo\nEOF", "(foo; bar)",
        "/opt/foo/bin/foo x",
        "echo \"a\\nb\"", "true  # foo", "cat 'unclosed", "${tool} x", "set -e; true", "FOO=1",
    ],
)  # fmt: skip
def test_what_only_the_shell_can_know_is_left_to_it(look: Eye, cmd: str) -> None:
    text = "stages:\n  train:\n    cmd: |\n" + "".join(f"      {line}\n" for line in cmd.splitlines())
    assert look({"dvc.yaml": text}).codes == []


def test_a_program_of_a_package_that_the_runtime_has_is_left_to_it(look: Eye, stage: Write) -> None:
    files = {"dvc.yaml": stage(cmd="papermill a.ipynb b.ipynb"), "requirements.txt": "papermill==2.6\n"}
    assert look(files).codes == []


def test_a_working_directory_that_git_could_not_keep_blocks_the_stage(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(wdir="work", outs="[out]")})
    assert ".gitkeep" in looked.only("MC-PIPE-060").do
    assert list(looked.said.blocked) == ["train"]


def test_a_program_in_the_repository_that_can_be_executed_is_sound(look: Eye, stage: Write) -> None:
    look.root.mkdir()
    script = Path(look.root / "run.sh")
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert look({"dvc.yaml": stage(cmd="./run.sh")}).codes == []
