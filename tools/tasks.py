"""What ./check runs, as tasks for doit. One that has passed is left out until its command, a tool, or the content of a
file that it reads changes.

    build/venv/bin/python -B -m doit -f tools/tasks.py [--always-execute]
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from shlex import join
from typing import Any
from xml.etree import ElementTree

from doit.reporter import ConsoleReporter

from tools import BROWSERS, ROOT, bindings, faults

os.chdir(ROOT)
for preset in json.loads(Path("CMakePresets.json").read_text(encoding="utf-8"))["configurePresets"]:
    os.environ |= {
        name: text.replace("${sourceDir}", str(ROOT)) for name, text in preset.get("environment", {}).items()
    }
AGAIN = "--always-execute" in sys.argv
VENV, HTML = "build/venv/bin", "build/linux-gcc/docs/html"
WINE_PREFIX, BROWSER_TESTS = "make a Wine prefix (build/wine)", "test the guide in a browser"
OF_EACH_PAGE = ("/searchindex.js", "/search-texts.js", "/.buildinfo")  # each page changes them
PLAYED = ("/reference.js", "/worst.js")  # in the playground's page
HEADERS = ("gtest/gtest.h", "benchmark/benchmark.h", "boost/version.hpp", "sigc++-2.0/sigc++/sigc++.h")
HEADERS += ("glib-2.0/gio/gio.h", "CLI/CLI.hpp", "fmt/format.h", "nlohmann/json.hpp", "wsl/stubs/unknwn.h")
TOOLS = ("g++", "clang++", "x86_64-w64-mingw32-g++-posix", "i686-w64-mingw32-g++-posix", "cmake", "ninja", "doxygen")
TOOLS += ("ldd", f"{VENV}/python", *(f"/usr/include/{header}" for header in HEADERS))  # a header stands for its package


def content(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


def version(tool: str) -> str:
    """Its path, size and time, which is faster than running it."""
    path = Path(shutil.which(tool) or tool).resolve()
    return f"{path} {path.stat().st_size} {path.stat().st_mtime}" if path.exists() else "none"


OURS = {name: content(name) for name in faults.tracked()}  # now: an edit during the run is not tested


def files(*patterns: str) -> set[str]:
    """The files of this project that match one of the patterns; a * matches a / too."""
    return {name for name in OURS if any(fnmatch(name, pattern) for pattern in patterns)}


CMAKE = files("*CMakeLists.txt", "CMakePresets.json", "cmake/*") - files("cmake/release/*")
CODE = CMAKE | files(
    "reference-impl/*", "bindings/idl/*", "bindings/c/*", "samples/*", "docs/examples/*", "tests/*", "tools/__init__.py"
)
CODE |= files("tools/trace.py", "tools/statements.py", "docs/statements.toml", "docs/waivers.toml", "docs/*.tsv")
CODE |= files("bindings/python/mapioffline.py")
CODE -= files("tests/guide/*", "tests/tools_test.py", "tests/model/*", "tests/release_*")
UNIT_TESTS = files("tests/*_test.cpp", "tests/process/*")
PROGRAMS = CODE - UNIT_TESTS
PROGRAMS |= files("tests/tools_test.py", "tools/*.py", "benchmarks/*", "docs/figures/instructions.json")
PROGRAM_TESTS = r"^(conformance\.|worst\.|consumer\.|fuzz\.|output\.|monitor|recorder|instructions$|tools$|abi)"
OWN_GUIDE = {"docs/explanation/what-outlook-does.rst", "docs/reference/statements.rst"}  # of which a test makes another
GUIDE = files("docs/*", "conf.py", "samples/*", "reference-impl/*", "tests/conformance/samples/*", "tests/windows/*")
GUIDE |= files("tests/recorder/*", "tools/*.py", "bindings/*")
RELEASE = CMAKE | files(
    "cmake/*", "bindings/*", "reference-impl/*", "samples/*", "tests/release_*", "tests/windows/*", "LICENSE"
)

running: set[subprocess.Popen[bytes]] = set()
stopped = threading.Event()


def stop() -> None:
    """Ends all commands that run, and what they have started."""
    stopped.set()
    for process in list(running):
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.killpg(process.pid, signal.SIGTERM)


def interrupt(number: int, _: object) -> None:
    stop()
    print("\nInterrupted.")
    sys.exit(128 + number)


signal.signal(signal.SIGINT, interrupt)
signal.signal(signal.SIGTERM, interrupt)


def log_of(title: str) -> Path:
    return Path("build/logs", re.sub(r"\W+", "-", title) + ".log")


def task(  # noqa: PLR0913
    title: str,
    command: str | Callable[[set[str]], str],
    reads: Iterable[str],
    *tools: str,
    after: Iterable[str] = (),
    makes: str | None = None,
    html: bool = False,
) -> dict[str, Any]:
    """A command for bash, or a function that makes it from the inputs that have changed (an empty set: unknown).
    html: it reads the built guide."""
    changed: set[str] = set()
    inputs = {name: OURS[name] for name in reads} | {tool: version(tool) for tool in (*TOOLS, *tools)}
    inputs["command"] = command(set()) if callable(command) else command

    def same(task: Any, values: dict[str, str]) -> bool:
        built = {str(file): content(str(file)) for file in Path(HTML).rglob("*") if html and file.is_file()}
        task.value_savers.append(lambda: inputs | built)
        changed.update(name for name, _ in values.items() ^ (inputs | built).items() if values)
        return values == inputs | built

    def action() -> bool:
        with log_of(title).open("wb") as log:
            text = command(changed) if callable(command) and not AGAIN else inputs["command"]
            process = subprocess.Popen(
                ["bash", "-exc", text], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            running.add(process)
            if stopped.is_set():  # stop() may have come before this process was in the set
                stop()
            process.wait()
            running.discard(process)
        return process.returncode == 0

    targets = [makes] if makes else []
    made = {"basename": title, "actions": [action], "io": {"capture": False}}
    return made | {"uptodate": [same], "task_dep": list(after), "targets": targets}


def build(
    preset: str, after: Iterable[str], options: str = "", more: Iterable[str] = (), *tools: str, targets: str = "all"
) -> dict[str, Any]:
    def command(changed: set[str]) -> str:
        clean = (
            "--clean-first" if changed & {*TOOLS, *tools, ".clang-tidy"} else ""
        )  # Ninja does not see that these have changed
        return f"cmake --preset {preset} {options}\ncmake --build --preset {preset} --target {targets} {clean}"

    made = f"build/{preset}/build.ninja"
    return task(f"{preset}: build", command, CODE | set(more), *tools, after=after, makes=made)


def test(preset: str, options: str = "", reads: set[str] = CODE, *tools: str, what: str = "test") -> dict[str, Any]:
    report = f"build/{preset}/{what.replace(' ', '-')}.junit.xml"
    command = f'ctest --preset {preset} {options} --output-junit "$PWD/{report}"'
    return task(f"{preset}: {what}", command, reads, *tools, after=[f"{preset}: build"], makes=report)


def tests(preset: str, *tools: str, but: str = "") -> Iterator[dict[str, Any]]:
    """Whole programs by themselves: a unit's test that has changed does not concern them."""
    yield test(preset, f"-R '{PROGRAM_TESTS}'", PROGRAMS, *tools, what="test whole programs")
    yield test(preset, f"-E '{PROGRAM_TESTS}{but}'", CODE, *tools)


