def preview() -> None:
    """To do."""
