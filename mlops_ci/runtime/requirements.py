"""Requirements files, read far enough to know what a runtime depends on. uv reads what they mean."""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, Place, warning
from mlops_ci.core.paths import joined, shown
from mlops_ci.errors import UsageError
from mlops_ci.runtime.versions import Read

_INCLUDED = re.compile(r"\s*(?:-r|-c|--requirement|--constraint)(?:\s+|\s*=\s*|(?=[^-\s]))(?P<path>\S.*?)\s*(?:\s#.*)?")
_CONFLICT = re.compile(r"(?:<{7}|>{7}|={7})(?:\s|$)")
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DEEPEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """A requirements file and all that it includes with -r and -c, by path: as bytes, and as text.

    findings: what is odd about them and can be lived with.
    """

    contents: Mapping[PurePosixPath, bytes]
    texts: Mapping[PurePosixPath, str]
    findings: tuple[Finding, ...] = ()

    @property
    def hashed(self) -> bool:
        """Whether a hash is given anywhere: then pip wants one for each package, and so do we."""
        return any("--hash=" in text or "--hash " in text for text in self.texts.values())


def read_requirements(path: PurePosixPath, read: Read) -> Requirements:
    """Read a requirements file. Raises UsageError for one that is not there, is no text, or leaves the repository."""
    contents: dict[PurePosixPath, bytes] = {}
    texts: dict[PurePosixPath, str] = {}
    findings: list[Finding] = []
    waiting = [(path, Place(path=path))]
    while waiting:
        file, named_at = waiting.pop()
        if file in contents:
            continue
        content = read(file)
        if content is None or len(contents) > _DEEPEST:
            raise _absent(file, named_at)
        contents[file] = content
        texts[file], odd = _text(file, content)
        findings += odd
        waiting += _included(file, texts[file])
    return Requirements(contents=contents, texts=texts, findings=tuple(findings))


def _included(file: PurePosixPath, text: str) -> Iterator[tuple[PurePosixPath, Place]]:
    for number, line in enumerate(text.splitlines(), start=1):
        place = Place(path=file, line=number)
        if _CONFLICT.match(line):
            raise UsageError.at(
                "MC-RUNTIME-003", shown(file), "a merge conflict was left in it", place=place, found=line[:40],
                expected="one requirement a line", do="resolve the conflict, and commit the file",
            )  # fmt: skip
        match = _INCLUDED.fullmatch(line)
        if match is None or "://" in match["path"] or "$" in match["path"]:
            continue
        target = joined(file.parent, match["path"].strip("\"'"))
        if target is None:
            raise UsageError.at(
                "MC-RUNTIME-004", shown(file), "it includes a file outside the repository", place=place,
                found=match["path"], expected="a path within the repository", do="copy that file into the repository",
            )  # fmt: skip
        yield target, place


def _text(file: PurePosixPath, content: bytes) -> tuple[str, list[Finding]]:
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError.at(
            "MC-RUNTIME-005", shown(file), "it is not UTF-8", place=Place(path=file, line=line),
            found=f"byte 0x{content[error.start]:02x}", expected="text in UTF-8", do="save the file as UTF-8",
        ) from error  # fmt: skip
    if encoding == "utf-8":
        return text, []
    if encoding == "utf-8-sig":
        cure = f"`sed -i '1s/^\\xEF\\xBB\\xBF//' '{shown(file)}'`"
    else:
        cure = f"`iconv -f {encoding.upper()} -t UTF-8 '{shown(file)}' > utf8.txt && mv utf8.txt '{shown(file)}'`"
    what = (
        f"it is written in {encoding.upper().removesuffix('-SIG')} with a byte order mark; many tools can't read that"
    )
    odd = warning("MC-RUNTIME-006", shown(file), what, place=Place(path=file), do=f"save it as UTF-8: {cure}")
    return text, [odd]


def _absent(file: PurePosixPath, named_at: Place) -> UsageError:
    return UsageError.at(
        "MC-RUNTIME-007", shown(file), "there is no such file", place=named_at, found="nothing",
        expected="a requirements file", do="add the file to git, or take the line that names it away",
    )  # fmt: skip
