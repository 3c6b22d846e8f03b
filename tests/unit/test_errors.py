"""The error tree: how errors are related, what they say by themselves, and what they carry."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from proactive_notify import (
    ChannelRefused,
    EventInvalid,
    NotifierNotOpen,
    Permanent,
    ProactiveNotifyError,
    SendError,
    SimulationStuck,
    StoreUnusable,
    Transient,
    Uncertain,
    UsageError,
    errors,
)


def all_errors(root: type[ProactiveNotifyError] = ProactiveNotifyError) -> Iterator[type[ProactiveNotifyError]]:
    """An error and all that are derived from it, in the order of their definition."""
    yield root
    for each in root.__subclasses__():
        yield from all_errors(each)


ERRORS = [each for each in all_errors() if each.__module__ == errors.__name__]


def drawn() -> list[tuple[int, str]]:
    """The tree that the module's docstring draws: depth and name of each error."""
    lines = re.findall(r"^ {4}([│ ]*)(?:[├└]── )?([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    return [(len(stem) // 4 + (name != "ProactiveNotifyError"), name) for stem, name in lines]


def test_the_tree_is_as_it_is_drawn() -> None:
    """The drawing at the top of the module shows every error, each below the one it is derived from."""
    depths = {each.__name__: len(each.__mro__) - len(ProactiveNotifyError.__mro__) for each in ERRORS}

    assert depths == {name: depth for depth, name in drawn()}


def test_one_name_catches_all() -> None:
    """Every error of the library is a ProactiveNotifyError, and an ordinary Exception."""
    public = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BaseException)]

    assert set(ERRORS) == set(public)
    assert issubclass(ProactiveNotifyError, Exception)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_without_a_message_says_its_own(error: type[ProactiveNotifyError]) -> None:
    """The docstring is the message, so an error that says nothing else still says what it is about."""
    said = str(error())

    assert said.startswith((error.__doc__ or "").strip().splitlines()[0])
    assert "\n " not in said


@pytest.mark.parametrize("error", ERRORS)
def test_a_message_of_its_own_wins(error: type[ProactiveNotifyError]) -> None:
    """A message that is given is the message."""
    assert "the disk is full" == str(error("the disk is full"))


def test_an_error_of_use_says_what_to_do() -> None:
    """What a program got wrong is answered with what to write instead."""
    assert "Use it inside `async with notifier:`." in str(NotifierNotOpen())


def test_what_decides_about_a_message_is_its_kind() -> None:
    """The four answers of a transport are told apart by class alone: none is a kind of another."""
    kinds = (Transient, Permanent, Uncertain, ChannelRefused)

    assert all(issubclass(kind, SendError) for kind in kinds)
    assert not any(issubclass(one, other) for one in kinds for other in kinds if one is not other)
    assert not issubclass(EventInvalid, (UsageError, SendError))
    assert issubclass(StoreUnusable, UsageError)


@pytest.mark.parametrize("error", [Transient, Permanent, Uncertain, ChannelRefused])
def test_an_answer_carries_its_code_and_its_time(error: type[SendError]) -> None:
    """Every answer of a transport has the provider's code and how long to wait; by default neither."""
    full = error("451 later", code="451", retry_after=timedelta(minutes=5))
    bare = error()

    assert ("451 later", "451", timedelta(minutes=5)) == (str(full), full.code, full.retry_after)
    assert ("", None) == (bare.code, bare.retry_after)


def test_only_a_permanent_refusal_can_suppress_an_address() -> None:
    """An address is not used again only where the provider refused it for good, and said so."""
    assert (True, False) == (Permanent(suppress=True).suppress, Permanent(code="550").suppress)
    with pytest.raises(TypeError):
        Transient(suppress=True)


def test_codes_are_given_by_name() -> None:
    """Beside the message all arguments have names, so none is mistaken for another."""
    with pytest.raises(TypeError):
        Transient("451 later", "451")


@pytest.mark.parametrize("carry", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
@pytest.mark.parametrize("error", ERRORS)
def test_errors_travel(error: type[ProactiveNotifyError], carry) -> None:
    """An error comes out of another process as it went in."""
    there = carry(error("the disk is full"))

    assert (error, "the disk is full") == (type(there), str(there))


def test_an_answer_travels_with_what_it_carries() -> None:
    """A transport's answer keeps its code, its time and its verdict on the address on the way between processes."""
    error = pickle.loads(pickle.dumps(Permanent("no", code="550", retry_after=timedelta(1), suppress=True)))

    assert ("550", timedelta(1), True) == (error.code, error.retry_after, error.suppress)


def test_a_stuck_simulation_says_after_how_many_steps() -> None:
    """The drawing and the error name the same number of steps."""
    drawn_line = next(line for line in (errors.__doc__ or "").splitlines() if "SimulationStuck" in line)

    assert re.findall(r"[\d,]+", drawn_line) == re.findall(r"[\d,]+", str(SimulationStuck()))
