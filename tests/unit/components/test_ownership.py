from pathlib import PurePosixPath

import pytest

from mlops_ci.components.find import Component
from mlops_ci.components.ownership import nobodys, owner
from mlops_ci.config.schema import StageSettings
from mlops_ci.core.digests import Digest
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.tools.dvc.values import Dependency, Stage


def component(name: str, path: str) -> Component:
    tree = Digest("sha256", "0" * 64)
    return Component(name=name, path=PurePosixPath(path), distribution=name, requires=(), files=(), tree=tree)


def stage(*deps: str, address: str = "train") -> Stage:
    found = tuple(Dependency(path=PurePosixPath(dep)) for dep in deps)
    return Stage(address=address, definition=PurePosixPath("dvc.yaml"), command=("run",), deps=found)


COMPONENTS = (component("all", "code"), component("train", "code/train"), component("other", "other"))


@pytest.mark.parametrize(
    ("deps", "expected"),
    [
        (("data.csv", "code/train/train/fit.py"), "train"), (("code/train",), "train"), (("code/x.py",), "all"),
        (("code/trainer/x.py", "other/y.py"), "other"), (("data.csv",), None), ((), None), (("codes/x.py",), None),
    ],
)  # fmt: skip
def test_a_stage_belongs_to_the_component_whose_code_it_reads(deps: tuple[str, ...], expected: str | None) -> None:
    found = owner(stage(*deps), {}, COMPONENTS)
    assert (found.name if found else None) == expected


@pytest.mark.parametrize("said", ["train@2013", "train"])
def test_what_the_configuration_says_counts_more(said: str) -> None:
    settings = {said: StageSettings(component="other")}
    found = owner(stage("code/train", address="train@2013"), settings, COMPONENTS)
    assert found is not None
    assert found.name == "other"


def test_a_stage_of_nobody_is_told_with_what_it_reads_and_what_to_do() -> None:
    finding = nobodys(stage("data.csv", address="sub/dvc.yaml:train@2013"))
    assert (finding.code, finding.exit, finding.found) == ("MC-PKG-010", ExitCode.USAGE, "data.csv")
    assert "`pipeline.stages.sub/dvc.yaml:train.component`" in finding.do
