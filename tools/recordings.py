"""Records of Outlook: reads them, checks them, and says what they show about each statement.

    tools.recordings check [FILE...]   fails unless each may be kept in docs/recordings; without FILE: all that are kept
    tools.recordings keep REVISION     keeps the statements of an earlier revision of this project: the records of its
                                       recorder are known then

A record is JSON Lines (docs/recordings/schema.json). It comes from somebody else's machine: what tells who that is, is
a fault, and so is a run that was not Outlook's.
"""

from __future__ import annotations

import datetime
import functools
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import ROOT, ToolError, output_of, parser, read_toml, report, run
from tools.statements import Statement, load, specification_hash

KEPT = ROOT / "docs" / "recordings"
FOLDER = Path(os.environ.get("OFFLINE_STATE_RECORDINGS", KEPT))  # another one for a test's guide
SCHEMA, NOTES, SPECIFICATIONS = KEPT / "schema.json", FOLDER / "notes.toml", FOLDER / "specifications.json"
MOST_BYTES = 200_000
WINE = "Wine, not Outlook"
HELD, BROKE = "held", "did not hold"
OUTCOMES = {
    "fail": BROKE, "differs": BROKE, "crash": "crashed", "hang": "hung", "pass": HELD, "not testable": "not testable",
    "not run": "not run",
}  # fmt: skip
WORST_FIRST = [*dict.fromkeys(OUTCOMES.values())]
AGAINST = {BROKE, "crashed", "hung"}  # what a client meets that has relied on the statement
# What Outlook has called itself since the API came: 2007, 2010, 2013, and from 2016 on always 16.
BUILD = re.compile(r"(12|14|15|16)\.0\.\d{4,5}\.\d{4,5}")
WINDOWS = re.compile(r"(6\.[0-3]|10\.0)\.\d{4,5}")
FIRST_DATE = "2026-11-24"  # there was no recorder before
PROFILE = re.compile(r"[0-9a-f]{64}|its own|another|null|None")  # instead of a name
SEPARATOR = r"[\\/]"
PERSONAL = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    "the path of a user's folder": re.compile(
        rf"{SEPARATOR}(Users|Documents and Settings|home){SEPARATOR}+[^\\/\"]", re.IGNORECASE
    ),
    "the name of a computer": re.compile(r"\b(DESKTOP|LAPTOP|WIN)-[0-9A-Z]{5,}\b", re.IGNORECASE),
    "a path on a server": re.compile(r"(^|[^\\\w:])\\\\\w|\b(file|smb):/"),
    "the number of a Windows account": re.compile(r"\bS-1-(5-21|12-1)-\d+", re.IGNORECASE),
}


@dataclass(frozen=True)
class Check:
    """What a test found."""

    name: str
    statements: tuple[str, ...]
    outcome: str
    reason: str
    line: int


@dataclass(frozen=True)
class Record:
    file: Path
    head: dict[str, Any]  # its first line
    checks: tuple[Check, ...]
    lines: tuple[dict[str, Any] | None, ...]  # None: half a line, the last one

    @property
    def host(self) -> dict[str, Any]:
        return dict(self.head["host"])

    @property
    def outlook(self) -> bool:
        return bool(self.host["name"] != WINE)

    @property
    def build(self) -> str:
        return str(self.host["build"])

    @property
    def order(self) -> tuple[object, ...]:
        """Of its build, not of the letters of its name."""
        return (
            [int(n) for n in re.findall(r"\d+", self.build)],
            self.bits,
            self.account,
            self.head["date"],
            self.file.name,
        )

    @property
    def bits(self) -> int:
        return int(self.host["bits"])

    @property
    def account(self) -> str:
        return str(self.head["account"])

    @property
    def machine(self) -> tuple[object, ...]:
        """A record does not say whose it is. What is alike in all of this counts as one machine, whatever the build."""
        return self.host["name"], self.bits, self.account, *(self.head[name] for name in ("windows", "language"))

    @property
    def says(self) -> tuple[object, ...]:
        """All that the guide shows of it, but for its date."""
        return self.machine, self.build, self.head["mode"], self.head["specification"], self.outcomes

    @property
    def complete(self) -> bool:
        last = self.lines[-1]
        return last is not None and last["line"] == "end"

    @functools.cached_property
    def outcomes(self) -> dict[str, str]:
        """Of each statement, the worst of its checks."""
        found: dict[str, str] = {}
        for check in self.checks:
            for id in check.statements:
                found[id] = min(found.get(id, check.outcome), check.outcome, key=WORST_FIRST.index)
        return {id: outcome for id, outcome in found.items() if id not in self.reworded}

    @functools.cached_property
    def reworded(self) -> set[str]:
        """Which of its statements say something else by now, or are no more."""
        now = load()
        if self.head["specification"] == specification_hash(now.values()):
            return set()
        then = specifications().get(self.head["specification"], {})
        named = {id for check in self.checks for id in check.statements}
        return {id for id in named if id not in now or then.get(id) != now[id].hash}


