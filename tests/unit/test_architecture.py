"""What ARCHITECTURE.md and pyproject.toml say of the house is what is there."""

import re
import tomllib
from pathlib import Path

import mlops_ci

PACKAGE = Path(mlops_ci.__file__).parent
ROOT = PACKAGE.parent


def rooms_in_tree() -> set[str]:
    return {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    } - {"__init__", "__main__"}


def test_the_architecture_page_lists_every_room_and_no_other() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    listed = {name.removesuffix(".py") for name in re.findall(r"^\| `([a-z]+(?:\.py)?)/?` \|", page, re.MULTILINE)}
    assert listed == rooms_in_tree()


def test_the_page_lists_rooms_in_the_order_of_their_floors() -> None:
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = {room.strip(): floor for floor, layer in enumerate(layers) for room in re.split(r"[:|]", layer)}
    page = (ROOT / "ARCHITECTURE.md").read_text()
    listed = [name.removesuffix(".py") for name in re.findall(r"^\| `([a-z]+(?:\.py)?)/?` \|", page, re.MULTILINE)]
    assert [floors[room] for room in listed] == sorted(floors[room] for room in listed)