def hold_drill(changed: set[str]) -> str:
    """If only pages and tests have changed: only the faults that concern these."""

    def concerned(fault: faults.Fault, file: str) -> bool:
        traced = file.startswith("tests/") and "test trace" in fault.gate
        return traced or file in fault.says.pattern.replace("\\", "") or file in {edit.file for edit in fault.edits}

    command = ["python3", "-B", "-m", "tools.drill"]
    if not changed or changed - files("*.rst", "*.md", "tests/*_test.cpp", "tests/specification/*.cpp"):
        return join(command)
    chosen = [f.name for f in faults.load(faults.DRILL) if any(concerned(f, file) for file in changed)]
    return join([*command, *(f"--only={name}" for name in chosen)]) if chosen else "true"


def test_guide(changed: set[str]) -> str:
    """If only pages have changed: only these and what a reader does, and no guide that is built for a test."""
    pages = {file[len(HTML) + 1 :] for file in changed if file.endswith(".html")}
    pages |= {"playground.html" for file in changed if file.endswith(PLAYED)}
    only = join(f"--page={page}" for page in sorted(pages))
    rest = [file for file in changed if not file.endswith((".rst", ".html", *OF_EACH_PAGE, *PLAYED))]
    if rest or not only:
        return f"{VENV}/python -m pytest tests/guide"
    others = ["test_builds"] if OWN_GUIDE & changed else ["test_builds", "test_recordings"]
    return f"{VENV}/python -m pytest tests/guide {only} {join(f'--ignore=tests/guide/{each}.py' for each in others)}"


