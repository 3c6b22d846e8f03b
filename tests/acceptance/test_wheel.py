"""The built wheel, in an empty environment, with the sources out of reach: does what a user installs work?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_SOURCES = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "results")


@dataclass(frozen=True)
class Installed:
    """An environment of its own, and a folder to stand in that is far from the sources."""

    bin: Path
    cwd: Path
    home: Path

    def run(self, *command: str) -> str:
        """What a command of the environment prints; it has the environment, an empty home, and nothing else."""
        path = os.pathsep.join([str(self.bin), os.defpath])
        env = {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8"}
        return run([str(self.bin / command[0]), *command[1:]], cwd=self.cwd, env=env)


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False
    )
    assert 0 == done.returncode, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def pip_environment() -> dict[str, str]:
    """The environment as it is, so that pip's settings hold, our versions, and no way to import from elsewhere."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return env | {"PIP_CONSTRAINT": (REPOSITORY / "constraints.txt").as_uri()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, built from a copy of the sources that is gone when this returns."""
    folder = tmp_path_factory.mktemp("sdist")
    copy = folder / "copy"
    shutil.copytree(REPOSITORY, copy, ignore=NOT_SOURCES)
    shutil.copy(REPOSITORY / ".gitignore", copy)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    run(build, cwd=copy, env=pip_environment())
    shutil.rmtree(copy)
    (archive,) = folder.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """The wheel, built from the source archive alone, as a distribution would."""
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", ".", sdist.name]
    run(build, cwd=sdist.parent, env=pip_environment())
    (archive,) = sdist.parent.glob("*.whl")
    return archive


def environment(folder: Path, requirement: str) -> Installed:
    for name in ("cwd", "home"):
        (folder / name).mkdir()
    installed = Installed(bin=folder / "env" / "bin", cwd=folder / "cwd", home=folder / "home")
    run([sys.executable, "-m", "venv", str(folder / "env")], cwd=folder, env=pip_environment())
    install = [str(installed.bin / "python"), "-m", "pip", "install", "--quiet", requirement]
    run(install, cwd=folder, env=pip_environment())
    return installed


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An empty environment into which the wheel was installed, with what it depends on and nothing more."""
    return environment(tmp_path_factory.mktemp("installed"), str(wheel))


def test_the_source_archive_is_complete(sdist: Path) -> None:
    """The source archive carries all that is needed to build, test and measure the project again."""
    with tarfile.open(sdist) as archive:
        folders = {name.split("/")[1] for name in archive.getnames()}

    wanted = {"src", "templates", "examples", "tests", "benchmarks", "pyproject.toml", "constraints.txt", "LICENSE"}
    assert set() == wanted - folders


def test_the_library_comes_from_the_wheel(installed: Installed) -> None:
    """The library is imported from the environment's site-packages, and brings its types and its templates."""
    program = "import proactive_notify; print(proactive_notify.__file__)"

    module = Path(installed.run("python", "-c", program).strip())

    print(f"imported from {module}")  # noqa: T201 - shown when this fails
    assert "site-packages" == module.parent.parent.name
    assert installed.bin.parent in module.parents
    assert (module.parent / "py.typed").is_file()
    assert any((module.parent / "_templates").glob("*/email.mjml"))
    assert any((module.parent / "_templates" / "_locale").glob("*/LC_MESSAGES/*.po"))


def test_every_shipped_notice_renders_from_the_wheel(installed: Installed) -> None:
    """`check` renders every notice that is shipped, in every locale, and finds nothing wrong."""
    installed.run("proactive-notify", "check")


def test_a_replay_from_the_wheel_writes_messages_and_mails(installed: Installed) -> None:
    """A replay in an empty home writes the messages and the mails of the order that went silent."""
    shutil.copy(REPOSITORY / "examples" / "jonathan_adler.jsonl", installed.cwd)

    installed.run("proactive-notify", "replay", "jonathan_adler.jsonl", "--out", "out", "--mail")

    out = installed.cwd / "out"
    lines = (out / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    mails = list((out / "mail").glob("*.eml"))
    assert lines
    assert mails
    assert len([line for line in lines if json.loads(line)["channel"] == "email"]) == len(mails)


def test_the_package_runs_as_a_module(installed: Installed) -> None:
    """`python -m proactive_notify` is the command line too."""
    assert "replay" in installed.run("python", "-m", "proactive_notify", "--help")


def test_the_tests_pass_against_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """All tests but the long ones pass where there is a wheel and no source."""
    tested = environment(tmp_path, f"{wheel}[test]")
    for name in ("tests", "examples", "docs"):
        shutil.copytree(REPOSITORY / name, tested.cwd / name, ignore=NOT_SOURCES)
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(REPOSITORY / name, tested.cwd)

    print(tested.run("python", "-m", "pytest", "-n", "2", "--ignore=tests/acceptance"))  # noqa: T201 - the same
