"""What `check` and `preview` say of the shipped notices and of a shop's own, and what `--app` can be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from proactive_notify.notices import default_notices
from tests.contract.command_line import CommandLine, Ran

KEYS = [kind.key for kind in default_notices]
SAMPLE = "    @classmethod\n    def sample(cls):"
REMARK = "applies() is false"

#: A shop with one notice of its own; `{body}` is what is in the class.
APP = """
from proactive_notify import Email, Notice, Notifier, OrderPlaced, Shop
from proactive_notify.transports import ConsoleTransport

class Thanks(Notice[OrderPlaced]):
    \"\"\"Thank you. It is a notice of our own.\"\"\"

    key = "thanks"
{body}

email = Email(ConsoleTransport(), sender="Acme <orders@acme.example>")
notifier = Notifier(
    Shop(name="Acme & <Co>", reply_to="help@acme.example"),
    store="sqlite://",
    channels=[email],
    notices=[Thanks],
    templates=["shop_templates"],
)
"""
#: What a mail must have so that nothing is found.
PAGE = """<!doctype html><html lang="{{ lang }}" dir="{{ direction }}"><head><meta charset="utf-8"><title>Thanks</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head><body>
<div style="display: none">Thank you for your order, it has reached us safely.</div>
<div role="article" aria-roledescription="email"><h1>Thanks</h1></div></body></html>
"""
PARTS = {"subject": "Thanks for {{ order.id }}", "text": "Thanks", "html": PAGE}


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a shop's module and templates into the working directory; returns what --app calls its notifier."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def write(source: str = APP, *, body: str = "", **parts: str) -> str:
        name = re.sub(r"\W", "_", request.node.name)
        (tmp_path / f"{name}.py").write_text(source.replace("{body}", body), encoding="utf-8")
        folder = tmp_path / "shop_templates" / "thanks"
        folder.mkdir(parents=True, exist_ok=True)
        for part, text in {**PARTS, **parts}.items():
            (folder / f"email.{part}").write_text(text, encoding="utf-8")
        return f"{name}:notifier"

    return write


def problems(ran: Ran) -> list[tuple[str, str, str, str]]:
    fields = ("notice", "channel", "locale", "problem")
    return [tuple(each[name] for name in fields) for each in ran.json["problems"] if each["is_grave"]]


# Check


def test_the_shipped_notices_are_well(command: CommandLine) -> None:
    """Every shipped notice renders in every language, and the table says so; status 0."""
    ran = command("check")
    as_json = command("check", "--json")
    lines = [line.split() for line in ran.out.splitlines()]

    assert (0, 0) == (ran.status, as_json.status)
    assert ["notice", "en", "pt-BR"] == lines[0]
    assert [[key, "✓", "✓"] for key in KEYS] == lines[1 : len(KEYS) + 1]
    assert f"All is well: {len(KEYS)} notices in en, pt-BR." == ran.out.splitlines()[-1]
    assert (True, KEYS, ["en", "pt-BR"]) == tuple(as_json.json[name] for name in ("ok", "notices", "locales"))


def test_a_notice_of_ones_own_is_checked(command: CommandLine, app: Callable[..., str]) -> None:
    """The user's notifier is found by --app, with its notices, channels and templates."""
    ran = command("check", "--app", app())

    assert (0, "") == (ran.status, ran.err)
    assert ["notice en pt-BR", "thanks ✓ ✓", "All is well: 1 notices in en, pt-BR."] == [
        " ".join(line.split()) for line in ran.out.splitlines()
    ]


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("subject", "{{ nothing.there }}", "{tpl}/email.subject, line 1: 'nothing' is undefined"),
        ("subject", "   ", "subject is empty"),
        ("text", "{% if %}", "{tpl}/email.text, line 1: Expected an expression, got 'end of statement block'"),
        ("html", "<p>Thanks</p>", "html has no doctype"),
        ("text", "{% trans %}Come again{% endtrans %}", "no translation of 'Come again'"),
    ],
)
def test_a_bad_template_is_a_problem(
    part: str, text: str, said: str, command: CommandLine, app: Callable[..., str]
) -> None:
    """A template that fails, says nothing, cannot be shown or is not translated is named with its place; status 1."""
    ran = command("check", "--app", app(**{part: text}), "--json")
    found = problems(ran)

    said = said.replace("{tpl}", "shop_templates/thanks")
    assert (1, False) == (ran.status, ran.json["ok"])
    assert ("thanks", "email", "pt-BR", said) in found
    assert ("translation" not in said) == (("thanks", "email", "en", said) in found)


