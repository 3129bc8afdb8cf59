"""A shop of two components whose stages run in images of an engine; each test has an environment of its own in it."""

import io
import json
import os
import subprocess
import tarfile
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops_ci.deployment.releases import Package, digest_of
from mlops_ci.deployment.targets.docker import DockerLog, DockerTarget, docker_target
from mlops_ci.report.progress import Silent
from mlops_ci.stories.package_records import open_records
from mlops_ci.stories.package_verify import verified
from mlops_ci.stories.world import real_world
from mlops_ci.tools.docker.builds import docker_program
from mlops_ci.tools.docker.login import host_of, login_of
from tests.deployment import inside
from tests.deployment.shop import FILES, Shop, shop_in
from tests.docker.engine import Ground
from tests.factories import git, lay
from tests.packaging.team import BACKEND, component

CONFIG = """
package: {{registry: {registry}, base-image: '{base}'}}
components: {{steps: {{path: code/steps}}, report: {{path: code/report}}}}
pipeline:
  inputs: inputs.yaml
  sample: sample.yaml
  stages: {{report: {{cpus: 1, memory: 256MiB, network: bridge}}}}
models:
  sales:
    artifact: model.json
    metrics: metrics.json
    predictions: {{path: predictions.csv, id: day, truth: sold, prediction: predicted}}
    gates: {{enough: {{metric: accuracy, min: 0.9, judge: point}}}}
environments:
"""
REPORT = "VALUE = 1\n"
REPORTING = """
import json, os


def limit(*names):
    for name in names:
        if os.path.exists(f"/sys/fs/cgroup/{name}"):
            return [int(one) for one in open(f"/sys/fs/cgroup/{name}").read().split() if one.isdigit()]


mean = json.load(open("model.json"))["mean"]
(memory,) = limit("memory.max", "memory/memory.limit_in_bytes")
cpus = limit("cpu.max", "cpu/cpu.cfs_quota_us")[0] / 100_000
networks = len(os.listdir("/sys/class/net"))
seen = {"mean": mean, "user": os.getuid(), "memory": memory, "cpus": cpus, "networks": networks}
json.dump(seen, open("report.json", "w"))
"""
_ONE = '("report/__init__.py", open("report/__init__.py").read())'
_BOTH = f'{_ONE}, ("report/__main__.py", open("report/__main__.py").read())'
TWO: Mapping[str, str] = {
    "dvc.yaml": f"{FILES['dvc.yaml']!s}  report:\n    cmd: python -m report\n"
    "    deps: [code/report/report, model.json]\n    outs: [report.json]\n",
    "requirements.txt": "",
    ".gitignore": f"{FILES['.gitignore']!s}/report.json\n",
    **{name: str(content) for name, content in component("report").items()},
    "code/report/backend.py": BACKEND.format(name="report").replace(_ONE, _BOTH),
    "code/report/report/__init__.py": REPORT,
    "code/report/report/__main__.py": REPORTING,
    "code/report/tests/test_report.py": "import report\n\n\ndef test_it():\n    assert report.VALUE == 1\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineShop:
    """The shop. registry: the part of the registry that is its own. packages: digests by the name of their version."""

    shop: Shop
    ground: Ground
    registry: str
    packages: dict[str, str]

    def said(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """`mlops-ci` without a process of its own: exit code, output, what was said."""
        (self.shop.folder / "tmp").mkdir(exist_ok=True)
        done = inside.call(self.shop, *arguments, **{**self.shop.variables, **variables})
        return done.exit, done.out, done.said

    def told(self, *arguments: str, **variables: str) -> dict[str, Any]:
        """What it says with --json, where it ends well."""
        code, out, said = self.said(*arguments, "--json", **variables)
        assert code == 0, out + said
        found: dict[str, Any] = json.loads(out)
        return found

    def build(self, name: str, files: Mapping[str, str]) -> str:
        """Commit and build; returns the package's digest."""
        self.shop.commit(name, files)
        self.packages[name] = self.told("package", "build")["package"]
        return self.packages[name]

    def target(self, environment: str, engine: str | None = None) -> DockerTarget:
        """The environment's target, as a command of this clone sees it."""
        scratch = self.shop.root / ".mlops-ci" / "environments" / environment
        return docker_target(environment, self.registry, engine or self.ground.engine, scratch, dict(os.environ))

    def ran(self, environment: str) -> list[str]:
        """The packages of the engine's ledger, in order."""
        log = self.target(environment).log
        assert isinstance(log, DockerLog)
        records = (json.loads(text) for text in log.read().values())
        return [str(one["entry"]["package"]) for one in records if one["kind"] == "entry"]

    def seen(self) -> "Seen":
        """All that is there now of this shop's containers, images and work trees."""
        folders = (self.shop.root / ".mlops-ci" / "environments").glob("*/releases/*")
        return Seen(
            containers=frozenset(self.of_this("ps", "--all", "--format", "{{.Image}} {{.Names}} {{.State}}")),
            images=frozenset(self.of_this("images", "--all", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}")),
            folders=frozenset(str(one.relative_to(self.shop.root)) for one in folders),
        )

    def of_this(self, *listed: str) -> list[str]:
        """The lines of a list of docker's that begin with this shop's part of the registry."""
        return [line for line in self.ground.docker(*listed).splitlines() if line.startswith(f"{self.registry}/")]

    def inspected(self, kind: str, names: Iterable[str]) -> list[dict[str, Any]]:
        """What plain docker says of containers, images or volumes."""
        wanted = list(names)
        found: list[dict[str, Any]] = json.loads(self.ground.docker(kind, "inspect", *wanted)) if wanted else []
        return found

    def clone(self, folder: Path) -> "EngineShop":
        """Another machine: a fresh clone, nothing else."""
        git(folder, "clone", "--quiet", (self.shop.folder / "origin.git").as_uri(), "elsewhere")
        return replace(self, shop=replace(self.shop, folder=folder, root=folder / "elsewhere"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Names of what is there."""

    containers: frozenset[str]
    images: frozenset[str]
    folders: frozenset[str]


def engine_shop(
    folder: Path, ground: Ground, environments: Iterable[str], *, build: bool = True, host: str = "",
    variables: Mapping[str, str] | None = None,
) -> EngineShop:  # fmt: skip
    """The shop, with the package `v1` built. environments: names; all keep two packages. host: another registry's."""
    registry = f"{host or ground.registry}/shop-{uuid.uuid4().hex[:10]}/sales"
    config = CONFIG.format(registry=registry, base=ground.base)
    config += "".join(f"  {name}: {{target: docker, keep: 2}}\n" for name in environments)
    shop = replace(
        shop_in(folder, target="docker", files={**TWO, "mlops-ci.yaml": config}),
        variables={"DOCKER_HOST": ground.engine, **(variables or {})},
    )
    made = EngineShop(shop=shop, ground=ground, registry=registry, packages={})
    if build:
        made.packages["v1"] = made.told("package", "build")["package"]
    return made


def steps(number: int) -> dict[str, str]:
    """The component `steps`, of another version."""
    name = "code/steps/steps/__main__.py"
    return {name: str(FILES[name]).replace("VERSION = 1", f"VERSION = {number}")}


def give_image(made: EngineShop, component_name: str, image: str) -> str:
    """Push an image under the name that a component's is to have, as if it had been built and tested; returns it."""
    name = str(made.told("component", "build", "--dry-run")["images"][component_name]["name"])
    made.ground.docker("tag", image, name)
    with login_of(made.shop.variables, host_of(name)).settings() as settings:
        subprocess.run(
            ["docker", "--host", made.ground.engine, "push", "--quiet", name], check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, **settings},
        )  # fmt: skip
    made.ground.docker("rmi", name)
    return name


def package_of(made: EngineShop, name: str, source: str | None = None) -> Package:
    """A built package, its chain walked, ready to be placed. source: the commit, where it was built from several."""
    world = replace(real_world(made.shop.root, Silent()), environ={**os.environ, **made.shop.variables})
    records = open_records(world)
    found = records.of_digest(digest_of(made.packages[name]))
    named = next(one for one in found if source in (None, one.source))
    origin = (made.shop.folder / "origin.git").as_uri()
    return Package(named=named, unpacked=verified(named, world).unpacked, clone=made.shop.root, origin=origin)


def imported(ground: Ground, *options: str) -> str:
    """The id of an image that nobody else has: one file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(uuid.uuid4().hex))
    command = ["docker", "--host", ground.engine, "import", *options, "-"]
    return subprocess.run(command, input=content.getvalue(), check=True, capture_output=True).stdout.decode().strip()


def foreign(ground: Ground, folder: Path) -> str:
    """The name of an image for a processor that no machine of tests has."""
    name = f"foreign-{uuid.uuid4().hex[:8]}:1"
    lay(folder, {"Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"})
    program, _ = docker_program(os.environ["PATH"])
    subprocess.run(
        [program, "--host", ground.engine, "build", "--quiet", "--platform", "linux/s390x", "--tag", name, folder],
        check=True, env={**os.environ, "DOCKER_BUILDKIT": "1"}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return name
