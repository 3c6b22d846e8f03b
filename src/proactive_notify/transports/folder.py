"""
Messages as files in a folder: mails as ``.eml`` that every mail program opens, others as ``.json``.
"""

import errno
import os
import re
from datetime import UTC
from hashlib import sha256
from pathlib import Path

from .._content.mime import encode
from ..domain.messages import Accepted, EmailMessage, Message
from ..errors import ChannelRefused, SendError, Transient

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._]+")
#: Trying again does not help against these: somebody has to set the folder right.
_WRONG_FOLDER = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG})


class FolderTransport:
    """
    Writes each message into a file of ``path``, which is made if it is missing.

    The file is named ``20260105T090000Z-<order>-<notice>-<8 digits>.eml``; the digits stand for the message's id, so
    the same message always goes into the same file, and no two into one. It is there whole, or not at all.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    async def send(self, message: Message) -> Accepted:
        """
        Write ``message``; ``reference`` is the name of the file.

        Raises:
            Transient: the disk is full, or the like.
            Permanent: a mail with an address or a header that cannot be written.
            ChannelRefused: the folder cannot be made or written to.
        """
        if isinstance(message, EmailMessage):
            name, content = file_name(message, ending="eml"), encode(message)
        else:
            name, content = file_name(message, ending="json"), message.model_dump_json(indent=2).encode()
        # In the loop: a small file is written in less time than it takes to hand it to a thread.
        self._write(name, content)
        return Accepted(reference=name)

    def _write(self, name: str, content: bytes) -> None:
        unfinished = self._path / f".{name}.{os.getpid()}"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            unfinished.replace(self._path / name)
        except OSError as error:
            failure = _failure(error)
            self._remove(unfinished)
        else:
            return
        raise failure

    def _remove(self, unfinished: Path) -> None:
        try:
            unfinished.unlink(missing_ok=True)
        except OSError:
            return


def file_name(message: Message, *, ending: str) -> str:
    """Name a message's file: plain ASCII without separators, whatever the order's id is."""
    at = message.at.astimezone(UTC)
    digits = sha256(message.message_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{at:%Y%m%dT%H%M%SZ}-{_slug(message.order_id)}-{_slug(message.notice)}-{digits}.{ending}"


def _slug(text: str) -> str:
    return _NOT_IN_A_NAME.sub("-", text).strip("-.")[:60].rstrip("-.") or "x"


def _failure(error: OSError) -> SendError:
    """The system's text holds the file's name, and so an order's id."""
    code = errno.errorcode.get(error.errno or 0, type(error).__name__)
    if error.errno in _WRONG_FOLDER:
        return ChannelRefused(f"The folder for messages cannot be written to ({code}).", code=code)
    return Transient(f"The message could not be written to its folder ({code}).", code=code)
