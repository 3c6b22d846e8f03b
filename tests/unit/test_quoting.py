"""What an error may quote of a value that is wrong."""

from __future__ import annotations

import pytest

from proactive_notify.domain.quoting import quoted


@pytest.mark.parametrize(
    "value", ["soon", "order.teleported", "2026-13-01T09:30:00Z", "2026-1-1", "12,50", 1234.5, "31/12/26"]
)
def test_a_slip_is_quoted(value: object) -> None:
    """A word, a date, a time or an amount that is wrong is quoted, so that it can be found."""
    assert repr(str(value)) == quoted(value)


@pytest.mark.parametrize(
    "value",
    [
        "ada@example.org",
        "+491711234567",
        "0171 123 45 67",
        "0171-1234567",
        4917112345678,
        "x" * 41,
        "a\nb",
        "João",
        "٣٤٥",
        "",
        None,
        ["soon"],
        b"soon",
    ],
)
def test_what_could_be_a_persons_is_not(value: object) -> None:
    """What could be an address or a telephone number, is long, or has other than plain characters is not quoted."""
    assert "what was given" == quoted(value)
