"""Step 1: is the repository sound? What would fail later is said here, before anything runs."""

from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.steps import Step, StepName, judged
from mlops_ci.gates.rules import problems_of_models
from mlops_ci.pipelines.preflight.checks import preflight
from mlops_ci.stories.ground import Ground, read_ground
from mlops_ci.stories.request import Request
from mlops_ci.stories.world import World
from mlops_ci.tools.git_snapshot import Snapshot


def look_before(request: Request, world: World, tree: Snapshot) -> tuple[Step, Ground]:
    """Read the ground and say what is wrong with it.

    Raises UsageError for a configuration that can't be read, and for a base that does not exist.
    """
    ground = read_ground(request, world, tree)
    seen = preflight(tree, ground.config, machine=world.machine, mode=ground.mode)
    gates = problems_of_models(ground.config.models, ground.place_of)
    findings = (*gates, *seen.findings, *(() if world.package else _without_base(ground)))
    sound = sum(definition.sound for definition in seen.definitions)
    why = f"{sound} of {len(seen.definitions)} pipeline files can be used" if seen.definitions else "no dvc.yaml"
    return judged(StepName.PREFLIGHT, why, findings), ground.looked_at(seen, gates)


def _without_base(ground: Ground) -> list[Finding]:
    if ground.base.commit is not None:
        return []
    what = "there is no base to compare with, so all components are tested and nothing is compared"
    return [warning("MC-BASE-002", "base", what, found=ground.base.why, do=ground.base.do)]
