"""The guide's tables that nobody types: made from the compiled header and from test data.

    tables.py names --xml FOLDER --output FILE     the names for docs/reference/tables/*.cpp, from Doxygen's XML
    tables.py check|renew --xml FOLDER --values FILE --report FILE [--layout x86=FILE --layout x64=FILE]
                                                   compares docs/reference/tables with what has been made, or renews it

VALUES is what docs/reference/tables/print_tables.cpp prints, each LAYOUT what a compiler for Windows makes of layouts.cpp, REPORT
the tests' (tests/result_codes_test.cpp records which function returned what). Without both layouts those tables stay as
they are.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

from tools import ROOT
from tools.public_header import Symbol, read_symbols

TABLES = ROOT / "docs" / "reference" / "tables"
API = "mapioffline.h"
RENEW = "cmake --build --preset linux-gcc --target renew_tables"
# Doxygen gives the members of a structure without name to the one around it.
NESTED = {
    "StateChange": "Info.StateChange",
    **{name: f"Info.StateChange.{name}" for name in ("ulMask", "ulStateOld", "ulStateNew")},
}
Rows = list[list[str]]


class TableError(Exception):
    """One line or more: file, line, fault."""


def member_path(symbol: Symbol) -> str:
    return NESTED.get(symbol.last_name, symbol.last_name)


def names(symbols: list[Symbol]) -> str:
    api = [s for s in symbols if s.file == API]
    lines = [f"CONSTANT({s.name})" for s in api if s.scope == "constants" or s.kind == "enumvalue"]
    results = {name for s in symbols for name in s.results} | {s.name for s in api if s.scope == "results"}
    lines += [f"RESULT({name})" for name in sorted(results)]
    lines += [f"IDENTIFIER({s.name})" for s in api if s.type == "const GUID"]
    structs = dict.fromkeys(s.scope for s in api if s.kind == "variable" and "::" in s.name)
    for struct in structs:
        lines += [f"MEMBER({struct}, {member_path(s)})" for s in api if s.kind == "variable" and s.scope == struct]
        lines.append(f"STRUCT({struct})")
    lines += [f"SLOT({s.scope}, {s.last_name})" for s in api if s.kind == "function" and "::" in s.name]
    return "\n".join(lines) + "\n"


def read_values(file: Path) -> dict[str, Rows]:
    values: dict[str, Rows] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        kind, *fact = line.split("\t")
        if len(fact) != 2:
            raise TableError(f"{file}:{number}: this is no fact: {line!r}")
        values.setdefault(kind, []).append(fact)
    return values


def read_layout(file: Path) -> dict[str, tuple[str, str]]:
    facts = re.findall(r"^\s*@\t(\S+)\t(\d+)\t(\d+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if not facts:
        raise TableError(f"{file}:1: there is no layout in it")
    return {name: (offset, size) for name, offset, size in facts}


def read_records(report: Path) -> dict[str, set[int]]:
    """Which function has returned what: the property that tests/result_codes_test.cpp records."""
    try:
        properties = ElementTree.parse(report).getroot().iter("property")
    except OSError as error:
        raise TableError(f"{report}:1: there is no test report ({error.strerror}): run the tests first") from None
    except ElementTree.ParseError as error:
        raise TableError(f"{report}:{error.position[0]}: the test report is damaged or truncated: {error}") from None
    records: dict[str, set[int]] = {}
    for record in " ".join(p.get("value", "") for p in properties if p.get("name") == "results").split():
        function, _, code = record.partition("=")
        records.setdefault(function, set()).add(int(code, 16))
    return records


def result_codes(symbols: list[Symbol], codes: dict[str, int], records: dict[str, set[int]]) -> Rows:
    """A row for each result that a function has returned; a fault where a @retval list says something else."""
    faults, rows = [], [["Function", "Result", "Value", "When"]]
    listed = {s.name: s for s in symbols if s.results}
    for function in records.keys() - listed.keys():
        faults.append(f"tests/result_codes_test.cpp:1: {function} is no function with a @retval list")
    names_of: dict[int, str] = {value: name for name, value in codes.items()}
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
        raise TableError("\n".join(faults))
    return rows


def make_tables(symbols: list[Symbol], options: argparse.Namespace) -> dict[str, Rows]:
    values = read_values(options.values)
    codes = {name: int(value) for name, value in values["result"]}
    hexadecimal = [[f"``{name}``", f"``0x{int(value):08X}``", value] for name, value in values["constant"]]
    slots = [
        [value, f"``0x{int(value) * 8:02X}``", f"``0x{int(value) * 4:02X}``", f"``{name}``"]
        for name, value in values["slot"]
    ]
    of_notify = [row for row in slots if "Notify::" in row[3]]
    head = [["Slot", "At byte, x64", "At byte, x86", "Method"]]
    tables = {
        "constants": [["Name", "Value", "Decimal"], *hexadecimal],
        "identifiers": [
            ["Name", "Value"],
            *([f"``{name}``", f"``{{{value}}}``"] for name, value in values["identifier"]),
        ],
        "result-codes": result_codes(symbols, codes, read_records(options.report)),
        "slots": head + [row for row in slots if row not in of_notify],
        "slots-notify": head + slots[:3] + of_notify,
    }
    layouts = {target: read_layout(Path(file)) for target, _, file in (text.partition("=") for text in options.layout)}
    if layouts.keys() == {"x64", "x86"}:
        for name in layouts["x64"]:
            struct, dot, member = name.partition(".")
            table = tables.setdefault(
                "layout-" + struct.lower(),
                [["Member", "At byte, x64", "Bytes, x64", "At byte, x86", "Bytes, x86"]],
            )
            places = [layouts[target][name] for target in ("x64", "x86")]
            table.append(
                [f"``{member}``", *places[0], *places[1]] if dot else ["the whole", "", places[0][1], "", places[1][1]]
            )
    return tables


def written(rows: Rows) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def stale(tables: dict[str, Rows]) -> list[str]:
    faults = []
    for name, rows in tables.items():
        file, place = TABLES / f"{name}.csv", f"docs/reference/tables/{name}.csv"
        new, old = written(rows).splitlines(), file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if new != old:
            line = next((n for n, (a, b) in enumerate(zip(new, old, strict=False)) if a != b), min(len(new), len(old)))
            says, is_now = ((text[line] if line < len(text) else "nothing") for text in (old, new))
            faults.append(
                f"{place}:{line + 1}: stale: the table says {says}, what is compiled {is_now}; renew it with: {RENEW}"
            )
    wanted = {f"{name}.csv" for name in tables}
    extra = [f for f in sorted(TABLES.glob("*.csv")) if f.name not in wanted and not f.name.startswith("layout-")]
    return faults + [f"docs/reference/tables/{file.name}:1: nothing makes this table; remove it" for file in extra]


def main() -> int:
    parser = argparse.ArgumentParser(description="The guide's tables that nobody types.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("names", "write the names"), ("check", "compare"), ("renew", "write the tables")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--xml", type=Path, required=True)
        if name == "names":
            command.add_argument("--output", type=Path, required=True)
        else:
            command.add_argument("--values", type=Path, required=True)
            command.add_argument("--report", type=Path, required=True)
            command.add_argument("--layout", action="append", default=[], metavar="x86|x64=FILE")
    options = parser.parse_args()
    try:
        symbols = read_symbols(options.xml)
        if options.command == "names":
            options.output.write_text(names(symbols), encoding="utf-8")
            return 0
        tables = make_tables(symbols, options)
    except (TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.command == "renew":
        TABLES.mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            (TABLES / f"{name}.csv").write_text(written(rows), encoding="utf-8")
        return 0
    faults = stale(tables)
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
