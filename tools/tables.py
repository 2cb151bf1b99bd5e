"""The guide's generated tables, and bindings/facts.json: made from the compiled header and from test data.

    tools.tables names --xml FOLDER --output FILE   the names for docs/reference/tables/*.cpp, from Doxygen's XML
    tools.tables check|renew --xml FOLDER --values FILE --report FILE [--layout x86=FILE --layout x64=FILE]
                             [--help-of PROGRAM=FILE]...
                                                    compares docs/reference/tables with what is made now, or renews it

VALUES is what print_tables.cpp prints, each LAYOUT what a compiler for Windows makes of layouts.cpp, REPORT the tests'
(tests/result_codes_test.cpp records which function returned what). --help-of has what a program prints for --help, with
its options and exit codes. Without both layouts, or a program's help, those tables and the facts stay as they are.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
from itertools import zip_longest
from pathlib import Path

from tools import ROOT, ToolError, parser, report, run
from tools.public_header import API, Symbol, read_symbols
from tools.trace import read_report

TABLES = ROOT / "docs" / "reference" / "tables"
FACTS = ROOT / "bindings" / "facts.json"  # what the declarations in other languages are compared with
RENEW = "cmake --build --preset linux-gcc --target renew_tables"
# Doxygen gives the members of a structure without name to the one around it.
NESTED = {
    "StateChange": "Info.StateChange",
    **{name: f"Info.StateChange.{name}" for name in ("ulMask", "ulStateOld", "ulStateNew")},
}
OPTIONAL = ("layout-", "options-", "exit-codes-")
Rows = list[list[str]]


def names(symbols: list[Symbol]) -> str:
    api = [s for s in symbols if s.file == API]
    lines = [f"CONSTANT({s.name})" for s in api if s.scope == "constants" or s.kind == "enumvalue"]
    results = {name for s in symbols for name in s.results} | {s.name for s in api if s.scope == "results"}
    lines += [f"RESULT({name})" for name in sorted(results)]
    lines += [f"IDENTIFIER({s.name})" for s in api if s.type == "const GUID"]
    members = [s for s in api if s.kind == "variable" and "::" in s.name]
    for struct in dict.fromkeys(s.scope for s in members):
        paths = [NESTED.get(s.last_name, s.last_name) for s in members if s.scope == struct]
        lines += [*(f"MEMBER({struct}, {path})" for path in paths), f"STRUCT({struct})"]
    lines += [f"SLOT({s.scope}, {s.last_name})" for s in api if s.kind == "function" and "::" in s.name]
    return "\n".join(lines) + "\n"


def read_values(file: Path) -> dict[str, Rows]:
    values: dict[str, Rows] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        kind, *fact = line.split("\t")
        if len(fact) != 2:
            raise ToolError(f"{file}:{number}: this is no fact: {line!r}")
        values.setdefault(kind, []).append(fact)
    return values


def read_layout(file: Path) -> dict[str, tuple[str, str]]:
    facts = re.findall(r"^\s*@\t(\S+)\t(\d+)\t(\d+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if not facts:
        raise ToolError(f"{file}:1: there is no layout in it")
    return {name: (offset, size) for name, offset, size in facts}


def read_records(report: Path) -> dict[str, set[int]]:
    """Which function has returned what: the property that tests/result_codes_test.cpp records."""
    records: dict[str, set[int]] = {}
    properties = (p.get("value", "") for p in read_report(report).iter("property") if p.get("name") == "results")
    for record in " ".join(properties).split():
        function, _, code = record.partition("=")
        records.setdefault(function, set()).add(int(code, 16))
    return records


def result_codes(symbols: list[Symbol], codes: dict[str, int], records: dict[str, set[int]]) -> Rows:
    """A row for each result that a function has returned; a fault where a @retval list says something else."""
    rows = [["Function", "Result", "Value", "When"]]
    listed = {s.name: s for s in symbols if s.results}
    faults = [
        f"tests/result_codes_test.cpp:1: {function} is no function with a @retval list"
        for function in records.keys() - listed.keys()
    ]
    names_of = {value: name for name, value in codes.items()}
    for function, symbol in listed.items():
        returned = {names_of.get(code, f"0x{code:08X}") for code in records.get(function, ())}
        for name in sorted(returned - symbol.results.keys()):
            faults.append(f"{symbol.place}: {function} returns {name} in a test, and has no @retval for it")
        for name, when in symbol.results.items():
            if name not in returned:
                faults.append(f"{symbol.place}: {function} has @retval {name}, which no test has seen it return")
            if symbol.file == API:
                rows.append([f"``{function}``", f"``{name}``", f"``0x{codes[name]:08X}``", when])
    if faults:
        raise ToolError("\n".join(faults))
    return rows


def layout_tables(layouts: list[dict[str, tuple[str, str]]]) -> dict[str, Rows]:
    """Of x64 and x86."""
    tables: dict[str, Rows] = {}
    head = ["Member", "At byte, x64", "Bytes, x64", "At byte, x86", "Bytes, x86"]
    for name in layouts[0]:
        struct, dot, member = name.partition(".")
        (at_x64, x64), (at_x86, x86) = (layout[name] for layout in layouts)
        row = [f"``{member}``", at_x64, x64, at_x86, x86] if dot else ["the whole", "", x64, "", x86]
        tables.setdefault(f"layout-{struct.lower()}", [head]).append(row)
    return tables


def help_tables(program: str, file: Path) -> dict[str, Rows]:
    """A program's options, and its exit codes, from its own help."""
    text = file.read_text(encoding="utf-8")
    options = re.findall(r"^  (-\S.*?)  +(\S.*)$", text, flags=re.MULTILINE)
    _, _, codes = text.partition("Exit codes:")
    found = re.findall(r"(\d+) ([^,.]+)[,.]", " ".join(codes.split()))
    if not options or not found:
        raise ToolError(f"{file}:1: {program}'s help has no options, or no exit codes")
    meanings = [[code, f"{what[0].upper()}{what[1:]}."] for code, what in found]
    named = [[", ".join(f"``{name}``" for name in names.split(",")), what] for names, what in options]
    return {
        f"options-{program}": [["Option", "What it does"], *named],
        f"exit-codes-{program}": [["Code", "Meaning"], *meanings],
    }


