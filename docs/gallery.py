"""
Takes pictures of every mail and page, as desktop and phone show them, in the light and in the dark: ``make gallery``.

The mails are those that ``proactive-notify preview --app docs.gallery:notifier`` wrote. It needs Chromium, which it
drives without a window over the `DevTools protocol <https://chromedevtools.github.io/devtools-protocol/>`_.
"""

import asyncio
import base64
import itertools
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from jinja2 import Environment

from proactive_notify import Email, Notifier, Shop, Sms
from proactive_notify.notices import default_notices, more_notices
from proactive_notify.transports import ConsoleTransport

#: A shop that tells all there is, on both channels.
notifier = Notifier(
    Shop(name="Jonathan Adler", reply_to="care@shop.example", url="https://shop.example"),
    store="sqlite://",
    channels=[
        Email(ConsoleTransport(), sender="Jonathan Adler <orders@shop.example>"),
        Sms(ConsoleTransport(), sender="JonAdler"),
    ],
    notices=[*default_notices, *more_notices],
)

#: What a picture shows: its name and the width in CSS pixels.
SCREENS = {"desktop": 640, "phone": 375}
#: The pages are for a wider screen, and only their beginning is shown.
WIDE, HIGHEST = 1200, 2400
SCHEMES = ("light", "dark")


@dataclass
class Page:
    """A tab of the browser: commands go out with a number, answers come back with the same."""

    socket: aiohttp.ClientWebSocketResponse
    session: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def ask(self, method: str, /, *, until: str = "", **params: Any) -> dict[str, Any]:
        """Send a command and return its result; with ``until`` wait for that event too."""
        number = next(self.numbers)
        session = {"sessionId": self.session} if self.session else {}
        await self.socket.send_json({"id": number, "method": method, "params": params, **session})
        result: dict[str, Any] | None = None
        happened = not until
        while result is None or not happened:
            said = await self.socket.receive_json(timeout=60)
            happened = happened or said.get("method") == until
            if said.get("id") == number:
                if "error" in said:
                    raise RuntimeError(f"Chromium refuses {method}: {said['error']['message']}")
                result = said["result"]
        return result

    async def picture(self, source: str, *, width: int, scheme: str, highest: int = 0) -> tuple[bytes, bool]:
        """Take a picture of an address, as high as it is; return it as PNG, and whether it fits into the width."""
        dark = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.ask("Emulation.setEmulatedMedia", features=dark)
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=highest or 100, deviceScaleFactor=1, mobile=False
        )
        await self.ask("Page.navigate", until="Page.loadEventFired", url=source)
        size = (await self.ask("Page.getLayoutMetrics"))["cssContentSize"]
        height = min(size["height"], highest or size["height"])
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1}
        shot = await self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"]), size["width"] <= width


@asynccontextmanager
async def browser(program: str) -> AsyncIterator[Page]:
    """Start Chromium with a profile of its own, and end it afterwards."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # its sandbox refuses to run as root
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--hide-scrollbars", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        process = await asyncio.create_subprocess_exec(
            program, *options, *as_root, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        reader = asyncio.create_task(_read(process, address))
        try:
            where = await asyncio.wait_for(address, timeout=60)
            async with aiohttp.ClientSession() as http, http.ws_connect(where, max_msg_size=0) as socket:
                page = Page(socket)
                tab = await page.ask("Target.createTarget", url="about:blank")
                page.session = (await page.ask("Target.attachToTarget", flatten=True, **tab))["sessionId"]
                await page.ask("Page.enable")
                yield page
        finally:
            if process.returncode is None:
                process.terminate()
            await reader
            await process.wait()


async def _read(process: asyncio.subprocess.Process, address: asyncio.Future[str]) -> None:
    """Chromium says on its standard error where it listens; the rest is read away."""
    assert process.stderr
    async for line in process.stderr:
        if line.startswith(b"DevTools listening on ") and not address.done():
            address.set_result(line.decode().split()[-1])
    if not address.done():
        address.set_exception(RuntimeError("Chromium ended before it listened; start it by hand to see why"))


async def gallery(folder: Path, *, chromium: str) -> list[str]:
    """
    Take all pictures and write ``index.html``; return which are wider than their screen.

    Args:
        folder: has ``mails/`` with what ``preview`` wrote and ``replay/`` with what ``replay`` wrote.
        chromium: the program.
    """
    pages = {"preview": folder / "mails/index.html", "report": folder / "replay/report.html"}
    sources = {each.stem: each for each in sorted(folder.glob("mails/*.html")) if each.stem != "index"} | pages
    (folder / "pictures").mkdir(exist_ok=True)
    too_wide = []
    async with browser(chromium) as page:
        for name, screen, scheme in itertools.product(sources, SCREENS, SCHEMES):
            width = WIDE if name in pages and screen == "desktop" else SCREENS[screen]
            highest = HIGHEST if name in pages else 0
            address = sources[name].resolve().as_uri()
            taken, fits = await page.picture(address, width=width, scheme=scheme, highest=highest)
            target = folder / "pictures" / f"{name}.{screen}.{scheme}.png"
            target.write_bytes(taken)
            too_wide += [] if fits else [target.name]
    texts = {each.stem.removesuffix(".sms"): each.read_text("utf-8") for each in folder.glob("mails/*.sms.txt")}
    index = Environment(autoescape=True).from_string(INDEX)
    shown = index.render(names=[*sources], texts=texts, screens=SCREENS, schemes=SCHEMES, too_wide=too_wide)
    (folder / "index.html").write_text(shown, encoding="utf-8")
    return too_wide


INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Every mail and page</title>
<style>
  body { margin: 24px; background: #ddd; color: #222; font: 15px/1.5 system-ui, sans-serif; }
  section { display: flex; gap: 16px; align-items: flex-start; overflow-x: auto; margin-bottom: 40px; }
  img { box-shadow: 0 1px 6px #0006; max-width: 640px; }
  pre { white-space: pre-wrap; max-width: 60em; padding: 12px; background: #fff; }
</style>
<h1>Every mail and page</h1>
<p>{{ names|length }} of them, on a desktop and a phone, in the light and in the dark.
{% if too_wide %}<strong>Wider than their screen: {{ too_wide|join(", ") }}.</strong>{% endif %}</p>
<p>{% for name in names %}<a href="#{{ name }}">{{ name }}</a> {% endfor %}</p>
{% for name in names %}
<h2 id="{{ name }}">{{ name }}</h2>
{% if name in texts %}<pre>{{ texts[name] }}</pre>{% endif %}
<section>
{% for screen in screens %}{% for scheme in schemes %}
  <img src="pictures/{{ name }}.{{ screen }}.{{ scheme }}.png" alt="{{ name }}, {{ screen }}, {{ scheme }}">
{% endfor %}{% endfor %}
</section>
{% endfor %}
"""

if __name__ == "__main__":
    if found := asyncio.run(gallery(Path(sys.argv[1]), chromium=sys.argv[2])):
        sys.exit(f"Wider than their screen: {', '.join(found)}")
