"""DVC promises nothing for what is used here of its inside: this test says at once when an update took it away.

What the parts do together is shown by the other tests on real repositories.
"""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.tools.dvc.worker import private
from mlops_ci.tools.dvc.worker.run_cache import entry_of
from tests.integration.dvc_scratch import apart, scratch

YAML = "stages:\n  one:\n    cmd: cat a params.yaml > b\n    deps: [a]\n    params: [seed]\n    outs: [b]\n"


@pytest.fixture
def objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """One of each of DVC's kinds that the table in private.py names."""
    root = scratch(tmp_path / "repo", {"dvc.yaml": YAML, "a": "1\n", "params.yaml": "seed: 1\n"})
    for name, value in apart(root).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(root)
    repo = private.Repo(root_dir=str(root))
    index = private.Index.from_file(repo, str(root / "dvc.yaml"))
    (stage,) = index.stages
    return {
        "Repo": repo, "Index": index, "Stage": stage, "Output": stage.outs[0],
        "ProjectFile": private.load_file(repo, str(root / "dvc.yaml")),
        "ParamsDependency": next(dep for dep in stage.deps if isinstance(dep, private.ParamsDependency)),
        "odb": repo.cache.local, "Git": repo.scm, "IgnorePatterns": private.IgnorePatterns([], str(root), "/"),
    }  # fmt: skip


def listed() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| (\w+) \| ([\w., ]+) \|$", private.__doc__ or "", re.MULTILINE)
    return [(kind, name) for kind, names in rows for name in names.split(", ") if kind not in ("of", "RepoDependency")]


# pygtrie, which DVC uses, warns of its own future.
@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_every_attribute_in_the_table_is_there(objects: dict[str, Any]) -> None:
    absent = []
    for kind, dotted in listed():
        value = objects[kind]
        for name in dotted.split("."):
            if not hasattr(value, name):
                absent.append((kind, dotted))
                break
            value = getattr(value, name)
    assert len(listed()) > 60
    assert absent == []


def test_imports_know_where_they_come_from() -> None:
    assert "def_repo" in import_module("dvc.dependency.repo").RepoDependency.__init__.__code__.co_varnames


@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_the_run_cache_raises_where_it_has_nothing_and_only_returns_where_it_has_restored(
    objects: dict[str, Any],
) -> None:
    stage, repo = objects["Stage"], objects["Repo"]
    with private.held(repo):
        with pytest.raises(private.RunCacheNotFoundError):
            repo.stage_cache.restore(stage)
        stage.run()
        Path("b").unlink()
        repo.stage_cache.restore(stage)
    assert Path("b").exists()


def test_a_command_is_run_by_the_shell_of_its_environment_without_its_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SHELL", raising=False)
    assert private.command_line("a && b") == ["/bin/sh", "-c", "a && b"]
    monkeypatch.setenv("SHELL", "/bin/bash")
    assert private.command_line("a") == ["/bin/bash", "--noprofile", "--norc", "-c", "a"]


@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_claimed_paths_are_seen_by_other_processes_and_let_go(objects: dict[str, Any]) -> None:
    stage, repo = objects["Stage"], objects["Repo"]
    claims = Path(repo.tmp_dir) / "rwlock"
    with private.claim(stage, "words"):
        assert "words" in claims.read_text()
    assert "words" not in claims.read_text()


@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_the_names_of_run_cache_entries_are_those_of_dvc(objects: dict[str, Any]) -> None:
    stage, repo = objects["Stage"], objects["Repo"]
    with private.held(repo):
        stage.run()
    (entry,) = (path for path in Path(repo.stage_cache.cache_dir).rglob("*") if path.is_file())
    assert entry_of(stage) == (entry.parent.name, entry.name)
