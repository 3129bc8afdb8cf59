"""The whole of a proposed mlops-ci.yaml."""

from mlops_ci.proposals.configuration.components import component_lines
from mlops_ci.proposals.configuration.datasets import dataset_lines
from mlops_ci.proposals.configuration.models import model_lines
from mlops_ci.proposals.values import Materials

_HEAD = """\
# What `mlops-ci check` is to know beyond dvc.yaml. Every key may be left out: `mlops-ci config show` shows its default.
# Proposed by `mlops-ci init --config` from what is here, and yours to change: `mlops-ci config check` finds mistakes.
version: 1 # of this file's grammar

"""


def configuration_text(materials: Materials) -> str | None:
    """The file, None where there is nothing to say: every key has its default."""
    lines = [*component_lines(materials), *dataset_lines(materials), *model_lines(materials)]
    if all(not line or line.lstrip().startswith("#") for line in lines):
        return None
    return _HEAD + "\n".join(lines).rstrip("\n") + "\n"
