"""docs/main.md names what the actions take and give, and its workflow calls them so."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/main.md").read_text()
WRITING = ("record-run", "register-model", "version-artifacts")


def action(name: str) -> Any:
    return yaml.safe_load((ROOT / f"actions/{name}/action.yml").read_text())


def listed(kind: str, columns: int) -> set[tuple[str, str]]:
    """Names with the actions that have them, in the table whose first column is `kind`."""
    (table,) = re.findall(rf"^\| {kind} \| of \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    assert {len(row) for row in rows} == {columns}
    found = [(name, of) for row in rows for name in re.findall(r"`([a-z]+)`", row[0]) for of in row[1].split(", ")]
    return {(name, one) for name, of in found for one in (WRITING if of == "all" else (of,))}


def test_every_input_and_output_is_explained() -> None:
    assert listed("input", 4) == {(name, of) for of in WRITING for name in action(of)["inputs"]}
    assert listed("output", 3) == {(name, of) for of in WRITING for name in action(of).get("outputs", ())}


def test_the_job_of_ones_own_gives_the_actions_only_what_they_take() -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    used = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    ours = {step["uses"].partition("@")[0].rpartition("/")[2]: step.get("with", {}) for step in used[1:]}
    assert list(ours) == ["check", "version-artifacts", "record-run", "register-model"]
    for name, given in ours.items():
        assert set(given) <= set(action(name)["inputs"])
