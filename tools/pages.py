"""Checks the guide's pages against the headers, the samples and each other; no Sphinx, no network.

    check_pages.py sources --xml FOLDER              the pages' sources, before they are built
    check_pages.py html --xml FOLDER --html FOLDER   the built pages; their links to elsewhere go to external-links.txt

Each fault is one line: file, line, what is wrong.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import ROOT
from tools.public_header import Symbol, read_symbols

DOCS = ROOT / "docs"
API = "mapioffline.h"
UNUSED = DOCS / "unused-symbols.toml"
TYPED = re.compile(
    r"\s*\.\. (?:(?:code-block|code|sourcecode|highlight)::\s*(?:c|cc|cpp|cxx|c\+\+|h|hpp)?\s*$|parsed-literal::"
    r"|(?:c|cpp):\w+::\s*[^\s(]+[\s(])|(?!\s*\.\. ).*::$",
    flags=re.IGNORECASE,
)
NAME = re.compile(r"\b(?:MAPIOFFLINE_\w*[A-Z]|IMAPIOffline\w*(?:::\w+)?|IID_\w+|Hr[A-Z]\w+|HR[A-Z]+OBJ)\b")
MARK = re.compile(r"\s*(?://|#) \[(/?)([\w-]+)\]$")
QUOTED = re.compile(r"\.\. literalinclude:: (\S+)((?:\n +:.*)*)")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", flags=re.DOTALL)


def numbered(file: Path) -> Iterator[tuple[str, str]]:
    """Each line with its place."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        yield f"{file.relative_to(ROOT)}:{number}", line


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.rst"))


def examples(*suffixes: str) -> list[Path]:
    files = [file for folder in (ROOT / "samples", DOCS / "examples") for file in folder.rglob("*")]
    return sorted(file for file in files if file.name.endswith(suffixes))


def typed_code() -> Iterator[str]:
    """C++ belongs into files that are compiled."""
    for page in pages():
        for place, line in numbered(page):
            if TYPED.match(line):
                yield f"{place}: typed code: {line.strip()!r}; quote a file that is compiled (literalinclude)"
            elif re.match(r"\s+:lines:", line):
                yield f"{place}: code is quoted by line numbers, which change; quote it between two marks"


def unknown_names(symbols: list[Symbol]) -> Iterator[str]:
    """A page names what the headers have."""
    types = {
        word for s in symbols for word in NAME.findall(s.type)
    }  # MAPIOFFLINE_CONNECTINFO, of which nothing is known
    known = {s.name for s in symbols} | {s.scope for s in symbols} | types
    methods = {f"IMAPIOfflineMgr::{s.last_name}" for s in symbols if s.scope == "IMAPIOffline"}  # inherited
    for file in [*pages(), DOCS / "statements.toml", DOCS / "waivers.toml"]:
        for place, line in numbered(file):
            for name in NAME.findall(line):
                if name not in known and name not in methods:
                    yield f"{place}: {name} is no symbol of the public headers"


def unused_symbols(symbols: list[Symbol]) -> Iterator[str]:
    """Each symbol of the API is shown in use, or listed with a reason why not."""
    code = " ".join(COMMENT.sub("", file.read_text(encoding="utf-8")) for file in examples(".cpp", ".h"))
    words = set(re.findall(r"\w+", code))
    exempt: dict[str, str] = {}
    for entry in tomllib.loads(UNUSED.read_text(encoding="utf-8"))["unused"]:
        exempt.update(dict.fromkeys(entry["symbols"], entry["reason"]))
    place = f"{UNUSED.relative_to(ROOT)}:1"
    api = {s.name: s for s in symbols if s.file == API}
    for name, one in api.items():
        used = one.last_name in words
        if not used and name not in exempt:
            yield f"{one.place}: no sample and no example uses {name}, and docs/unused-symbols.toml gives no reason"
        if used and name in exempt:
            yield f"{place}: {name} is listed as unused, and a sample or an example uses it"
    yield from (f"{place}: {name} is no symbol of {API}" for name in exempt if name not in api)


