"""rows.json: the values of offending rows. It stays on the machine that made it."""

from mlops_ci.core.digests import Json
from mlops_ci.core.json_values import sound
from mlops_ci.report.contract import SCHEMA_VERSION, Report, told


def rows_to_json(report: Report) -> Json:
    """The rows of each finding that has some, by the finding's id in report.json; None where none has any."""
    found: list[Json] = [
        {"id": one.id, "step": str(one.step), "subject": one.finding.subject, "rows": list(one.finding.rows)}
        for one in told(report)
        if one.finding.rows
    ]
    return sound({"schema": SCHEMA_VERSION, "findings": found}) if found else None
