"""What is decided, from what was seen."""

from pathlib import PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.proposals.plan import decide
from mlops_ci.proposals.values import MAIN, WORKFLOW, Materials, Plan, Seen, State, Wish, Workflow
from mlops_ci.proposals.workflow import main_text, workflow_text
from tests.unit.proposals.seen import VERSION, remote, seen

CONFIG = PurePosixPath("mlops-ci.yaml")
OTHER = PurePosixPath(".github/workflows/other.yml")
TABLES = Materials(data=(PurePosixPath("data/raw.csv"),))
FRESH = workflow_text(seen(), version=VERSION)
OLD = workflow_text(seen(), version="1.0.0")


def plan(what: Seen, **wish: bool) -> Plan:
    return decide(what, Wish(**wish), version=VERSION)


def states(decided: Plan) -> list[tuple[str, State]]:
    return [(str(one.path), one.state) for one in decided.proposals]


def with_workflow(text: str, path: PurePosixPath = WORKFLOW) -> Seen:
    present = {path: text.encode()} if path in (WORKFLOW, MAIN) else {}
    return seen(workflows=(Workflow(path=path, text=text),), present=present)


def test_a_repository_with_a_pipeline_gets_one_file() -> None:
    decided = plan(seen())
    assert states(decided) == [(str(WORKFLOW), State.NEW)]
    assert decided.to_be_written == decided.proposals
    begin = f"@@ -0,0 +1,{len(FRESH.splitlines())} @@"
    assert decided.proposals[0].diff[:3] == ("--- /dev/null", f"+++ b/{WORKFLOW}", begin)


def test_without_a_pipeline_nothing_is_proposed_and_the_way_is_told() -> None:
    decided = plan(seen(definitions=()))
    assert decided.proposals == ()
    (refusal,) = decided.refusals
    assert refusal.exit is ExitCode.USAGE
    assert "dvc stage add" in refusal.do


def test_a_configuration_that_names_something_to_judge_is_enough() -> None:
    assert states(plan(seen(definitions=(), configured=True))) == [(str(WORKFLOW), State.NEW)]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_same_file_is_left_whatever_its_line_ends(ends: str) -> None:
    decided = plan(with_workflow(FRESH.replace("\n", ends)))
    assert states(decided) == [(str(WORKFLOW), State.SAME)]
    assert decided.to_be_written == ()
    assert decided.refusals == ()


def test_another_content_is_refused_and_nothing_at_all_is_written() -> None:
    what = seen(present={WORKFLOW: b"name: mine\n"}, materials=TABLES)
    decided = plan(what, config=True)
    assert states(decided) == [(str(WORKFLOW), State.DIFFERENT), (str(CONFIG), State.NEW)]
    assert decided.to_be_written == ()
    assert decided.refusals[0].exit is ExitCode.USAGE
    assert "-name: mine" in decided.proposals[0].diff


def test_a_file_of_another_name_that_calls_already_is_not_doubled() -> None:
    decided = plan(with_workflow(OLD, OTHER))
    assert states(decided) == [(str(OTHER), State.SAME)]
    assert "--update" in decided.notes[0]


def test_the_configuration_is_proposed_only_when_asked_for() -> None:
    assert states(plan(seen(materials=TABLES))) == [(str(WORKFLOW), State.NEW)]
    assert states(plan(seen(materials=TABLES), config=True))[1] == (str(CONFIG), State.NEW)


def test_nothing_to_configure_is_said_and_no_empty_file_is_written() -> None:
    decided = plan(seen(), config=True)
    assert len(decided.proposals) == 1
    assert "nothing to put into mlops-ci.yaml" in decided.notes[0]


def test_an_update_moves_the_version_and_only_shows_the_rest() -> None:
    mine = OLD.replace("name: mlops-ci", "name: mine", 1)
    decided = plan(with_workflow(mine), update=True)
    assert states(decided) == [(str(WORKFLOW), State.UPDATED), (str(WORKFLOW), State.SHOWN)]
    (written,) = decided.to_be_written
    assert written.after.decode() == mine.replace("@v1.0.0", f"@v{VERSION}")
    assert "-name: mine" in decided.proposals[1].diff


