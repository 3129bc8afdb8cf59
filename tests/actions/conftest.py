"""What all runs under act share: our tree as a release holds it, and an environment that is installed once."""

from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.actions.act import Runner, own_tree
from tests.actions.hub import Hub, copied, hub
from tests.needs import needs


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hub whose main was pushed and checked; made by the first process that asks for it."""
    needs("act")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "act-seed"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "done").exists():
            first = hub(folder / "hub")
            tree = own_tree(folder / "tree")
            ran = Runner(tree=tree).run(first, first.push({"README.md": "first\n"}, reproduce=False), "push")
            assert ran.exit == 0, ran.log
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def runner(shared: Path) -> Runner:
    """A runner whose cache holds the tool's environment, as that run on main left it."""
    return Runner(tree=shared / "tree", seed=shared / "hub" / "cache")


@pytest.fixture(scope="session")
def shared_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our tree as a release holds it, for those who need nothing that is installed already."""
    needs("act")
    return own_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def repository(shared: Path, tmp_path: Path) -> Hub:
    """A hub of the test's own."""
    return copied(Hub(folder=shared / "hub"), tmp_path / "hub")
