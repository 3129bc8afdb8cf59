"""The mlops-ci.yaml that is proposed: always sound, and never more than was seen."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.config.load import read_config
from mlops_ci.config.models import GateMode
from mlops_ci.config.schema import Config
from mlops_ci.gates.rules import problems_of_models
from mlops_ci.pipelines.preflight.declared import DeclaredStage, reference
from mlops_ci.pipelines.preflight.worktree import look_at, placed
from mlops_ci.proposals.configuration.proposal import configuration_text
from mlops_ci.proposals.materials import materials_of
from mlops_ci.proposals.values import Materials
from tests.doubles.repository import LaidRepository
from tests.factories import lay

PROJECT = '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "features"\nversion = "1"\n'
COMPONENT = {
    "dvc.yaml": "stages:\n  make:\n    cmd: x\n    deps: [libs/features/src]\n    outs: [out.csv]\n",
    "libs/features/pyproject.toml": PROJECT,
    "libs/features/src/features.py": "",
    "libs/features/tests/test_features.py": "",
    "requirements.txt": "numpy==2.0\npytest==9.0\n",
}


def text_for(root: Path, files: Mapping[str, str | bytes]) -> str | None:
    lay(root, {".dvc/config": "", **files})
    tree = look_at(LaidRepository(root))
    return configuration_text(materials_of(tree, tree.named("dvc.yaml")))


def proposed(root: Path, files: Mapping[str, str | bytes]) -> Config:
    """The proposal, read as `config check` reads it."""
    text = text_for(root, files)
    assert text is not None
    return sound(text)


def sound(text: str) -> Config:
    loaded = read_config(text.encode())
    assert problems_of_models(loaded.config.models, loaded.place) == ()
    return loaded.config


def stages(body: str) -> dict[str, str]:
    return {"dvc.yaml": f"stages:\n{body}"}


def one(body: str) -> dict[str, str]:
    return stages("  train:\n    cmd: x\n" + "".join(f"    {line}\n" for line in body.splitlines()))


def test_tables_that_stages_read_and_write_become_datasets(tmp_path: Path) -> None:
    files = one("deps: [data/raw.csv, train.py, https://host.example/x.csv]\nouts: [features.parquet, model.pkl]")
    datasets = proposed(tmp_path, files).datasets
    assert {name: str(one.path) for name, one in datasets.items()} == {
        "features": "features.parquet",
        "raw": "data/raw.csv",
    }
    assert all(one.suites == () for one in datasets.values())


def test_a_table_kept_by_a_dvc_file_is_a_dataset(tmp_path: Path) -> None:
    files = {
        "data/raw.csv.dvc": "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  path: raw.csv\n",
        **one("outs: [m]"),
    }
    assert [str(one.path) for one in proposed(tmp_path, files).datasets.values()] == ["data/raw.csv"]


def test_metrics_plots_and_predictions_are_no_datasets(tmp_path: Path) -> None:
    files = one("outs: [predictions.csv]\nplots: [roc.csv]\nmetrics: [scores.csv]")
    assert text_for(tmp_path, files) is None


def test_a_folder_that_stages_fill_with_tables_of_one_format_is_one_dataset(tmp_path: Path) -> None:
    files = stages(
        "  month:\n    foreach: [a, b]\n    do:\n      cmd: x\n      outs: ['data/months/${item}.parquet']\n"
        "  join:\n    cmd: x\n    deps: [data/months]\n    outs: [all.csv]\n"
    )
    assert {str(one.path) for one in proposed(tmp_path, files).datasets.values()} == {"data/months", "all.csv"}


@pytest.mark.parametrize("others", [{"data/x.png": "", "data/a.csv": ""}, {"data/a.csv": "", "data/b.parquet": ""}])
def test_a_folder_of_other_things_is_none(tmp_path: Path, others: dict[str, str]) -> None:
    assert text_for(tmp_path, {**one("deps: [data]"), **others}) is None


def test_files_in_a_folder_that_is_a_dataset_are_part_of_it(tmp_path: Path) -> None:
    files = {**one("deps: [data, data/a.csv]"), "data/a.csv": "x\n", "data/_done": "", "data/b.csv": "x\n"}
    assert [str(one.path) for one in proposed(tmp_path, files).datasets.values()] == ["data"]


def test_suites_that_are_here_are_named_but_not_attached(tmp_path: Path) -> None:
    suite = {"name": "raw", "expectations": [{"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}}]}
    text = text_for(tmp_path, {**one("deps: [raw.csv]"), "suites/raw.json": json.dumps(suite), "no.json": "{}"})
    assert text is not None
    assert "# Suites that are here: suites/raw.json." in text
    assert sound(text).datasets["raw"].suites == ()


def test_a_metric_of_known_direction_gets_a_gate_that_only_warns(tmp_path: Path) -> None:
    files = {
        **one("outs: [models/delays.skops]\nmetrics: [metrics.json]"),
        "metrics.json": '{"roc_auc": 0.7, "own": 3}',
    }
    model = proposed(tmp_path, files).models["delays"]
    assert (str(model.artifact), str(model.metrics)) == ("models/delays.skops", "metrics.json")
    (gate,) = model.gates.values()
    assert (gate.metric, gate.champion, gate.mode) == ("roc_auc", "base", GateMode.WARN)


@pytest.mark.parametrize(
    "content",
    ['{"roc_auc": NaN}', '{"roc_auc": "0.7"}', '{"roc_auc": 70}', '{"rmse": 3.1}', '{"own": 1}', "{", "[]", ""],
)
def test_a_metric_that_could_not_be_judged_gets_no_gate(tmp_path: Path, content: str) -> None:
    model = proposed(tmp_path, {**one("metrics: [metrics.json]"), "metrics.json": content}).models["model"]
    assert model.gates == {}


def test_metrics_that_are_not_here_yet_are_a_model_without_gates(tmp_path: Path) -> None:
    assert proposed(tmp_path, one("metrics: [out/metrics.yaml]")).models["model"].gates == {}


def test_an_artifact_is_named_only_where_there_is_one(tmp_path: Path) -> None:
    assert proposed(tmp_path, one("outs: [a.pkl, b.pkl]\nmetrics: [m.json]")).models["model"].artifact is None


def test_metrics_with_templating_are_named_in_words(tmp_path: Path) -> None:
    files = stages("  fit:\n    foreach: [a]\n    do:\n      cmd: x\n      metrics: ['${item}.json', all.json]\n")
    text = text_for(tmp_path, files)
    assert text is not None
    assert "(fit): add a model for each" in text
    assert list(sound(text).models) == ["model"]


def test_predictions_wait_for_their_columns_in_a_comment(tmp_path: Path) -> None:
    text = text_for(tmp_path, one("outs: [predictions.parquet]\nmetrics: [m.json]"))
    assert text is not None
    assert "# predictions: {path: predictions.parquet, id: COLUMN" in text
    assert sound(text).models["model"].predictions is None


def test_a_project_with_tests_that_stages_depend_on_is_a_component(tmp_path: Path) -> None:
    components = proposed(tmp_path, COMPONENT).components
    assert {name: str(one.path) for name, one in components.items()} == {"features": "libs/features"}


@pytest.mark.parametrize(
    ("differs", "why"),
    [
        ({"libs/features/pyproject.toml": '[project]\nname = "features"\n'}, "no [build-system]"),
        ({"libs/features/tests/test_features.py": None}, "it has no tests"),
        ({"libs/features/uv.lock": ""}, "an environment of its own"),
        ({"requirements.txt": "numpy\n"}, "no lock file names pytest"),
    ],
)
def test_what_would_fail_as_a_component_is_left_out_and_said(
    tmp_path: Path, differs: dict[str, str | None], why: str
) -> None:
    files = {name: content for name, content in {**COMPONENT, **differs}.items() if content is not None}
    text = text_for(tmp_path, files)
    assert text is not None
    assert why in text
    assert sound(text).components == {}


def test_a_project_that_no_stage_depends_on_is_not_mentioned(tmp_path: Path) -> None:
    text = text_for(tmp_path, {**COMPONENT, **one("deps: [other.csv]")})
    assert text is not None
    assert "features" not in text


def test_the_root_project_is_the_runtime_and_no_component(tmp_path: Path) -> None:
    assert text_for(tmp_path, {"pyproject.toml": PROJECT, "test_x.py": "", **one("deps: [src]")}) is None


def test_every_value_has_a_comment_that_says_why(tmp_path: Path) -> None:
    text = text_for(tmp_path, {**COMPONENT, "metrics.json": '{"f1": 0.5}', **one(
        "deps: [libs/features/src, raw.csv]\nmetrics: [metrics.json]"
    )})  # fmt: skip
    assert text is not None
    values = [line for line in text.splitlines() if not line.lstrip().startswith("#") and ": " in line]
    assert values
    assert all(" # " in line for line in values)


def test_tables_of_one_name_are_told_apart_by_all_their_folders(tmp_path: Path) -> None:
    names = proposed(tmp_path, one("deps: [a/data/raw.csv, b/data/raw.csv, other.csv, b/other.tsv]")).datasets
    assert set(names) == {"a-data-raw", "b-data-raw", "other", "b-other"}


def test_a_pipeline_of_many_tables_is_cut_and_says_so(tmp_path: Path) -> None:
    text = text_for(tmp_path, one(f"deps: [{', '.join(f'{number}.csv' for number in range(30))}]"))
    assert text is not None
    assert len(sound(text).datasets) == 20
    assert "10 more tables" in text


def test_a_broken_pipeline_proposes_nothing(tmp_path: Path) -> None:
    assert text_for(tmp_path, {"dvc.yaml": "stages: [\n"}) is None


NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(
    [
        "no",
        "on",
        "null",
        "1e3",
        "010",
        "~",
        "a b",
        "#x",
        "x: y",
        '"',
        "'",
        "${x}",
        "..",
        "-",
        "{a}",
        "%d",
        "é",
        "\u202e",
        "\\",
    ]
)


@given(parts=st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6))
def test_whatever_files_and_stages_are_called_the_proposal_is_sound(parts: list[tuple[str, str]]) -> None:
    made = []
    for folder, name in parts:
        texts = (f"{folder}/{name}.csv", f"{folder}/{name}.json", f"{folder}/{name}.pkl", f"{folder}/{name}")
        made.append(DeclaredStage(
            address=name, definition=PurePosixPath("dvc.yaml"), place=placed(PurePosixPath("dvc.yaml")),
            deps=tuple(reference(PurePosixPath(), ".", text) for text in texts),
        ))  # fmt: skip
    text = configuration_text(Materials(stages=tuple(made)))
    if text is not None:
        sound(text)
