"""`model register`: bytes of a recorded run get a version. What can fail comes before what can't be undone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from mlops_ci.config.load import CONFIG_FILE, read_config
from mlops_ci.config.models import GateMode, Model
from mlops_ci.config.schema import Config
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.names import nearest
from mlops_ci.core.verdicts import Verdict
from mlops_ci.core.versions import Bump
from mlops_ci.errors import InconclusiveError, IntegrityError, UsageError
from mlops_ci.gates.evidence import evidence_of
from mlops_ci.metadata.run_record import Artifact, GateRun, RunRecord, Signature
from mlops_ci.metadata.runs import Named, Run, RunStore
from mlops_ci.models.model_record import Judged, ModelRecord
from mlops_ci.models.registry import Registered, Registry, check_name
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.links import broken_files, broken_lock
from mlops_ci.stories.record import Recorded, last_draft, record_last, send
from mlops_ci.stories.registry import open_registry
from mlops_ci.stories.run_data import send_data
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.same_bytes import need_same_bytes, need_same_files
from mlops_ci.stories.world import World
from mlops_ci.tools.git_remote import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be registered. run: by name; None: what was run last in this work tree.

    reason: why it is registered although evidence is lacking; None: it is not.
    """

    name: str
    run: str | None = None
    bump: Bump | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a registration would do. lacking: what of the evidence is not there, or not passing.

    recorded: the run, where it is that of this work tree.
    """

    draft: ModelRecord
    run: Run
    lacking: tuple[str, ...]
    recorded: Recorded | None = None


def plan_registration(wanted: Wanted, world: World) -> Planned:
    """All that can be known before anything is written but, for the last run, its record in this clone.

    Raises UsageError for a model or a run that is none, IntegrityError where evidence was forged, or, for the last run,
    where dvc.lock or the model here has other bytes than that run recorded. A run that is named is taken as it was
    recorded, whatever lies here.
    """
    check_name(wanted.name)
    store = run_store(world.root)
    recorded = _recorded(world) if wanted.run is None else None
    run = store.one(wanted.run or "") if recorded is None else Run(named=recorded.run, record=recorded.record)
    store.bring([run.named])
    model = _model(wanted.name, _config_of(run, store), run)
    artifact = _artifact(wanted.name, model, run.record)
    if wanted.run is None:
        need_same_bytes(artifact, world)
    _refuse_broken_links(run, artifact, store)
    judged = tuple(one for one in run.record.gates if one.model == wanted.name)
    _refuse_forgeries(wanted.name, judged, model, run.record)
    draft = ModelRecord(
        name=wanted.name,
        version="",
        path=artifact.path,
        digest=artifact.digest,
        size=artifact.size,
        run=run.id,
        source=run.record.source.commit,
        pipeline=run.record.pipeline,
        registered=datetime.now(UTC).replace(microsecond=0),
        actor=run.record.trigger.actor,
        signature=run.record.signatures.get(wanted.name, Signature()),
        gates=tuple(Judged(gate=one.gate, verdict=one.verdict, evidence=one.evidence) for one in judged),
        metrics=tuple(one for one in run.record.metrics if one.model == wanted.name),
        forced=wanted.reason,
    )
    return Planned(draft=draft, run=run, lacking=tuple(_lacking(model, judged, artifact)), recorded=recorded)


def register(wanted: Wanted, world: World) -> Registered:
    """Register. Bytes are in the remote, and proven there, before the tag is.

    Raises InconclusiveError where evidence is lacking and no reason is given, UsageError, IntegrityError, ServiceError.
    """
    check_name(wanted.name)
    registry = open_registry(world.root)
    with world.spare, DvcFolders(world) as folders:
        world.spare.begin(world.root)  # DVC takes half a second to start, and is wanted unless something is refused
        planned = plan_registration(wanted, world)
        if planned.lacking and wanted.reason is None:
            raise _without_evidence(wanted.name, planned)
        run = _pushed(planned, registry, world, folders)
        draft = planned.draft
        size = folders.of(PurePosixPath(draft.path)).secure(PurePosixPath(draft.path), _digest(draft.digest))
    forced = wanted.reason if planned.lacking else None
    return registry.register(draft.model_copy(update={"size": size, "forced": forced}), run.commit, wanted.bump)


def _recorded(world: World) -> Recorded:
    need_same_files(last_draft(world), world)
    return record_last(world, push=False)


def _pushed(planned: Planned, registry: Registry, world: World, folders: DvcFolders) -> Named:
    """The run on the remote, with all its bytes."""
    if planned.run.named.pushed:
        return planned.run.named
    store = RunStore(objects=registry.objects, remote=registry.remote, index=registry.index)
    if planned.recorded is None:
        send_data(planned.run, folders)
        return store.push(planned.run.named)
    done = send(planned.recorded, world, store, folders)
    if not done.run.pushed:
        raise _not_let_in(planned.draft.name, done)
    return done.run


def _not_let_in(name: str, done: Recorded) -> RefusedError:
    why = done.findings[0]
    return RefusedError.at(
        "MC-REG-015", name, f"nothing was registered: {why.what}", found=why.found,
        expected="a token that may push: in a workflow `permissions: contents: write`", do=why.do,
    )  # fmt: skip


def _config_of(run: Run, store: RunStore) -> Config:
    """mlops-ci.yaml as it was run."""
    name = f"{run.commit}:{CONFIG_FILE}"
    return read_config(store.objects.read([name]).get(name)).config


def _model(name: str, config: Config, run: Run) -> Model:
    model = config.models.get(name)
    if model is None or model.artifact is None:
        meant = nearest(name, [one for one in config.models if one != name])
        do = "declare the model with its `artifact`, and run again"
        raise UsageError.at(
            "MC-REG-010", name, "mlops-ci.yaml of that run names no artifact of this model",
            place=Place(path=CONFIG_FILE), found=", ".join(config.models) or "no models",
            expected="models.NAME.artifact", do=f"did you mean {meant}?" if meant else do,
        )  # fmt: skip
    return model


def _artifact(name: str, model: Model, record: RunRecord) -> Artifact:
    artifact = record.artifact(PurePosixPath(str(model.artifact)))
    if artifact is None or artifact.stage is None:
        raise UsageError.at(
            "MC-REG-011", name, "that run has no such output", found=str(model.artifact),
            expected="an output of a stage, or of a .dvc file, with its digest",
            do="declare it as `outs` of the stage that writes it, and run again",
        )  # fmt: skip
    return artifact


def _refuse_forgeries(name: str, judged: tuple[GateRun, ...], model: Model, record: RunRecord) -> None:
    """Evidence is what gate, digests, verdict and tool say it is; a record that says otherwise was made by hand."""
    for one in judged:
        gate = model.gates.get(one.gate)
        if gate is None or one.evidence is None:
            continue
        try:
            expected = str(evidence_of(model, gate, one.judged, Verdict(one.verdict), tool=record.tool.version))
        except ValueError:
            expected = "a verdict"
        if one.evidence != expected:
            raise IntegrityError.at(
                "MC-REG-012", f"{name}.{one.gate}", "the evidence of the run is not what its record adds up to",
                found=one.evidence, expected=expected,
                do="do not believe that record; run the check again and register its run",
            )  # fmt: skip


def _refuse_broken_links(run: Run, artifact: Artifact, store: RunStore) -> None:
    """A run's commit holds the files that its record names, and dvc.lock the digest of the model."""
    found = (
        *broken_files(store.objects, run.commit, run.record, subject=run.id),
        *broken_lock(store.objects, run.commit, artifact.path, artifact.digest, subject=run.id),
    )
    if found:
        raise IntegrityError(found)


