"""The plots that dvc.yaml files declare, in the ways in which people declare them."""

from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.tools.dvc.values import Cell, Plot, Revision
from tests.integration.dvc_scratch import opened, scratch

ROC = "fpr,tpr\n0.0,0.0\n0.5,0.7\n1.0,1.0\n"
STAGE = """
stages:
  train:
    cmd: "true"
    plots:
      - roc.csv: {x: fpr, y: tpr, title: ROC, cache: false}
"""
TOP = """
plots:
  - roc.csv: {x: fpr, y: tpr, title: ROC}
"""


def plots(root: Path, *, base: dict[str, Path] | None = None) -> dict[str, Plot]:
    """What is declared, read from the work tree, by name."""
    with opened(root) as repo:
        sources = repo.plot_sources()
        here = {path: root / path for path in sources if (root / path).is_file()}
        before = {PurePosixPath(path): file for path, file in (base or {}).items()}
        return {plot.name: plot for plot in repo.plots({Revision.CANDIDATE: here, Revision.BASE: before})}


def drawn(plot: Plot) -> list[tuple[str, str, list[tuple[object, object]]]]:
    return [(one.name, str(one.revision), list(one.points)) for one in plot.series]


@pytest.mark.parametrize("definition", [STAGE, TOP, STAGE + TOP], ids=["stage", "top", "both"])
def test_a_plot_is_told_once_with_its_points_as_numbers(tmp_path: Path, definition: str) -> None:
    found = plots(scratch(tmp_path / "repo", {"dvc.yaml": definition, "roc.csv": ROC}))
    assert list(found) == ["roc.csv"]
    plot = found["roc.csv"]
    assert (plot.title, plot.x_label, plot.y_label, plot.trouble) == ("ROC", "fpr", "tpr", "")
    assert plot.definition == PurePosixPath("dvc.yaml")
    assert drawn(plot) == [("", "candidate", [(0.0, 0.0), (0.5, 0.7), (1.0, 1.0)])]


def test_without_x_and_y_the_step_and_the_last_column_are_taken_as_dvc_does(tmp_path: Path) -> None:
    found = plots(
        scratch(tmp_path / "repo", {"dvc.yaml": "plots: [loss.tsv]\n", "loss.tsv": "a\tloss\n5\t0.9\n6\t0.5\n"})
    )
    assert drawn(found["loss.tsv"]) == [("", "candidate", [(0.0, 0.9), (1.0, 0.5)])]


def test_lines_of_several_files_and_columns_come_with_their_names(tmp_path: Path) -> None:
    definition = "plots:\n  - losses: {x: step, y: {sub/a.json: [train, test], sub/b.json: train}}\n"
    rows = '[{"step": 0, "train": 1, "test": 2}, {"step": 1, "train": 0.5, "test": null}]'
    files = {"dvc.yaml": definition, "sub/a.json": rows, "sub/b.json": rows}
    plot = plots(scratch(tmp_path / "repo", files))["losses"]
    assert plot.sources == (PurePosixPath("sub/a.json"), PurePosixPath("sub/b.json"))
    assert drawn(plot) == [
        ("a.json train", "candidate", [(0.0, 1.0), (1.0, 0.5)]),
        ("a.json test", "candidate", [(0.0, 2.0), (1.0, None)]),
        ("b.json train", "candidate", [(0.0, 1.0), (1.0, 0.5)]),
    ]


def test_the_base_is_drawn_with_the_definition_of_now(tmp_path: Path) -> None:
    before = tmp_path / "before.csv"
    before.write_text("fpr,tpr\n0.0,0.0\n1.0,0.5\n")
    root = scratch(tmp_path / "repo", {"dvc.yaml": TOP, "roc.csv": ROC})
    lines = drawn(plots(root, base={"roc.csv": before})["roc.csv"])
    assert [(kind, points[-1]) for _, kind, points in lines] == [("base", (1.0, 0.5)), ("candidate", (1.0, 1.0))]
    before.write_text("other\n1\n")
    assert [kind for _, kind, _ in drawn(plots(root, base={"roc.csv": before})["roc.csv"])] == ["candidate"]


def test_a_confusion_matrix_is_counted(tmp_path: Path) -> None:
    definition = "plots:\n  - c.csv: {template: confusion, x: predicted, y: actual}\n"
    files = {"dvc.yaml": definition, "c.csv": "actual,predicted\ncat,cat\ncat,dog\ncat,dog\ndog,dog\n"}
    assert plots(scratch(tmp_path / "repo", files))["c.csv"].cells == (
        Cell(actual="cat", predicted="cat", count=1),
        Cell(actual="cat", predicted="dog", count=2),
        Cell(actual="dog", predicted="dog", count=1),
    )


def test_the_files_of_a_folder_are_plots_each_and_images_too(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"dvc.yaml": "plots: [out]\n", "out/a.csv": ROC, "out/b.png": b"\x89PNG"}
    found = plots(scratch(tmp_path / "repo", files))
    assert list(found) == ["out/a.csv", "out/b.png"]
    assert found["out/b.png"].trouble == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no points"), ("[1, 2]", "no points"), (b"\xff\xfe\x00", "utf8"), ("fpr,other\n1,2\n", "tpr"),
        (b"x" * 5_000_001, "5,000,001 bytes"), (None, "no such file"),
    ],
    ids=["empty", "no rows", "no text", "no column", "large", "absent"],
)  # fmt: skip
def test_what_is_wrong_with_one_plot_is_told_in_it(tmp_path: Path, content: str | bytes | None, said: str) -> None:
    files: dict[str, str | bytes] = {"dvc.yaml": TOP + "  - good.csv\n", "good.csv": ROC}
    found = plots(scratch(tmp_path / "repo", files if content is None else {**files, "roc.csv": content}))
    assert said in found["roc.csv"].trouble.lower()
    assert found["good.csv"].trouble == ""


def test_long_lines_are_thinned_evenly_and_say_so(tmp_path: Path) -> None:
    text = "fpr,tpr\n" + "".join(f"{at},{at}\n" for at in range(10_001))
    (line,) = plots(scratch(tmp_path / "repo", {"dvc.yaml": TOP, "roc.csv": text}))["roc.csv"].series
    assert (len(line.points), line.left_out) == (500, 9501)
    assert (line.points[0], line.points[-1]) == ((0.0, 0.0), (10_000.0, 10_000.0))


def test_a_plot_outside_of_the_repository_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(ROC)
    found = plots(
        scratch(tmp_path / "repo", {"dvc.yaml": "plots: [../secret.csv, /etc, .., roc.csv]\n", "roc.csv": ROC})
    )
    assert list(found) == ["roc.csv"]


def test_a_broken_file_leaves_the_plots_of_the_others(tmp_path: Path) -> None:
    files = {"dvc.yaml": TOP, "roc.csv": ROC, "sub/dvc.yaml": "plots: {a: [\n"}
    assert list(plots(scratch(tmp_path / "repo", files))) == ["roc.csv"]
