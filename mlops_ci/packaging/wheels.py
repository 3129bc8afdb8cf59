"""Wheels packed so that the same content is the same bytes, whatever built them, and when."""

import io
import zipfile

_BEGIN_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_PLAIN, _PROGRAM = 0o100644, 0o100755
_ANY_RUN = 0o111
_UNIX = 3


def packed_anew(wheel: bytes) -> bytes:
    """The wheel with its files in one order, of one time, with modes that say only whether it is a program.

    The metadata folder comes last, as PEP 427 asks. Not compressed: what zlib makes of the same bytes is nobody's
    promise. Raises zipfile.BadZipFile for what is no archive.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as read, zipfile.ZipFile(packed, "w") as written:
        for info in sorted(read.infolist(), key=_place):
            if not info.is_dir():
                written.writestr(_plain(info), read.read(info))
    return packed.getvalue()


def _place(info: zipfile.ZipInfo) -> tuple[bool, str]:
    return info.filename.partition("/")[0].endswith(".dist-info"), info.filename


def _plain(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    plain = zipfile.ZipInfo(info.filename, _BEGIN_OF_ZIP)
    plain.create_system = _UNIX
    plain.external_attr = (_PROGRAM if info.external_attr >> 16 & _ANY_RUN else _PLAIN) << 16
    return plain
