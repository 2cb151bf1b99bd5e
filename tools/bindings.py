"""The languages of bindings/: how each is built and run, with which tools. For tests/bindings_test.py and ./check."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

UNKNWN = "/usr/include/wsl/stubs"


@dataclass(frozen=True)
class Language:
    name: str
    folder: str
    tools: dict[str, str]  # program: Debian's package
    build: tuple[str, ...]  # in the top folder; {work} is a folder for what is made
    run: str  # with the library and a word behind it
    is_header: bool = False  # mapioffline.h are its declarations
    throws: bool = True
    ends_registrations: bool = False  # those that are outstanding when the program ends

    def commands(self, work: Path) -> list[list[str]]:
        return [command.format(work=work).split() for command in self.build]

    def program(self, work: Path) -> list[str]:
        return self.run.format(work=work, python=sys.executable).split()


LANGUAGES = [
    Language(
        "C",
        "c",
        {"gcc": "gcc"},
        (
            "gcc -std=c99 -D_POSIX_C_SOURCE=200809L -O1 -Wall -Wextra -Wpedantic -Werror -I reference-impl/include "
            f"-isystem {UNKNWN} bindings/c/steps.c -o {{work}}/steps",
        ),
        "{work}/steps",
        is_header=True,
        throws=False,
    ),
    Language(
        "C#",
        "csharp",
        {"mcs": "mono-mcs", "mono": "mono-runtime"},
        (
            "mcs -langversion:7 -warnaserror -out:{work}/steps.exe bindings/csharp/MapiOffline.cs "
            "bindings/csharp/Steps.cs",
        ),
        "mono {work}/steps.exe",
        ends_registrations=True,
    ),
    Language(
        "Free Pascal",
        "pascal",
        {"fpc": "fp-compiler"},
        ("fpc -v0ew -O2 -FU{work} -o{work}/steps bindings/pascal/Steps.pas",),
        "{work}/steps",
        ends_registrations=True,
    ),
    Language("Python", "python", {}, (), "{python} -S -B bindings/python/steps.py", ends_registrations=True),
    Language(
        "Rust",
        "rust",
        {"cargo": "cargo"},
        (
            "cargo test --quiet --offline --config profile.dev.debug=0 --config profile.dev.incremental=false "
            "--manifest-path bindings/rust/Cargo.toml --target-dir {work}",
        ),
        "{work}/debug/examples/steps",
    ),
]


def missing(language: Language) -> str:
    """The tools that are not there, in words; empty if none is missing."""
    return " and no ".join(
        f"{tool} (package {package})" for tool, package in language.tools.items() if shutil.which(tool) is None
    )