def facts(values: dict[str, Rows], layouts: dict[str, dict[str, tuple[str, str]]]) -> str:
    made: dict[str, dict[str, int | str]] = {
        kind: {name: value if kind == "identifier" else int(value) for name, value in values[kind]}
        for kind in ("constant", "result", "identifier", "slot")
    }
    for architecture, layout in sorted(layouts.items()):
        made[architecture] = {
            name if "." in name else f"sizeof {name}": int(at if "." in name else size)
            for name, (at, size) in layout.items()
        }
    return json.dumps(made, indent=1) + "\n"


def make_files(symbols: list[Symbol], options: argparse.Namespace) -> dict[Path, str]:
    values = read_values(options.values)
    codes = {name: int(value) for name, value in values["result"]}
    slots = [
        [value, f"``0x{int(value) * 8:02X}``", f"``0x{int(value) * 4:02X}``", f"``{name}``"]
        for name, value in values["slot"]
    ]
    of_notify = [row for row in slots if "Notify::" in row[3]]
    head = ["Slot", "At byte, x64", "At byte, x86", "Method"]
    layouts = {name: read_layout(file) for name, file in options.layout}
    has_both = len(layouts) == 2
    tables = {
        "constants": [
            ["Name", "Value", "Decimal"],
            *([f"``{name}``", f"``0x{int(value):08X}``", value] for name, value in values["constant"]),
        ],
        "identifiers": [
            ["Name", "Value"],
            *([f"``{name}``", f"``{{{value}}}``"] for name, value in values["identifier"]),
        ],
        "result-codes": result_codes(symbols, codes, read_records(options.report)),
        "slots": [head, *(row for row in slots if row not in of_notify)],
        "slots-notify": [head, *slots[:3], *of_notify],
        **(layout_tables([layouts[name] for name in ("x64", "x86")]) if has_both else {}),
    }
    for program, file in options.help_of:
        tables |= help_tables(program, file)
    files = {TABLES / f"{name}.csv": written(rows) for name, rows in tables.items()}
    return files | ({FACTS: facts(values, layouts)} if has_both else {})


def written(rows: Rows) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def stale(files: dict[Path, str]) -> list[str]:
    faults = []
    for file, text in files.items():
        old = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        for number, (says, now) in enumerate(zip_longest(old, text.splitlines(), fillvalue="nothing"), 1):
            if says != now:
                difference = f"the table says {says}, what is compiled {now}; renew it with: {RENEW}"
                faults.append(f"{file.relative_to(ROOT)}:{number}: stale: {difference}")
                break
    made_elsewhere = [f for f in sorted(TABLES.glob("*.csv")) if f not in files and not f.stem.startswith(OPTIONAL)]
    return faults + [f"{f.relative_to(ROOT)}:1: nothing makes this table; remove it" for f in made_elsewhere]


def named_file(text: str) -> tuple[str, Path]:
    name, file = text.split("=", 1)
    return name, Path(file)


def main() -> int:
    syntax = parser(__doc__)
    commands = syntax.add_subparsers(dest="command", required=True)
    for name, text in (("names", "write the names"), ("check", "compare"), ("renew", "write the tables")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--xml", type=Path, required=True)
        if name == "names":
            command.add_argument("--output", type=Path, required=True)
        else:
            command.add_argument("--values", type=Path, required=True)
            command.add_argument("--report", type=Path, required=True)
            command.add_argument("--layout", type=named_file, action="append", default=[], metavar="x86|x64=FILE")
            command.add_argument("--help-of", type=named_file, action="append", default=[], metavar="PROGRAM=FILE")
    options = syntax.parse_args()
    symbols = read_symbols(options.xml)
    if options.command == "names":
        options.output.write_text(names(symbols), encoding="utf-8")
        return 0
    files = make_files(symbols, options)
    if options.command == "renew":
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return 0
    return report(stale(files))


if __name__ == "__main__":
    run(main)
