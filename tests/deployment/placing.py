"""A process that places a package until somebody kills it: `python -m tests.deployment.placing FILE`.

The file is a pickle of what makes the target, and of the package. A line is said when it begins.
"""

import pickle
import sys
from pathlib import Path

from mlops_ci.deployment.releases import Release


def equip(release: Release) -> None:
    """What stands for the environments of a release."""
    (release.folder / "equipped").mkdir()


def main() -> None:
    """Place it."""
    make, package = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - of the test that started this
    target = make()
    print("ready", flush=True)
    target.place(package, equip)


if __name__ == "__main__":
    main()
