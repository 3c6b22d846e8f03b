"""What Twilio's codes mean, row by row, and what an answer means whose code nobody knows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proactive_notify.domain.twilio_codes import CODES, Verdict, Where, receipt_of, refusal
from proactive_notify.errors import ChannelRefused, Permanent, SendError, Transient, Uncertain

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def outcome(error: SendError) -> str:
    """The name of what becomes of the message: again, never, number (never to it), ours, uncertain."""
    match error:
        case Transient():
            return "again"
        case Permanent(suppress=True):
            return "number" if error.suppress_after == 1 else f"number-{error.suppress_after}"
        case Permanent():
            return "never"
        case ChannelRefused():
            return "ours"
        case Uncertain():
            return "uncertain"
    raise AssertionError(f"{type(error).__name__} is no outcome")


def codes_of(text: str) -> set[int]:
    return {int(code) for code in text.split()}


#: By hand, and not from the table: what a create call's answer means.
AT_CREATE = {
    "ours": codes_of(
        "20003 20005 20404 21212 21267 21603 21606 21609 21659 21660 21661 21703 21704 21705 21710 21711 21712"
    ),
    "again": codes_of("20429 21611 35125 60728"),
    "uncertain": codes_of("20500 20503"),
    "number": codes_of("21211 21265 21266 21610 21614 21635"),
    "never": codes_of("21408 21602 21604 21608 21612 21617 21619 35114 35115 35118 63038"),
}
#: The same for a status callback.
AT_RECEIPT = {
    "ours": codes_of("30002 30032 30033 30034"),
    "again": codes_of("30001 30008 30022 30410 63018"),
    "number": codes_of("21610 30004 30005 30006 63024"),
    "number-3": codes_of("30003"),
    "never": codes_of("30007 30010 30023 30027 30035 30036 30450 30453 63016 63021 63038"),
}
#: Whose fault is the customer's alone, or nobody's: there is nothing for the shop to do.
QUIET = codes_of("20429 20500 20503 21211 21265 21266 21610 21614 21635") | codes_of(
    "30001 30003 30004 30005 30006 30008 30022 30036 30410 63018 63024"
)


@pytest.mark.parametrize(
    ("code", "wanted"), [(code, wanted) for wanted, codes in AT_CREATE.items() for code in sorted(codes)]
)
def test_a_code_at_create_decides(code: int, wanted: str) -> None:
    """Each code that the create call answers with means what the table says, under any status that is no success."""
    found = {outcome(refusal(status, code)) for status in (400, 403, 429, 503)}

    assert {wanted} == found


def test_a_code_in_a_receipt_decides() -> None:
    """Each code that a status callback may carry means what the table says."""
    found: dict[str, set[int]] = {}
    for row in CODES:
        if row.where is not Where.API:
            said = receipt_of(str(row.code))
            names = {Verdict.TRANSIENT: "again", Verdict.REFUSED: "ours"}
            kind = names.get(said.verdict, "never")
            if said.suppress:
                kind = "number" if said.suppress_after == 1 else f"number-{said.suppress_after}"
            found.setdefault(kind, set()).add(row.code)

    assert AT_RECEIPT == found


def test_every_row_is_there_once_and_in_order() -> None:
    """The table is sorted, has no code twice, and says of each what it means and where that is written."""
    codes = [row.code for row in CODES]

    assert sorted(set(codes)) == codes
    assert set(codes) == set().union(*AT_CREATE.values(), *AT_RECEIPT.values())
    assert [] == [row.code for row in CODES if not row.says or str(row.code) not in row.source]


def test_what_the_shop_must_act_on_is_marked() -> None:
    """A code alerts the shop unless it is about one customer, or passes by itself."""
    assert QUIET == {row.code for row in CODES if not row.alerts}


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (301, "ours"),
        (308, "ours"),
        (400, "never"),
        (401, "ours"),
        (403, "never"),
        (404, "ours"),
        (407, "ours"),
        (408, "again"),
        (409, "never"),
        (418, "never"),
        (422, "never"),
        (429, "again"),
        (500, "uncertain"),
        (502, "uncertain"),
        (503, "uncertain"),
        (504, "uncertain"),
        (599, "uncertain"),
        (999, "never"),
    ],
)
@pytest.mark.parametrize("code", [None, 0, 99_999, "21211; DROP", {"code": 21211}, True, "², ", 10**30, -21211])
def test_an_answer_without_a_known_code_goes_by_its_status(status: int, wanted: str, code: object) -> None:
    """A code that we do not know never suppresses a number; a 5xx is uncertain, every other 4xx the end of this try."""
    assert wanted == outcome(refusal(status, code))


def test_under_a_5xx_only_a_code_of_the_create_call_proves_that_nothing_was_taken() -> None:
    """A 503 with a known refusal was not taken; one with a code of receipts may have been."""
    found = [outcome(refusal(503, code)) for code in (21211, 20429, 60728, 63038, 30003, 30006)]

    assert ["number", "again", "again", "never", "uncertain", "uncertain"] == found


def test_a_code_of_receipts_decides_under_a_4xx() -> None:
    """A code that so far came only later may come at once: it means the same."""
    assert ["number", "ours", "number"] == [outcome(refusal(400, code)) for code in (30006, 30034, 63024)]


def test_a_code_may_come_as_digits() -> None:
    """A callback's form has texts; a code of the table is found all the same."""
    assert receipt_of(30005) == receipt_of("30005")
    assert "number" == outcome(refusal(400, "21211"))