def test_a_problem_is_printed_with_its_place(command: CommandLine, app: Callable[..., str]) -> None:
    """The table marks where the problem is, a line says what it is; --locale leaves other languages out."""
    name = app(text="{% trans %}Come again{% endtrans %}")

    ran = command("check", "--app", name)
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]

    assert 1 == ran.status
    assert ["notice en pt-BR", "thanks ✓ ✗", "thanks, email, pt-BR: no translation of 'Come again'"] == lines[:3]
    assert lines[3].startswith("1 problem. ")
    assert 0 == command("check", "--app", name, "--locale", "en").status


def test_a_missing_part_is_a_problem(command: CommandLine, app: Callable[..., str], tmp_path: Path) -> None:
    """A part without a template stops the notifier from being made: that is what check is for, so status 1."""
    name = app()
    (tmp_path / "shop_templates" / "thanks" / "email.text").unlink()

    ran = command("check", "--app", name)

    assert 1 == ran.status
    assert "--app: Thanks has no template thanks/email.text" == ran.out.splitlines()[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "    def context(self): return {'x': 1 / 0}",
            r"Thanks.context\(\) failed with ZeroDivisionError: division by",
        ),
        ("    def context(self): return {'order': 1}", r"thanks: context\(\) names 'order', which every template has"),
        (f"{SAMPLE} return ()", r"Thanks.sample\(\) must return events; the last one"),
        (
            f"{SAMPLE} raise KeyError('x')",
            r"Thanks.sample\(\) failed with KeyError: 'x' \(",
        ),
        (
            f"{SAMPLE}\n        from proactive_notify import OrderCancelled as E; return (E(order_id='A'),)",
            r"Thanks.sample\(\) ends with OrderCancelled, which does not cause it",
        ),
    ],
)
def test_a_notice_that_fails_is_a_problem(body: str, said: str, command: CommandLine, app: Callable[..., str]) -> None:
    """What a notice's own code raises is a problem with the place where it was raised; status 1 and no traceback."""
    ran = command("check", "--app", app(body=body), "--json")

    assert (1, "") == (ran.status, ran.err)
    assert [] == [each for each in problems(ran) if not re.match(said, each[3])]
    assert problems(ran)


def test_a_sample_that_is_no_news_is_worth_knowing(command: CommandLine, app: Callable[..., str]) -> None:
    """A sample that would not cause its notice is remarked on, and fails nothing."""
    ran = command("check", "--app", app(body="    def applies(self): return False"))

    assert 0 == ran.status
    assert (
        f"thanks: Thanks.sample() shows what no customer gets; its last event is no news of this kind: {REMARK}"
        in ran.out
    )


# Preview


def test_preview_writes_every_notice(command: CommandLine, tmp_path: Path) -> None:
    """Every notice in every language is a page and a text, and an SMS where it goes by SMS; one page shows them all."""
    ran = command("preview", "--out", tmp_path / "out")
    texts = [kind.key for kind in default_notices if "sms" in kind.channels]
    expected = {f"{key}.{locale}.{kind}" for key in KEYS for locale in ("en", "pt-BR") for kind in ("html", "txt")}
    expected |= {f"{key}.{locale}.sms.txt" for key in texts for locale in ("en", "pt-BR")}
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")

    assert 0 == ran.status
    assert {*expected, "index.html"} == {each.name for each in (tmp_path / "out").iterdir()}
    assert [] == [name for name in expected if f'href="{name}"' not in index]
    assert f"Open {(tmp_path / 'out' / 'index.html').as_uri()} in a browser." == ran.out.splitlines()[-1]
    assert "<h1" in (tmp_path / "out" / "delayed.en.html").read_text(encoding="utf-8")
    assert (
        (tmp_path / "out" / "delayed.en.txt").read_text(encoding="utf-8").startswith("Subject: Delayed: your order A")
    )


