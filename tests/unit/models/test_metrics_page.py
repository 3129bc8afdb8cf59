"""The documentation of metrics is the table itself."""

from pathlib import Path

from mlops_ci.models.metrics_page import WRITE, page

_PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_is_what_the_table_says() -> None:
    assert _PAGE.read_text(encoding="utf-8") == page(), f"write it anew: {WRITE}"
