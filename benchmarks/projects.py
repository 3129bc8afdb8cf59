"""The repositories that are checked: the flight pipeline of this one, and a small one."""

import random

from benchmarks.by_hand import Project
from tests.actions.act import ROOT
from tests.factories import git

DVC = {
    ".dvc/config": "[core]\n    analytics = false\n    remote = store\n['remote \"store\"']\n    url = {store}\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvcignore": "__pycache__/\n*.egg-info/\n.pytest_cache/\n.venv/\n",
}
_FLIGHTS = "pipelines/flight_delays"
_COMPONENTS = ("ingest", "features", "train", "evaluate")
_CANDIDATES = f"{_FLIGHTS}/train/src/flight_delays_train/candidates.py"
_SMALL_TRAIN = '''"""Fit a tree."""

import json
import pickle
from pathlib import Path

import pandas
import yaml
from sklearn.tree import DecisionTreeClassifier

from churn.clean import columns

depth = yaml.safe_load(Path("params.yaml").read_text())["depth"]
rows = pandas.read_csv("data/train.csv")
model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(rows[columns(rows)], rows["left"])
Path("model.pkl").write_bytes(pickle.dumps(model))
'''
_SMALL = {
    **DVC,
    "requirements.txt": "# what the stages import, and the tools of the workflow\npandas>=3\nscikit-learn>=1.7\n"
    "pyyaml\npytest>=9\ndvc>=3.67,<3.68\n",
    "mlops-ci.yaml": "version: 1\npipeline: {run: run}\ncomponents:\n  churn: {path: churn}\n",
    "params.yaml": "depth: 4\nshare: 0.8\n",
    ".gitignore": "/model.pkl\n__pycache__/\n*.egg-info/\n.venv/\n",
    "data/.gitignore": "/clean.csv\n/train.csv\n/test.csv\n",
    "dvc.yaml": """stages:
  clean:
    cmd: python -m churn.clean
    deps: [data/raw.csv, churn/src/churn/clean.py]
    outs: [data/clean.csv]
  split:
    cmd: python -m churn.split
    deps: [data/clean.csv, churn/src/churn/split.py]
    params: [share]
    outs: [data/train.csv, data/test.csv]
  train:
    cmd: python -m churn.train
    deps: [data/train.csv, churn/src/churn/train.py]
    params: [depth]
    outs: [model.pkl]
  evaluate:
    cmd: python -m churn.evaluate
    deps: [data/test.csv, model.pkl, churn/src/churn/evaluate.py]
    metrics:
      - metrics.json: {cache: false}
""",
    "churn/pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "churn"
version = "1"
dependencies = ["pandas", "pyyaml", "scikit-learn"]
[tool.hatch.build.targets.wheel]
packages = ["src/churn"]
[tool.pytest.ini_options]
pythonpath = ["src"]
""",
    "churn/src/churn/__init__.py": "",
    "churn/src/churn/clean.py": '''"""Drop rows with gaps."""

import pandas


def clean(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Only whole rows."""
    return rows.dropna().reset_index(drop=True)


def columns(rows: pandas.DataFrame) -> list[str]:
    """What the model sees."""
    return [name for name in rows if name != "left"]


if __name__ == "__main__":
    clean(pandas.read_csv("data/raw.csv")).to_csv("data/clean.csv", index=False)
''',
    "churn/src/churn/split.py": '''"""Split by position."""

from pathlib import Path

import pandas
import yaml

share = yaml.safe_load(Path("params.yaml").read_text())["share"]
rows = pandas.read_csv("data/clean.csv")
cut = int(len(rows) * share)
rows[:cut].to_csv("data/train.csv", index=False)
rows[cut:].to_csv("data/test.csv", index=False)
''',
    "churn/src/churn/train.py": _SMALL_TRAIN,
    "churn/src/churn/evaluate.py": '''"""Score the tree."""

import json
import pickle
from pathlib import Path

import pandas

from churn.clean import columns

rows = pandas.read_csv("data/test.csv")
model = pickle.loads(Path("model.pkl").read_bytes())
Path("metrics.json").write_text(json.dumps({"accuracy": model.score(rows[columns(rows)], rows["left"])}))
''',
    "churn/tests/test_clean.py": """import pandas
from churn.clean import clean, columns


def test_gaps_are_dropped():
    rows = pandas.DataFrame({"age": [1.0, None], "left": [0, 1]})
    assert len(clean(rows)) == 1
    assert columns(rows) == ["age"]
""",
}


def small() -> Project:
    """Four cheap stages on 2,000 rows."""
    return Project(
        name="small",
        files={**_SMALL, "data/raw.csv": _raw()},
        install=("-r requirements.txt", "--no-deps -e churn"),
        test="pytest churn",
        change={"churn/src/churn/train.py": f"{_SMALL_TRAIN}print(model.get_depth())\n"},
    )


def flights() -> Project:
    """The flight pipeline of this tree with its twelve months, in a repository of its own, with a remote."""
    asked = ["dvc.yaml", "params.yaml", "inputs.yaml", "mlops-ci.yaml", ".gitignore", ".dvcignore", "pipelines"]
    listed = git(ROOT, "ls-files", "--", *asked)
    files = {name: (ROOT / name).read_text() for name in listed.splitlines()}
    return Project(
        name="flights",
        files={**files, **DVC},
        install=(
            f"-r {_FLIGHTS}/requirements.txt",
            "dvc==3.67.1",
            "--no-deps " + " ".join(f"./{_FLIGHTS}/{name}" for name in _COMPONENTS),
        ),
        test=f"for name in {' '.join(_COMPONENTS)}; do (cd {_FLIGHTS}/$name && python -m pytest); done",
        change={_CANDIDATES: files[_CANDIDATES] + "\n# Reviewed.\n"},
    )


def _raw() -> str:
    """Customers who left or stayed; the same in each run."""
    chance = random.Random(4)  # noqa: S311 - data to be learnt from, not a secret
    rows = ["age,months,calls,left"]
    for _ in range(2_000):
        age, months, calls = chance.randint(18, 90), chance.randint(0, 120), chance.randint(0, 9)
        rows.append(f"{age if calls else ''},{months},{calls},{int(calls * 12 > months)}")
    return "\n".join(rows) + "\n"


PROJECTS = {"small": small, "flights": flights}
