"""The workflows of delivery, as `init --deliver` proposes them, run by act: from merge to production, and back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.proposals.values import DELIVER, ROLLBACK, RUN, WORKFLOW
from tests.actions.act import Ran, Runner
from tests.actions.contract_server.description import description
from tests.actions.contract_server.desk import Desk
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.actions.hub import Hub
from tests.deployment.shop import CONFIG, FILES, Shop, shop_in
from tests.docker.engine import Ground as Docker
from tests.docker.engine import docker_ground
from tests.factories import commit_all, git
from tests.needs import needs

pytestmark = pytest.mark.slow

# Neither the tests of a package nor its stages see the token, or a setting of git that would show it.
BLIND_TEST = """import os

from steps import learn


def test_the_mean_is_learnt_without_a_token():
    assert learn([1, 3]) == 2
    assert "MLOPS_CI_TOKEN" not in os.environ
    assert not [name for name, value in os.environ.items() if "AUTHORIZATION" in value]
"""
BLIND_STAGE = str(FILES["dvc.yaml"]).replace(
    "cmd: python", 'cmd: test -z "$MLOPS_CI_TOKEN" && ! env | grep -q AUTHORIZATION && python'
)
REPOSITORY = {"full_name": "octo/flights", "default_branch": "main", "name": "flights"}


@dataclass(frozen=True)
class Ground:
    """A shop on a forge: what its author does, and the events that follow."""

    shop: Shop
    hub: Hub
    runner: Runner
    forge: Forge
    target: str
    variables: Mapping[str, str]

    def merged(self) -> Ran:
        """The push to main that a merge is."""
        head = git(self.shop.root, "rev-parse", "HEAD")
        return self.ran({"ref": "refs/heads/main", "after": head}, "push")

    def tagged(self, name: str, *options: str) -> Ran:
        """A tag of HEAD, pushed."""
        self.shop.tag(name, *options)
        return self.ran({"ref": f"refs/tags/{name}", "after": git(self.shop.root, "rev-parse", "HEAD")}, "push")

    def started(self, workflow: Path, **inputs: str) -> Ran:
        """A workflow that somebody starts."""
        return self.ran({"ref": "refs/heads/main", "inputs": inputs}, "workflow_dispatch", only=workflow.name)

    def announced(self) -> list[str]:
        """The environments of which the forge was told that a delivery succeeded, in order."""
        assert self.forge.desk is not None
        told = self.forge.desk.told()
        assert all(states[-1] == "success" for _, _, states in told)
        return [environment for environment, _, _ in told]

    def ran(self, event: Mapping[str, object], name: str, *, only: str | None = None) -> Ran:
        ran = self.runner.run(
            self.hub, {**event, "repository": REPOSITORY}, name, only=only,
            variables={"GITHUB_API_URL": self.forge.base, **self.variables}, secrets={"GITHUB_TOKEN": self.forge.token},
        )  # fmt: skip
        assert ran.exit == 0, ran.log
        return ran


@pytest.fixture
def engine() -> Iterator[Docker]:
    """An engine and a registry."""
    with docker_ground() as made:
        yield made


@pytest.fixture
def forge() -> Iterator[Forge]:
    """A forge where ada lets jobs into production. At the end each request was one that GitHub describes."""
    needs("npm")
    desk = Desk(approvals=[("ada", "approved", "production")])
    made = Forge(description=description("api.github.com"), desk=desk)
    with serving(made):
        yield made


@pytest.fixture(params=["github", "local", "docker"])
def ground(shared_tree: Path, tmp_path: Path, forge: Forge, request: pytest.FixtureRequest) -> Ground:
    """The shop with the workflows that `init --deliver` writes, and nothing delivered yet."""
    target, more, variables = str(request.param), "", dict[str, str]()
    place = {name: f", root: {tmp_path / name}" if target == "local" else "" for name in ("staging", "production")}
    if target == "docker":
        engine = request.getfixturevalue("engine")
        name = sha256(str(tmp_path).encode()).hexdigest()[:12]
        more = f"package: {{registry: {engine.registry}/act-{name}/sales, base-image: '{engine.base}'}}\n"
        variables = {"DOCKER_HOST": engine.engine}
    config = CONFIG.format(target=target, **place).replace("keep: 2", "approve: github") + more
    blind = {"code/steps/tests/test_steps.py": BLIND_TEST, "dvc.yaml": BLIND_STAGE}
    shop = shop_in(tmp_path / "hub", target=target, files={"mlops-ci.yaml": config, **blind}, variables=variables)
    code, out, said = shop.call("init", "--deliver")
    assert code == 0, out + said
    settings = shop.root / ".dvc/config"  # runners are elsewhere on this disk
    settings.write_text(settings.read_text().replace("../../remote", str(shop.folder / "remote")))
    (shop.root / WORKFLOW).unlink()  # pull requests are checked elsewhere
    commit_all(shop.root, "workflows")
    git(shop.root, "push", "--quiet", "origin", "main")
    (shop.folder / "remote.git").symlink_to("origin.git")  # where a checkout finds it
    (shop.folder / "clone").symlink_to("here")
    return Ground(
        shop=shop, hub=Hub(folder=shop.folder), runner=Runner(tree=shared_tree), forge=forge, target=target,
        variables=variables,
    )  # fmt: skip


def test_what_is_merged_is_staged_and_what_is_tagged_runs_in_production_until_it_is_rolled_back(
    ground: Ground,
) -> None:
    """For each target, by the same workflows: on a runner, on a host of one's own, at an engine."""
    shop = ground.shop
    staged = ground.merged()
    assert staged.jobs == {"staging": "success"}
    first = staged.output("digest")
    assert staged.output("verdict") == "pass"
    released = ground.tagged("v1.0.0", "-a", "-m", "one")
    assert released.jobs == {"production": "success"}
    assert released.output("digest") == first
    assert "| smoke |" in released.summary
    shop.version(2)  # main moves on; production does not
    ran = ground.started(Path(RUN), env="production")
    assert (ran.output("digest"), ran.output("tags")) == (first, "sales@v1.0.0")
    assert record(shop, ran.output("run"))["package"] == first
    second = ground.merged().output("digest")
    assert ground.tagged("v1.1.0").output("digest") == second != first
    back = ground.started(Path(ROLLBACK), env="production", to="", reason="scores are off")
    assert (back.output("digest"), back.output("entry")) == (first, "3")
    assert "scores are off" in back.summary
    told = shop.told("env", "history", "--env", "production")["entries"]
    assert [(one["number"], one["action"], one["version"], one["reason"]) for one in told] == [
        (3, "rollback", "v1.0.0", "scores are off"), (2, "deliver", "v1.1.0", None), (1, "deliver", "v1.0.0", None),
    ]  # fmt: skip
    assert [one["approved_by"] for one in told] == [None, "ada", "ada"]
    assert "MC-DEPLOY-063" in shop.refused("deliver", "--env", "production", "v1.1.0^{commit}", expected=2)
    diff = shop.told("env", "diff", "--env", "production", "1", "2")
    assert ("component", "steps") in {(one["kind"], one["subject"]) for one in diff["package"]["changes"]}
    assert [diff[side]["version"] for side in ("one", "other")] == ["v1.0.0", "v1.1.0"]
    code, out, said = shop.call("env", "diff", "--env", "production")
    assert code == 0, said
    assert "v1.1.0" in out
    assert ground.announced() == ["staging", "production", "staging", "production", "production"]
    assert {DELIVER.name, ROLLBACK.name, RUN.name} <= {path.name for path in (shop.root / WORKFLOW.parent).iterdir()}


def record(shop: Shop, run: str) -> dict[str, Any]:
    """A run's record, as plain git has it on the remote."""
    document: dict[str, Any] = json.loads(
        git(shop.folder / "origin.git", "show", f"refs/mlops-ci/runs/{run}:.mlops-ci/run.json")
    )
    return document
