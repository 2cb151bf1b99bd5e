"""Checks the guide's pages against the headers, the samples and each other.

    tools.pages sources --xml FOLDER              the pages' sources, before they are built
    tools.pages html --xml FOLDER --html FOLDER   the built pages; external-links.txt lists their links to other sites

Each fault is one line: file, line, what is wrong.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import ROOT, parser, read_toml, report, run
from tools.public_header import API, Symbol, read_symbols
from tools.statements import load

DOCS = ROOT / "docs"
UNUSED = DOCS / "unused-symbols.toml"
TYPED = re.compile(
    r"\s*\.\. (?:(?:code-block|code|sourcecode|highlight)::\s*(?:c|cc|cpp|cxx|c\+\+|h|hpp)?\s*$|parsed-literal::"
    r"|(?:c|cpp):\w+::\s*[^\s(]+[\s(])|(?!\s*\.\. ).*::$",
    flags=re.IGNORECASE,
)
NAME = re.compile(r"\b(?:MAPIOFFLINE_\w*[A-Z]|IMAPIOffline\w*(?:::\w+)?|IID_\w+|Hr[A-Z]\w+|HR[A-Z]+OBJ)\b")
RESULT = re.compile(r"\b(?:S_OK|(?:MAPI_)?E_[A-Z_]+)\b")
ID = re.compile(r"\b[A-Z]+-\d+(?:\.\d+)?\b")
MARK = re.compile(r"\s*(?://|#) \[(/?[\w-]+)\]$")
QUOTED = re.compile(r"\.\. literalinclude:: (\S+)((?:\n +:.*)*)")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", flags=re.DOTALL)


def numbered(*files: Path) -> Iterator[tuple[Path, str, str]]:
    """Each line with its file and its place."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            yield file, f"{file.relative_to(ROOT)}:{number}", line


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.rst"))


def examples(*suffixes: str) -> list[Path]:
    files = [file for folder in (ROOT / "samples", DOCS / "examples") for file in folder.rglob("*")]
    return sorted(file for file in files if file.name.endswith(suffixes))


def typed_code() -> Iterator[str]:
    """C++ belongs into files that are compiled."""
    for _, place, line in numbered(*pages()):
        if TYPED.match(line):
            yield f"{place}: typed code: {line.strip()!r}; quote a file that is compiled (literalinclude)"
        elif re.match(r"\s+:lines:", line):
            yield f"{place}: code is quoted by line numbers, which change; quote it between two marks"


def unknown_names(symbols: list[Symbol]) -> Iterator[str]:
    """A page names what the headers have."""
    known = {s.name for s in symbols} | {s.scope for s in symbols}
    known |= {word for s in symbols for word in NAME.findall(s.type)}  # MAPIOFFLINE_CONNECTINFO is declared only
    known |= {f"IMAPIOfflineMgr::{s.last_name}" for s in symbols if s.scope == "IMAPIOffline"}  # inherited
    for _, place, line in numbered(*pages(), DOCS / "statements.toml", DOCS / "waivers.toml"):
        yield from (f"{place}: {n} is no symbol of the public headers" for n in NAME.findall(line) if n not in known)


def unused_symbols(symbols: list[Symbol]) -> Iterator[str]:
    """Each symbol of the API is shown in use, or listed with a reason why not."""
    code = " ".join(COMMENT.sub("", file.read_text(encoding="utf-8")) for file in examples(".cpp", ".h"))
    words = set(re.findall(r"\w+", code))
    exempt = {symbol for _, entry in read_toml(UNUSED, "unused") for symbol in entry["symbols"] if entry["reason"]}
    place = f"{UNUSED.relative_to(ROOT)}:1"
    api = {s.name: s for s in symbols if s.file == API}
    for name, one in api.items():
        used = one.last_name in words
        if not used and name not in exempt:
            yield f"{one.place}: no sample and no example uses {name}, and docs/unused-symbols.toml gives no reason"
        if used and name in exempt:
            yield f"{place}: {name} is listed as unused, and a sample or an example uses it"
    yield from (f"{place}: {name} is no symbol of {API}" for name in sorted(exempt - api.keys()))


def named(source: str) -> Iterator[tuple[str, str]]:
    """Each statement that a @source names, with the kind that it says: SET-1 to SET-4 are four."""
    for part in re.split(r"(?=Documented|Observed|Decided here)", source):
        kind = re.match(r"\w*", part)[0].lower()  # type: ignore[index]
        for area, first, _, last in re.findall(r"([A-Z]+)-(\d+(?:\.\d+)?)( to [A-Z]+-(\d+))?", part):
            for number in range(int(first), int(last) + 1) if last else (first,):
                yield f"{area}-{number}", kind


def incomplete_sources(symbols: list[Symbol]) -> Iterator[str]:
    """The @source of what a page describes names each statement on the page, and each as what it is."""
    described = {s.name: s for s in symbols if s.file == API}
    for page in pages():
        text = page.read_text(encoding="utf-8")
        of = [described[n] for n in re.findall(r"\.\. doxygen(?:function|struct|enum):: (\S+)", text) if n in described]
        areas = " ".join(re.findall(r"\.\. statements:: (.+)", text)).split()
        if len(of) != 1 or not areas:
            continue
        statements, said = load(), dict(named(of[0].source))
        for id, s in statements.items():
            if {s.area, id, id.partition(".")[0]} & {*areas} and id not in said:
                yield f"{of[0].place}: the @source of {of[0].name} does not name {id}"
            if id in said and said[id] != s.kind:
                yield f"{of[0].place}: the @source of {of[0].name} says that {id} is {said[id]}; it is {s.kind}"


