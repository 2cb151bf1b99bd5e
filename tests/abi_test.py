#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the header's layouts for Windows, as clang prints them in MSVC mode, with tests/abi/layouts.txt.

Every method's place in its vtable, every structure's size, alignment and offsets; for x64, x86 and arm64. Without clang
it says so and exits with 77, which CTest shows as skipped. With --idl the same of the header that widl makes of
bindings/idl/mapioffline.idl.

Usage: abi_test.py [--clang PROGRAM] [--renew | --idl]
"""

import argparse
import difflib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent / "abi"
NAME = "tests/abi/layouts.txt"
GOLDEN = HERE / "layouts.txt"
INCLUDE = HERE.parent.parent / "reference-impl" / "include"
IDL = HERE.parent.parent / "bindings" / "idl" / "mapioffline.idl"
WIDL, COM_IDL = "x86_64-w64-mingw32-widl", pathlib.Path("/usr/include/wine/wine/windows")
# What has a name in IDL, and none in the header; and what is not described anywhere.
IN_IDL = {
    "NotifyInfo Info": "union Info",
    "StateChangeInfo StateChange": "struct StateChange",
    "void* pConnectInfo": "MAPIOFFLINE_CONNECTINFO* pConnectInfo",
}
TARGETS = {"x64": "x86_64", "x86": "i686", "arm64": "aarch64"}
OURS = re.compile(r"MAPIOFFLINE_|IMAPIOffline|IUnknown")


def clang_prints(clang: str, target: str, include: pathlib.Path, *options: str) -> str:
    command = [clang, f"--target={TARGETS[target]}-pc-windows-msvc", "-std=c++17", "-fno-rtti"]
    command += ["-nostdlibinc", "-isystem", str(HERE / "shim"), "-I", str(include), *options, str(HERE / "layouts.cpp")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"clang fails for {target}:\n{done.stderr}")
    return done.stdout


def readable(text: str) -> str:
    """The same for every version of clang, and without the paths in the names of unnamed types."""
    text = re.sub(r"\b(struct|enum|union) (?=\w+ )", "", text)
    text = re.sub(r"\b(struct|union) [\w:]*\((?:unnamed|anonymous)[^)]*\)", r"\1", text)
    return re.sub(r" ([*&])", r"\1", text)


def structures(dump: str) -> dict[str, list[str]]:
    """The structures with data, by name; an inner one is shown where it is a member."""
    found = {}
    for part in dump.split("*** Dumping AST Record Layout")[1:]:
        lines = re.findall(r"^ *(\d+) \| ( *)(.*)$", part, re.MULTILINE)
        name = re.fullmatch(r"struct (MAPIOFFLINE_\w+)", lines[0][2])
        size = re.search(r"sizeof=(\d+), align=(\d+)", part)
        if name and size:
            title = f"struct {name[1]}: {size[1]} bytes, aligned to {size[2]}"
            found[title] = [f"{offset:>4}{indent}{readable(member)}" for offset, indent, member in lines[1:]]
    return found


def vtables(dump: str) -> dict[str, list[str]]:
    found = {}
    for title, body in re.findall(r"^VFTable for (.*) \(\d+ entr.*\)\.\n((?: +.*\n)+)", dump, re.MULTILINE):
        path = re.findall(r"'(\w+)'", title)
        if OURS.match(path[-1]):
            slots = re.findall(r"^ *(\d+) \| (.*?)(?: \[pure\])?$", body, re.MULTILINE)
            found[" : ".join(["interface " + path[-1], *reversed(path[:-1])])] = [
                f"{slot:>4}  {readable(method)}" for slot, method in slots
            ]
    return found


def layouts(clang: str, target: str, include: pathlib.Path) -> dict[str, list[str]]:
    parts = structures(clang_prints(clang, target, include, "-fsyntax-only", "-Xclang", "-fdump-record-layouts"))
    return parts | vtables(
        clang_prints(clang, target, include, "-S", "-emit-llvm", "-o", "-", "-Xclang", "-fdump-vtable-layouts")
    )


def header_of_idl(folder: pathlib.Path) -> pathlib.Path:
    """What widl makes for C++, without the headers that the shim does not have."""
    header = folder / "mapioffline.h"
    command = [WIDL, f"-I{COM_IDL}", "-h", "-o", str(header), str(IDL)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"widl fails: {done.stderr}")
    text = re.sub(r"^#include <(?!unknwn).*\n", "", header.read_text(encoding="utf-8"), flags=re.MULTILINE)
    header.write_text(f"#include <stddef.h>\n#define interface struct\n{text}", encoding="utf-8")
    return folder


def text_of(found: dict[str, dict[str, list[str]]]) -> str:
    """What is the same for several architectures is written once."""
    sections: dict[str, list[str]] = {}
    for target, parts in found.items():
        for title, lines in parts.items():
            sections.setdefault("\n".join([title, *lines]), []).append(target)
    lines = ["The layouts of mapioffline.h in the ABI of MSVC. Written by abi_test.py --renew."]
    for section in sorted(sections):
        lines += ["", f"{', '.join(sections[section])}: {section}"]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clang", default="clang++", metavar="PROGRAM", help="14 or later (default: clang++)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--renew", action="store_true", help="write the file instead of comparing")
    what.add_argument("--idl", action="store_true", help="compare what widl makes of the IDL file")
    options = parser.parse_args()
    if options.idl and (shutil.which(WIDL) is None or not COM_IDL.exists()):
        print(f"skipped: there is no {WIDL}, or no {COM_IDL} (packages mingw-w64-tools, libwine-dev)")
        return SKIPPED
    if shutil.which(options.clang) is None:
        print(f"skipped: there is no {options.clang} (package clang)")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        include = header_of_idl(pathlib.Path(folder)) if options.idl else INCLUDE
        now = text_of({target: layouts(options.clang, target, include) for target in TARGETS})
    if options.idl:
        for says, means in IN_IDL.items():
            now = now.replace(says, means)
    if options.renew:
        GOLDEN.write_text(now, encoding="utf-8")
    expected = GOLDEN.read_text(encoding="utf-8") if GOLDEN.exists() else ""
    source = "the IDL file" if options.idl else "the header"
    difference = list(difflib.unified_diff(expected.splitlines(True), now.splitlines(True), NAME, source))
    sys.stdout.writelines(difference)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
