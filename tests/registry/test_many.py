"""Many versions and runs: one question for all of them, and one run without the others."""

import json
import re
from pathlib import Path

import pytest

from tests.factories import git
from tests.registry.many import many
from tests.registry.racing import MODEL, Ground, call, cloned, moved

pytestmark = pytest.mark.slow
COUNT = 60


@pytest.fixture(scope="module")
def of(prepared: Ground, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shared repository with many of both."""
    made = moved(prepared, tmp_path_factory.mktemp("many") / "of")[0]
    many(made, COUNT)
    return made


def test_the_remote_is_asked_once_for_all_models_and_their_newest_versions_come_at_once(
    of: Ground, tmp_path: Path
) -> None:
    root = cloned(of, "lister", f"file://{of.origin}")
    done = call(of, root, "model", "list", "--json", GIT_TRACE=str(tmp_path / "trace"))
    assert done.returncode == 0, done.stderr
    listed = {one["name"]: (one["version"], one["versions"]) for one in json.loads(done.stdout)}
    assert listed[MODEL] == (f"v1.0.{COUNT - 1}", COUNT // 2)
    assert len(listed) == 1 + COUNT // 2
    asked = re.findall(r"built-in: git (ls-remote|fetch) ", (tmp_path / "trace").read_text())
    assert asked == ["ls-remote", "fetch"]


def test_one_run_comes_without_the_others(of: Ground) -> None:
    root = cloned(of, "reader", f"file://{of.origin}")
    before, run = objects(root), sorted(of.runs())[COUNT // 2]
    assert call(of, root, "run", "show", run).returncode == 0
    assert len(objects(root) - before) == 4  # the commit, two trees, the record
    assert git(root, "for-each-ref", "--format=%(refname:strip=3)", "refs/mlops-ci/runs") == run


def objects(root: Path) -> set[str]:
    """All objects that a clone has."""
    return set(git(root, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
