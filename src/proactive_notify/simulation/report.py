"""
The replay's summary for a person.
"""

from pathlib import Path
from typing import Any


def write_report(folder: Path, summary: dict[str, Any]) -> None:
    """Write ``report.html``."""
    (folder / "report.html").write_text(f"<!doctype html><title>Replay</title><pre>{summary}</pre>", encoding="utf-8")