def test_an_update_shows_what_another_remote_would_need_now() -> None:
    what = seen(
        workflows=(Workflow(path=WORKFLOW, text=FRESH),), present={WORKFLOW: FRESH.encode()}, remotes=(remote("s3"),)
    )
    decided = plan(what, update=True)
    assert states(decided) == [(str(WORKFLOW), State.SAME), (str(WORKFLOW), State.SHOWN)]
    assert any("AWS_ACCESS_KEY_ID" in line for line in decided.proposals[1].diff)


def test_an_update_of_the_newest_file_has_nothing_to_do() -> None:
    assert states(plan(with_workflow(FRESH), update=True)) == [(str(WORKFLOW), State.SAME)]


def test_an_update_finds_callers_under_any_name_and_proposes_nothing_for_single_actions() -> None:
    text = "jobs:\n  x:\n    steps:\n      - uses: mlops-ci/mlops-ci/actions/check@v1.0.0\n"
    decided = plan(with_workflow(text, OTHER), update=True)
    assert states(decided) == [(str(OTHER), State.UPDATED)]


def test_an_update_never_writes_the_configuration() -> None:
    what = seen(workflows=(Workflow(path=WORKFLOW, text=FRESH),), present={WORKFLOW: FRESH.encode()}, materials=TABLES)
    decided = plan(what, update=True, config=True)
    assert states(decided)[-1] == (str(CONFIG), State.SHOWN)
    assert decided.to_be_written == ()


def test_an_update_without_a_caller_is_refused() -> None:
    assert plan(seen(), update=True).refusals[0].code == "MC-INIT-005"


def test_bytes_that_are_no_text_survive_an_update() -> None:
    text = OLD.replace("name: mlops-ci", "name: mlops-ci # \udcff", 1)
    (written,) = plan(with_workflow_bytes(text), update=True).to_be_written
    assert b"# \xff" in written.after


def with_workflow_bytes(text: str) -> Seen:
    return seen(workflows=(Workflow(path=WORKFLOW, text=text),))


def test_the_workflow_for_main_is_proposed_only_when_asked_for() -> None:
    assert states(plan(seen())) == [(str(WORKFLOW), State.NEW)]
    assert states(plan(seen(), main=True)) == [(str(WORKFLOW), State.NEW), (str(MAIN), State.NEW)]


def test_one_that_was_changed_since_does_not_keep_the_one_for_main_from_being_written() -> None:
    changed = FRESH.replace("name: mlops-ci", "name: mine", 1)
    decided = plan(with_workflow(changed), main=True)
    assert states(decided) == [(str(WORKFLOW), State.SAME), (str(MAIN), State.NEW)]
    assert decided.to_be_written == decided.proposals[1:]


def test_a_file_of_that_name_that_calls_nothing_of_ours_refuses_all_of_it() -> None:
    decided = plan(with_workflow("name: mine\n"), main=True)
    assert states(decided) == [(str(WORKFLOW), State.DIFFERENT), (str(MAIN), State.NEW)]
    assert decided.to_be_written == ()


def test_the_one_for_main_is_never_overwritten_and_not_doubled() -> None:
    mine = main_text(seen(), version=VERSION).replace("name: mlops-ci main", "name: mine", 1)
    assert states(plan(with_workflow(mine, MAIN), main=True))[1] == (str(MAIN), State.DIFFERENT)
    assert states(plan(with_workflow(mine, OTHER), main=True))[1] == (str(OTHER), State.SAME)
    assert states(plan(with_workflow(main_text(seen(), version=VERSION), MAIN), main=True))[1] == (
        str(MAIN),
        State.SAME,
    )


def test_an_update_moves_the_one_for_main_and_shows_the_rest() -> None:
    old = main_text(seen(), version="1.0.0").replace("name: mlops-ci main", "name: mine", 1)
    decided = plan(with_workflow(old, MAIN), update=True)
    assert states(decided) == [(str(MAIN), State.UPDATED), (str(MAIN), State.SHOWN)]
    assert decided.to_be_written[0].after.decode() == old.replace("@v1.0.0", f"@v{VERSION}")


def test_an_update_only_shows_a_workflow_for_main_that_is_not_there() -> None:
    decided = plan(with_workflow(FRESH), update=True, main=True)
    assert states(decided) == [(str(WORKFLOW), State.SAME), (str(MAIN), State.SHOWN)]
    assert decided.to_be_written == ()
