"""What the contract tests share."""

from __future__ import annotations

import pytest

from tests.contract.command_line import CommandLine


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, as it prints where a line has room for 160 characters."""
    monkeypatch.setenv("COLUMNS", "160")
    return CommandLine(capsys)
