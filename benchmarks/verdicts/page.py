"""docs/verdicts.md: text by people, tables between markers by commands."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/verdicts.md"


def write(command: str, text: str, page: Path = PAGE) -> None:
    """Replace what is between the markers of a command. Raises SystemExit where there are none."""
    begin, end = f"<!-- {command}: begin -->", f"<!-- {command}: end -->"
    was = page.read_text()
    found = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text}\n{end}", was, count=1, flags=re.DOTALL
    )
    if not found[1]:
        raise SystemExit(f"{page.name}: no place for {command}, expected {begin} ... {end}")
    page.write_text(found[0])
