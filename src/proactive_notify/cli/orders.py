import typer

orders = typer.Typer()


@orders.command()
def show() -> None:
    """To do."""
