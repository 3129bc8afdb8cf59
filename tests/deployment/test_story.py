"""From merge to production and back: the same story for each target."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from mlops_ci.metadata.runs import Run
from mlops_ci.stories.environment_champion import run_of_environment
from mlops_ci.stories.run_store import run_store
from tests.deployment.shop import Shop, shop_in
from tests.docker.engine import Ground
from tests.factories import git

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("target", ["local", "github", "docker"])
def test_a_release_runs_in_production_until_it_is_rolled_back(
    tmp_path: Path, target: str, request: pytest.FixtureRequest
) -> None:
    shop = at_an_engine(tmp_path, request.getfixturevalue("ground")) if target == "docker" else None
    shop = shop or shop_in(tmp_path, target=target)
    first = shop.told("deliver", "--env", "staging")
    assert first["done"]
    assert first["tried"]["verdict"] == "pass"
    shop.tag("v1.0.0", "-a", "-m", "one")
    released = shop.told("deliver", "--env", "production", "v1.0.0")
    assert released["package"] == first["package"]
    assert shop.told("deliver", "--env", "production", "v1.0.0")["done"] is False
    shop.version(2)  # main moves on; production does not
    ran = shop.told("env", "run", "--env", "production")
    assert ran["registered"] == ["sales@v1.0.0"]
    assert champion(shop) == ran["run"]
    assert run_of(shop, ran["run"])["package"] == first["package"]
    assert run_of(shop, ran["run"])["environment"] == "production"
    shop.tag("v1.1.0")
    shop.told("deliver", "--env", "staging", "v1.1.0")
    second = shop.told("promote", "--from", "staging", "--to", "production")
    assert second["package"] != first["package"]
    assert second["entry"]["evidence"]["from"]["environment"] == "staging"
    assert champion(shop) == ran["run"]  # nothing of the new package ran there yet
    newer = shop.told("env", "run", "--env", "production")
    assert newer["registered"] == ["sales@v1.1.0"]
    assert champion(shop) == newer["run"]
    back = shop.told("rollback", "--env", "production", "--reason", "scores are off")
    assert back["entry"]["package"] == first["package"]
    assert champion(shop) == ran["run"]
    if target == "local":
        assert shop.current("production") == first["package"].removeprefix("sha256:")
    told = shop.told("env", "history", "--env", "production")["entries"]
    assert [(one["number"], one["action"], one["version"], one["reason"]) for one in told] == [
        (3, "rollback", "v1.0.0", "scores are off"), (2, "promote", "v1.1.0", None), (1, "deliver", "v1.0.0", None),
    ]  # fmt: skip
    if target == "docker":  # an engine that does not answer: git has the same
        nowhere = shop.told("env", "history", "--env", "production", DOCKER_HOST="unix:///nowhere.sock")
        assert nowhere["entries"] == told
    assert [one["previous"] is None for one in told] == [False, False, True]
    assert shop.told("env", "at", "--env", "production", told[1]["at"])["version"] == "v1.1.0"


def at_an_engine(folder: Path, ground: Ground) -> Shop:
    """A shop whose stages run in images."""
    registry = f"{ground.registry}/{sha256(str(folder).encode()).hexdigest()[:12]}/sales"
    more = f"package: {{registry: {registry}, base-image: '{ground.base}'}}\n"
    return replace(shop_in(folder, target="docker", more=more), variables={"DOCKER_HOST": ground.engine})


def champion(shop: Shop) -> str:
    """The run that a gate with `champion: production` compares with."""
    found = run_of_environment("production", run_store(shop.root))
    return found.id if isinstance(found, Run) else found.why


def run_of(shop: Shop, name: str) -> dict[str, object]:
    """A run's record, as plain git has it on the remote."""
    document: dict[str, object] = json.loads(
        git(shop.folder / "origin.git", "show", f"refs/mlops-ci/runs/{name}:.mlops-ci/run.json")
    )
    return document
