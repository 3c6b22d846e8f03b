"""
The states of the United States: how people write them, and their time zones.

Reviewed on 2026-11-22 against the tz database (``zone1970.tab`` and ``northamerica``). Zones that have shown the same
time since 2007 as another one of the state are left out; a state in two zones has both.
"""

from collections.abc import Mapping

_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"
_ARIZONA = "America/Phoenix"

#: Code → the name in lower case, and the IANA names of its zones.
STATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "AL": ("alabama", (_CENTRAL,)),
    "AK": ("alaska", ("America/Anchorage", "America/Adak")),
    "AZ": ("arizona", (_ARIZONA, _MOUNTAIN)),
    "AR": ("arkansas", (_CENTRAL,)),
    "CA": ("california", (_PACIFIC,)),
    "CO": ("colorado", (_MOUNTAIN,)),
    "CT": ("connecticut", (_EASTERN,)),
    "DE": ("delaware", (_EASTERN,)),
    "DC": ("district of columbia", (_EASTERN,)),
    "FL": ("florida", (_EASTERN, _CENTRAL)),
    "GA": ("georgia", (_EASTERN,)),
    "HI": ("hawaii", ("Pacific/Honolulu",)),
    "ID": ("idaho", (_MOUNTAIN, _PACIFIC)),
    "IL": ("illinois", (_CENTRAL,)),
    "IN": ("indiana", (_EASTERN, _CENTRAL)),
    "IA": ("iowa", (_CENTRAL,)),
    "KS": ("kansas", (_CENTRAL, _MOUNTAIN)),
    "KY": ("kentucky", (_EASTERN, _CENTRAL)),
    "LA": ("louisiana", (_CENTRAL,)),
    "ME": ("maine", (_EASTERN,)),
    "MD": ("maryland", (_EASTERN,)),
    "MA": ("massachusetts", (_EASTERN,)),
    "MI": ("michigan", (_EASTERN, _CENTRAL)),
    "MN": ("minnesota", (_CENTRAL,)),
    "MS": ("mississippi", (_CENTRAL,)),
    "MO": ("missouri", (_CENTRAL,)),
    "MT": ("montana", (_MOUNTAIN,)),
    "NE": ("nebraska", (_CENTRAL, _MOUNTAIN)),
    "NV": ("nevada", (_PACIFIC, _MOUNTAIN)),
    "NH": ("new hampshire", (_EASTERN,)),
    "NJ": ("new jersey", (_EASTERN,)),
    "NM": ("new mexico", (_MOUNTAIN,)),
    "NY": ("new york", (_EASTERN,)),
    "NC": ("north carolina", (_EASTERN,)),
    "ND": ("north dakota", (_CENTRAL, _MOUNTAIN)),
    "OH": ("ohio", (_EASTERN,)),
    "OK": ("oklahoma", (_CENTRAL,)),
    "OR": ("oregon", (_PACIFIC, _MOUNTAIN)),
    "PA": ("pennsylvania", (_EASTERN,)),
    "RI": ("rhode island", (_EASTERN,)),
    "SC": ("south carolina", (_EASTERN,)),
    "SD": ("south dakota", (_CENTRAL, _MOUNTAIN)),
    "TN": ("tennessee", (_EASTERN, _CENTRAL)),
    "TX": ("texas", (_CENTRAL, _MOUNTAIN)),
    "UT": ("utah", (_MOUNTAIN,)),
    "VT": ("vermont", (_EASTERN,)),
    "VA": ("virginia", (_EASTERN,)),
    "WA": ("washington", (_PACIFIC,)),
    "WV": ("west virginia", (_EASTERN,)),
    "WI": ("wisconsin", (_CENTRAL,)),
    "WY": ("wyoming", (_MOUNTAIN,)),
}

_BY_NAME: Mapping[str, str] = {name: code for code, (name, _) in STATES.items()}


def state_code(region: str | None) -> str | None:
    """Return the code of a state that is written ``FL``, ``us-fl`` or ``Florida``; ``None`` for what is none."""
    said = " ".join((region or "").replace(".", "").split())
    code = said.upper().removeprefix("US-")
    return code if code in STATES else _BY_NAME.get(said.lower())
