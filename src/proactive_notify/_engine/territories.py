"""
Countries and their time zones: CLDR's, through Babel.
"""

from collections.abc import Sequence

from babel.core import get_global


def zones_of_country(country: str) -> Sequence[str]:
    """Return the IANA names of a country's zones; none for a country that is not known."""
    found: Sequence[str] = get_global("territory_zones").get(country.upper(), ())
    return found
