"""`pipeline plan GIT-URL`: any repository, without a checkout of one's own, and with nothing of it executed."""

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlops_ci.cli.pipeline_plan import plan as plan_command
from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.pipelines.planned import Action
from mlops_ci.report.plan_text import WORDS
from mlops_ci.stories.plan import Drawn
from mlops_ci.stories.plan_url import Limits, plan_url
from mlops_ci.tools.processes import HostProcesses
from tests.factories import commit_all, git, repository
from tests.integration.dvc_scratch import dvc, scratch, with_remote
from tests.integration.plans import STAGES

FILES = {"dvc.yaml": STAGES, "raw.txt": "hello\n", "params.yaml": "lr: 1\n"}


def planned(root: Path, limits: Limits | None = None) -> Drawn:
    return plan_url(f"file://{root}", processes=HostProcesses(), limits=limits or Limits())


def actions(drawn: Drawn) -> dict[str, str]:
    return {one.stage.address: str(one.action) for one in drawn.plan.stages}


def test_a_repository_is_planned_from_its_address_with_the_bytes_that_it_needs(tmp_path: Path) -> None:
    root = scratch(tmp_path / "one", FILES)
    with_remote(root)
    dvc(root, "repro")
    (root / "params.yaml").write_text("lr: 2\n")
    commit_all(root, "lock of another rate")
    drawn = planned(root)
    assert actions(drawn) == {"prepare": "up-to-date", "train": "run"}
    assert [(str(one.path), str(one.at), one.size.bytes) for one in drawn.plan.fetched] == [("data.txt", "unasked", 6)]
    assert drawn.plan.longest.stages == ("prepare", "train")
    assert drawn.about[0].startswith(f"file://{root} at ")
    assert (
        drawn.about[1]
        == "its remote (a folder of its author's machine) is not asked: data that is not in git is taken to be there"
    )


def test_it_works_without_dvc_init_and_says_what_that_means(tmp_path: Path) -> None:
    drawn = planned(repository(tmp_path / "one", FILES))
    assert set(actions(drawn).values()) == {"run"}
    assert drawn.about[1].startswith("it has no .dvc: planned as if")
    assert drawn.exit == 0


def test_a_pipeline_in_a_subfolder_with_its_own_dvc_is_found(tmp_path: Path) -> None:
    inside = {f"ml/{name}": text for name, text in FILES.items()}
    drawn = planned(scratch(tmp_path / "one", inside, dvc="ml"))
    assert set(actions(drawn)) == {"ml/dvc.yaml:prepare", "ml/dvc.yaml:train"}


def test_the_command_prints_a_plan_and_its_json(tmp_path: Path) -> None:
    root = scratch(tmp_path / "one", FILES)
    shown = CliRunner().invoke(plan_command, [f"file://{root}"], standalone_mode=False)
    assert "2 stages: 2 to run" in shown.output
    assert "in sequence: 2 stages; longest chain: 2 stages (prepare > train)" in shown.output
    told = json.loads(CliRunner().invoke(plan_command, [f"file://{root}", "--json"], standalone_mode=False).output)
    assert (told["schema"], told["origin"], told["counts"]["run"]) == ("1.0", f"file://{root}", 2)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    root = scratch(tmp_path / "one", FILES)
    before = set(Path(tempfile.gettempdir()).glob("mlops-ci-plan-*"))
    planned(root)
    assert set(Path(tempfile.gettempdir()).glob("mlops-ci-plan-*")) <= before


def test_nothing_of_a_hostile_repository_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary"
    touch = f"touch {canary}; cat"
    hooks = tmp_path / "hooks"
    template = tmp_path / "template" / "hooks"
    for folder in (hooks, template):
        folder.mkdir(parents=True)
        (folder / "post-checkout").write_text(f"#!/bin/sh\ntouch {canary}\n")
        (folder / "post-checkout").chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        f'[filter "evil"]\n smudge = "{touch}"\n clean = "{touch}"\n required = true\n[core]\n hooksPath = {hooks}\n'
        f"[init]\n templateDir = {template.parent}\n"
    )
    settings = f"[core]\n remote = r\n['remote \"r\"']\n url = {tmp_path}/remote\n[cache]\n dir = {tmp_path}/stolen\n"
    root = scratch(tmp_path / "one", {
        **FILES, ".gitattributes": "* filter=evil\n", ".gitmodules": '[submodule "x"]\n path = x\n url = ./nothing\n',
        ".dvc/config": settings,
        "code.py": f"open({str(canary)!r}, 'w')\n", "params.py": f"import os; os.system('touch {canary}')\nlr = 1\n",
        "sub/dvc.yaml": "stages:\n  p:\n    cmd: x\n    params:\n    - ../params.py:\n      - lr\n",
    })  # fmt: skip
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    drawn = planned(root)
    assert "train" in actions(drawn)
    assert not canary.exists()
    assert not (tmp_path / "stolen").exists()
    assert not (tmp_path / "remote").exists()


