"""The rules of conftest.py: a skip says why, and shared data that has to be there is there."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")


@pytest.fixture
def checkout(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with our conftest.py and nothing else, beside which there may be a folder `shared`."""
    monkeypatch.delenv("PN_REQUIRE_SHARED", raising=False)
    tests = pytester.mkdir("checkout") / "tests"
    tests.mkdir()
    for file in (CONFTEST, CONFTEST.with_name("leaks.py")):
        (tests / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return tests.parent


def run(pytester: pytest.Pytester, checkout: Path, source: str, *arguments: str) -> pytest.RunResult:
    (checkout / "tests" / "test_it.py").write_text(f"import pytest\n\n{source}\n", encoding="utf-8")
    options = ("-p", "no:proactive_notify", "-o", f"pythonpath={checkout}")
    return pytester.runpytest_subprocess(*options, *arguments, str(checkout / "tests"))


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("@pytest.mark.skip\ndef test_it(): pass", id="bare-mark"),
        pytest.param("@pytest.mark.skip(reason='')\ndef test_it(): pass", id="empty-mark"),
        pytest.param("def test_it(): pytest.skip()", id="bare-call"),
        pytest.param("pytest.skip(allow_module_level=True)", id="module"),
        pytest.param("@pytest.mark.xfail\ndef test_it(): assert False", id="bare-xfail"),
    ],
)
def test_a_skip_without_a_reason_fails_the_session(pytester: pytest.Pytester, checkout: Path, source: str) -> None:
    """A session whose tests all pass or are skipped fails when one of the skips has no reason, and names it."""
    result = run(pytester, checkout, source)

    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines(["*skipped without a reason*", "*test_it.py*say why*"])


def test_a_skip_without_a_reason_is_seen_through_worker_processes(pytester: pytest.Pytester, checkout: Path) -> None:
    """The rule also holds when the tests are spread over processes."""
    result = run(pytester, checkout, "@pytest.mark.skip\ndef test_it(): pass", "-n", "1")

    assert pytest.ExitCode.TESTS_FAILED == result.ret
    result.stdout.fnmatch_lines(["*test_it.py*say why*"])


def test_a_skip_with_a_reason_passes(pytester: pytest.Pytester, checkout: Path) -> None:
    """A skip or an expected failure that says why fails nothing."""
    source = (
        "@pytest.mark.skip(reason='no printer')\ndef test_skipped(): pass\n"
        "@pytest.mark.xfail(reason='not yet')\ndef test_expected(): assert False\n"
        "def test_called(): pytest.skip('no scanner')\n"
        "def test_fine(): pass"
    )

    result = run(pytester, checkout, source)

    assert pytest.ExitCode.OK == result.ret
    result.assert_outcomes(passed=1, skipped=2, xfailed=1)


def test_shared_data_that_is_absent_is_skipped_with_its_reason(pytester: pytest.Pytester, checkout: Path) -> None:
    """Without the folder beside the checkout a test of the shared data is skipped, and says so."""
    result = run(pytester, checkout, "def test_it(shared): pass", "-rs")

    assert pytest.ExitCode.OK == result.ret
    result.stdout.fnmatch_lines(["*shared data is not beside this checkout*"])


def test_shared_data_that_is_required_may_not_be_absent(
    pytester: pytest.Pytester, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With PN_REQUIRE_SHARED the same test is an error instead."""
    monkeypatch.setenv("PN_REQUIRE_SHARED", "1")

    result = run(pytester, checkout, "def test_it(shared): pass")

    result.assert_outcomes(errors=1)


def test_shared_data_that_is_there_is_used(pytester: pytest.Pytester, checkout: Path) -> None:
    """With the folder beside the checkout the test gets its path."""
    pytester.mkdir("shared")

    result = run(pytester, checkout, "def test_it(shared): assert shared.is_dir()")

    result.assert_outcomes(passed=1)
