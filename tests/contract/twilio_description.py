"""
Whether a request is one that Twilio's API takes, by Twilio's own OpenAPI description of it.

The description lies beside the checkout (``../shared/data/twilio_api_v2010.json.gz``); where it is absent, nothing is
checked, and the tests of the check itself are skipped.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "twilio_api_v2010.json.gz"

_FORM = "application/x-www-form-urlencoded"
_NAME = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")


@cache
def description() -> Description | None:
    """The description, if it is there."""
    return Description(FILE) if FILE.is_file() else None


class Description:
    """An OpenAPI file, and what is wrong with a request by it."""

    def __init__(self, file: Path) -> None:
        self._whole: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
        self._paths = [(_pattern(template), item) for template, item in self._whole["paths"].items()]

    def faults(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> list[str]:
        """
        Return what is wrong with a request, a few words each.

        Args:
            target: path and query.
            headers: names in lower case.
        """
        url = urlsplit(target)
        found = [(match, item) for pattern, item in self._paths if (match := pattern.fullmatch(url.path))]
        if not found:
            return [f"no such path: {url.path}"]
        # A template without names is more telling than one with.
        match, item = min(found, key=lambda each: len(each[0].groupdict()))
        operation = item.get(method.lower())
        if operation is None:
            return [f"no {method} at {url.path}"]
        parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
        return [
            *self._in(parameters, "path", list(match.groupdict().items())),
            *self._in(parameters, "query", parse_qsl(url.query, keep_blank_values=True)),
            *_log_in(headers.get("authorization", "")),
            *self._form(operation, headers, body),
        ]

    def _in(
        self, parameters: Sequence[Mapping[str, Any]], place: str, given: Sequence[tuple[str, str]]
    ) -> Iterator[str]:
        known = {each["name"]: each for each in parameters if each["in"] == place}
        schemas = {name: each["schema"] for name, each in known.items()}
        required = [name for name, each in known.items() if each.get("required")]
        yield from self._fields(place, schemas, required, given)

    def _form(self, operation: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> Iterator[str]:
        content = operation.get("requestBody", {}).get("content")
        if content is None:
            if body:
                yield "a body that nobody reads"
            return
        said = headers.get("content-type", "").partition(";")[0].strip()
        if said not in content or said != _FORM:
            yield f"content-type {said!r}"
            return
        try:
            given = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        except ValueError as error:
            yield f"the form cannot be read ({type(error).__name__})"
            return
        schema = self._resolved(content[_FORM]["schema"])
        yield from self._fields("form", schema.get("properties", {}), schema.get("required", ()), given)
        if operation["operationId"] == "CreateMessage":
            yield from _about_a_message(dict(given))

    def _fields(
        self,
        place: str,
        schemas: Mapping[str, Any],
        required: Sequence[str],
        given: Sequence[tuple[str, str]],
    ) -> Iterator[str]:
        names = [name for name, _ in given]
        yield from (f"{place}: {name} is missing" for name in required if name not in names)
        for name, value in given:
            schema = self._resolved(schemas[name]) if name in schemas else None
            if schema is None:
                yield f"{place}: {name} is unknown"
            elif schema.get("type") != "array" and names.count(name) > 1:
                yield f"{place}: {name} is there twice"
            else:
                wrong = _wrong(value, self._resolved(schema.get("items", schema)))
                yield from (f"{place}: {name} is no {each}" for each in wrong)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self._whole
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema


def _pattern(template: str) -> re.Pattern[str]:
    parts = [f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(_NAME.split(template))]
    return re.compile("".join(parts))


def _wrong(value: str, schema: Mapping[str, Any]) -> Iterator[str]:
    match schema.get("type"):
        case "integer" if not re.fullmatch(r"-?\d+", value):
            yield "integer"
        case "number" if not re.fullmatch(r"-?\d+(\.\d+)?", value):
            yield "number"
        case "boolean" if value not in ("true", "false"):
            yield "boolean"
    if "enum" in schema and value not in schema["enum"]:
        yield "one of the words that there are"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{schema['pattern']}"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield "text of that length"
    if schema.get("format") == "uri" and not _is_public(value):
        yield "URI"
    if schema.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        yield "instant"


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    is_encoded = url.isascii() and url.isprintable() and " " not in url
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(host) and "_" not in host and is_encoded and len(url) <= 4000


def _log_in(header: str) -> Iterator[str]:
    """RFC 7617; Twilio's description says `http`, `basic`."""
    scheme, _, encoded = header.partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        user = colon = password = ""
    if scheme.lower() != "basic" or not (user and colon and password):
        yield "no Basic log-in"
    elif not re.fullmatch(r"(AC|SK)[0-9a-fA-F]{32}", user):
        yield "a log-in with something else than an account or a key"


def _about_a_message(form: Mapping[str, str]) -> Iterator[str]:
    """What the description says of ``CreateMessage`` in words only."""
    whats = [name for name in ("Body", "MediaUrl", "ContentSid") if name in form]
    if len(whats) != 1:
        yield f"a message of {whats}, and not of one thing"
    if "ContentVariables" in form and "ContentSid" not in form:
        yield "variables without a template"
    if not {"From", "MessagingServiceSid"} & form.keys():
        yield "no sender"
    if not 1 <= len(form.get("Body", "x")) <= 1600:
        yield "a text that is empty or too long"
    period = form.get("ValidityPeriod", "1")
    if period.isdigit() and not 1 <= int(period) <= 36_000:
        yield "a validity beyond 36,000 seconds"
    to, is_whatsapp = form.get("To", ""), form.get("To", "").startswith("whatsapp:")
    if not _NUMBER.fullmatch(to.removeprefix("whatsapp:")):
        yield "a number that is not in E.164"
    sender = form.get("From", "")
    if sender and (
        is_whatsapp != sender.startswith("whatsapp:") or not _SENDER.fullmatch(sender.removeprefix("whatsapp:"))
    ):
        yield "a sender that cannot be"
    if "ContentVariables" in form:
        values = json.loads(form["ContentVariables"])
        if not isinstance(values, dict) or not all(isinstance(each, str) and each for each in values.values()):
            yield "variables that are no object of texts"
