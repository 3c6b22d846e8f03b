"""
A mail server that is slow and honest: it writes down each mail before it says that it took it.

::

    python -m tests.acceptance.fire.sink JOURNAL [--rate 300] [--pipelining]

It listens on a free port of loopback and says so: ``port 40001``. A client names its process in its greeting
(``EHLO pid-4711.shop.example``). One line of the journal is one mail, written when its final dot has come and before
its ``250`` goes out: instant (monotonic seconds), process, recipient, Message-ID.

Said on standard output: ``accepted <process> <how many so far>`` and, when a client hangs up without a word,
``lost <process> <phase>``. The phases: ``greeting``, ``mail``, ``rcpt``, ``data`` (the mail is coming), ``dot`` (the
mail is taken, its ``250`` has not gone out), ``idle`` (all was answered).

Heard on standard input: ``hold`` (answer no more mails), ``go`` (answer them), ``fell`` (write the next ``250`` and
kill the client in the same breath: ``felled <process> <Message-ID>``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from dataclasses import dataclass

_MESSAGE_ID = re.compile(rb"^Message-ID:\s+<([^>]+)>\r$", re.IGNORECASE | re.MULTILINE)
_CLIENT = re.compile(r"^pid-(\d+)\.")


def say(*words: object) -> None:
    """Tell who started us."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    process: int = 0
    phase: str = "greeting"
    recipient: str = ""

    def answer(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())


class Sink:
    """
    Args:
        journal: an open file.
        rate: mails a second, all connections together.
        extensions: what it offers.
    """

    def __init__(self, journal: int, *, rate: float, extensions: tuple[str, ...]) -> None:
        self._journal, self._rate, self._extensions = journal, rate, extensions
        self._accepted = 0
        self._next_at = 0.0
        self._fells = 0
        self._may_answer = asyncio.Event()
        self._may_answer.set()

    def hear(self, command: str) -> None:
        match command:
            case "hold":
                self._may_answer.clear()
            case "go":
                self._may_answer.set()
            case "fell":
                self._fells += 1
            case _:
                raise ValueError(command)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(reader, writer)
        try:
            await self._converse(client)
        except (ConnectionError, asyncio.IncompleteReadError):
            say("lost", client.process, client.phase)
        finally:
            writer.transport.abort()

    async def _converse(self, client: Client) -> None:
        client.answer("220 sink.example ESMTP")
        while True:
            line = (await client.reader.readuntil(b"\r\n")).decode().strip()
            verb, _, words = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    found = _CLIENT.match(words)
                    client.process = int(found[1]) if found else 0
                    offered = ["sink.example", *self._extensions]
                    client.answer(*(f"250-{each}" for each in offered[:-1]), f"250 {offered[-1]}")
                    client.phase = "idle"
                case "MAIL":
                    client.phase = "mail"
                    client.answer("250 2.1.0 ok")
                case "RCPT":
                    client.phase = "rcpt"
                    client.recipient = words.partition("<")[2].partition(">")[0]
                    client.answer("250 2.1.5 ok")
                case "DATA":
                    await self._take(client)
                case "QUIT":
                    client.answer("221 2.0.0 bye")
                    await client.writer.drain()
                    return
                case _:
                    client.phase = "idle"
                    client.answer("250 2.0.0 ok")

    async def _take(self, client: Client) -> None:
        client.phase = "data"
        client.answer("354 go ahead")
        content = await client.reader.readuntil(b"\r\n.\r\n")
        client.phase = "dot"
        found = _MESSAGE_ID.search(content)
        message_id = found[1].decode() if found else "none"
        line = f"{time.monotonic():.6f}\t{client.process}\t{client.recipient}\t{message_id}\n"
        os.write(self._journal, line.encode())
        self._accepted += 1
        number = self._accepted
        say("accepted", client.process, number)
        await self._pace()
        await self._may_answer.wait()
        client.answer(f"250 2.0.0 ok: queued as S{number:06d}")
        if self._fells:
            self._fells -= 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(client.process, signal.SIGKILL)
            say("felled", client.process, message_id)
        await client.writer.drain()
        client.phase = "idle"

    async def _pace(self) -> None:
        """Let so many pass in a second, whoever they are."""
        now = time.monotonic()
        self._next_at = max(now, self._next_at) + 1 / self._rate
        await asyncio.sleep(self._next_at - now)


async def listen(sink: Sink) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=2**20)
    say("port", server.sockets[0].getsockname()[1])
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        sink.hear(line.decode().strip())
        say("heard", line.decode().strip())
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("journal")
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--pipelining", action="store_true")
    given = parser.parse_args()
    journal = os.open(given.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    extensions = ("SIZE 10485760", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    if given.pipelining:
        extensions = ("PIPELINING", *extensions)
    asyncio.run(listen(Sink(journal, rate=given.rate, extensions=extensions)))


if __name__ == "__main__":
    main()