def test_other_languages() -> dict[str, Any]:
    read = CMAKE | files("bindings/*", "reference-impl/*", "samples/*.txt")
    read |= files("tests/bindings_test.py", "tests/worst/*.py", "tools/bindings.py")
    tools = [tool for language in bindings.LANGUAGES for tool in language.tools]
    return task("other languages", "python3 -B tests/bindings_test.py", read, *tools, after=["linux-gcc: build"])


def task_check() -> Iterator[dict[str, Any]]:
    """Compiling uses all processors, so the builds run one after the other; tests run beside them."""
    wine = [WINE_PREFIX] if shutil.which("wine") else []
    cpp, python = sorted(files("*.cpp", "*.h", "*.c")), sorted(files("*.py"))
    shell = sorted(files("check", "guide", "bench", "release", "*.sh", ".ci/run", "cmake/wine"))
    yield build("linux-gcc", [], "", files("benchmarks/*"))
    lint = f"{VENV}/clang-format --dry-run -Werror {join(cpp)}\n{VENV}/ruff check --no-cache {join(python)}\n"
    lint += f"{VENV}/ruff format --no-cache --check {join(python)}\nshellcheck -x {join(shell)}"
    read = files(".clang-format", "ruff.toml", *cpp, *python, *shell)
    yield task("format and lint", lint, read, f"{VENV}/clang-format", f"{VENV}/ruff", "shellcheck")
    if wine:
        yield task(WINE_PREFIX, "cmake/wine wineboot -i\nwineserver -w", [], "wine", makes="build/wine/system.reg")
    # What is slow and uses one processor begins early.
    read = CMAKE | files("tests/model/*", "docs/figures/model.json", "tools/*.py")
    yield test("linux-gcc", "-R '^model$'", read, "spin", what="model")
    yield from tests("linux-gcc", "valgrind", "ip", but="|^model$|^pages[.]")
    yield test_other_languages()
    tidy = f"{VENV}/clang-tidy"
    yield build("linux-clang", ["linux-gcc: build"], f'-DCMAKE_CXX_CLANG_TIDY="$PWD/{tidy}"', [".clang-tidy"], tidy)
    yield from tests("linux-clang")
    read = CMAKE | files("reference-impl/*", "benchmarks/*", "bench", "tools/common.sh")
    yield task("run every benchmark once", "./bench --quick", read, after=["linux-gcc: build"])
    yield build("mingw-x64", ["linux-clang: build", *wine])
    yield from tests("mingw-x64", "wine")
    # The pages show what both compilers and Wine have reported, if it is newer than the sources.
    command = "cmake --build --preset linux-clang --target report\ncmake --build --preset linux-gcc --target guide"
    before = ["mingw-x64: test", "run every benchmark once"]
    yield task("build the guide", command, CODE | GUIDE, "em++", "node", after=before, makes=f"{HTML}/index.html")
    read = CODE | GUIDE | files("README.md", "CONTRIBUTING.md", "tools/*")
    yield task(
        "do what README and the pages say",
        "ctest --preset linux-gcc -R '^pages[.]'",
        read - UNIT_TESTS,
        "wine",
        after=["build the guide"],
        html=True,
    )
    yield task("the drill: faults that must make this fail", hold_drill, read, after=["build the guide"])
    if any(map(shutil.which, BROWSERS)):
        read = GUIDE - files("reference-impl/*") | files("tests/guide/*", "tools/requirements/*")
        yield task(BROWSER_TESTS, test_guide, read, *BROWSERS, after=["build the guide"], html=True)
    # Only what the release has: without 32-bit Wine no test program runs.
    yield build("mingw-x86", ["mingw-x64: build"], targets="reference-impl/all samples/addin/all")
    yield test("mingw-x86")
    command = "cmake -S cmake/release -B build/release\ncpack --config build/release/CPackConfig.cmake"
    before = ["build the guide", "mingw-x86: build"]
    yield task("pack the release", command, RELEASE | CODE | files("CHANGELOG.md"), after=before, html=True)
    test_it = "python3 -B tests/release_test.py build/release/OfflineState-*-windows.zip"
    command, before = f"{test_it} Contents", ["pack the release"]
    yield task("test the release: what is in it", command, RELEASE | GUIDE, after=before, html=True)
    if wine:
        command = f"{test_it} Samples --addin-tests build/mingw-x64/reference-impl/addin_tests.exe"
        yield task("test the release: its samples, from the archive alone", command, RELEASE, "wine", after=before)
    yield build("asan-ubsan", ["mingw-x86: build"])
    read = CMAKE | files("reference-impl/*", "tests/fuzz/*", "tests/worst/*", "tools/*.py")
    yield task("fuzz with a fixed seed", "python3 -B -m tools.fuzz gate", read, after=["asan-ubsan: build"])
    yield from tests("asan-ubsan")
    yield build("tsan", ["asan-ubsan: build"])
    yield from tests("tsan")


