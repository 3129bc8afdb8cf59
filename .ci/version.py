"""The version stands in one file and is said in the references to ourselves: write both, or check them.

python3 .ci/version.py X.Y.Z          write it everywhere
python3 .ci/version.py --check X.Y.Z  fail unless it stands everywhere, with its entry in CHANGELOG.md
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mlops_ci" / "__init__.py"
ASSIGNED = re.compile(r'(?m)^(__version__ = ")([^"]+)(")$')
REFERRED = re.compile(r"(mlops-ci/mlops-ci/[A-Za-z0-9_./-]+@v)(\d+\.\d+\.\d+)\b")


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description="Write or check the version.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("version", help="like 1.2.3")
    options = parser.parse_args()
    if re.fullmatch(r"\d+\.\d+\.\d+", options.version) is None:
        sys.exit(f"{options.version!r} is no version like 1.2.3")
    if options.check:
        check(options.version)
    else:
        for path in files():
            text = path.read_text(encoding="utf-8")
            path.write_text(written(text, options.version), encoding="utf-8")


def written(text: str, version: str) -> str:
    """A file's text with this version."""
    return REFERRED.sub(rf"\g<1>{version}", ASSIGNED.sub(rf"\g<1>{version}\g<3>", text))


def check(version: str) -> None:
    """Exit with what is wrong, if anything is."""
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in files()}
    wrong = [f"{path} says another version" for path, text in texts.items() if text != written(text, version)]
    if f"## [{version}]" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        wrong.append(f"CHANGELOG.md has no entry [{version}]")
    if wrong:
        sys.exit("\n".join(wrong))


def files() -> list[Path]:
    """Every file that says the version."""
    pages = ("*.md", "docs/**/*.md", ".github/workflows/*.yml", "actions/*/action.yml")
    return [PACKAGE, *sorted(path for pattern in pages for path in ROOT.glob(pattern))]


if __name__ == "__main__":
    main()
