"""The first minute with the library: the program that opens the README."""

from __future__ import annotations

import re
from pathlib import Path

from tests.examples.running import EXAMPLES, run

README = EXAMPLES.parent / "README.md"
PROGRAM = EXAMPLES / "first_steps.py"


def test_the_readme_opens_with_this_program() -> None:
    """The first block of code in the README is the example, letter for letter."""
    block = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)

    assert block
    assert PROGRAM.read_text(encoding="utf-8") == block[1]


def test_a_broken_promise_is_told_at_once(tmp_path: Path) -> None:
    """With the promised day in the past and nothing shipped, the same program prints the delay notice."""
    source = PROGRAM.read_text(encoding="utf-8")
    changed = source.replace("timedelta(days=1)", "timedelta(days=-1)")
    changed = "".join(line for line in changed.splitlines(keepends=True) if "OrderShipped(" not in line)
    late = tmp_path / "late.py"
    late.write_text(changed, encoding="utf-8")

    printed = run(late, cwd=tmp_path)

    assert source != changed
    assert ["order-received", "delayed"] == re.findall(r"^-- (\S+) · order A-1001", printed, re.MULTILINE)
    assert "We have not recorded a shipment yet" in printed
    assert (tmp_path / "orders.db").is_file()


def test_running_it_again_goes_on_with_the_same_file(tmp_path: Path) -> None:
    """A second run finds the order in the file and tells nothing twice that was told before."""
    first = run(PROGRAM, cwd=tmp_path)
    second = run(PROGRAM, cwd=tmp_path)

    assert 1 == first.count("-- order-received ")
    assert 0 == second.count("-- order-received ")
