def check() -> None:
    """To do."""
