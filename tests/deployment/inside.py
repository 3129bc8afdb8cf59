"""`mlops-ci` called in a shop without a process of its own for each call: what is imported is imported once."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.cli.main import run
from mlops_ci.core.verdicts import ExitCode
from tests.deployment.shop import Shop, shop_in
from tests.integration.dvc_scratch import apart


@dataclass(frozen=True, slots=True)
class Called:
    """How a call ended."""

    exit: int
    out: str
    said: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A shop that is put back as it was made, at the same place, since environments can't be moved."""

    folder: Path

    @property
    def shop(self) -> Shop:
        """The shop."""
        return Shop(folder=self.folder / "live", root=self.folder / "live" / "here")

    def keep(self) -> None:
        """From now on it is put back as it is now."""
        subprocess.run(("cp", "-a", self.folder / "live", self.folder / "kept"), check=True)

    def put_back(self) -> Shop:
        """Have it as it was kept."""
        shutil.rmtree(self.folder / "live", ignore_errors=True)
        subprocess.run(("cp", "-a", self.folder / "kept", self.folder / "live"), check=True)
        return self.shop


def made(folder: Path, *, target: str = "local", files: Mapping[str, str] | None = None) -> Kept:
    """A shop in `folder`, which is to be kept when all is in it that tests begin with."""
    (folder / "live" / "tmp").mkdir(parents=True)
    shop_in(folder / "live", target=target, files=files)
    return Kept(folder)


def call(shop: Shop, *arguments: str, **variables: str) -> Called:
    """`mlops-ci` in the shop. Its temporary files are below the shop's `tmp`."""
    out, said = StringIO(), StringIO()
    with surroundings(shop, **variables), redirect_stdout(out), redirect_stderr(said):
        code = run([*arguments, "-C", str(shop.root)])
    assert code != ExitCode.BUG, said.getvalue()
    return Called(exit=code, out=out.getvalue(), said=said.getvalue())


def told(shop: Shop, *arguments: str, **variables: str) -> dict[str, Any]:
    """What it says with --json, when it ends well."""
    done = call(shop, *arguments, "--json", **variables)
    assert done.exit == 0, done.said
    found: dict[str, Any] = json.loads(done.out)
    return found


@contextmanager
def surroundings(shop: Shop, **variables: str) -> Iterator[None]:
    """The variables that a command sees."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GITHUB_", "MLOPS_CI_"))]:
            patch.delenv(name)
        patch.setattr(tempfile, "tempdir", None)
        for name, value in {**apart(shop.root), "TMPDIR": str(shop.folder / "tmp"), **variables}.items():
            patch.setenv(name, value)
        yield
