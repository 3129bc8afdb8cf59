"""docs/delivery.md names what the actions of delivery take and give, and README's commands are those that there are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_ci.cli.env import env
from mlops_ci.cli.main import COMMANDS
from mlops_ci.deployment.journal import Step

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/delivery.md").read_text()
PAGES = [PAGE, *((ROOT / name).read_text() for name in ("docs/rollback.md", "docs/targets.md", "README.md"))]
ACTIONS = ("package", "deliver", "promote", "rollback", "environment-run")


def action(name: str) -> Any:
    return yaml.safe_load((ROOT / f"actions/{name}/action.yml").read_text())


def listed(kind: str) -> set[tuple[str, str]]:
    """Names with the actions that have them, in the table whose first column is `kind`."""
    (table,) = re.findall(rf"^\| {kind} \| of \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    found = [(name, of) for row in rows for name in re.findall(r"`([a-z-]+)`", row[0]) for of in row[1].split(", ")]
    return {(name, one) for name, of in found for one in (ACTIONS if of == "all" else (of,))}


def test_every_input_and_output_is_explained() -> None:
    assert listed("input") == {(name, of) for of in ACTIONS for name in action(of)["inputs"]}
    assert listed("output") == {(name, of) for of in ACTIONS for name in action(of)["outputs"]}


def test_the_job_of_ones_own_gives_the_actions_only_what_they_take() -> None:
    (text,) = (one for one in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "jobs:" in one)
    (job,) = yaml.safe_load(text)["jobs"].values()
    used = {step["uses"].partition("@")[0].rpartition("/")[2]: step.get("with", {}) for step in job["steps"][1:]}
    assert list(used) == ["package", "deliver"]
    for name, given in used.items():
        assert set(given) <= set(action(name)["inputs"])


def test_every_step_has_a_row_in_the_order_in_which_it_is_done() -> None:
    (table,) = re.findall(r"^\| step \| what \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    steps = [row.split("|")[1].strip() for row in table.splitlines()]
    assert set(steps) == {str(step) for step in Step} - {"unlock"}


@pytest.mark.parametrize("page", PAGES, ids=["delivery", "rollback", "targets", "README"])
def test_pages_name_commands_that_there_are(page: str) -> None:
    called = set(re.findall(r"mlops-ci (env )?([a-z]+) --", page))
    assert {name for group, name in called if group} <= set(env.commands)
    assert {name for group, name in called if not group} - {"env"} <= set(COMMANDS)
