"""
A fast SMTP server that takes everything and keeps nothing but times: the other end of ``send.py``.

``python _sink.py [--delay-ms N]`` listens on a free port of loopback and prints it. ``XTIMES`` answers with one line a
mail: the recipient's address and when the mail was taken, in seconds of the monotonic clock; then it forgets them.
"""

import argparse
import asyncio
import time

_END = b"\r\n.\r\n"
_GREETING = b"220 sink ESMTP\r\n"
_REPLIES = {b"MAIL": b"250 2.1.0 ok\r\n", b"DATA": b"354 go ahead\r\n", b"RSET": b"250 ok\r\n", b"NOOP": b"250 ok\r\n"}


class Sink(asyncio.Protocol):
    """One connection. ``taken`` is shared by all."""

    def __init__(self, taken: list[tuple[bytes, float]], *, delay: float) -> None:
        self.taken, self.delay = taken, delay
        self.buffer = b""
        self.in_mail = self.is_waiting = False
        self.recipient = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(_GREETING)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.go_on()

    def go_on(self) -> None:
        """Answer what has come; several commands in one packet get one packet of replies."""
        replies = []
        while not self.is_waiting:
            end = self.buffer.find(_END if self.in_mail else b"\r\n")
            if end < 0:
                break
            if self.in_mail:
                self.buffer = self.buffer[end + 5 :]
                self.in_mail = False
                self.take(replies)
            else:
                line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
                replies.append(self.answer(line))
        if replies:
            self.transport.write(b"".join(replies))

    def take(self, replies: list[bytes]) -> None:
        if self.delay:
            self.is_waiting = True
            asyncio.get_running_loop().call_later(self.delay, self.taken_late)
            return
        self.taken.append((self.recipient, time.monotonic()))
        replies.append(b"250 2.0.0 ok: queued as 4TzQ7p\r\n")

    def taken_late(self) -> None:
        self.is_waiting = False
        self.taken.append((self.recipient, time.monotonic()))
        self.transport.write(b"250 2.0.0 ok: queued as 4TzQ7p\r\n")
        self.go_on()

    def answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        match verb:
            case b"EHLO":
                return b"250-sink\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
            case b"RCPT":
                self.recipient = line[line.find(b"<") + 1 : line.find(b">")]
                return b"250 2.1.5 ok\r\n"
            case b"DATA":
                self.in_mail = True
            case b"XTIM":
                lines = [b"250-%s %.6f\r\n" % each for each in self.taken]
                self.taken.clear()
                return b"".join([*lines, b"250 that is all\r\n"])
            case b"QUIT":
                asyncio.get_running_loop().call_soon(self.transport.close)
                return b"221 bye\r\n"
        return _REPLIES.get(verb, b"250 ok\r\n")


async def main() -> None:
    parser = argparse.ArgumentParser(description="A fast SMTP server that takes everything.")
    parser.add_argument("--delay-ms", type=float, default=0, metavar="N", help="wait before the reply to a mail")
    options = parser.parse_args()
    taken: list[tuple[bytes, float]] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(taken, delay=options.delay_ms / 1000), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
