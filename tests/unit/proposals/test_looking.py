"""What `init` sees in a work tree."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from mlops_ci.config.load import read_config
from mlops_ci.config.schema import Config, PipelineMode
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.proposals.looking import look
from mlops_ci.proposals.values import WORKFLOW, Remote, Seen
from tests.doubles.repository import LaidRepository
from tests.factories import lay

MODE = (PipelineMode.RUN, "a test says so")
STAGE = "stages:\n  train:\n    cmd: cat raw.csv > model.pkl\n    deps: [raw.csv]\n    outs: [model.pkl]\n"
USUAL = {".dvc/config": "", "dvc.yaml": STAGE, "raw.csv": "a\n1\n"}


def looked(root: Path, files: Mapping[str, str | bytes], config: Config | None = None, **said: Any) -> Seen:
    lay(root, files)
    return look(LaidRepository(root, **said), config=config or Config(), mode=MODE)


def remote_of(root: Path, config: str) -> Remote:
    (found,) = looked(root, {**USUAL, ".dvc/config": config}).remotes
    return found


@pytest.mark.parametrize(
    ("default", "current", "branch", "known"),
    [
        ("trunk", "feature", "trunk", True),
        (None, "develop", "develop", False),
        (None, None, "main", False),
    ],
)
def test_the_default_branch_is_the_remotes_else_the_one_that_is_here(
    tmp_path: Path, default: str | None, current: str | None, branch: str, known: bool
) -> None:
    seen = looked(tmp_path, USUAL, default=default, current=current)
    assert (seen.branch, seen.branch_known) == (branch, known)


def test_every_pipeline_of_a_monorepo_is_seen_with_its_own_remote_and_python(tmp_path: Path) -> None:
    files = {
        "a/.dvc/config": "[core]\n    remote = far\n['remote \"far\"']\n    url = s3://bucket/a\n",
        "a/dvc.yaml": STAGE, "a/raw.csv": "x\n", "a/requirements.txt": "numpy\n",
        "b/.dvc/config": "", "b/deep/dvc.yaml": STAGE, "b/deep/raw.csv": "x\n",
    }  # fmt: skip
    seen = looked(tmp_path, files)
    assert [str(path) for path in seen.definitions] == ["a/dvc.yaml", "b/deep/dvc.yaml"]
    assert [(str(one.root), one.scheme) for one in seen.remotes] == [("a", "s3")]
    assert seen.no_remote == (PurePosixPath("b"),)
    assert list(seen.runtimes.values()) == ["a/requirements.txt", None]


def test_only_what_git_has_counts_for_a_runner(tmp_path: Path) -> None:
    seen = looked(tmp_path, {**USUAL, "requirements.txt": "numpy\n"}, loose=frozenset({"requirements.txt", "dvc.yaml"}))
    assert seen.uncommitted == (PurePosixPath("dvc.yaml"),)
    assert seen.runtimes[PurePosixPath("dvc.yaml")] is None


def test_a_remote_that_only_this_laptop_knows_is_none(tmp_path: Path) -> None:
    mine = "[core]\n    remote = mine\n['remote \"mine\"']\n    url = s3://bucket\n"
    assert looked(tmp_path, {**USUAL, ".dvc/config.local": mine}).remotes == ()


def test_a_remote_is_shown_without_what_may_be_a_secret(tmp_path: Path) -> None:
    remote = remote_of(
        tmp_path, "[core]\nremote = x\n['remote \"x\"']\nurl = https://me:secret@host.example/data?k=1\n"
    )
    assert (remote.scheme, remote.shown) == ("https", "https://host.example/data")


def test_a_path_in_another_remote_has_that_ones_scheme(tmp_path: Path) -> None:
    config = (
        "[core]\nremote = part\n['remote \"base\"']\nurl = s3://bucket/all\nprofile = me\n"
        "['remote \"part\"']\nurl = remote://base/part\nallow_anonymous_login = true\n"
    )
    remote = remote_of(tmp_path, config)
    assert (remote.scheme, remote.shown) == ("s3", "s3://bucket/all/part")
    assert (remote.own_files, remote.anonymous) == (("profile",), True)


@pytest.mark.parametrize("url", ["/srv/dvc", "../store", "file:///srv/dvc", "C:\\dvc", "remote://x/loop", "", "://"])
def test_folders_and_nonsense_have_no_scheme_that_needs_anything(tmp_path: Path, url: str) -> None:
    scheme = remote_of(tmp_path, f"[core]\nremote = x\n['remote \"x\"']\nurl = {url}\n").scheme
    assert scheme in ("", "remote")


def test_what_would_fail_at_once_is_seen(tmp_path: Path) -> None:
    seen = looked(tmp_path, {**USUAL, "dvc.yaml": STAGE + "    live: x\n"})
    assert [finding.subject for finding in seen.troubles] == ["train"]


def test_workflows_are_those_that_github_reads(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".github/workflows/a.yml": "x",
        ".github/workflows/b.yaml": b"\xff",
        ".github/workflows/deep/c.yml": "x",
        "sub/.github/workflows/d.yml": "x",
    }
    assert [one.path.name for one in looked(tmp_path, {**USUAL, **files}).workflows] == ["a.yml", "b.yaml"]


def test_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    lay(tmp_path / "repository", USUAL)
    (tmp_path / "repository/.github").symlink_to(outside)
    with pytest.raises(IntegrityError, match="leads out of the repository"):
        looked(tmp_path / "repository", {})
    assert list(outside.iterdir()) == []


def test_a_folder_where_the_file_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / WORKFLOW).mkdir(parents=True)
    with pytest.raises(UsageError, match="can't be read"):
        looked(tmp_path, USUAL)


def test_a_configured_runtime_is_the_one_that_is_told(tmp_path: Path) -> None:
    config = read_config(b"runtime: {lock: envs/train.txt}\n").config
    seen = looked(tmp_path, {**USUAL, "envs/train.txt": "numpy\n"}, config)
    assert seen.runtimes[PurePosixPath("dvc.yaml")] == "envs/train.txt"


def test_models_that_are_configured_are_something_to_judge_without_a_pipeline(tmp_path: Path) -> None:
    config = read_config(b"models: {m: {metrics: m.json}}\n").config
    assert looked(tmp_path, {"README.md": ""}, config).configured
    assert not looked(tmp_path, {"README.md": ""}).configured