# What a user sees


class Lines(ConsoleReporter):  # type: ignore[misc]
    """Prints a line when a task ends, and the end of the log of one that fails; on a terminal also what is running."""

    def initialize(self, tasks: dict[str, Any], selected: list[str]) -> None:
        self.reports = [file for name in selected for file in tasks[name].targets if file.endswith(".junit.xml")]
        self.start, self.begun, self.lock = time.monotonic(), dict[str, float](), threading.Lock()
        if WINE_PREFIX not in tasks:
            print("  skipped: running what is built for Windows; there is no Wine (package wine)")
        if BROWSER_TESTS not in tasks:
            print("  skipped: testing the guide in a browser; there is none (package chromium-headless-shell)")
        for language in bindings.LANGUAGES:
            if without := bindings.missing(language):
                print(f"  skipped: {language.name}; there is no {without}")

    def show(self, line: str = "") -> None:
        if sys.stdout.isatty():
            titles = ", ".join(self.begun)[: shutil.get_terminal_size().columns - 8]
            line = f"\r\x1b[K{line}" + (f"  ... {titles}" if titles else "")
        print(line, end="", flush=True)

    def ended(self, name: str, colour: int, word: str, time_taken: str = "") -> None:
        with self.lock:
            time_taken = time_taken or f"{time.monotonic() - self.begun.pop(name, time.monotonic()):.0f} s"
            word = f"\x1b[{colour}m{word}\x1b[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else word
            self.show(f"  {word}  {name:<54} {time_taken:>10}\n")

    def execute_task(self, task: Any) -> None:
        with self.lock:
            self.begun[task.name] = time.monotonic()
            self.show()

    def add_success(self, task: Any) -> None:
        self.ended(task.name, 32, "ok")

    def skip_uptodate(self, task: Any) -> None:
        self.ended(task.name, 32, "ok", "unchanged")

    def add_failure(self, task: Any, fail: Any) -> None:
        if not stopped.is_set():  # later failures are tasks that stop() has ended
            stop()
            self.ended(task.name, 31, "FAILED")
            self.begun.clear()
            lines = log_of(task.name).read_text("utf-8", "replace").splitlines() if task.executed else []
            self.show("\n".join(["", *(lines or fail.get_msg().splitlines())[-60:], ""]))
            print(f"\nThe whole output: {log_of(task.name)}", flush=True)

    def complete_run(self) -> None:
        if self.runtime_errors:
            print("\n".join(self.runtime_errors))
        elif not stopped.is_set():
            suites = [ElementTree.parse(file).getroot() for file in self.reports]
            count = {name: sum(int(each.get(name, 0)) for each in suites) for name in ("tests", "failures", "skipped")}
            passed = count["tests"] - count["failures"] - count["skipped"]
            print(f"\nAll checks have passed, in {time.monotonic() - self.start:.0f} s.")
            print(f"{passed} passed, {count['failures']} failed, {count['skipped']} skipped")


DOIT_CONFIG = {
    "dep_file": "build/tasks.db", "backend": "sqlite3", "reporter": Lines, "verbosity": 0,
    "num_process": 1 + max(2, os.cpu_count() or 2), "par_type": "thread",  # 1 + …: tests wait much of their time
}  # fmt: skip
