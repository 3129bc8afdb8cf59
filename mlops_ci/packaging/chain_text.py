"""The chain of a package, for people."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.packaging.chain import Chain
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.tables import table


def chain_text(chain: Chain) -> Iterator[RenderableType]:
    """The package, then a line a link, as far as it was walked."""
    yield Text(one_line(f"package {chain.named.digest} of commit {chain.named.source}"))
    yield Text("")
    yield table(("link", "", "what was seen"), ((str(one.name), str(one.state), one.words) for one in chain.links))