def loose_ends() -> Iterator[str]:
    """Each mark is quoted by a page; each expected output has its program, and each program its output."""
    quoted: set[tuple[Path, str]] = set()
    for page in pages():
        for file, options in QUOTED.findall(page.read_text(encoding="utf-8")):
            for mark in re.findall(r":(?:start-after|end-before): \[(/?[\w-]+)\]", options):
                quoted.add(((page.parent / file).resolve(), mark))
    for file in examples(".cpp", ".h", "CMakeLists.txt"):
        for place, line in numbered(file):
            if (mark := MARK.match(line)) and (file, mark[1] + mark[2]) not in quoted:
                yield f"{place}: no page quotes the mark [{mark[1]}{mark[2]}]"
    for output in examples(".expected.txt"):
        if not (program := output.with_name(output.name.removesuffix(".expected.txt") + ".cpp")).exists():
            yield f"{output.relative_to(ROOT)}:1: there is no program {program.name} that prints it"
    for page in pages():
        for place, line in numbered(page):
            wanted = re.match(r"\s*\.\. (?:literalinclude|sequence-diagram):: (\S+)", line)
            if wanted and not (page.parent / wanted[1]).exists():
                yield f"{place}: there is no file {wanted[1]} to quote"


class Built:
    """The built pages: their anchors and their links."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids: dict[Path, set[str]] = {}
        self.links: dict[Path, list[str]] = {}
        for page in sorted(folder.rglob("*.html")):
            found = re.findall(r"<[^>]*>", page.read_text(encoding="utf-8"))
            attributes = [a for tag in found for a in re.findall(r'\s(id|href|src)="([^"]*)"', tag)]
            self.ids[page] = {html.unescape(value) for kind, value in attributes if kind == "id"}
            self.links[page] = [html.unescape(value) for kind, value in attributes if kind != "id"]

    def source(self, page: Path, link: str) -> str:
        """Where the link was written, as well as one can tell."""
        source = DOCS / page.relative_to(self.folder).with_suffix(".rst")
        if not source.exists():
            return f"{page}:1"
        places = (place for place, line in numbered(source) if link in line)
        return next(places, f"{source.relative_to(ROOT)}:1")

    def broken_links(self) -> Iterator[str]:
        elsewhere: dict[str, set[str]] = {}
        for page, links in self.links.items():
            for link in dict.fromkeys(links):
                parts = urlsplit(link)
                if parts.scheme in ("http", "https"):
                    elsewhere.setdefault(link, set()).add(page.relative_to(self.folder).as_posix())
                    if not re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?", parts.netloc) or re.search(r"[\s<>\"`]", link):
                        yield f"{self.source(page, link)}: {link} is no address"
                elif parts.scheme not in ("data", "mailto"):
                    if parts.scheme or parts.netloc:
                        yield f"{self.source(page, link)}: {link} is no link that a page can have"
                        continue
                    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
                    if not target.exists() and target.name != "external-links.txt":
                        yield f"{self.source(page, link)}: the link {link} leads to no page"
                    elif parts.fragment and target in self.ids and unquote(parts.fragment) not in self.ids[target]:
                        yield f"{self.source(page, link)}: the link {link} leads to an anchor that is not there"
        lines = [f"{link}\t{', '.join(sorted(on))}\n" for link, on in sorted(elsewhere.items())]
        (self.folder / "external-links.txt").write_text("".join(lines), encoding="utf-8")

    def misplaced_symbols(self, symbols: list[Symbol]) -> Iterator[str]:
        """Each symbol is described on exactly one page of the reference."""
        reference = {page: ids for page, ids in self.ids.items() if page.parent.name == "reference"}
        for one in symbols:
            by_hand = f"_CPPv4{len(one.name)}{one.name}"  # cpp:type, for what Breathe cannot show
            on = [page.stem for page, ids in reference.items() if one.id in ids or by_hand in ids]
            if len(on) != 1:
                yield f"{one.place}: {one.name} is on {', '.join(on) or 'no page'} of the reference, not on exactly one"


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks the guide's pages.")
    parser.add_argument("what", choices=("sources", "html"))
    parser.add_argument("--xml", type=Path, required=True)
    parser.add_argument("--html", type=Path)
    options = parser.parse_args()
    symbols = read_symbols(options.xml)
    if options.what == "sources":
        checks = [typed_code(), unknown_names(symbols), unused_symbols(symbols), loose_ends()]
    else:
        built = Built(options.html.resolve())
        checks = [built.broken_links(), built.misplaced_symbols(symbols)]
    faults = [fault for check in checks for fault in check]
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
