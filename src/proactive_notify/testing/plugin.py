"""
The pytest plugin: the fixture ``sim``.
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from ..simulation import Simulation


@pytest_asyncio.fixture
async def sim() -> AsyncIterator[Simulation]:
    """Give a fresh :class:`Simulation`: SQLite in memory, the shipped notices, Monday 2026-01-05 09:00 UTC."""
    async with Simulation() as simulation:
        yield simulation
