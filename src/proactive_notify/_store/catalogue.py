"""
Statements by name, and the schema's numbered files, for one dialect.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statements(dialect: str) -> Mapping[str, str]:
    """Return every statement of a dialect by its name, from all its files."""
    folder = files(__package__) / "sql" / dialect
    texts = [f.read_text(encoding="utf-8") for f in folder.iterdir() if not f.name[:4].isdigit()]
    parts = [part for text in texts for part in _NAME.split(text)[1:]]
    return {name: body.strip().rstrip(";") for name, body in zip(parts[::2], parts[1::2], strict=True)}


@cache
def migrations(dialect: str) -> Mapping[int, str]:
    """Return the schema's steps of a dialect by number, from 1."""
    folder = files(__package__) / "sql" / dialect
    found = {int(f.name[:4]): f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name[:4].isdigit()}
    return dict(sorted(found.items()))