def test_preview_shows_what_was_asked_for(command: CommandLine, app: Callable[..., str], tmp_path: Path) -> None:
    """One notice of one's own in one language, its sample filled in, names escaped in the page that shows it."""
    ran = command("preview", "thanks", "--app", app(), "--locale", "en", "--out", "out", "--json")
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")

    assert 0 == ran.status
    assert [
        {
            "notice": "thanks",
            "about": "Thank you. It is a notice of our own.",
            "channel": "email",
            "locale": "en",
            "headline": "Thanks for A-1001",
            "files": ["thanks.en.html", "thanks.en.txt"],
        }
    ] == ran.json["notices"]
    assert "Subject: Thanks for A-1001\n\nThanks\n" == (tmp_path / "out" / "thanks.en.txt").read_text()
    assert "Acme &amp; &lt;Co&gt;" in index


def test_preview_says_what_there_is(command: CommandLine, tmp_path: Path) -> None:
    """An unknown notice, a language that is not there and a folder that is a file: status 2, and what there is."""
    (tmp_path / "file").touch()
    all_keys = ", ".join(KEYS)
    expected = {
        ("delyed",): f"there is no notice 'delyed'; did you mean delayed? There are {all_keys}",
        ("[red]",): f"there is no notice '[red]'; there are {all_keys}",
        ("delayed", "--locale", "fr"): "there is no language 'fr'; there are en, pt-BR",
        ("delayed", "--out", str(tmp_path / "file")): f"--out: '{tmp_path}/file' is no folder that can be written to "
        "(File exists)",
    }

    for arguments, said in expected.items():
        ran = command("preview", *arguments)
        assert (2, "", f"proactive-notify: {said}\n") == (ran.status, ran.out, ran.err)


# The user's own notifier


@pytest.mark.parametrize(
    ("source", "attribute", "said"),
    [
        ("x = 1 / 0", "notifier", r"--app: importing {m} failed with ZeroDivisionError: .* \(.*{m}\.py, line 1\)"),
        ("x = (", "notifier", r"--app: importing {m} failed with SyntaxError: .*, line 1\)"),
        (
            "import not_there",
            "notifier",
            r"--app: importing {m} failed with ModuleNotFoundError: .*'not_there' \(.*{m}",
        ),
        (
            "import sys; sys.exit(3)",
            "notifier",
            r"--app: importing {m} failed with SystemExit: 3 \(.*{m}\.py, line 1\)",
        ),
        ("x = 1", "notifier", r"--app {m}:notifier: the module {m} has no 'notifier'; it has no Notifier at its top"),
        (
            "notifer = 1",
            "notifier",
            r"--app {m}:notifier: the module {m} has no 'notifier'; did you mean {m}:notifer\?",
        ),
        (APP, "app", r"--app {m}:app: the module {m} has no 'app'; it has the notifier {m}:notifier"),
        ("notifier = 1", "notifier", r"--app: {m}:notifier is a int, not a Notifier"),
        ("def notifier(): pass", "notifier", r"--app: {m}:notifier is the function notifier, not a Notifier; name the"),
    ],
)
def test_each_way_in_which_an_app_is_wrong_is_said(
    source: str, attribute: str, said: str, command: CommandLine, app: Callable[..., str]
) -> None:
    """A module that fails, or has no notifier of that name: status 2, where it fails, and what there is instead."""
    module = app(source).partition(":")[0]

    ran = command("check", "--app", f"{module}:{attribute}")

    assert (2, "") == (ran.status, ran.out)
    assert re.match(f"proactive-notify: {said.replace('{m}', module)}", ran.err), ran.err


def test_an_app_that_is_no_name_is_said(command: CommandLine) -> None:
    """What is no module:name, and a module that is nowhere: status 2, and how it is written."""
    example = "write module:name, like --app shop.notify:notifier"
    nowhere = "run this where it can be imported, or set PYTHONPATH"
    expected = {
        "shop": f"--app 'shop' is no name of an object; {example}",
        ":notifier": f"--app ':notifier' is no name of an object; {example}",
        "not_there:x": f"--app: there is no module 'not_there'; {nowhere}",
        "json.not_there:x": f"--app: there is no module 'json.not_there'; {nowhere}",
    }

    for name, said in expected.items():
        ran = command("check", "--app", name)
        assert (2, f"proactive-notify: {said}\n") == (ran.status, ran.err)
