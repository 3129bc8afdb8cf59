"""DVC promises nothing for what is used here of its inside: this test says at once when an update took it away.

What the parts do together is shown by the other tests on real repositories.
"""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from dvc.stage.cache import RunCacheNotFoundError

from mlops_ci.tools.dvc.worker import private
from mlops_ci.tools.dvc.worker.reproduction import WatchedRunCache
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
        "odb": repo.cache.local,
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


def test_the_exit_code_of_a_command_is_at_the_end_of_its_message() -> None:
    assert str(private.StageCmdFailedError("ls x", 3)).endswith("exited with 3")


def test_the_run_cache_raises_where_it_has_nothing_and_only_returns_where_it_has_restored(
    objects: dict[str, Any],
) -> None:
    stage, repo = objects["Stage"], objects["Repo"]
    watched = WatchedRunCache(repo.stage_cache)
    with pytest.raises(RunCacheNotFoundError):
        watched.restore(stage)
    assert not watched.restored
    with private.lock_repo(repo):
        stage.run()
        Path("b").unlink()
        watched.restore(stage)
    assert watched.restored
    assert Path("b").exists()
