"""A promotion that people approve of by pull request, at a forge that takes only what GitHub describes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.actions.contract_server.description import description
from tests.actions.contract_server.desk import Desk
from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.server import serving
from tests.deployment.shop import CONFIG, Shop, shop_in
from tests.factories import git
from tests.needs import needs

pytestmark = pytest.mark.slow

BRANCH = "mlops-ci/promote-production"
LOCK = "environments/production.lock"


def asking_shop(folder: Path) -> Shop:
    """A shop whose production asks for an approval."""
    config = CONFIG.format(target="github", staging="", production="").replace("keep: 2", "approve: pull-request")
    return shop_in(folder, target="github", files={"mlops-ci.yaml": config, "code/steps/tests/test_steps.py": QUICK})


QUICK = "def test_nothing():\n    pass\n"


def test_what_a_merged_pull_request_names_is_let_in_once_and_who_approved_is_in_the_ledger(tmp_path: Path) -> None:
    needs("npm")
    shop = asking_shop(tmp_path)
    forge = Forge(description=description("api.github.com"), desk=Desk())
    with serving(forge) as api:
        at = {"GITHUB_API_URL": api, "GITHUB_REPOSITORY": "octo/flights", "GITHUB_TOKEN": forge.token}
        staged = told(shop, at, "deliver", "--env", "staging")
        source = git(shop.root, "rev-parse", "HEAD")
        assert announced(forge) == [("staging", source, ["in_progress", "success"])]
        code, _, said = shop.call("deliver", "--env", "production", staged["package"], **at)
        assert code == 2
        assert "MC-DEPLOY-060" in said
        assert "mlops-ci promote --from staging --to production" in said

        before = state(shop)
        proposed = told(shop, at, "promote", "--from", "staging", "--to", "production")
        assert told(shop, at, "promote", "--from", "staging", "--to", "production")["commit"] == proposed["commit"]
        assert state(shop) == before  # no work tree, no branch and no index was touched
        (number,) = desk(forge).pulls
        assert proposed["pull_request"] == f"https://github.com/octo/flights/pull/{number}"
        assert "first package there" in proposed["body"]
        assert changed(shop) == [LOCK]

        desk(forge).merged[merged(shop)] = number
        desk(forge).reviews = [("ada", "APPROVED"), ("bob", "COMMENTED")]
        done = told(shop, at, "promote", "--from", "staging", "--to", "production")
        assert (done["done"], done["package"], done["entry"]["approved_by"]) == (True, staged["package"], "ada")
        assert (done["entry"]["evidence"]["from"]["environment"], done["entry"]["action"]) == ("staging", "promote")
        assert announced(forge)[-1] == ("production", source, ["in_progress", "success"])
        assert told(shop, at, "promote", "--from", "staging", "--to", "production")["done"] is False


def test_without_a_token_a_branch_is_pushed_and_the_committer_of_the_merge_approves(tmp_path: Path) -> None:
    shop = asking_shop(tmp_path)
    shop.told("deliver", "--env", "staging")
    dry = shop.told("promote", "--from", "staging", "--to", "production", "--dry-run")
    assert dry["commit"] is None
    assert git(shop.root, "ls-remote", "origin", f"refs/heads/{BRANCH}") == ""
    code, out, said = shop.call("promote", "--from", "staging", "--to", "production")
    assert code == 0, said
    assert BRANCH in out
    assert "MC-DEPLOY-065" in out
    merged(shop)
    done = shop.told("deliver", "--env", "production")
    assert (done["entry"]["action"], done["entry"]["approved_by"]) == (
        "promote",
        git(shop.root, "log", "-1", "--format=%cn"),
    )
    same = shop.told("env", "diff", "--env", "staging", "--with", "production")
    assert (same["one"]["environment"], same["other"]["environment"]) == ("staging", "production")
    assert same["package"]["changes"] == []
    assert "MC-DEPLOY-054" in shop.refused("env", "diff", "--env", "staging", expected=2)
    assert "MC-DEPLOY-052" in shop.refused("env", "diff", "--env", "staging", "1", "9", expected=2)


def told(shop: Shop, at: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """What a command says where there is a forge."""
    code, out, said = shop.call(*arguments, "--json", **at)
    assert code == 0, out + said
    found: dict[str, Any] = json.loads(out)
    return found


def announced(forge: Forge) -> list[tuple[str, str, list[str]]]:
    return desk(forge).told()


def desk(forge: Forge) -> Desk:
    assert forge.desk is not None
    return forge.desk


def changed(shop: Shop) -> list[str]:
    git(shop.root, "fetch", "--quiet", "origin", BRANCH)
    return git(shop.root, "diff", "--name-only", "HEAD", "FETCH_HEAD").splitlines()


def merged(shop: Shop) -> str:
    """The merge of the pull request, as a forge makes it."""
    git(shop.root, "fetch", "--quiet", "origin", BRANCH)
    git(shop.root, "merge", "--quiet", "--no-ff", "--message", "Merge", "FETCH_HEAD")
    git(shop.root, "push", "--quiet", "origin", "main")
    return git(shop.root, "rev-parse", "HEAD")


def state(shop: Shop) -> list[str]:
    asked = (("status", "--porcelain"), ("branch", "--list"), ("rev-parse", "HEAD"), ("stash", "list"))
    return [git(shop.root, *words) for words in asked]