def test_nothing_outside_of_a_hostile_repository_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("token: swordfish\n")
    stages = f"stages:\n  s:\n    cmd: x\n    params: [p.yaml: [token]]\n    deps: [link, {secret}]\n    outs: [o]\n"
    lock = "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    params:\n      p.yaml: {token: 1}\n"
    root = scratch(tmp_path / "one", {"dvc.yaml": stages, "dvc.lock": lock})
    (root / "p.yaml").symlink_to(secret)
    (root / "link").symlink_to(secret)
    commit_all(root, "links")
    drawn = planned(root)
    assert actions(drawn) == {"s": "blocked"}
    assert "swordfish" not in repr(drawn)
    assert str(secret) in {one.path for one in drawn.plan.missing}


def test_files_that_keep_a_reader_busy_are_given_up(tmp_path: Path) -> None:
    axes = "".join(f"      a{n}: [{', '.join(map(str, range(40)))}]\n" for n in range(6))
    stages = f"stages:\n  bomb:\n    matrix:\n{axes}    cmd: echo\n"
    root = scratch(tmp_path / "one", {"dvc.yaml": stages})
    begin = time.monotonic()
    with pytest.raises(ServiceError, match="could not be planned in time"):
        planned(root, Limits(plan=6.0, memory=2 * 1024**3))
    assert time.monotonic() - begin < 30


def test_one_broken_file_is_named_and_the_others_are_planned(tmp_path: Path) -> None:
    drawn = planned(scratch(tmp_path / "one", {**FILES, "old/dvc.yaml": "stages:\n  x:\n    live: 1\n    cmd: x\n"}))
    assert set(actions(drawn)) == {"prepare", "train"}
    assert [finding.subject for finding in drawn.findings] == ["old/dvc.yaml"]
    assert drawn.exit == 2


def test_a_repository_without_a_pipeline_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no pipeline here"):
        planned(repository(tmp_path / "one", {"README.md": "hello\n"}))
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    with pytest.raises(UsageError, match="this repository is empty"):
        planned(empty)


class Asking(BaseHTTPRequestHandler):
    """A server that wants a password."""

    def do_GET(self) -> None:
        """401, always."""
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def asking() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_nobody_is_asked_for_a_password_and_none_is_shown() -> None:
    with asking() as host:
        with pytest.raises(ServiceError, match="it could not be cloned") as refused:
            plan_url(f"http://{host}/private.git", processes=HostProcesses())
        assert "terminal prompts disabled" in refused.value.findings[0].found
        with pytest.raises(ServiceError, match="it could not be cloned") as refused:
            plan_url(f"http://me:swordfish@{host}/private.git", processes=HostProcesses())
    assert "swordfish" not in repr(refused.value.findings)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:9/x.git", "ssh://127.0.0.1:9/x", "git@127.0.0.1:no/such", "file:///no/such"]
)
def test_an_address_that_leads_nowhere_is_a_clear_error(url: str) -> None:
    with pytest.raises(ServiceError, match="it could not be cloned") as refused:
        plan_url(url, processes=HostProcesses())
    assert refused.value.findings[0].found


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        begin = time.monotonic()
        with pytest.raises(ServiceError, match="it could not be cloned in time"):
            plan_url(
                f"git://127.0.0.1:{server.getsockname()[1]}/x", processes=HostProcesses(), limits=Limits(clone=1.0)
            )
        assert time.monotonic() - begin < 10


def test_every_action_of_a_stage_has_words() -> None:
    assert set(WORDS) == set(Action)
