"""Values of parameters and run inputs as text, so that they can be compared and shown."""

from collections.abc import Iterator, Mapping


def values_of(files: Mapping[str, Mapping[str, object]]) -> Mapping[str, str]:
    """Each value by its file and its name; one in a group by the names of both, so that only what changed differs."""
    found = ((file, name, value) for file, values in files.items() for name, value in _single(values))
    return {f"{file}:{name}": _text(value) for file, name, value in found}


def _single(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _single(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _text(value: object) -> str:
    """A value so that 1 and "1" are told apart, and words stay plain."""
    return value if isinstance(value, str) and not _reads_otherwise(value) else repr(value)


def _reads_otherwise(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("True", "False", "None") or text[:1] in ("[", "{", "'")
    return True