def _lacking(model: Model, judged: tuple[GateRun, ...], artifact: Artifact) -> Iterator[str]:
    """What keeps the verdicts from being evidence for exactly these bytes."""
    by_gate = {one.gate: one for one in judged}
    blocking = [name for name, gate in model.gates.items() if gate.mode is not GateMode.WARN]
    found = {name: _lacks(name, by_gate.get(name), artifact) for name in blocking}
    yield from (why for why in found.values() if why)
    for one in judged:  # budgets and leaks: verdicts that mlops-ci.yaml does not call gates
        if one.gate not in model.gates and one.blocks and one.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE):
            yield f"{one.gate}: {one.verdict}"
    if not any(why is None for why in found.values()):
        yield "no gate that blocks has passed"


def _lacks(name: str, one: GateRun | None, artifact: Artifact) -> str | None:
    """What a gate lacks; nothing where it does not apply, None where it passed on these bytes."""
    if one is None:
        return f"gate {name} was not judged"
    if one.verdict == Verdict.NOT_APPLICABLE:
        return ""
    if one.verdict != Verdict.PASS:
        return f"gate {name}: {one.verdict}"
    if one.judged.get("artifact") != artifact.digest:
        return f"gate {name} judged other bytes: {one.judged.get('artifact', 'none known')}"
    return None


def _digest(text: str) -> Digest:
    algorithm, _, value = text.partition(":")
    return Digest(algorithm, value)


def _without_evidence(name: str, planned: Planned) -> InconclusiveError:
    finding = Finding(
        code="MC-REG-013", subject=name, what="the evidence for these bytes is not there, so nothing was registered",
        exit=InconclusiveError.exit, found="; ".join(planned.lacking),
        expected=f"every blocking gate passed on {planned.draft.digest}",
        do="run `mlops-ci check` until its gates pass; or `--force --reason WHY`, which stays in the record",
    )  # fmt: skip
    return InconclusiveError([finding])
