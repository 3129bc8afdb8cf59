"""A secret that training code prints is shown nowhere, however the check ends."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.actions.act import Ran, Runner
from tests.actions.hub import Hub

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G16")]

# The middle of each is found again in any format, whatever is escaped in it: Markdown, HTML, XML, JSON, Mermaid.
SECRETS = {
    "PLAIN": "canary-4711",
    "SIGNS": "_*can4ry*_[x](y)<b>&\"q\"'s'|`c`#1@z:\\$~",
    "WEB": "p@ss/canery=4 7:11",  # in an address: p%40ss%2Fcanery%3D4%207%3A11
    "KEY": "-----BEGIN KEY-----\ncanaryfirst\ncanarysecond\n-----END KEY-----",
}
SEEN_IF_LEAKED = (
    "canary",
    "can4ry",
    "canery",
    "Y2FuYXJ5LTQ3",
    "NhbmFyeS00Nz",
    "jYW5hcnktNDcx",
)  # base64 of canary-4711
PRINTS = """import base64, json, os, sys, urllib.parse

for name in ("PLAIN", "SIGNS", "WEB", "KEY"):
    value = os.environ[name]
    print(f"login with {value} failed", json.dumps({"token": value}), [value])
    print("https://user:" + urllib.parse.quote(value, safe="") + "@host.example/")
    print("Authorization: Basic " + base64.b64encode(f"me:{value}".encode()).decode(), file=sys.stderr)
"""
CONFIG = "version: 1\npipeline: {run: run}\n# no datasets, no models\n"


def stage(then: str) -> dict[str, str]:
    """A pipeline whose one stage prints the secrets, then does this."""
    return {
        "say.py": PRINTS,
        "dvc.yaml": f"stages:\n  say:\n    cmd: python3 say.py && {then}\n    deps: [say.py]\n    outs: [out.txt]\n",
        ".gitignore": "/out.txt\n/clean.csv\n",
        "mlops-ci.yaml": CONFIG,
    }


def dotenv() -> str:
    """The secrets as the workflow's one secret."""
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in SECRETS.items()}
    return "".join(f'{name}="{value}"\n' for name, value in escaped.items())


def checked(runner: Runner, repository: Hub, change: dict[str, str], *, debug: bool = False) -> Ran:
    """A pull request's check that gets the secrets."""
    variables = {"RUNNER_DEBUG": "1"} if debug else {}
    event = repository.pull_request(change, reproduce=False)
    return runner.run(repository, event, secrets={"MLOPS_CI_ENV": dotenv()}, variables=variables)


def leaks(ran: Ran) -> list[str]:
    """Lines with a part of a secret: in the log, the summary, what was uploaded, and what later runs could read."""
    texts = {"log": ran.log, "summary": ran.summary}
    for folder in ("artifacts", "cache"):
        texts |= {str(path): path.read_text(errors="replace") for path in files(ran.stand_ins / folder)}
    return [
        f"{where}: {line[:300]}" for where, text in texts.items() for line in text.splitlines()
        if any(part in line for part in SEEN_IF_LEAKED)
    ]  # fmt: skip


def files(folder: Path) -> Iterator[Path]:
    """What we put there; environments hold nothing but packages."""
    return (path for path in folder.rglob("*") if path.is_file() and not {"tool", "environment"} & {*path.parts})


def test_of_a_success_nothing_is_shown(runner: Runner, repository: Hub) -> None:
    ran = checked(runner, repository, stage("echo done > out.txt"))
    assert (ran.exit, ran.output("verdict")) == (0, "pass"), ran.log
    assert leaks(ran) == []


def test_of_a_failure_nothing_is_shown_but_that_something_was_hidden(runner: Runner, repository: Hub) -> None:
    change = {
        **stage("exit 3"),
        "shape/tests/test_shape.py": "import os\n\n\ndef test_sides():\n    assert os.environ['SIGNS'] == '4'\n",
        "metrics.json": '{"auc": "canary-4711"}\n',
        "mlops-ci.yaml": CONFIG + "components:\n  shape: {path: shape}\n",
    }
    ran = checked(runner, repository, change)
    assert (ran.exit, ran.output("verdict"), ran.output("exit-code")) == (1, "fail", "1"), ran.log
    codes = {one["code"] for one in ran.report()["findings"]}
    assert {"MC-PIPE-101", "MC-COMP-030"} <= codes
    assert leaks(ran) == []
    assert "login with ***" in (ran.stand_ins / "artifacts/mlops-ci-report/report.md").read_text()


def test_of_an_error_with_its_traceback_nothing_is_shown(runner: Runner, repository: Hub) -> None:
    action = (
        "name: own\ndescription: own\nruns:\n  using: composite\n  steps:\n    - {shell: bash, run: touch .mlops-ci}\n"
    )
    change = {**stage("echo done > out.txt"), ".github/actions/mlops-ci-setup/action.yml": action}
    ran = checked(runner, repository, change, debug=True)
    assert (ran.exit, ran.jobs["check"]) == (1, "failure"), ran.log
    assert "error[MC-MACHINE-001]" in ran.log
    assert "Traceback (most recent call last)" in ran.log
    assert leaks(ran) == []


def test_of_a_bug_nothing_is_shown(runner: Runner, repository: Hub, tmp_path: Path) -> None:
    tree = shutil.copytree(runner.tree, tmp_path / "tree")
    (tree / "mlops_ci/report/templates/report.html.j2").write_text("{{ report.not_there.at_all }}")
    ran = checked(Runner(tree=tree, seed=runner.seed), repository, stage("exit 3"), debug=True)
    assert (ran.exit, ran.jobs["check"]) == (1, "failure"), ran.log
    assert "This is a bug in mlops-ci" in ran.log
    assert "exit status 70" in ran.log
    assert leaks(ran) == []
