"""The shape of the project itself: sizes, names, imports, and what the wheel and the constraints say."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "src" / "proactive_notify"

if not SOURCES.is_dir():
    pytest.skip("the sources are not here: these tests run against an installed wheel", allow_module_level=True)

MODULE_LINES = 400
FUNCTION_LINES = 40
NO_NOUNS = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}

# Where an `except Exception` may stand: path below src/proactive_notify → (how many, why).
BROAD_EXCEPTS: dict[str, tuple[int, str]] = {
    "_engine/delivery.py": (1, "around one row: what goes wrong with it stays with it"),
    "_engine/recorder.py": (1, "around one recording: its failure is its callers'"),
    "_engine/settling.py": (1, "around writing some outcomes: its failure is their senders'"),
    "_engine/replying.py": (1, "around one answer: what the customer wrote is taken in already"),
    "_engine/sender.py": (1, "around settling one row: what goes wrong with it stays with it"),
    "_engine/staffing.py": (1, "around one message to the staff: it stops no message to a customer"),
    "_engine/telemetry.py": (1, "around one observer: it cannot stop a message"),
    "_engine/worker.py": (1, "around the worker's outermost loop: it reports and goes on"),
    "_store/sqlite.py": (1, "around one unit on the writer thread: its failure is its caller's"),
}

# Where a function may import: path below src/proactive_notify → why. For an optional extra, inside its own adapter.
LATE_IMPORTS: dict[str, str] = {
    "observers/opentelemetry.py": "the extra `opentelemetry`",
    "observers/prometheus.py": "the extra `prometheus`",
    "transports/apprise.py": "the extra `apprise`",
    "transports/dkim.py": "the extra `dkim`",
}


def modules() -> dict[str, ast.Module]:
    """Every module of the library, by its path below src/proactive_notify."""
    paths = sorted(SOURCES.rglob("*.py"))
    return {path.relative_to(SOURCES).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def long_functions(tree: ast.Module) -> list[str]:
    """Functions whose body, the docstring left out, has more than 40 lines."""
    found = []
    for function in functions(tree):
        body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
        if lines > FUNCTION_LINES:
            found.append(f"line {function.lineno}: {function.name}() has {lines} lines, more than {FUNCTION_LINES}")
    return found


def broad_excepts(tree: ast.Module) -> list[str]:
    """`except Exception`, `except BaseException`, a bare `except`, and `suppress(Exception)`."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.ExceptHandler(type=None):
                found.append(f"line {node.lineno}: a bare except")
            case ast.ExceptHandler(type=caught) if caught is not None and names_in(caught) & BROAD:
                found.append(f"line {node.lineno}: except {ast.unparse(caught)}")
            case ast.Call(func=called, args=args) if "suppress" in names_in(called):
                if BROAD.intersection(*[set().union(*map(names_in, args))]):
                    found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


BROAD = frozenset({"Exception", "BaseException"})


def names_in(expression: ast.expr) -> set[str]:
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(expression) if isinstance(node, ast.Attribute)}


def late_imports(tree: ast.Module) -> list[str]:
    """Imports inside functions; a module's own `__getattr__` (PEP 562) may import."""
    lazy = {id(node) for top in tree.body if is_lazy_door(top) for node in ast.walk(top)}
    found = {
        node.lineno: f"line {node.lineno}: {ast.unparse(node)}"
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in lazy
    }
    return list(found.values())


