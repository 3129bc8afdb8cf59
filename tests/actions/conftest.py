"""What all runs under act share: our tree as a release holds it, and an environment that is installed once."""

from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.actions.act import Ran, own_tree, run_act
from tests.actions.hub import Hub, hub


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own repository."""
    return own_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Path:
    """A cache that holds the tool's environment, as a run on main left it; made by the first who asks."""
    shared = tmp_path_factory.getbasetemp().parent if "gw" in tmp_path_factory.getbasetemp().name else tree.parent
    with (shared / "seed.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        first = Hub(folder=shared / "seed")
        if not (first.folder / "cache").exists():
            made = hub(first.folder)
            ran = run_act(made.clone, "push", made.push({}), tree=tree, stand_ins=made.folder)
            assert ran.exit == 0, ran.log
    return first.folder / "cache"


@pytest.fixture
def run(tree: Path, seed: Path) -> Iterator[Callable[..., Ran]]:
    """Run the workflow of a hub's clone for an event."""

    def one(of: Hub, event: dict[str, object], name: str = "pull_request", **more: object) -> Ran:
        variables = {"STAND_IN_SEED": str(seed), **dict(more.pop("variables", {}))}  # type: ignore[call-overload]
        return run_act(of.clone, name, event, tree=tree, stand_ins=of.folder, variables=variables, **more)  # type: ignore[arg-type]

    yield one
