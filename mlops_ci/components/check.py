"""All components: built, put into the runtime, and tested where they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mlops_ci import __version__
from mlops_ci.components.build import build_wheel
from mlops_ci.components.find import Changed, Component
from mlops_ci.components.test import SuiteRun, run_tests
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Scalar, note
from mlops_ci.metadata.verdicts import Stored, verdict_key
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site
from mlops_ci.runtime.wheels import Wheel, add_wheels


class Verdicts(Protocol):
    """Where verdicts are kept: metadata.verdicts.VerdictStore."""

    def get(self, key: Digest) -> Stored | None:
        """The verdict of a key, None if there is none."""

    def put(self, key: Digest, findings: Sequence[Finding], facts: Mapping[str, Scalar]) -> None:
        """Keep a verdict."""


class ImageTests(Protocol):
    """Images that components run in."""

    def tests(self, component: Component, site: Site) -> tuple[Finding, ...]:
        """What a component's own tests say in its image; nothing where they pass. Raises ServiceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedComponent:
    """A component whose tests were judged. why: why they were. facts: passed, failed, skipped, seconds."""

    name: str
    why: str
    passed: bool
    from_cache: bool = False
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What became of building all components and putting them into the runtime. wheels: by component."""

    wheels: Mapping[str, Wheel]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentsOutcome:
    """What the step found: components tested, in order, and the wheel of each component that could be built."""

    findings: tuple[Finding, ...]
    tested: tuple[JudgedComponent, ...]
    wheels: Mapping[str, Wheel]

    @property
    def from_cache(self) -> tuple[str, ...]:
        """Names of the components whose verdict was taken from the cache."""
        return tuple(one.name for one in self.tested if one.from_cache)


def install_components(components: Sequence[Component], *, runtime: Runtime, site: Site) -> Installed:
    """Build every component that is not built yet, and let the runtime hold them. Raises ServiceError."""
    built = {component.name: build_wheel(component, site) for component in components}
    wheels = {name: wheel for name, wheel in built.items() if isinstance(wheel, Wheel)}
    unbuilt = tuple(finding for finding in built.values() if isinstance(finding, Finding))
    missing = add_wheels(runtime, tuple(wheels.values()), site)
    return Installed(wheels=wheels, findings=(*unbuilt, *missing))


def check_components(
    components: Sequence[Component], *, changed: Sequence[Changed], runtime: Runtime, site: Site, store: Verdicts,
    junit: Path,
) -> ComponentsOutcome:  # fmt: skip
    """Build all components, test the changed ones. `junit`: the folder for JUnit files, one a component.

    A component that needs one which could not be built is not tested, and a note says so. Raises ServiceError.
    """
    installed = install_components(components, runtime=runtime, site=site)
    by_name = {component.name: component for component in components}
    findings = list(installed.findings)
    tested = []
    for one in changed:
        lacking = sorted(needed_by(one.component, by_name) - installed.wheels.keys())
        if lacking:
            findings.append(_untested(one.component, lacking))
            continue
        result, said = _judged(one, by_name, runtime, site, store, junit)
        tested.append(result)
        findings += said
    return ComponentsOutcome(findings=tuple(findings), tested=tuple(tested), wheels=installed.wheels)


def needed_by(component: Component, by_name: Mapping[str, Component]) -> set[str]:
    """Names of all components that a component depends on, directly or not."""
    needed: set[str] = set()
    waiting = list(component.requires)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += by_name[name].requires
    return needed


def _judged(
    one: Changed, by_name: Mapping[str, Component], runtime: Runtime, site: Site, store: Verdicts, junit: Path
) -> tuple[JudgedComponent, tuple[Finding, ...]]:
    """Only a pass is kept: a test that failed by chance is to be run again, not to be remembered."""
    component = one.component
    key = _key(component, by_name, runtime)
    stored = store.get(key)
    if stored is not None:
        kept = JudgedComponent(name=component.name, why=one.why, passed=True, from_cache=True, facts=stored.facts)
        return kept, stored.findings
    site.say(f"testing {component.name}: {one.why}")
    tested = run_tests(component, runtime=runtime, site=site, junit=junit / f"{component.name}.xml")
    if not tested.findings:
        store.put(key, (), tested.facts)
    return _result(one, tested), tested.findings


def _result(one: Changed, tested: SuiteRun) -> JudgedComponent:
    return JudgedComponent(name=one.component.name, why=one.why, passed=not tested.findings, facts=tested.facts)


def _key(component: Component, by_name: Mapping[str, Component], runtime: Runtime) -> Digest:
    needed = {f"needs {name}": str(by_name[name].tree) for name in needed_by(component, by_name)}
    judged = {"tree": str(component.tree), "runtime": str(runtime.digest), **needed}
    return verdict_key("component tests", judged, tool=__version__)


def _untested(component: Component, lacking: Sequence[str]) -> Finding:
    return note(
        "MC-COMP-011", component.name, "it is not tested, since what it depends on could not be built",
        do=f"mend {', '.join(lacking)} first",
    )  # fmt: skip
