"""Values in force, and where each comes from."""

from mlops_ci.config.load import read_config
from mlops_ci.config.origins import Setting, settings
from mlops_ci.core.findings import Place


def by_key(content: bytes | None) -> dict[str, Setting]:
    return {setting.key: setting for setting in settings(read_config(content))}


def test_without_a_file_every_value_is_a_default() -> None:
    found = by_key(None)
    assert {setting.origin for setting in found.values()} == {None}
    assert found["pipeline.run"].value == "auto"


def test_a_value_of_the_file_is_shown_as_it_is_written_with_its_line() -> None:
    found = by_key(b"pipeline:\n  time-limit: 40m\n  stages: {sub/dvc.yaml:train: {cpus: 2}}\n")
    assert found["pipeline.time-limit"].value == "40m"
    assert _line(found["pipeline.time-limit"].origin) == 2
    assert found["pipeline.stages.'sub/dvc.yaml:train'.cpus"].value == 2
    assert found["pipeline.stages.'sub/dvc.yaml:train'.heavy"].origin is None


def _line(place: Place | None) -> int | None:
    return place.line if place else None
