"""
Names of a package whose modules are loaded when they are asked for (PEP 562), so that what nobody uses costs nothing.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def later(package: str, **modules: str) -> Callable[[str], Any]:
    """
    Return a package's ``__getattr__``.

    Args:
        modules: name → the module that has it, for example ``SmtpTransport=".smtp"``.
    """

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name], package), name)

    return find
