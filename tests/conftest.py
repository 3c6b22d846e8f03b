"""
What all tests share: where the shared data is, hypothesis' profiles, and two rules: a skip says why, and no log line
and no error holds what is the customer's (leaks.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.leaks import Leaks

pytest_plugins = ["pytester"]

REPOSITORY = Path(__file__).resolve().parent.parent

hypothesis.settings.register_profile("default", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the checkout; without it a skip, or a failure if PN_REQUIRE_SHARED is set."""
    folder = REPOSITORY.parent / "shared"
    if folder.is_dir():
        return folder
    reason = "shared data is not beside this checkout"
    if os.environ.get("PN_REQUIRE_SHARED"):
        pytest.fail(f"PN_REQUIRE_SHARED is set, but {reason}: {folder} is no folder")
    pytest.skip(reason)


class SkipsSayWhy:
    """Fails a session in which a test was skipped, or expected to fail, without a word of why."""

    def __init__(self) -> None:
        self.offenders: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look_at(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look_at(report)

    def _look_at(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not reason_of(report):
            self.offenders.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self.offenders and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.offenders:
            terminalreporter.section("skipped without a reason", red=True)
        for nodeid in sorted(self.offenders):
            terminalreporter.line(f"{nodeid}: say why: @pytest.mark.skip(reason=…) or pytest.skip(…)")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a report was skipped or expected to fail, or an empty string."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail).removeprefix("reason:").strip()
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "")
    reason = said.removeprefix("Skipped").removeprefix(":").strip()
    return "" if reason in ("unconditional skip", "<Skipped instance>") else reason


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkipsSayWhy(), "skips-say-why")
    config.addinivalue_line("markers", "says_too_much(reason): its log lines or errors hold an address, and why")
    leaks = Leaks()
    leaks.watch()
    config.pluginmanager.register(leaks, "leaks")