def is_lazy_door(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__getattr__"


def mutable_state(tree: ast.Module) -> list[str]:
    """Lists, dicts and sets that a module keeps under a name which does not say that it is a constant."""
    found = []
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if is_annotated(node) else []
        for target in targets:
            name = target.id if isinstance(target, ast.Name) else ""
            is_constant = name.isupper() or (name.startswith("__") and name.endswith("__"))
            if name and not is_constant and is_mutable(node.value):
                found.append(f"line {node.lineno}: {name} is a mutable value that all of the process would share")
    return found


def is_annotated(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign)


def is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return bool(names_in(value.func) & {"list", "dict", "set", "defaultdict", "deque", "Counter", "OrderedDict"})
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def report(check: Callable[[ast.Module], list[str]]) -> dict[str, list[str]]:
    return {path: found for path, tree in modules().items() if (found := check(tree))}


# Shape


def test_no_module_is_too_long() -> None:
    """A module has at most 400 lines; a longer one hides a second noun that wants a module of its own."""
    lengths = {path.relative_to(SOURCES): len(path.read_bytes().splitlines()) for path in SOURCES.rglob("*.py")}

    assert {} == {str(path): length for path, length in lengths.items() if length > MODULE_LINES}


def test_no_function_is_too_long() -> None:
    """A function's body has at most 40 lines, its docstring left out."""
    assert {} == report(long_functions)


def test_modules_are_named_by_a_noun() -> None:
    """No module or package has a name that says nothing about what is in it."""
    names = {path: path.with_suffix("").name.strip("_") for path in [*SOURCES.rglob("*.py"), *SOURCES.rglob("*/")]}

    assert [] == sorted(str(path.relative_to(SOURCES)) for path, name in names.items() if name in NO_NOUNS)


def test_exceptions_are_caught_by_name() -> None:
    """`except Exception` stands only where BROAD_EXCEPTS says how often and why."""
    allowed = {path: count for path, (count, _) in BROAD_EXCEPTS.items()}

    found = report(broad_excepts)

    assert allowed == {path: len(lines) for path, lines in found.items()}, f"broad excepts: {found}"


def test_imports_stand_at_the_top() -> None:
    """A function imports only in the modules that LATE_IMPORTS lists, and `__getattr__` of a package."""
    found = report(late_imports)

    assert {} == {path: lines for path, lines in found.items() if path not in LATE_IMPORTS}
    assert set() == LATE_IMPORTS.keys() - found.keys(), "LATE_IMPORTS lists modules that import at the top only"


def test_modules_keep_no_state() -> None:
    """What exists is what was passed in: no module keeps a list, dict or set that could change."""
    assert {} == report(mutable_state)


@pytest.mark.parametrize(
    ("check", "source", "count"),
    [
        pytest.param(long_functions, "def f():\n" + "    x = 1\n" * 41, 1, id="41-lines"),
        pytest.param(
            long_functions, 'def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 40, 0, id="40-lines"
        ),
        pytest.param(broad_excepts, "try: f()\nexcept Exception: g()", 1, id="except-exception"),
        pytest.param(broad_excepts, "try: f()\nexcept (ValueError, BaseException): g()", 1, id="except-tuple"),
        pytest.param(broad_excepts, "try: f()\nexcept: g()", 1, id="bare-except"),
        pytest.param(broad_excepts, "with contextlib.suppress(Exception): f()", 1, id="suppress"),
        pytest.param(broad_excepts, "try: f()\nexcept ValueError: g()\nwith suppress(KeyError): f()", 0, id="by-name"),
        pytest.param(late_imports, "def f():\n    import twilio", 1, id="late-import"),
        pytest.param(late_imports, "class A:\n    def __getattr__(self, n):\n        import twilio", 1, id="method"),
        pytest.param(late_imports, "def __getattr__(name):\n    import twilio", 0, id="lazy-door"),
        pytest.param(late_imports, "if TYPE_CHECKING:\n    import twilio", 0, id="type-checking"),
        pytest.param(mutable_state, "cache = {}\n_seen: set[str] = set()", 2, id="state"),
        pytest.param(mutable_state, "STATES = {'a': 1}\n__all__ = ['a']\npair = (1, 2)\nx: int", 0, id="constants"),
    ],
)
def test_the_rules_find_what_they_forbid(check: Callable[[ast.Module], list[str]], source: str, count: int) -> None:
    """Each rule finds what it forbids in a small example, and only that."""
    assert count == len(check(ast.parse(source)))


# Tests


def test_every_test_says_what_it_shows() -> None:
    """Every test has a docstring that says the behaviour."""
    silent = [
        f"{path.relative_to(REPOSITORY)}:{function.lineno} {function.name}"
        for path in sorted((REPOSITORY / "tests").rglob("test_*.py"))
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]

    assert [] == silent


def test_no_test_patches_or_waits() -> None:
    """Tests replace nothing behind a module's back, and move the clock instead of waiting; only acceptance may wait."""
    waits = re.compile(r"\b(?:time|asyncio|anyio)\.sleep\((?!0\))")
    patches = re.compile(r"\bunittest\.mock\b|\bmock\.patch\b|\bmocker\.")
    found = [
        f"{path.relative_to(REPOSITORY)}:{number} {line.strip()}"
        for path in sorted((REPOSITORY / "tests").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if patches.search(line) or ("acceptance" not in path.parts and waits.search(line))
        if path != Path(__file__).resolve()
    ]

    assert [] == found


# What is shipped


def pyproject() -> dict:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_wheel_carries_the_templates() -> None:
    """The build maps the folder `templates/` into the wheel, and the folder is there."""
    mapping = pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    assert {"templates": "proactive_notify/_templates"} == mapping
    assert (REPOSITORY / "templates").is_dir()


def pins() -> dict[str, str]:
    """The versions of constraints.txt, by name; a line that is no `name==version` fails here."""
    pinned = {}
    for line in (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([a-z0-9-]+)==([0-9a-z.]+)", line)
            assert match, f"constraints.txt holds names and versions only, not {line!r}"
            pinned[match[1]] = match[2]
    return pinned


def test_ci_runs_with_known_versions() -> None:
    """All that the project and its extras need is pinned in constraints.txt, sorted, without any address."""
    project = pyproject()["project"]
    wanted = sum(project["optional-dependencies"].values(), project["dependencies"])
    names = {re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in wanted} - {project["name"]}

    assert set() == names - pins().keys()
    assert sorted(pins()) == list(pins())


def test_no_file_names_a_registry_or_a_machine() -> None:
    """No file under version control names a package registry's host or an absolute path of one machine."""
    # Put together from pieces, so that this file passes its own test.
    words = [r"py" + r"pi\.org", "python" + "hosted", "registry" + r"\.npmjs", "index" + "-url", "find" + "-links"]
    folders = [rf"(?<![\w.\-/])/{name}/" for name in ("wo" + "rk", "ro" + "ot")]
    forbidden = re.compile("|".join([*words, *folders]), re.IGNORECASE)
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate((REPOSITORY / path).read_text("utf-8", errors="replace").splitlines(), 1)
        if forbidden.search(line)
    ]

    assert [] == found


def tracked_files() -> list[str]:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout, so nobody knows which files are the project's")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split("\0") if name and (REPOSITORY / name).is_file()]