def wrong_results(symbols: list[Symbol]) -> Iterator[str]:
    """What names a result and statements, a sentence or a paragraph: one of these says so, or its @retval does."""
    said: dict[str, set[str]] = {}  # of each statement, which results
    for id, statement in load().items():
        said[id] = {*RESULT.findall(statement.text)}
    for result, when in (each for symbol in symbols for each in symbol.results.items()):
        for id in said.keys() & {*ID.findall(when)}:
            said[id].add(result)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for paragraph in re.finditer(r"(?:^(?!\s*\.\. ).*\S.*\n(?!\s*(?:-|#\.|\*) ))+", text, re.MULTILINE):
            for part in (paragraph[0], *re.split(r"(?<=[.?!;])\s", paragraph[0])):
                ids = said.keys() & {*ID.findall(part)}
                for result in sorted({*RESULT.findall(part)}.difference(*(said[id] for id in ids))) if ids else ():
                    place = f"{page.relative_to(ROOT)}:{text[: paragraph.start()].count(chr(10)) + 1}"
                    yield f"{place}: {result} is no result that {', '.join(sorted(ids))} or a @retval with it says"


def loose_ends() -> Iterator[str]:
    """Each mark is quoted by a page; each expected output has its program, and each quoted file exists."""
    quoted: set[tuple[Path, str]] = set()
    for page in pages():
        for file, options in QUOTED.findall(page.read_text(encoding="utf-8")):
            for mark in re.findall(r":(?:start-after|end-before): \[(/?[\w-]+)\]", options):
                quoted.add(((page.parent / file).resolve(), mark))
    for file, place, line in numbered(*examples(".cpp", ".h", "CMakeLists.txt")):
        if (mark := MARK.match(line)) and (file, mark[1]) not in quoted:
            yield f"{place}: no page quotes the mark [{mark[1]}]"
    for output in examples(".expected.txt"):
        if not (program := output.with_name(output.name.removesuffix(".expected.txt") + ".cpp")).exists():
            yield f"{output.relative_to(ROOT)}:1: there is no program {program.name} that prints it"
    for page, place, line in numbered(*pages()):
        wanted = re.match(r"\s*\.\. literalinclude:: (\S+)", line)
        if wanted and not (page.parent / wanted[1]).exists():
            yield f"{place}: there is no file {wanted[1]} to quote"


class Built:
    """The built pages: their anchors and their links."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.ids: dict[Path, set[str]] = {}
        self.links: dict[Path, list[str]] = {}
        for page in sorted(self.folder.rglob("*.html")):
            found = re.findall(r"<[^>]*>", page.read_text(encoding="utf-8"))
            attributes = [a for tag in found for a in re.findall(r'\s(id|href|src)="([^"]*)"', tag)]
            self.ids[page] = {html.unescape(value) for kind, value in attributes if kind == "id"}
            self.links[page] = list(dict.fromkeys(html.unescape(value) for kind, value in attributes if kind != "id"))

    def source(self, page: Path, link: str) -> str:
        """The first line of the page's source with the link; else the source, or the page itself."""
        source = DOCS / page.relative_to(self.folder).with_suffix(".rst")
        if not source.exists():
            return f"{page}:1"
        places = (place for _, place, line in numbered(source) if link in line)
        return next(places, f"{source.relative_to(ROOT)}:1")

    def fault_of(self, page: Path, link: str) -> str | None:
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            good = re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?", parts.netloc) and not re.search(r"[\s<>\"`]", link)
            return None if good else f"{link} is no address"
        if parts.scheme or parts.netloc:
            return None if parts.scheme in ("data", "mailto") else f"{link} is no link that a page can have"
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.exists() and target.name != "external-links.txt":
            return f"the link {link} leads to no page"
        if parts.fragment and target in self.ids and unquote(parts.fragment) not in self.ids[target]:
            return f"the link {link} leads to an anchor that is not there"
        return None

    def broken_links(self) -> Iterator[str]:
        elsewhere: dict[str, set[str]] = {}
        for page, links in self.links.items():
            for link in links:
                if urlsplit(link).scheme in ("http", "https"):
                    elsewhere.setdefault(link, set()).add(page.relative_to(self.folder).as_posix())
                if fault := self.fault_of(page, link):
                    yield f"{self.source(page, link)}: {fault}"
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
    syntax = parser(__doc__)
    syntax.add_argument("what", choices=("sources", "html"))
    syntax.add_argument("--xml", type=Path, required=True)
    syntax.add_argument("--html", type=Path)
    options = syntax.parse_args()
    symbols = read_symbols(options.xml)
    if options.what == "sources":
        checks = [typed_code(), unknown_names(symbols), unused_symbols(symbols), loose_ends()]
        checks += [incomplete_sources(symbols), wrong_results(symbols)]
    else:
        built = Built(options.html)
        checks = [built.broken_links(), built.misplaced_symbols(symbols)]
    return report(fault for check in checks for fault in check)


if __name__ == "__main__":
    run(main)
