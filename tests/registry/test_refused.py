"""What a remote does not let in, and answers that are lost: said clearly, nothing false is left, nothing is doubled."""

import json
import time
from pathlib import Path

import pytest

from mlops_ci.errors import ServiceError
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_remote import Created, GitRemote, RefusedError
from tests.engine.proxy import Trouble, proxied
from tests.factories import git
from tests.registry.http_server import http_server
from tests.registry.racing import MODEL, Ground, call, clone, environment, pointed, wrong_runs, wrong_versions

pytestmark = pytest.mark.slow

# What GitHub does with a token that lacks the permission `workflows`.
NO_WORKFLOWS = """#!/bin/sh
while read old new ref; do
  git diff --quiet main "$new" -- .github/workflows && continue
  echo "refusing to allow a GitHub App to create or update workflow without \\`workflows\\` permission" >&2
  exit 1
done
"""
NOTHING = "#!/bin/sh\necho 'this repository is archived: read-only' >&2\nexit 1\n"


def refuse(of: Ground, hook: str) -> None:
    file = of.origin / "hooks/pre-receive"
    file.parent.mkdir()
    file.write_text(hook)
    file.chmod(0o755)


def test_a_record_with_changed_workflows_is_kept_in_a_bundle_and_the_log_says_why(of: Ground) -> None:
    workflow = {".github/workflows/new.yml": "on: push\n"}
    root = clone(of, "changed", f"file://{of.origin}", data="data", more=workflow)
    git(root, "push", "-q", "origin", "HEAD:refs/heads/topic")
    refuse(of, NO_WORKFLOWS)
    done = call(of, root, "run", "record", "--push", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["pushed"], told["bundle"]) == (0, False, ".mlops-ci/report/run.bundle")
    (finding,) = told["findings"]
    assert finding["what"] == "the remote does not let the record in; it is kept in .mlops-ci/report/run.bundle"
    assert "`workflows` permission" in finding["found"]
    assert of.runs() == {}
    git(of.origin, "fetch", "-q", str(root / told["bundle"]), f"refs/mlops-ci/runs/{told['id']}:refs/kept")
    assert of.record("refs/kept", "run")["source"]["commit"] == git(root, "rev-parse", "HEAD")


def test_a_remote_that_only_reads_is_named_and_no_tag_is_left_anywhere(of: Ground) -> None:
    root = of.folder / "clone"
    refuse(of, NOTHING)
    done = call(of, root, "model", "register", MODEL)
    assert done.returncode == 4
    assert "this repository is archived: read-only" in done.stderr
    assert "Traceback" not in done.stderr
    assert git(root, "for-each-ref", "refs/tags") == ""
    assert (of.tags(), of.runs()) == ({}, {})


def test_lost_answers_of_pushes_cost_no_run_and_no_version_and_make_no_second_one(of: Ground) -> None:
    with http_server(of.folder) as target, proxied(target) as proxy:
        root = pointed(of, f"{proxy.url}/origin.git")
        proxy.make(Trouble(of="POST /origin.git/git-receive-pack", cut_after=0, times=1))
        recorded = call(of, root, "run", "record", "--push", "--json")
        assert proxy.asked("POST /origin.git/git-receive-pack") > 0
        proxy.make(Trouble(of="POST /origin.git/git-receive-pack", cut_after=0, times=1))
        answers = [call(of, root, "model", "register", MODEL, "--json") for _ in range(2)]  # both record it again
        assert proxy.asked("POST /origin.git/git-receive-pack") > 0
    assert [one.returncode for one in (recorded, *answers)] == [0, 0, 0], recorded.stderr + answers[0].stderr
    assert {json.loads(recorded.stdout)["id"]} == set(of.runs())
    assert {json.loads(one.stdout)["version"] for one in answers} == {"v1.0.0"}
    assert (wrong_versions(of, ()), wrong_runs(of, ())) == ([], [])
    assert len(of.tags()) == 1


def test_a_remote_that_is_gone_is_named_in_bounded_time(of: Ground) -> None:
    root = of.folder / "clone"
    of.origin.rename(of.folder / "moved.git")
    done = call(of, root, "model", "register", MODEL)
    assert done.returncode == 4
    assert "check `git remote -v`, the network and the credentials" in done.stderr


def remote(root: Path, **bounds: int) -> GitRemote:
    """The clone's remote, with bounds of its own."""
    return GitRemote(git=GitCommands(root=root, environment=environment(root), **bounds), name="origin")


@pytest.mark.parametrize("bounds", [{"stall": 1}, {"seconds": 2}])
def test_a_push_that_hangs_ends_in_bounded_time(of: Ground, bounds: dict[str, int]) -> None:
    with http_server(of.folder) as target, proxied(target) as proxy:
        root = pointed(of, f"{proxy.url}/origin.git")
        proxy.make(Trouble(of="git-receive-pack", pause=60))
        begin = time.monotonic()
        with pytest.raises(ServiceError) as caught:
            remote(root, **bounds).create({"refs/tags/x@v1.0.0": git(root, "rev-parse", "HEAD")})
    assert time.monotonic() - begin < 30
    assert caught.value.findings[0].what == "`git push` failed"
    assert of.tags() == {}


def test_a_hanging_push_that_arrived_is_seen(of: Ground) -> None:
    with http_server(of.folder) as target, proxied(target) as proxy:
        root = pointed(of, f"{proxy.url}/origin.git")
        proxy.make(Trouble(of="POST /origin.git/git-receive-pack", pause=60, times=1))
        head = git(root, "rev-parse", "HEAD")
        assert remote(root, stall=1).create({"refs/tags/x": head}) == Created(refs={"refs/tags/x": head})


def test_a_token_that_only_reads_is_a_refusal_over_http(of: Ground) -> None:
    git(of.origin, "config", "http.receivepack", "false")
    with http_server(of.folder) as (host, port):
        root = pointed(of, f"http://{host}:{port}/origin.git")
        with pytest.raises(RefusedError) as caught:
            remote(root).create({"refs/tags/x": git(root, "rev-parse", "HEAD")})
    (finding,) = caught.value.findings
    assert (finding.code, finding.what) == ("MC-GIT-008", "the remote does not let this be written")
    assert "403" in finding.found
