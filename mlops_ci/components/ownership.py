"""Which component a stage belongs to: the one that the configuration names, else the one whose code it reads."""

from collections.abc import Iterable, Mapping

from mlops_ci.components.find import Component
from mlops_ci.config.schema import StageSettings
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.tools.dvc.values import Stage


def owner(stage: Stage, settings: Mapping[str, StageSettings], components: Iterable[Component]) -> Component | None:
    """The component of a stage: with the longest path that holds one of its dependencies. None: no one's."""
    said = settings.get(stage.address) or settings.get(stage.family)
    if said is not None and said.component is not None:
        return next((one for one in components if one.name == said.component), None)
    read = [dep.path for dep in stage.deps if dep.path is not None]
    holding = [one for one in components if any(path.is_relative_to(one.path) for path in read)]
    return max(holding, key=lambda one: (len(one.path.parts), one.name), default=None)


def nobodys(stage: Stage) -> Finding:
    """What is said of a stage that belongs to no component."""
    return Finding(
        code="MC-PKG-010", subject=stage.address, what="this stage belongs to no component, so nobody knows its code",
        exit=ExitCode.USAGE, place=Place(path=stage.definition, line=stage.line),
        found=", ".join(shown(dep.path) for dep in stage.deps if dep.path is not None) or "no dependency",
        expected="a dependency below `components.X.path`",
        do=f"add the component's code to its `deps`, or name it: `pipeline.stages.{stage.family}.component`",
    )  # fmt: skip
