"""Values as JSON in UTF-8 can hold them."""

import math
from collections.abc import Mapping

from mlops_ci.core.digests import Json


def sound(value: Json) -> Json:
    """`value` as JSON can hold it: NaN and infinities become null, half characters their escapes."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case Mapping():
            return {str(sound(key)): sound(one) for key, one in value.items()}
        case list() | tuple():
            return [sound(one) for one in value]
        case _:
            return value
