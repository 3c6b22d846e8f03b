"""
Another program of the shop's that writes to the same file, and takes its time: real seconds, for SQLite itself waits
for a lock by the machine's clock. It lets go at once when whoever started it is gone.

::

    python -m tests.acceptance.fire.holder DATABASE SECONDS

Said on standard output: ``holding`` (the write lock is ours), ``released``.
"""

from __future__ import annotations

import os
import select
import sqlite3
import sys
from contextlib import closing


def say(*words: object) -> None:
    """Tell who started us."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def main() -> None:
    database, seconds = sys.argv[1:]
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as db:
        db.execute("begin immediate")
        say("holding")
        select.select([sys.stdin], [], [], float(seconds))
        db.execute("rollback")
    say("released")


if __name__ == "__main__":
    main()
