"""JSON for standard output, where the runner of a workflow may be reading as well."""

import json

from mlops_ci.core.digests import Json


def json_text(value: Json) -> str:
    """`value` as ASCII on indented lines, none of which a runner takes for a command."""
    return json.dumps(value, indent=2).replace("##[", "#\\u0023[")
