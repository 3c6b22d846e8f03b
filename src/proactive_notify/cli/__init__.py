"""
The command line. Exit status: 0 done, 1 something is wrong with the shop's state, 2 bad input or usage.
"""

from .app import main

__all__ = ["main"]
