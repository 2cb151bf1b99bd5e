"""Does what a document says, in its order: unpacks its archives, writes its files, runs its commands, and compares what
they print. The pages are taken as they are built.

    pages_test.py --html FOLDER --build FOLDER [--stand-in PROGRAM] DOCUMENT...

DOCUMENT is README.md, CONTRIBUTING.md, a page (how-to/in-your-addin), or "others": every other page. It begins in the
top folder of a clean copy of this project, or, with an archive, in an empty folder. In a console block a line that
begins with "$ " is a command, and the lines after it are what it prints. A prompt, after which something is typed, ends
in "> ". A block that cannot be run says why, in its first line: "# not run here: reason".
"""

from __future__ import annotations

import argparse
import difflib
import html
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = ("how-to/in-your-addin", "how-to/test-your-client-in-ci", "how-to/check-a-library")
CAP = 600  # seconds, for one command
NOT_RUN = re.compile(r"# not run here: (\S.*)")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d")
TYPED = re.compile(r"^(.*[^-]> )(\S+)$")
IN_HTML = re.compile(
    r'<div class="code-block-caption"><span class="caption-text">(?P<name>.*?)</span>'
    r'|<a class="reference download internal"[^>]*? href="(?P<archive>[^"]*\.zip)"'
    r'|<div class="(?P<kind>[^"]*\bhighlight-[^"]*)"[^>]*>\s*<div class="highlight"><pre>(?P<text>.*?)</pre>',
    re.DOTALL,
)
IN_MARKDOWN = re.compile(
    r"^(?:<!-- (?P<source>\S+) \[(?P<mark>[\w-]+)\] -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)


class Wrong(Exception):
    """What the document says is not so."""


@dataclass
class Command:
    text: str
    prints: list[str]


@dataclass
class Block:
    kind: str  # "archive", "file", "console", "output", "code"
    text: str
    name: str = ""  # of the file; the archive's path

    def commands(self) -> list[Command]:
        lines = self.text.splitlines()
        if lines[0].startswith("#"):
            if not NOT_RUN.fullmatch(lines[0]):
                raise Wrong(f"a block that is not run says so and why, not: {lines[0]}")
            return []
        commands: list[Command] = []
        for line in lines:
            if line.startswith("$ "):
                commands.append(Command(line[2:], []))
            elif commands and not line.startswith("> "):
                commands[-1].prints.append(line)
            else:
                raise Wrong(f"this line is no command that can be run here: {line}")
        return commands


def blocks_of(document: str, folder: Path) -> Iterator[Block]:
    if document.endswith(".md"):
        for found in IN_MARKDOWN.finditer((ROOT / document).read_text(encoding="utf-8")):
            kind = "console" if found["kind"] == "console" else "code"
            yield Block(kind, found["text"], f"{found['source']} {found['mark']}" if found["source"] else "")
        return
    page, name = folder / f"{document}.html", ""
    for found in IN_HTML.finditer(page.read_text(encoding="utf-8")):
        text = html.unescape(re.sub(r"<[^>]*>", "", found["name"] or found["text"] or ""))
        if found["archive"]:
            yield Block("archive", "", str(page.parent / found["archive"]))
        elif found["name"]:
            name = text
        else:
            classes = found["kind"].split()
            kind = "console" if "highlight-console" in classes else "output" if "output" in classes else "code"
            yield Block("file" if name else kind, text, name)
            name = ""


def sources() -> list[Path]:
    """As a clone has them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    if names:
        return [Path(name) for name in names]
    folders = (ROOT / name for name in os.listdir(ROOT) if name not in {"build", ".git"})  # a copy without git
    files = (file for each in folders for file in ([each] if each.is_file() else each.rglob("*")))
    return [file.relative_to(ROOT) for file in files if file.is_file() and "__pycache__" not in file.parts]


def put(target: Path, content: bytes, mode: int = 0o644) -> None:
    """A file that has not changed keeps its time, so that what has been built of it is used again."""
    if not target.is_file() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(mode)


def empty(folder: Path, keep: set[Path]) -> None:
    """But for these files, and what has been built."""
    for file in sorted(folder.rglob("*"), reverse=True) if folder.exists() else []:
        if file.relative_to(folder).parts[0] != "build" and file not in keep:
            file.unlink() if not file.is_dir() else None if any(file.iterdir()) else file.rmdir()
    folder.mkdir(parents=True, exist_ok=True)


class Reader:
    """Has an empty home, a clean copy of the project, and nothing else."""

    def __init__(self, build: Path) -> None:
        self.work = build / "tests" / "pages"
        self.clone, self.home = self.work / "clone", self.work / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        files = sources()
        for file in files:
            put(self.clone / file, (ROOT / file).read_bytes(), (ROOT / file).stat().st_mode)
        empty(self.clone, {self.clone / file for file in files})
        # What ./guide has built there, for README.
        made = self.clone / "build" / "linux-gcc"
        made.mkdir(parents=True, exist_ok=True)
        (made / "samples").unlink(missing_ok=True)
        (made / "samples").symlink_to(build / "samples")
        self.where = self.clone

    def script(self, command: str) -> list[str]:
        state, where = self.work / "environment", self.work / "where"
        before = f". {state}\n" if state.exists() else ""
        return ["bash", "-c", f"set -e\n{before}cd '{self.where}'\n{command}\nexport -p > {state}\npwd > {where}"]

    def run(self, command: Command) -> str:
        typed = [TYPED.match(line) for line in command.prints]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("CTEST_", "DASHBOARD_"))
        }
        environment |= {"HOME": str(self.home), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
        environment |= {"CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 2)}
        if any(typed):
            printed, code = self.type_at(self.script(command.text), [each for each in typed if each], environment)
        else:
            done = subprocess.run(
                self.script(command.text), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace", timeout=CAP, check=False)  # fmt: skip
            printed, code = done.stdout, done.returncode
        if code != 0:
            raise Wrong(f"$ {command.text}\nended with {code}:\n{printed[-4000:]}")
        self.where = Path((self.work / "where").read_text(encoding="utf-8").strip())
        return printed

    def type_at(self, script: list[str], typed: list[re.Match[str]], environment: dict[str, str]) -> tuple[str, int]:
        """On a terminal, a line after each prompt."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            script, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        printed, deadline = "", time.monotonic() + CAP
        while True:
            if not select.select([ours], [], [], deadline - time.monotonic())[0]:
                os.killpg(process.pid, signal.SIGKILL)
                raise Wrong(f"it waits, and has printed:\n{printed}")
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other side is closed
                piece = b""
            if not piece:
                break
            printed += piece.decode()
            if typed and printed.endswith(typed[0][1]):
                os.write(ours, f"{typed.pop(0)[2]}\n".encode())
        os.close(ours)
        return printed.replace("\r\n", "\n"), process.wait(CAP)

    def follow(self, document: str, folder: Path) -> int:
        """Gives the number of commands that have been run."""
        (self.work / "environment").unlink(missing_ok=True)
        blocks = list(blocks_of(document, folder))
        self.where = self.clone
        if any(block.kind == "archive" for block in blocks):
            self.where = self.work / document.rpartition("/")[2]
            self.where.mkdir(exist_ok=True)
            members = {
                self.where / name: archive.read(name)
                for block in blocks if block.kind == "archive"
                for archive in [zipfile.ZipFile(block.name)]
                for name in archive.namelist()
            }  # fmt: skip
            empty(self.where, set(members))
            for file, content in members.items():
                put(file, content)
        count, printed = 0, ""
        for block in blocks:
            if block.kind == "file":
                (self.where / block.name).write_text(block.text, encoding="utf-8")
            elif block.kind == "console":
                printed = ""
                for command in block.commands():
                    printed = self.run(command)
                    count += 1
                    if command.prints:
                        compare(command.text, "\n".join(command.prints), printed.strip("\n"))
            elif block.kind == "output" and printed and not contains(printed, block.text):
                compare("the last command", block.text, printed)
            elif block.kind == "code" and block.name and document.endswith(".md"):
                compare_code(block)
            if block.kind in {"output", "code"}:
                printed = ""
        return count


def contains(printed: str, lines: str) -> bool:
    return f"\n{lines.strip()}\n" in f"\n{TIME.sub('', printed)}\n"


def compare(what: str, shown: str, printed: str) -> None:
    left, right = (TIME.sub("<time>", text).splitlines() for text in (shown, printed))
    if left != right:
        lines = "\n".join(difflib.unified_diff(left, right, "shown", "printed", lineterm=""))
        raise Wrong(f"{what} prints something else than is shown:\n{lines}")


def compare_code(block: Block) -> None:
    source, mark = block.name.split()
    found = re.search(rf"^( *)// \[{mark}\]\n(.*?)^ *// \[/{mark}\]$", (ROOT / source).read_text("utf-8"), re.M | re.S)
    code = re.sub(f"^{found[1]}", "", found[2], flags=re.M) if found else ""
    compare(f"{source} [{mark}]", block.text, code)


def try_the_addin(dll: Path, program: Path) -> bool:
    """The stand-in for Outlook shows that the label follows. It finds what it needs beside itself, as in the build."""
    if not program.is_file() or shutil.which("wine") is None:
        return False
    top = dll.parent / "stand-in"
    built = top / "build" / "mingw-x64"
    log = Path("tests", "windows", "addin_log.expected.txt")
    for source, target in (
        (program, built / "reference-impl" / program.name),
        *((program.parent / each, built / "reference-impl" / each) for each in ("olmapi32.dll", "late/olmapi32.dll")),
        (dll, built / "samples" / "addin" / dll.name),
        (ROOT / log, top / log),
    ):
        put(target, source.read_bytes())
    wine = {"WINEPREFIX": str(ROOT / "build" / "wine"), "WINEDEBUG": "-all"}
    tests = "AddIn.ShowsTheStateWithoutAClick:AddIn.WritesTheLogThatTheGuideShows:AddIn.TriesAgainWhenOutlookHasStarted"
    command = [str(ROOT / "cmake" / "wine"), str(built / "reference-impl" / program.name), f"--gtest_filter={tests}"]
    done = subprocess.run(command, env=os.environ | wine, capture_output=True, text=True, timeout=CAP, check=False)
    if done.returncode != 0 or "[  PASSED  ] 3 tests." not in done.stdout:
        raise Wrong(f"the stand-in for Outlook fails with this add-in:\n{done.stdout[-4000:]}{done.stderr[-1000:]}")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("documents", nargs="+", metavar="DOCUMENT")
    parser.add_argument("--html", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--stand-in", type=Path)
    options = parser.parse_args()
    documents = [name for name in options.documents if name != "others"]
    if "others" in options.documents:
        pages = (file.relative_to(options.html).with_suffix("").as_posix() for file in options.html.rglob("*.html"))
        documents += sorted(page for page in pages if page not in NAMED)
    reader, skipped = Reader(options.build.resolve()), False
    for document in documents:
        try:
            count = reader.follow(document, options.html)
            if options.stand_in:
                skipped = not try_the_addin(reader.where / "build" / "offline_state_addin.dll", options.stand_in)
        except (Wrong, subprocess.TimeoutExpired) as fault:
            print(f"{document}: {fault}")
            return 1
        if count or document in options.documents:
            print(f"{document}: {count} commands")
    if skipped:
        print("The stand-in for Outlook has not run: it needs Wine, and the add-in's tests of the preset mingw-x64.")
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
