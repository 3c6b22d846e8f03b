"""
The commands, and what happens when one fails.
"""

import logging
import sys

import typer
from rich.console import Console

from ..errors import EventInvalid, ProactiveNotifyError
from .check import check
from .orders import orders
from .preview import preview
from .replay import replay

app = typer.Typer(
    name="proactive-notify",
    help="Makes sure that no customer is left in silence about an order.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(replay)
app.command()(check)
app.command()(preview)
app.add_typer(orders, name="orders")


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        app()
    except EventInvalid as error:
        _stop(str(error))
    except ProactiveNotifyError as error:
        _stop(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _stop(message: str) -> None:
    Console(stderr=True).print(f"[bold red]proactive-notify:[/] {message}", highlight=False, soft_wrap=True)
    sys.exit(2)
