"""What the build, the guide and the commands run: python3 -B -m tools.NAME, in the top folder."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = 77  # the exit code that CTest shows as skipped
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first has no windows


class ToolError(Exception):
    """What is wrong, in one line if possible, with its file and line."""


def parser(text: str | None) -> argparse.ArgumentParser:
    """A parser that shows this text, a module's docstring, as its help."""
    return argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)


def run(main: Callable[[], int]) -> NoReturn:
    """Ends the program with what main returns, or with 1 and the fault."""
    try:
        sys.exit(main())
    except (ToolError, OSError) as fault:
        sys.exit(str(fault))
    except KeyboardInterrupt:
        sys.exit(130)


def report(faults: Iterable[str]) -> int:
    """Prints each fault on a line; gives the exit code."""
    lines = "".join(f"{fault}\n" for fault in faults)
    print(lines, end="", file=sys.stderr)
    return 1 if lines else 0


def output_of(command: Sequence[str | Path], cwd: Path = ROOT) -> str:
    """What a command prints, errors too; a fault if it fails."""
    try:
        done = subprocess.run(
            command, cwd=cwd, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        raise ToolError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def read_toml(file: Path, name: str) -> list[tuple[int, dict[str, Any]]]:
    """The entries [[name]] of a file, each with the line that it begins in."""
    lines = file.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.strip() == f"[[{name}]]"]
    try:
        entries = tomllib.loads("\n".join(lines)).get(name, [])
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise ToolError(f"{file}:{at[1] if at else len(lines)}: {error}") from None
    if len(entries) != len(starts):
        raise ToolError(f"{file}:1: each {name} begins with a line [[{name}]]")
    return list(zip(starts, entries, strict=True))