@pytest.mark.parametrize("code", [None, "", "0", "12", "30999", "abc", "+30005", "３０００５", "9" * 400, 30_999])
def test_an_unknown_receipt_falls_over_and_suppresses_nothing(code: str | int | None) -> None:
    """A delivery failure that we do not know ends this message and never the number, and is quoted as digits only."""
    said = receipt_of(code)

    assert (Verdict.PERMANENT, False, None) == (said.verdict, said.suppress, said.tries)
    assert len(said.code) < 10
    assert not said.code or (said.code.isascii() and said.code.isdigit())


def test_a_provider_that_names_a_time_is_waited_for() -> None:
    """`Retry-After` wins over the table's own time, which stands in where there is none."""
    found = [refusal(429, code, retry_after=after).retry_after for code, after in [(20429, 7 * MINUTE), (20429, None)]]

    assert [7 * MINUTE, MINUTE] == found
    assert DAY == refusal(429, 63038, retry_after=MINUTE).retry_after


def test_an_outage_is_told_from_what_is_wrong_with_one_message() -> None:
    """The breaker counts what every message would meet, and nothing else."""
    found = {code for code in (20429, 20500, 20503, 21611, 35125, 60728, 21211, 21610, 30003) if is_outage(code)}

    assert codes_of("20429 20500 20503 21611 35125 60728") == found
    assert not refusal(400).is_outage
    assert refusal(502).is_outage


def is_outage(code: int) -> bool:
    return refusal(400, code).is_outage


def test_a_telephone_that_is_off_is_no_dead_number() -> None:
    """An unreachable handset is tried again after hours, at most three times, and suppressed at the third."""
    said = receipt_of("30003")

    assert (Verdict.TRANSIENT, 4 * HOUR, 3, True, 3) == (
        said.verdict,
        said.retry_after,
        said.tries,
        said.suppress,
        said.suppress_after,
    )


def test_what_may_have_arrived_all_the_same_is_marked() -> None:
    """Trying again after an unknown error or a silent carrier may tell a customer twice."""
    assert {30008, 30410} == {row.code for row in CODES if row.may_repeat}


def test_an_error_says_both_numbers_and_our_own_words() -> None:
    """The text of an error names the status, the code and what it means."""
    assert "Twilio answered 400 (21610): the customer said STOP." == str(refusal(400, 21610))
    assert "Twilio answered 502: an error of its own." == str(refusal(502))
    assert ("21610", "502") == (refusal(400, 21610).code, refusal(502, "<html>").code)


def test_a_message_that_was_created_and_has_failed_is_no_success() -> None:
    """A created message that says that it has failed is read by its code, like a receipt."""
    assert ["number", "never", "never"] == [outcome(refusal(201, code)) for code in (30005, None, 12)]
