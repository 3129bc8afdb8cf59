"""How a verdict is marked where there are no colours."""

from collections.abc import Mapping

from mlops_ci.core.verdicts import Verdict

MARKS: Mapping[Verdict, str] = {
    Verdict.PASS: "✅",
    Verdict.FAIL: "❌",
    Verdict.ERROR: "⛔",
    Verdict.INCONCLUSIVE: "❔",
    Verdict.NOT_APPLICABLE: "⚪",
    Verdict.SKIPPED: "⚪",
}
