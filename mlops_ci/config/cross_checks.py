"""What is wrong although each value is right by itself. Only what needs no look beyond the file."""

from collections.abc import Iterator

from mlops_ci.config.json_schema import any_of
from mlops_ci.config.models import Gate, Judge, Model
from mlops_ci.config.problems import Keys, Problem
from mlops_ci.config.schema import Config
from mlops_ci.config.yaml_text import clipped
from mlops_ci.core.champions import BASE, kind_of
from mlops_ci.core.names import nearest


def contradictions(config: Config, *, components: frozenset[str]) -> Iterator[Problem]:
    """All of them. `components`: the names in the file, those with mistakes of their own too."""
    yield from _absent_components(config, components)
    for name, model in config.models.items():
        yield from _of_model(("models", name), model)
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
            found=stage.component, expected=_listed(components, "a name below components, where there is none"),
            do=f"did you mean `{meant}`?" if meant else add,
        )  # fmt: skip


def _of_model(keys: Keys, model: Model) -> Iterator[Problem]:
    if model.gates and model.metrics is None and model.predictions is None:
        yield Problem(
            keys=(*keys, "gates"), code="MC-CONFIG-031", what="gates have nothing to judge",
            found="neither metrics nor predictions", expected="metrics, predictions or both",
            do="add `metrics: FILE` or `predictions: {path: FILE, id: COLUMN, truth: COLUMN, score: COLUMN}`",
            reads=((*keys, "metrics"), (*keys, "predictions")),
        )  # fmt: skip
    for name, gate in model.gates.items():
        gate_keys = (*keys, "gates", name)
        yield from _of_conditions(gate_keys, gate)
        yield from _of_comparison(gate_keys, gate)
        yield from _of_slices(gate_keys, gate, model, (*keys, "predictions"))


def _of_conditions(keys: Keys, gate: Gate) -> Iterator[Problem]:
    if gate.min is None and gate.max is None and gate.champion is None:
        yield Problem(
            keys=keys, code="MC-CONFIG-032", what="gate without a condition", found=f"only `metric: {gate.metric}`",
            expected="min, max, champion or several of them", do="add for instance `min: 0.7` or `champion: base`",
            reads=(keys,),
        )  # fmt: skip
    if gate.min is not None and gate.max is not None and not gate.min <= gate.max:
        yield Problem(
            keys=(*keys, "min"), code="MC-CONFIG-033", what="no value can pass this gate",
            found=f"min {gate.min:g} above max {gate.max:g}", expected="min at most max", do="swap or mend the two",
        )  # fmt: skip
    if gate.judge is Judge.INTERVAL:
        yield Problem(
            keys=(*keys, "judge"), code="MC-CONFIG-034", what="judging on the interval is not available yet",
            found="interval", expected="point", do="write `judge: point`, or leave it out",
        )  # fmt: skip


def _of_comparison(keys: Keys, gate: Gate) -> Iterator[Problem]:
    if gate.champion is not None:
        return
    for key, value in (("margin", gate.margin), ("better", gate.better)):
        if value is not None:
            yield Problem(
                keys=(*keys, key), code="MC-CONFIG-035", what="means nothing without champion",
                found=f"{key}: {value}", expected="champion beside it", do=f"add `champion: base`, or remove {key}",
                reads=((*keys, "champion"),),
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


def _of_slices(keys: Keys, gate: Gate, model: Model, predictions: Keys) -> Iterator[Problem]:
    declared = frozenset(model.predictions.slice_columns if model.predictions else ())
    if gate.slices is True and not declared:
        yield Problem(
            keys=(*keys, "slices"), code="MC-CONFIG-036", what="no slices are declared", found="slices: true",
            expected="columns in predictions.slices", do="add `slices: [COLUMN]` to the model's predictions",
            reads=(predictions,),
        )  # fmt: skip
    asked = () if isinstance(gate.slices, bool) else gate.slices
    for number, one in enumerate(asked):
        for name in {one} if isinstance(one, str) else set(one):
            if name in declared:
                continue
            meant = nearest(name, declared)
            yield Problem(
                keys=(*keys, "slices", number), code="MC-CONFIG-036", what="names a slice that is not declared",
                found=repr(name), expected=_listed(declared, "a column of predictions.slices, where there is none"),
                do=f"did you mean `{meant}`?" if meant else "add it to the model's predictions.slices",
                reads=(predictions,),
            )  # fmt: skip


def _of_environments(config: Config) -> Iterator[Problem]:
    gates = frozenset(f"{model}.{gate}" for model, one in config.models.items() for gate in one.gates)
    for name, environment in config.environments.items():
        keys: Keys = ("environments", name)
        before = environment.from_
        if before is not None and before not in config.environments:
            meant = nearest(before, config.environments)
            yield Problem(
                keys=(*keys, "from"), code="MC-CONFIG-037", what="names no environment", found=before,
                expected=_listed(frozenset(config.environments) - {name}, "another environment, where there is none"),
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
                    expected=_listed(gates, "MODEL.GATE, where no model has a gate"),
                    do=f"did you mean `{meant}`?" if meant else "declare it below `models.NAME.gates`",
                )  # fmt: skip


def _comes_back(name: str, config: Config) -> bool:
    """Whether `from`, followed from an environment, comes to it again."""
    seen, at = {name}, config.environments[name].from_
    while at is not None and at in config.environments and at not in seen:
        seen.add(at)
        at = config.environments[at].from_
    return at == name


def _listed(names: frozenset[str], none: str) -> str:
    return clipped(any_of(tuple(sorted(names)))) if names else none