@dataclass
class Seen:
    """What the records say about a statement, by outcome."""

    records: dict[str, list[Record]] = field(default_factory=dict)

    def of(self, *outcomes: str) -> list[Record]:
        return sorted((r for outcome in outcomes for r in self.records.get(outcome, [])), key=lambda r: r.order)

    @property
    def held(self) -> list[Record]:
        return self.of(HELD)

    @property
    def against(self) -> list[Record]:
        return self.of(*AGAINST)


def specifications() -> dict[str, dict[str, str]]:
    """The statements of earlier specifications: of each, the hash of its text."""
    return dict(json.loads(SPECIFICATIONS.read_text(encoding="utf-8"))) if SPECIFICATIONS.exists() else {}


def lines_of(file: Path) -> list[str]:
    """A text in them may have other characters that end a line."""
    return file.read_bytes().decode("utf-8").removesuffix("\n").split("\n")


def read(file: Path) -> Record:
    place = f"{file.relative_to(ROOT)}" if file.is_relative_to(ROOT) else f"{file}"
    try:
        texts = lines_of(file)
    except OSError as fault:
        raise ToolError(f"{place}:1: there is no record that can be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise ToolError(f"{place}:1: it is not UTF-8") from None
    lines: list[dict[str, Any] | None] = []
    for number, text in enumerate(texts, 1):
        try:
            lines.append(json.loads(text))
        except (ValueError, RecursionError):
            if number < len(texts) or number == 1:
                raise ToolError(f"{place}:{number}: this is no line of a record") from None
            lines.append(None)  # it was cut off here
    validate = validator()
    for number, entry in enumerate(lines, 1):
        if entry is None:
            continue
        if fault := validate(entry):
            raise ToolError(f"{place}:{number}: {fault}")
        if (entry["line"] == "recording") != (number == 1) or (entry["line"] == "end" and number < len(lines)):
            raise ToolError(f"{place}:{number}: a record begins with “recording”, and “end” is its last line")
    checks = [
        Check(e["check"], tuple(e["statements"]), OUTCOMES[e["verdict"]], e.get("reason", ""), number)
        for number, e in enumerate(lines, 1)
        if e is not None and e["line"] == "check"
    ]
    return Record(file, lines[0] or {}, tuple(checks), tuple(lines))


@functools.cache
def validator() -> Any:
    """Says what is wrong with a line of a record, or nothing."""
    try:
        import fastjsonschema  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        raise ToolError("fastjsonschema is missing: build/venv/bin/pip install --require-hashes "
                        "-r tools/requirements/guide.txt, and use build/venv/bin/python") from None  # fmt: skip
    validate = fastjsonschema.compile(json.loads(SCHEMA.read_text(encoding="utf-8")))

    def fault_of(entry: object) -> str | None:
        try:
            validate(entry)
        except fastjsonschema.JsonSchemaException as fault:
            return str(fault.message).replace("data", "the line", 1)
        return None

    return fault_of


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inside in value.items():
            yield name
            yield from texts_in(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from texts_in(inside)
    elif isinstance(value, str):
        yield value


def personal(record: Record) -> Iterator[tuple[int, str]]:
    """What a person or a computer could be known by. Half a line is looked at as it is."""
    last = lines_of(record.file)[-1].replace("\\\\", "\\")
    for number, entry in enumerate(record.lines, 1):
        texts = [last] if entry is None else list(texts_in(entry))
        for what, pattern in PERSONAL.items():
            if found := next((match[0] for text in texts if (match := pattern.search(text))), None):
                yield number, f"{what} is in it ({found.strip()!r}): a record says nothing about a person"
        for name, value in ((entry or {}).get("arguments") or {}).items():
            if "profile" in name.lower() and not PROFILE.fullmatch(str(value)):
                yield number, "the name of a profile is in it: a record has its hash, “its own” or “another”"


def faults_of(record: Record, others: Iterable[Record]) -> Iterator[tuple[int, str]]:
    """Why a record may not be kept, with the number of the line."""
    head, now = record.head, load()
    if record.file.stat().st_size > MOST_BYTES:
        yield 1, f"it has more than {MOST_BYTES // 1000} kB"
    if not record.outlook:
        yield 1, f"it says “{WINE}”: only what Outlook did is kept"
    elif not BUILD.fullmatch(record.build) or not WINDOWS.fullmatch(head["windows"]):
        yield 1, f"no Outlook has the build {record.build} on Windows {head['windows']}"
    try:
        in_time = FIRST_DATE <= str(datetime.date.fromisoformat(head["date"])) <= str(tomorrow())
    except ValueError:
        in_time = False
    if not in_time:
        yield 1, f"its date is {head['date']}: that is no day since {FIRST_DATE} up to now"
    if head["specification"] not in {specification_hash(now.values()), *specifications()}:
        known = f"tools.recordings keep {head['recorder']['commit']}"
        yield 1, f"its specification {head['specification'][:12]} is not known: {known}"
    elif unknown := sorted({id for c in record.checks for id in c.statements} - record.reworded - now.keys()):
        yield 1, f"there is no statement {', '.join(unknown)}"
    names = [check.name for check in record.checks]
    for check in record.checks:
        if names.index(check.name) != record.checks.index(check):
            yield check.line, f"{check.name} is there twice"
    yield from personal(record)
    for other in others:
        if (other.head["salt"], other.head["profile"]) == (head["salt"], head["profile"]):
            yield 1, f"it is the same record as {other.file.name}"
        elif other.says == record.says:
            yield 1, f"it says nothing that {other.file.name} does not say, of a machine that is alike in everything"


def tomorrow() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)


def files(folder: Path = FOLDER) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


@functools.cache
def records() -> tuple[Record, ...]:
    """All that are kept, by build."""
    return tuple(sorted(map(read, files()), key=lambda record: record.order))


def inputs() -> list[Path]:
    """All that the guide's pages about records are made of."""
    return [*files(), *(file for file in (SCHEMA, SPECIFICATIONS, NOTES) if file.exists())]


def hosts() -> str:
    """What the records are of."""
    return "Outlook" if all(record.outlook for record in records()) else WINE


@functools.cache
def seen() -> dict[str, Seen]:
    """Of each statement that a record names, what the records say."""
    found: dict[str, Seen] = {}
    for record in records():
        for id, outcome in record.outcomes.items():
            found.setdefault(id, Seen()).records.setdefault(outcome, []).append(record)
    return found


@functools.cache
def refuted() -> list[Statement]:
    """What this reference has decided, and an Outlook does otherwise."""
    return [s for s in load().values() if s.kind == "decided" and s.id in seen() and seen()[s.id].against]


@functools.cache
def contradicted() -> list[str]:
    """The statements that held in one record and not in another."""
    return [id for id in load() if id in seen() and seen()[id].held and seen()[id].against]


@functools.cache
def notes() -> dict[str, str]:
    """What follows from each decision that a record refutes."""
    found: dict[str, str] = {}
    for line, entry in read_toml(NOTES, "note") if NOTES.exists() else ():
        place, wrong = f"{NOTES}:{line}", {statement.id for statement in refuted()}
        if set(entry) != {"statement", "follows"} or not re.fullmatch(r"(?s)[A-Z].{20,}\.\s*", str(entry["follows"])):
            raise ToolError(f"{place}: a note has a statement, and what follows, in a sentence")
        if str(entry["statement"]) not in wrong:
            raise ToolError(f"{place}: no record refutes {entry['statement']}, or this reference has not decided it")
        found[entry["statement"]] = " ".join(entry["follows"].split())
    return found


def faults_of_all() -> Iterator[str]:
    """Why the guide may not be built with the records that are there."""
    for record in records() if FOLDER == KEPT else ():
        yield from placed(record, [other for other in records() if other.order < record.order])
    known = notes()
    for statement in refuted():
        if statement.id not in known:
            place, by = f"docs/statements.toml:{statement.line}", seen()[statement.id].against[0].file.name
            yield f"{place}: {statement.id} is decided here, and {by} refutes it: write what follows into {NOTES}"


def placed(record: Record, others: Iterable[Record]) -> Iterator[str]:
    return (f"{record.file}:{line}: {fault}" for line, fault in faults_of(record, others))


def described(record: Record) -> str:
    counts = {word: sum(check.outcome == word for check in record.checks) for word in WORST_FIRST[::-1]}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    end = "complete" if record.complete else f"cut off after line {sum(line is not None for line in record.lines)}"
    return f"{record.host['name']} {record.build}, {record.bits}-bit, {record.account}: {end}; {said or 'no check'}"


def check(names: list[Path]) -> int:
    if not names:
        for record in records():
            print(f"{record.file}: {described(record)}")
        return report(faults_of_all())
    faults: list[str] = []
    others = [read(file) for file in files() if file.resolve() not in map(Path.resolve, names)]
    for file in names:
        try:
            record = read(file)
            found = list(placed(record, others))
            others.append(record)
            if not found:
                print(f"{file}: {described(record)}")
        except ToolError as fault:
            found = [str(fault)]
        faults += found
    return report(faults)


def keep(revision: str) -> int:
    text = output_of(["git", "show", f"{revision}:docs/statements.toml"])
    entries = [{"date": ""} | entry for entry in tomllib.loads(text)["statement"]]
    statements = [Statement(**entry, line=0) for entry in entries]
    kept = specifications() | {specification_hash(statements): {s.id: s.hash for s in statements}}
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in kept.items())
    SPECIFICATIONS.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(f"{specification_hash(statements)}: {len(statements)} statements of {revision}")
    return 0


def main() -> int:
    syntax = parser(__doc__)
    commands = syntax.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="may these records be kept?").add_argument("files", nargs="*", type=Path)
    commands.add_parser("keep", help="keep the statements of a revision").add_argument("revision")
    options = syntax.parse_args()
    return check(options.files) if options.command == "check" else keep(options.revision)


if __name__ == "__main__":
    run(main)
