"""
The user's own notifier, named as ``module:name``, or one that stands in for it.
"""

import difflib
import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from .. import channels
from ..channels import Email
from ..domain.customers import Shop
from ..errors import ProactiveNotifyError, UsageError
from ..notifier import Notifier
from ..transports import ConsoleTransport

AppOption = Annotated[
    str | None,
    typer.Option("--app", metavar="MODULE:NAME", help="Your Notifier, for example shop.notify:notifier."),
]
#: What code goes wrong with. An exception class of the user's own passes: he wrote it to be read.
_GOES_WRONG = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    SystemExit,
    TypeError,
    ValueError,
)
_EXAMPLE = "write module:name, like --app shop.notify:notifier"


@contextmanager
def users_code(what: str) -> Iterator[None]:
    """
    Turn whatever code of the user's own raises into one sentence that says where.

    Raises:
        UsageError: it raised, or ended the program. The library's own errors pass as they are.
    """
    try:
        yield
    except ProactiveNotifyError:
        raise
    except _GOES_WRONG as error:
        said = f": {error}" if str(error) else ""
        raise UsageError(f"{what} failed with {type(error).__name__}{said} ({_where(error)})") from None


def chosen_app(context: typer.Context, app: str | None) -> str | None:
    """Return what ``--app`` named, before the command or after it."""
    before: str | None = context.find_root().obj
    return app or before


def load_notifier(name: str) -> Notifier:
    """
    Import the user's notifier; modules are looked for in the working directory first.

    Raises:
        UsageError: it cannot be imported, or is no notifier. The text says which, and what to do.
    """
    module_name, colon, attribute = name.partition(":")
    if not (colon and module_name and attribute):
        raise UsageError(f"--app {name!r} is no name of an object; {_EXAMPLE}")
    found = _attribute(_import(module_name), attribute, name)
    if isinstance(found, Notifier):
        return found
    if isinstance(found, type) or callable(found):
        raise UsageError(
            f"--app: {name} is {_described(found)}, not a Notifier; name the object that Notifier(…) makes"
        )
    raise UsageError(f"--app: {name} is {_described(found)}, not a Notifier")


def stand_in() -> Notifier:
    """Return a notifier with the shipped notices and templates, which keeps and sends nothing."""
    shop = Shop(name="Your shop", reply_to="help@shop.example")
    email = Email(ConsoleTransport(), sender="Your shop <orders@shop.example>")
    sms = channels.Sms(ConsoleTransport(), sender="Your shop")
    return Notifier(shop, store="sqlite://", channels=[email, sms])


def notifier_of(context: typer.Context, app: str | None) -> Notifier:
    """Return the user's notifier, or the stand-in where none is named."""
    name = chosen_app(context, app)
    return load_notifier(name) if name else stand_in()


def _import(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with users_code(f"importing {name}"):
            return _imported(name)
    except ProactiveNotifyError as error:
        raise type(error)(f"--app: {error}") from None


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise UsageError(
                f"there is no module {error.name!r}; run this where it can be imported, or set PYTHONPATH"
            ) from None
        raise


def _attribute(module: ModuleType, attribute: str, name: str) -> object:
    found = getattr(module, attribute, None)
    if found is not None:
        return found
    notifiers = [key for key, value in vars(module).items() if isinstance(value, Notifier)]
    close = difflib.get_close_matches(attribute, vars(module), n=1)
    if notifiers:
        hint = f"it has the notifier {' and '.join(f'{module.__name__}:{each}' for each in notifiers)}"
    elif close:
        hint = f"did you mean {module.__name__}:{close[0]}?"
    else:
        hint = "it has no Notifier at its top level"
    raise UsageError(f"--app {name}: the module {module.__name__} has no {attribute!r}; {hint}")


def _described(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"the function {getattr(value, '__name__', '?')}" if callable(value) else f"a {type(value).__name__}"


def _where(error: BaseException) -> str:
    """The file and line at which it was raised; for a mistake of syntax, where that stands."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    last = next((each for each in reversed(frames) if not each.filename.startswith("<frozen")), frames[-1])
    return f"{last.filename}, line {last.lineno}"
