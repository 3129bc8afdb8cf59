"""The workflow for pull requests that people write by hand, and the caller of ours beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci import __version__

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
OURS = f"""name: pull request
on: [pull_request, push]
permissions: {{}}
jobs:
  mlops-ci:
    permissions: {{contents: read, pull-requests: write}}
    uses: mlops-ci/mlops-ci/.github/workflows/pull-request.yml@v{__version__}
"""
_BY_HAND = """name: pull request
on: pull_request
permissions: {contents: read, pull-requests: write}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: CHECKOUT
        with: {fetch-depth: 0}
      - name: install
        shell: bash
        run: |
          python3 -m venv .venv
          . .venv/bin/activate
          INSTALL
          echo "$PWD/.venv/bin" >> "$GITHUB_PATH"
      - name: test
        shell: bash
        run: |
          TEST
      - name: dvc pull
        run: dvc pull
      - name: dvc repro
        run: dvc repro
      - name: dvc metrics diff
        shell: bash
        run: |
          { echo '## Metrics'; dvc metrics diff --md origin/main; } > comment.md
          cat comment.md >> "$GITHUB_STEP_SUMMARY"
      - name: comment
        shell: bash
        run: |
          jq --raw-input --slurp '{body: .}' comment.md > comment.json
          curl --fail --silent --show-error --output /dev/null --header "Authorization: Bearer $TOKEN" \\
            --data @comment.json "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"
        env:
          TOKEN: ${{ github.token }}
          NUMBER: ${{ github.event.pull_request.number }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A repository to be checked. install: lines for pip. change: files of a pull request that changes code."""

    name: str
    files: Mapping[str, str]
    install: tuple[str, ...]
    test: str
    change: Mapping[str, str]

    def workflows(self) -> dict[str, str]:
        """A workflow for each side."""
        pip, indent = [f"pip install {line}" for line in self.install], "\n          "
        uv = ["pip install uv", *(f"uv {line}" for line in pip)]
        return {
            "pip": by_hand(indent.join(pip), self.test),
            "uv": by_hand(indent.join(uv), self.test),
            "ours": OURS,
        }


def by_hand(install: str, test: str) -> str:
    """The workflow with these lines in it."""
    return _BY_HAND.replace("CHECKOUT", CHECKOUT).replace("INSTALL", install).replace("TEST", test)
