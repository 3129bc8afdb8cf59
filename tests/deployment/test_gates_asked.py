"""What an environment asks of a package has to have passed, in a recorded run of that very package."""

from pathlib import Path

import pytest

from tests.deployment.shop import CONFIG, shop_in

pytestmark = pytest.mark.slow


def test_a_package_goes_on_only_when_its_own_run_has_passed_the_gates_that_are_asked_for(tmp_path: Path) -> None:
    place = {name: f", root: {tmp_path / name}" for name in ("staging", "production")}
    config = CONFIG.format(target="local", **place).replace("keep: 2", "keep: 2, gates: [sales.enough]")
    shop = shop_in(tmp_path, files={"mlops-ci.yaml": config})
    shop.told("deliver", "--env", "staging")
    said = shop.refused("promote", "--from", "staging", "--to", "production", expected=3)
    assert "error[MC-DEPLOY-033]: production: what this environment asks of a package is not shown yet" in said
    assert "found     sales.enough: not judged" in said
    run = shop.told("env", "run", "--env", "staging")["run"]
    entry = shop.told("promote", "--from", "staging", "--to", "production")["entry"]
    assert entry["evidence"]["gates"] == {"sales.enough": run}
