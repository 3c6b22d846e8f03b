"""
The commands, and what happens when one fails.
"""

import logging
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from ..errors import ProactiveNotifyError
from .application import AppOption
from .audit import audit
from .check import check
from .doctor import doctor
from .orders import orders
from .outbox import outbox
from .preview import preview
from .replay import replay
from .showing import console, nobody_reads, text
from .suppress import suppress
from .working import worker

app = typer.Typer(
    name="proactive-notify",
    help="Makes sure that no customer is left in silence about an order.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(replay)
app.command()(audit)
app.command()(check)
app.command()(preview)
app.command()(doctor)
app.command()(worker)
app.add_typer(orders, name="orders")
app.add_typer(outbox, name="outbox")
app.add_typer(suppress, name="suppress")


def _show_version(wanted: bool) -> None:
    if wanted:
        try:
            number = version("proactive-notify")
        except PackageNotFoundError:
            number = "(not installed: run from its sources)"
        typer.echo(f"proactive-notify {number}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    app_name: AppOption = None,
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Makes sure that no customer is left in silence about an order."""
    context.obj = app_name


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line.

    Args:
        arguments: as a shell would split them, without the program's name; ``None``: those of this process.

    Raises:
        SystemExit: always; 0 done, 1 something is wrong with the shop's state, 2 bad input or usage.
    """
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(arguments)
    except ProactiveNotifyError as error:
        _stop(str(error))
    except OSError as error:
        name = f"{error.filename!r}: " if error.filename else ""
        _stop(f"{name}{error.strerror or type(error).__name__}; free what is missing and run it again")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        _flush()


def _stop(message: str) -> None:
    said = text("proactive-notify: ", style="bold red")
    said.append_text(text(message, style="not bold default"))
    console(stderr=True).print(said, soft_wrap=True)
    sys.exit(2)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()
