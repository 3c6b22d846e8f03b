"""
A server that answers as Twilio's API does to a message that is created, fast: the other end of ``sms.py``.

``python _twilio_stub.py`` listens on a free port of loopback and prints it.
"""

import asyncio
import json

_ACCOUNT = "AC" + "0" * 32
_ANSWER = {
    "account_sid": _ACCOUNT,
    "api_version": "2010-04-01",
    "body": "Acme: your order A-1001 is on its way and arrives on Thursday. https://shop.example/o/1001",
    "date_created": "Mon, 05 Jan 2026 12:00:00 +0000",
    "date_sent": None,
    "date_updated": "Mon, 05 Jan 2026 12:00:00 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": "+15005550006",
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "1",
    "price": None,
    "price_unit": None,
    "sid": "SM%032x",
    "status": "queued",
    "subresource_uris": {"media": f"/2010-04-01/Accounts/{_ACCOUNT}/Messages/SM%032x/Media.json"},
    "to": "+15005550009",
    "uri": f"/2010-04-01/Accounts/{_ACCOUNT}/Messages/SM%032x.json",
}
_BODY = json.dumps(_ANSWER).encode()
_LENGTH = len(_BODY % (0, 0, 0))
_HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: %d\r\n\r\n" % _LENGTH


class Stub(asyncio.Protocol):
    """One connection. ``count`` is shared by all, so that each message has its own SID."""

    def __init__(self, count: list[int]) -> None:
        self.count = count
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            at = self.buffer.lower().find(b"content-length:", 0, end + 2)
            length = int(self.buffer[at + 15 : self.buffer.find(b"\r\n", at)]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            self.count[0] += 1
            number = self.count[0]
            self.transport.write(_HEAD + _BODY % (number, number, number))


async def main() -> None:
    count = [0]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Stub(count), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
