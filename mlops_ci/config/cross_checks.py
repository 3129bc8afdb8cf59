"""What is wrong although each value is right by itself. Only what needs no look beyond the file."""

from collections.abc import Iterator

from mlops_ci.config.json_schema import any_of
from mlops_ci.config.model_checks import of_model
from mlops_ci.config.models import Model
from mlops_ci.config.problems import Keys, Problem, listed
from mlops_ci.config.schema import Config
from mlops_ci.config.yaml_text import clipped
from mlops_ci.core.champions import BASE, kind_of
from mlops_ci.core.names import nearest


def contradictions(config: Config, *, components: frozenset[str]) -> Iterator[Problem]:
    """All of them. `components`: the names in the file, those with mistakes of their own too."""
    yield from _absent_components(config, components)
    for name, model in config.models.items():
        yield from of_model(("models", name), model)
        yield from _of_champions(("models", name, "gates"), model, frozenset(config.environments))
    yield from _of_environments(config)


def _absent_components(config: Config, components: frozenset[str]) -> Iterator[Problem]:
    for address, stage in config.pipeline.stages.items():
        if stage.component is None or stage.component in components:
            continue
        meant = nearest(stage.component, components)
        add = f"add `components: {{{stage.component}: {{path: FOLDER}}}}`"
        yield Problem(
            keys=("pipeline", "stages", address, "component"), code="MC-CONFIG-030", what="names no component",
            found=stage.component, expected=listed(components, "a name below components, where there is none"),
            do=f"did you mean `{meant}`?" if meant else add,
        )  # fmt: skip


def _of_champions(keys: Keys, model: Model, environments: frozenset[str]) -> Iterator[Problem]:
    for name, gate in model.gates.items():
        if gate.champion is None or kind_of(gate.champion, environments) is not None:
            continue
        meant = nearest(gate.champion, {BASE, *environments})
        known = any_of((BASE, *sorted(environments), "NAME@v1.2.3 of the registry", "the name of a run"))
        yield Problem(
            keys=(*keys, name, "champion"), code="MC-CONFIG-040", what="names no champion", found=repr(gate.champion),
            expected=clipped(known), do=f"did you mean `{meant}`?" if meant else _where_known(gate.champion),
            reads=(("environments",),),
        )  # fmt: skip


def _where_known(champion: str) -> str:
    if "@" in champion:
        return f"`mlops-ci model list {champion.partition('@')[0]}` shows the versions: write the whole number"
    return "declare it below `environments`; `mlops-ci run list` and `mlops-ci model list` show runs and versions"


def _of_environments(config: Config) -> Iterator[Problem]:
    gates = frozenset(f"{model}.{gate}" for model, one in config.models.items() for gate in one.gates)
    for name, environment in config.environments.items():
        keys: Keys = ("environments", name)
        before = environment.from_
        if before is not None and before not in config.environments:
            meant = nearest(before, config.environments)
            yield Problem(
                keys=(*keys, "from"), code="MC-CONFIG-037", what="names no environment", found=before,
                expected=listed(frozenset(config.environments) - {name}, "another environment, where there is none"),
                do=f"did you mean `{meant}`?" if meant else f"declare it: `environments: {{{before}: {{...}}}}`",
            )  # fmt: skip
        elif _comes_back(name, config):
            yield Problem(
                keys=(*keys, "from"), code="MC-CONFIG-038", what="leads back to itself", found=str(before),
                expected="an order in which packages go from one environment to the next", do="remove one `from`",
            )  # fmt: skip
        for number, gate in enumerate(environment.gates):
            if gate not in gates:
                meant = nearest(gate, gates)
                yield Problem(
                    keys=(*keys, "gates", number), code="MC-CONFIG-039", what="names no gate", found=repr(gate),
                    expected=listed(gates, "MODEL.GATE, where no model has a gate"),
                    do=f"did you mean `{meant}`?" if meant else "declare it below `models.NAME.gates`",
                )  # fmt: skip


def _comes_back(name: str, config: Config) -> bool:
    """Whether `from`, followed from an environment, comes to it again."""
    seen, at = {name}, config.environments[name].from_
    while at is not None and at in config.environments and at not in seen:
        seen.add(at)
        at = config.environments[at].from_
    return at == name
