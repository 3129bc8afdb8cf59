"""What a stage's container gets, by what mlops-ci.yaml says of the stage."""

from pathlib import Path

import pytest

from mlops_ci.config.load import read_config
from mlops_ci.deployment.targets.docker import docker_target, environment_key, place_of
from mlops_ci.errors import UsageError
from mlops_ci.packaging.manifest import ImageName
from mlops_ci.tools.docker.containers import NO_LIMITS, Limits
from mlops_ci.tools.docker.stage_container import Place

DIGEST = f"sha256:{'2' * 64}"
CONFIG = """
runtime: {env: {TZ: UTC}}
pipeline:
  stages:
    train: {cpus: 2, memory: 3MiB, network: team}
    sub/score: {memory: 5MiB}
"""


def place(address: str, *, name: str = "r.example:5/team/steps:abc", config: str = CONFIG) -> Place:
    image = ImageName(name=name, inputs="sha256:1", digest=DIGEST)
    return place_of(image, address, read_config(config.encode()).config)


def test_a_stage_of_which_nothing_is_said_gets_no_network_and_all_that_the_engine_has() -> None:
    found = place("other")
    assert (found.network, found.limits) == ("none", NO_LIMITS)
    assert dict(found.environment) == {"TZ": "UTC"}


def test_what_is_said_of_a_stage_counts_for_it_and_for_its_items() -> None:
    for address in ("train", "train@a", "train@a@b"):
        assert place(address).limits == Limits(cpus=2, memory=3 * 2**20)
        assert place(address).network == "team"
    assert place("sub/score@x").limits == Limits(memory=5 * 2**20)
    assert place("score@x").limits == NO_LIMITS
    assert place("sub/train").network == "none"


@pytest.mark.parametrize(
    ("name", "pinned"),
    [
        ("r.example:5/team/steps:abc", "r.example:5/team/steps"), ("r.example:5/team/steps", "r.example:5/team/steps"),
        ("steps:abc", "steps"), ("team/steps", "team/steps"),
    ],
)  # fmt: skip
def test_an_image_is_named_by_its_digest_and_never_by_its_tag(name: str, pinned: str) -> None:
    assert place("train", name=name).image == f"{pinned}@{DIGEST}"


def test_environments_of_repositories_with_almost_the_same_name_are_apart() -> None:
    names = ("r:5/a/b-c", "r:5/a-b/c", "r:5/a/b/c", "r:5/A/b.c")
    keys = [environment_key(one, "staging") for one in names]
    assert len(set(keys)) == len(names)
    assert environment_key("other:7/a/b-c", "staging") == keys[0]
    assert environment_key("r:5/a/b-c", "production") != keys[0]
    assert keys[0].startswith("a-b-c-")


def test_without_a_registry_there_are_no_images(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        docker_target("production", None, None, tmp_path, {})
    assert caught.value.findings[0].code == "MC-DEPLOY-009"
