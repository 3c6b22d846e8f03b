"""
What one rule of a law is, as data.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

#: When the shipped rules were last looked at.
REVIEWED = date(2026, 11, 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One rule, which can be turned off by its key: ``Policy(without_rules={"us.435.2b1"})``.
    """

    key: str
    #: What it demands, in a sentence.
    demands: str
    #: Where it stands.
    source: str
    #: What the library does about it; empty: nothing, it is told for the reader.
    effect: str = ""
    #: ``S``: read in a secondary source. ``K``: known from memory, or cited by it.
    mark: Literal["S", "K"] = "K"
    reviewed: date = REVIEWED

    @property
    def is_verified(self) -> bool:
        """Somebody has read it in a source; nobody has held it against the official text."""
        return self.mark != "K"
