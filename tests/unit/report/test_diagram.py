import re

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.report.contract import StageRow
from mlops_ci.report.diagram import diagram
from mlops_ci.tools.dvc.values import StageState
from tests.unit.report.reports import HOSTILE, stages

LINE = re.compile(
    r"flowchart LR"
    r'|  s\d+\["(?:[^"`#;<>&\\]|#\d+;|<br/>)*"\]'
    r"|  s\d+ --> s\d+"
    r"|  classDef (?:ran|cached|failed|skipped|stale) [a-z0-9#:,-]+"
    r"|  class s\d+(?:,s\d+)* (?:ran|cached|failed|skipped|stale)"
)


def test_a_small_pipeline_is_drawn_whole_and_coloured_by_state() -> None:
    source = diagram(stages(2)) or ""
    assert source.split("\n")[:4] == [
        "flowchart LR", '  s0["ingest#64;0<br/>cached"]', '  s1["ingest#64;1<br/>cached"]', '  s2["features<br/>ran"]'
    ]  # fmt: skip
    assert "  s0 --> s2\n  s1 --> s2" in source
    assert "  class s0,s1 cached" in source


def test_a_wide_foreach_is_folded_into_one_node() -> None:
    source = diagram(stages(4_000)) or ""
    assert '  s0["ingest (4000)<br/>4000 cached"]' in source
    assert source.count("-->") == 1


def test_a_folder_with_an_at_sign_is_no_family() -> None:
    names = [f"a@{at}/dvc.yaml:train@{item}" for at in range(2) for item in range(40)]
    rows = [StageRow(name=name, needs=(), state=StageState.RAN, why="") for name in names]
    assert (diagram(rows) or "").count("train (40)") == 2


def test_many_stages_without_families_are_folded_by_file_or_not_drawn() -> None:
    rows = [StageRow(name=f"s{at}", needs=(f"s{at - 1}",), state=StageState.STALE, why="") for at in range(500)]
    assert diagram(rows) == diagram([*rows])
    assert "dvc.yaml (500)" in (diagram(rows) or "")
    assert diagram([]) is None


@settings(max_examples=100)
@given(st.one_of(st.text(), st.text(alphabet='"`#;<>&\\[](){}-|%\n:end')))
def test_a_name_is_only_ever_a_label(name: str) -> None:
    rows = (
        StageRow(name=name, needs=(), state=StageState.RAN, why=""),
        StageRow(name=f"{name}{HOSTILE}", needs=(name,), state=StageState.FAILED, why=""),
    )
    assert not [line for line in (diagram(rows) or "").split("\n") if not LINE.fullmatch(line)]
