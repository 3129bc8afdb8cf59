"""Variables that MLOPS_CI_SECRETS names, where the command is called without the action."""

from pathlib import Path

from tests.factories import repository
from tests.integration.flights import check
from tests.integration.strangers import DVC

FILES = {
    **DVC,
    "dvc.yaml": 'stages:\n  login:\n    cmd: echo "no <b> for $TOKEN and $OTHER"; exit 3\n    outs: [never.txt]\n',
    ".gitignore": "/never.txt\n",
}


def test_what_a_failing_stage_printed_of_them_is_in_no_report_and_not_on_the_terminal(tmp_path: Path) -> None:
    repo = repository(tmp_path / "r", FILES)
    token = "can4ry_<&\"'*[x]|`1`"  # noqa: S105 - none
    variables = {"TOKEN": token, "OTHER": "said aloud", "MLOPS_CI_SECRETS": "TOKEN ABSENT"}
    ran = check(repo, variables=variables)
    assert ran.exit == 1, ran.output
    reports = [path.read_text() for path in (repo / ".mlops-ci/report").iterdir()]
    assert [text for text in (ran.output, *reports) if "can4ry" in text] == []
    assert "no <b> for *** and said aloud" in ran.finding("MC-PIPE-101")["found"]
    assert token in (repo / ".mlops-ci/logs/stages/login.log").read_text()  # stays on this machine
