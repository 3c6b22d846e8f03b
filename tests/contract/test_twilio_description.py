"""The check of our requests against Twilio's own description finds what Twilio would not take, and only that."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.contract.twilio_cases import NUMBER, TEMPLATE, sms
from tests.contract.twilio_description import FILE, Description, description
from tests.contract.twilio_server import ACCOUNT, KEY, SENDER, SERVICE, TwilioServer

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
BASIC = "Basic " + base64.b64encode(f"{ACCOUNT}:token".encode()).decode()
HEADERS = {"authorization": BASIC, "content-type": "application/x-www-form-urlencoded"}
USUAL = {"To": NUMBER, "From": SENDER, "Body": "Olá"}


@pytest.fixture
def twilio(shared: Path) -> Description:
    """Twilio's description, or a skip that says why."""
    assert shared / "data" / FILE.name == FILE
    found = description()
    assert found is not None
    return found


def posted(twilio: Description, fields: dict[str, str], **headers: str) -> list[str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return twilio.faults("POST", PATH, {**HEADERS, **named}, urlencode(fields).encode())


@pytest.mark.parametrize(
    "fields",
    [
        USUAL,
        {**USUAL, "MessagingServiceSid": SERVICE, "ValidityPeriod": "36000"},
        {**USUAL, "StatusCallback": "https://u:p@shop.example/sms?shop=a%20b&nid=1#rc=2"},
        {"To": NUMBER, "MessagingServiceSid": SERVICE, "Body": "x" * 1600, "SmartEncoded": "true"},
        {
            "To": f"whatsapp:{NUMBER}",
            "From": f"whatsapp:{SENDER}",
            "ContentSid": TEMPLATE,
            "ContentVariables": '{"1": "João"}',
        },
        {**USUAL, "From": "Acme", "SendAt": "2026-01-05T12:00:00Z", "ScheduleType": "fixed"},
    ],
    ids=" ".join,
)
def test_what_twilio_takes(twilio: Description, fields: dict[str, str]) -> None:
    """A message as Twilio's description has it has no fault."""
    assert [] == posted(twilio, fields)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"From": SENDER, "Body": "x"}, "form: To is missing"),
        ({**USUAL, "Boddy": "x"}, "form: Boddy is unknown"),
        ({**USUAL, "StatusCallback": "shop.example"}, "form: StatusCallback is no URI"),
        ({**USUAL, "StatusCallback": "https://my_shop.example"}, "form: StatusCallback is no URI"),
        ({**USUAL, "StatusCallback": "https://shop.example/?nid=é"}, "form: StatusCallback is no URI"),
        ({**USUAL, "ValidityPeriod": "2h"}, "form: ValidityPeriod is no integer"),
        ({**USUAL, "ValidityPeriod": "36001"}, "a validity beyond 36,000 seconds"),
        ({**USUAL, "SmartEncoded": "True"}, "form: SmartEncoded is no boolean"),
        ({**USUAL, "ScheduleType": "soon"}, "form: ScheduleType is no one of the words that there are"),
        ({**USUAL, "SendAt": "2026-01-05T12:00:00+01:00"}, "form: SendAt is no instant"),
        ({"To": NUMBER, "MessagingServiceSid": "MG1", "Body": "x"}, "form: MessagingServiceSid is no text"),
        ({"To": NUMBER, "Body": "x"}, "no sender"),
        ({**USUAL, "ContentSid": TEMPLATE}, "a message of ['Body', 'ContentSid'], and not of one thing"),
        ({"To": NUMBER, "From": SENDER}, "a message of [], and not of one thing"),
        ({**USUAL, "ContentVariables": "{}"}, "variables without a template"),
        ({**USUAL, "Body": "x" * 1601}, "a text that is empty or too long"),
        ({**USUAL, "To": "0500 555 0009"}, "a number that is not in E.164"),
        ({**USUAL, "To": f"whatsapp:{NUMBER}"}, "a sender that cannot be"),
        ({"To": NUMBER, "From": "A name that is long", "Body": "x"}, "a sender that cannot be"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_twilio_does_not_take(twilio: Description, fields: dict[str, str], says: str) -> None:
    """Each kind of fault in a form is found, by the name of the field."""
    assert [says] == [fault[: len(says)] for fault in posted(twilio, fields) if fault.startswith(says)]


@pytest.mark.parametrize(
    ("request_line", "headers", "body", "says"),
    [
        (f"POST {PATH.replace(ACCOUNT, 'AC1')}", HEADERS, urlencode(USUAL).encode(), "path: AccountSid is no"),
        ("POST /2010-04-01/Messages.json", HEADERS, b"", "no such path"),
        (f"PUT {PATH}", HEADERS, b"", "no PUT"),
        (f"POST {PATH}", {**HEADERS, "content-type": "application/json"}, b"{}", "content-type"),
        (f"POST {PATH}", {**HEADERS, "authorization": ""}, urlencode(USUAL).encode(), "no Basic log-in"),
        (f"POST {PATH}", {**HEADERS, "authorization": "Bearer x"}, urlencode(USUAL).encode(), "no Basic log-in"),
        (f"POST {PATH}", HEADERS, b"To", "the form cannot be read"),
        (f"POST {PATH}", HEADERS, f"{urlencode(USUAL)}&To=x".encode(), "form: To is there twice"),
        (f"GET {PATH}?To=%2B1&PageSize=x", HEADERS, b"", "query: PageSize is no integer"),
        (f"GET {PATH}?Since=1", HEADERS, b"", "query: Since is unknown"),
        (f"GET {PATH}", HEADERS, b"x", "a body that nobody reads"),
    ],
)
def test_other_faults(twilio: Description, request_line: str, headers: dict[str, str], body: bytes, says: str) -> None:
    """Paths, methods, log-ins, queries and bodies are looked at too."""
    method, _, target = request_line.partition(" ")

    assert [says] == list({fault[: len(says)] for fault in twilio.faults(method, target, headers, body)} & {says})


def test_a_key_logs_in_too(twilio: Description) -> None:
    """An API key is a log-in; a name is none."""
    names = (KEY, "shop")
    found = [
        posted(twilio, USUAL, authorization=f"Basic {base64.b64encode(f'{n}:x'.encode()).decode()}") for n in names
    ]

    assert [[], ["a log-in with something else than an account or a key"]] == found


async def test_the_server_fails_a_test_whose_request_is_none(twilio: Description) -> None:
    """A test whose transport posts what Twilio would not take fails when its server ends."""

    async def go_wrong() -> None:
        async with TwilioServer() as server:
            made = server.transport()
            await made.send(sms(to="0500 555 0009"))
            await made.aclose()

    with pytest.raises(AssertionError, match="a number that is not in"):
        await go_wrong()
