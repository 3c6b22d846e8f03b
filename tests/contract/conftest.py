"""What the contract tests share."""

from __future__ import annotations

from shutil import which

import pytest

from tests.contract.certificates import Authority
from tests.contract.command_line import CommandLine


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, as it prints where a line has room for 160 characters."""
    monkeypatch.setenv("COLUMNS", "160")
    return CommandLine(capsys)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One authority for the certificates of all tests of a run."""
    if which("openssl") is None:
        pytest.skip("the openssl command is needed to make a certificate")
    return Authority(tmp_path_factory.mktemp("authority"))
