"""Settings of one clone's DVC, lent to another work tree: the same remotes, the same credentials, the same cache.

Text in, text out: DVC itself need not be asked for it.
"""

import os
from configparser import ConfigParser, Error
from pathlib import Path

# As DVC has them: paths that are relative to the folder of the file in which they stand.
_PATHS = frozenset(
    {"url", "dir", "keyfile", "credentialpath", "cert_path", "key_path", "gdrive_user_credentials_file"}
    | {"gdrive_service_account_json_file_path"}
)
_PRIVATE = 0o600


def lend(from_: Path, to: Path, *, cache: Path | None = None) -> None:
    """Write `config.local` of the folder `to`, a `.dvc`, so that it works as the one `from_` does.

    cache: the folder that it keeps its own bytes in; None: the cache of `from_`.

    What `config` there says otherwise, of a remote that moved since, does not count. Nothing is lent where the files
    can't be read: DVC will say why.
    """
    settings = _settings()
    try:
        for name in ("config", "config.local"):
            file = from_ / name
            if file.is_file():
                lines = (line.strip() for line in file.read_text("utf-8").splitlines())
                settings.read_string("\n".join(lines), source=name)
    except (OSError, ValueError, Error):
        return
    if cache is None:
        _share_cache(settings, from_)
    else:
        settings["cache"] = {"dir": str(cache)}
    text = "".join(
        f"[{section}]\n" + "".join(f"    {key} = {_absolute(key, value, from_)}\n" for key, value in values.items())
        for section, values in settings.items()
        if values
    )
    file = to / "config.local"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(text)


def _settings() -> ConfigParser:
    settings = ConfigParser(
        interpolation=None, strict=False, delimiters=("=",), default_section="\0", empty_lines_in_values=False
    )
    settings.optionxform = str  # type: ignore[assignment,method-assign]
    return settings


def _share_cache(settings: ConfigParser, folder: Path) -> None:
    """The clone's own cache, unless its settings name one, or it has none: then another level may name it.

    Links into the cache of a work tree would not survive that it gets its name.
    """
    if not settings.has_section("cache"):
        settings.add_section("cache")
    said = settings["cache"]
    if "dir" not in said and ((folder / "cache").is_dir() or "symlink" in said.get("type", "")):
        said["dir"] = str(folder / "cache")


def _absolute(key: str, value: str, folder: Path) -> str:
    plain = value.strip("'\"")
    if key not in _PATHS or "://" in plain or plain.startswith(("~", "/")):
        return value
    return os.path.normpath(folder / plain)
