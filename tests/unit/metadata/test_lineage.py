"""Up and down the stream from an artifact, by the record of one run."""

from pathlib import PurePosixPath
from typing import Any

from mlops_ci.metadata.lineage import artifact_at, lineage_of
from mlops_ci.metadata.run_record import Artifact, RunRecord
from tests.unit.metadata.test_run_record import record


def stage(name: str, deps: dict[str, str | None], outs: list[str]) -> dict[str, Any]:
    return {
        "name": name, "state": "ran", "command": "sha256:0",
        "deps": [{"path": path, "digest": f"md5:{path}", "stage": maker} for path, maker in deps.items()],
        "outs": [{"path": path, "digest": f"md5:{path}", "stage": name} for path in outs],
    }  # fmt: skip


def run(*stages: dict[str, Any]) -> RunRecord:
    artifacts = {one["path"]: one for each in stages for one in (*each["deps"], *each["outs"])}
    return record(stages=list(stages), artifacts=list(artifacts.values()))


DIAMOND = run(
    stage("left", {"raw": None}, ["l"]), stage("right", {"raw": None}, ["r"]),
    stage("join", {"l": "left", "r": "right"}, ["parts"]), stage("train", {"parts/a": "join"}, ["model"]),
    stage("other", {"elsewhere": None}, ["unrelated"]),
)  # fmt: skip


def at(path: str) -> Artifact:
    found = artifact_at(DIAMOND, PurePosixPath(path))
    assert found is not None
    return found


def test_all_that_led_to_it_and_nothing_else() -> None:
    found = lineage_of(DIAMOND, at("model"))
    assert [one.name for one in found.before] == ["train", "join", "left", "right"]
    assert found.after == ()


def test_all_that_came_of_it_and_nothing_else() -> None:
    found = lineage_of(DIAMOND, at("raw"))
    assert (found.before, [one.name for one in found.after]) == ((), ["left", "right", "join", "train"])


def test_a_stage_that_reads_a_part_of_a_folder_reads_what_made_the_folder() -> None:
    found = lineage_of(DIAMOND, at("parts"))
    assert [one.name for one in found.readers(at("parts"))] == ["train"]
    assert [one.name for one in found.makers(at("parts/a"))] == ["join"]


def test_a_file_in_a_folder_that_is_known_only_whole_is_that_folder() -> None:
    assert at("parts/deep/file").path == "parts"


def test_stages_in_a_circle_end() -> None:
    circle = run(stage("a", {"y": "b"}, ["x"]), stage("b", {"x": "a"}, ["y"]))
    found = lineage_of(circle, circle.artifacts[0])
    assert {one.name for one in found.before} == {"a", "b"}
