"""The user's package index, for pip in a build: addresses, maybe with a password, and whom to trust. All secrets."""

from collections.abc import Iterator, Mapping
from configparser import ConfigParser, Error
from contextlib import suppress
from pathlib import Path

# In pip's words: what pip's own variables say, else uv's.
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "index-url": ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "trusted-host": ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST"),
    "timeout": ("PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT"),
    "retries": ("PIP_RETRIES",),
}
_BUNDLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_INSIDE = "/run/secrets/ca"
# Known to every build; their values are taken from the environment, never from argv, and kept in no layer.
PROXIES = tuple(name for one in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY") for name in (one, one.lower()))


def build_secrets(environ: Mapping[str, str], folder: Path) -> Mapping[str, Path]:
    """The files to be given to a build, by the secret's name; `folder` is nobody else's, and gone after it.

    pip: its settings. ca: the certificates that this machine trusts. netrc: passwords by host.
    """
    bundle = next((Path(environ[name]) for name in _BUNDLES if environ.get(name)), None)
    known = dict(_settings(environ))
    secrets = {}
    if bundle is not None and bundle.is_file():
        secrets["ca"] = bundle
        known["cert"] = _INSIDE
    if known:
        secrets["pip"] = folder / "pip.conf"
        secrets["pip"].touch(mode=0o600)
        lines = (f"{name} = " + "\n    ".join(value.split()) for name, value in known.items())
        secrets["pip"].write_text("[global]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    netrc = Path(environ.get("NETRC") or Path(environ.get("HOME", "/")) / ".netrc")
    return {**secrets, "netrc": netrc} if netrc.is_file() else secrets


def secret_texts(environ: Mapping[str, str]) -> Iterator[str]:
    """What must not stand in a log: addresses that hold a password, and the password."""
    for value in _settings(environ).values():
        for address in value.split():
            credentials = address.partition("://")[2].rpartition("@")[0]
            if credentials:
                yield from (address, credentials, credentials.partition(":")[2])


def _settings(environ: Mapping[str, str]) -> Mapping[str, str]:
    """pip's files, the weakest first, then the variables."""
    found: dict[str, str] = {}
    for file in _files(environ):
        parser = ConfigParser(interpolation=None, strict=False)
        with suppress(OSError, UnicodeDecodeError, Error):
            parser.read_string(file.read_text("utf-8"))
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= {name: parser[section][name] for name in _SETTINGS if parser.has_option(section, name)}
    said = {
        name: next((environ[one] for one in variables if environ.get(one)), "") for name, variables in _SETTINGS.items()
    }
    return {**found, **{name: value for name, value in said.items() if value}}


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME", "/"))
    yield Path("/etc/pip.conf")
    yield home / ".pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if environ.get("PIP_CONFIG_FILE"):
        yield Path(environ["PIP_CONFIG_FILE"])
