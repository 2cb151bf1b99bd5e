"""Records of Outlook: which may be kept, and what a guide with some of them shows.

The records here are made up, in the form that the recorder writes. Their guide is made of the pages that show records.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import test_pages
from conftest import AXE, CAP
from guide_site import BUILT, HEIGHT, ROOT, WIDE, Visit
from playwright.sync_api import Browser, Locator, Page, expect

from tools import recordings
from tools.statements import load, specification_hash

STATEMENTS = load()
DECIDED = [s.id for s in STATEMENTS.values() if s.kind == "decided"]
DOCUMENTED = [s.id for s in STATEMENTS.values() if s.kind == "documented"]
OF_WINE = ROOT / "tests" / "recorder" / "reads.expected.jsonl"  # the recorder's own, made anew by its test
OLD, NEW = "16.0.17928.20114", "16.0.18129.20158"
Capture = pytest.CaptureFixture[str]
SALTS = itertools.count()
Line = dict[str, Any]


def record(verdicts: dict[str, str], **changes: Any) -> list[Line]:
    """A complete record. verdicts: by statement; changes: of its first line and its host."""
    host = {"name": "Outlook", "build": OLD, "channel": "Current Channel", "bits": 64}
    head = {
        "line": "recording", "format": 1, "recorder": {"version": "1.4", "commit": "abc1234"},
        "specification": specification_hash(STATEMENTS.values()), "date": "2026-11-26", "mode": "reads",
        "windows": "10.0.22631", "language": "de-DE", "exchangeConnectionMode": 700, "account": "exchange cached",
        "profile": "ab" * 32, "salt": f"{next(SALTS):032x}",
    }  # fmt: skip
    host |= {name: changes.pop(name) for name in list(changes) if name in host}
    name = "HrOpenOfflineObj"
    return [
        head | {"host": host} | changes,
        {"line": "module", "module": "olmapi32.dll", "path": r"C:\Program Files\Office\OLMAPI32.DLL",
         "version": host["build"], "exports": {name: True, f"{name}@20": host["bits"] == 32}},
        {"line": "call", "check": None, "call": name, "arguments": {"profile": "its own"},
         "hresult": "0x00000000", "result": {}, "thread": 1, "ms": 0.5},
        {"line": "notification", "check": "Suite.Test0", "type": "0x00000002", "mask": "0x00000003",
         "old": "0x00000002", "new": "0x00000001", "size": 24, "thread": 2, "apartment": "MTA", "ms": 12.3,
         "during": "SetCurrentState"},
        *({"line": "check", "check": f"Suite.Test{n}", "statements": [id], "verdict": verdict, "reason": "", "ms": 1}
          for n, (id, verdict) in enumerate(verdicts.items())),
        {"line": "state", "before": "0x00000002", "restored": True},
        {"line": "end", "ms": 1234},
    ]  # fmt: skip


def write(file: Path, lines: list[Line], end: str = "\n") -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(map(json.dumps, lines)) + end, encoding="utf-8")
    return file


def run(*arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, with the records of a folder as those that are kept."""
    settings = {"OFFLINE_STATE_RECORDINGS": str(folder)} if folder else {}
    command = [sys.executable, "-B", "-m", "tools.recordings", *map(str, arguments)]
    return subprocess.run(command, check=False, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True)


# The checker.

PASS = {"GET-1": "pass"}
FAULTS: list[tuple[str, list[Line], str]] = [
    ("wine", record(PASS, name="Wine, not Outlook"), r":1: it says “Wine, not Outlook”"),
    ("build", record(PASS, build="11.0.5510.0"), r":1: no Outlook has the build 11\.0\.5510\.0 on Windows 10"),
    ("windows", record(PASS, windows="4.10.1998"), r":1: no Outlook has the build .* on Windows 4\.10\.1998"),
    ("early", record(PASS, date="2026-11-23"), r":1: its date is 2026-11-23: that is no day since"),
    ("late", record(PASS, date=f"{datetime.now(UTC) + timedelta(days=3):%F}"), r":1: its date is"),
    ("day", record(PASS, date="2027-02-30"), r":1: its date is 2027-02-30"),
    ("specification", record(PASS, specification="0" * 64), r":1: its specification 0{12} is not known: .*abc1234"),
    ("statement", record({"GET-99": "pass"}), r":1: there is no statement GET-99"),
    ("twice", [*record(PASS)[:-1], *record(PASS)[4:]], r":7: Suite\.Test0 is there twice"),
    ("large", [*record(PASS)[:-1], *[record({})[2]] * 2000, {"line": "end", "ms": 1}], r":1: it has more than 200 kB"),
    ("schema", record({"GET-1": "perhaps"}), r":5: the line\.verdict must be one of \["),
    ("key", record(PASS, user="x"), r":1: the line must not contain \{'user'\}"),
    ("hash", record(PASS, profile="Outlook"), r":1: the line\.profile must match pattern"),
    ("order", record(PASS)[::-1], r":1: a record begins with “recording”"),
]  # fmt: skip
PERSONAL = (
    r"C:\Users\Anna\AppData\x.dll", r"c:/users/anna/x", "/home/anna/x.cpp:3", "from anna.b@example.org",
    "on DESKTOP-4F7K2QX", r"\\server\share\x.dll", r"file://server/x", "S-1-5-21-3623811015-3361044348-30300820-1013",
)  # fmt: skip


@pytest.mark.parametrize(("name", "lines", "says"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_faults(name: str, lines: list[Line], says: str, tmp_path: Path, capsys: Capture) -> None:
    file = write(tmp_path / f"{name}.jsonl", lines)
    assert recordings.check([file]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert re.match(re.escape(str(file)) + says, said.err), said.err


def test_personal_data(tmp_path: Path, capsys: Capture) -> None:
    """Each is planted in each kind of line, once in half a line; and what only looks like it passes."""
    files = []
    for n, text in enumerate(PERSONAL):
        lines = record(PASS, build=f"16.0.17928.2{n:04}")
        lines[1]["path"] = lines[2]["result"][f"module of {text}"] = lines[4]["reason"] = f"found {text}"
        lines[2]["arguments"] = {"file": text}
        files.append(
            write(tmp_path / f"{n}.jsonl", lines[:5], end="\n" + json.dumps({"line": "call", "call": text})[:-1])
        )
    name = record(PASS)
    name[2]["arguments"]["profile"] = "Anna"
    files.append(write(tmp_path / "name.jsonl", name))
    assert recordings.check(files) == 1
    found = capsys.readouterr().err.splitlines()
    assert [line for line in found if not re.search(r": (an?|the) [\w' -]+? is in it", line)] == []
    assert [len([line for line in found if line.startswith(str(file))]) for file in files] == [4] * len(PERSONAL) + [1]
    assert "the name of a profile is in it" in found[-1]

    good = record(PASS)
    good[1]["path"] = r"%USERPROFILE%\AppData\Local\Office\OLMAPI32.DLL"
    good[4]["reason"] = "HrOpenOfflineObj@20 in C:\\Program Files\\\\x, 16.0.1.2, WIN-32, win-x64; \\\\.\\pipe"
    assert recordings.check([write(tmp_path / "good.jsonl", good)]) == 0


def test_complete_or_cut_off(tmp_path: Path, capsys: Capture) -> None:
    lines = record({"GET-1": "pass", DECIDED[0]: "differs"})
    whole = write(tmp_path / "whole.jsonl", lines)
    half = write(tmp_path / "half.jsonl", record(PASS, build=NEW)[:5], end='\n{"line":"che')
    assert recordings.check([whole, half]) == 0
    said = capsys.readouterr().out
    assert "64-bit, exchange cached: complete; 1 held, 1 did not hold" in said
    assert f"Outlook {NEW}, 64-bit, exchange cached: cut off after line 5; 1 held" in said


def test_the_same_machine_twice(tmp_path: Path) -> None:
    kept = write(tmp_path / "kept" / "one.jsonl", record(PASS, salt="0" * 16)).parent
    for name, lines, says in (
        ("copy", record(PASS, salt="0" * 16, build=NEW), "it is the same record as one.jsonl"),
        ("again", record(PASS, date="2026-11-27"), "it says nothing that one.jsonl does not say"),
        ("build", record(PASS, build=NEW), ""),
        ("mode", record(PASS, mode="offline-and-back"), ""),
        ("contradiction", record({"GET-1": "fail"}), ""),
    ):
        done = run("check", write(tmp_path / f"{name}.jsonl", lines), folder=kept)
        assert (done.returncode != 0, says in done.stderr) == (bool(says), True), done.stderr


def test_wrong_use(tmp_path: Path) -> None:
    for arguments in ((), ("nothing",), ("check", "--force"), ("keep",)):
        done = run(*arguments)
        assert (done.returncode, done.stderr[:6]) == (2, "usage:")
    done = run("check", tmp_path / "gone.jsonl")
    assert (done.returncode, "there is no record that can be read" in done.stderr) == (1, True)
    done = run("keep", "no-such-revision", folder=tmp_path)
    assert (done.returncode, "no-such-revision" in done.stderr) == (1, True)


# A guide with records.

CONFIRMED, REFUTED, HUNG = DECIDED[:3]
BROKEN, NOT_TESTABLE, REWORDED = DOCUMENTED[:3]
RECORDS = {
    "old": record(
        {"GET-1": "pass", CONFIRMED: "pass", REFUTED: "differs", BROKEN: "pass", NOT_TESTABLE: "not testable"}
    ),
    "new": record({"GET-1": "pass", CONFIRMED: "pass", REFUTED: "pass", BROKEN: "fail"}, build=NEW, language="en-US"),
    "x86": record({"GET-1": "pass", HUNG: "hang"}, build=NEW, bits=32, account="imap")[:-1],
    "earlier": record({REWORDED: "pass"}, specification="1" * 64),
}
NOTES = "".join(
    f'[[note]]\nstatement = "{id}"\nfollows = "The samples cope with it, as `{id}` is no promise."\n'
    for id in (REFUTED, HUNG)
)
BAD_PAGE = f""":diataxis: explanation

Bad
===

Outlook does so always ({REFUTED}).

A record refutes {REFUTED}, so nobody relies on it. {CONFIRMED} stands.

Nothing of this
has run in Outlook.
"""


def write_records(folder: Path, notes: str | None = None) -> Path:
    for name, lines in RECORDS.items():
        write(folder / f"{name}.jsonl", lines)
    (folder / "specifications.json").write_text(json.dumps({"1" * 64: {REWORDED: "0000"}}), encoding="utf-8")
    if notes:
        (folder / "notes.toml").write_text(notes, encoding="utf-8")
    return folder


EVIDENCE = BUILT.parent / "evidence.json"


def build(pages: Path, records: Path, html: Path) -> subprocess.CompletedProcess[str]:
    """The guide of some pages; what they lead to is there, and empty."""
    for name in ("explanation/what-outlook-does", "reference/statements"):
        text = (ROOT / "docs" / f"{name}.rst").read_text(encoding="utf-8")
        write_page(pages / f"{name}.rst", text)
        for page in re.findall(r":doc:`(?:[^`<]*<)?([\w/.-]+)>?`", text):
            linked = (pages / name).parent.joinpath(f"{page}.rst").resolve()
            if not linked.exists() and not (ROOT / "docs" / linked.relative_to(pages)).samefile(
                ROOT / "docs" / f"{name}.rst"
            ):
                write_page(linked, f":diataxis: {linked.parent.name}\n:orphan:\n\nNone\n====\n")
    shown = re.findall(r"\.\. statements:: (.*)", text)
    rest = dict.fromkeys(s.area for s in STATEMENTS.values() if s.area not in shown)
    tree = ".. toctree::\n\n   explanation/what-outlook-does\n   reference/statements\n   explanation/bad\n"
    parts = f".. coverage-summary::\n\n.. statements:: {' '.join(rest)}\n\n{tree}"
    write_page(pages / "index.rst", f":diataxis: explanation\n\nGuide\n=====\n\n{parts}")
    write_page(pages / "explanation" / "bad.rst", BAD_PAGE)
    settings = {"OFFLINE_STATE_RECORDINGS": str(records), "OFFLINE_STATE_EVIDENCE": str(EVIDENCE), "NO_COLOR": "1"}
    options = ["-q", "-n", "-b", "html", "-c", ROOT, "-d", html / "doctrees"]
    command = [sys.executable, "-B", "-m", "sphinx", *options, pages, html]
    return subprocess.run(command, check=False, env=os.environ | settings, capture_output=True, text=True)


def write_page(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_what_follows_is_written_down(tmp_path: Path) -> None:
    """A refuted decision without a note stops the build, and so does a note about nothing."""
    done = build(tmp_path / "pages", write_records(tmp_path / "records"), tmp_path / "html")
    assert done.returncode == 1
    refuted = {id: rf"docs/statements\.toml:\d+: {id} is decided here, and {name}\.jsonl refutes it: write what follows"
               for id, name in ((REFUTED, "old"), (HUNG, "x86"))}  # fmt: skip
    assert all(map(re.match, [refuted[id] for id in STATEMENTS if id in refuted], done.stderr.splitlines())), (
        done.stderr
    )
    assert len(done.stderr.splitlines()) == 2
    for note, says in (
        (NOTES.replace("The samples", "the"), "what follows, in a sentence"),
        (NOTES.replace(f'"{REFUTED}"', f'"{CONFIRMED}"'), f"no record refutes {CONFIRMED}"),
    ):
        done = run("check", folder=write_records(tmp_path / "records", note))
        assert (done.returncode, says in done.stderr) == (1, True), done.stderr


def test_guide_with_records(browser: Browser, tmp_path: Path) -> None:
    """One for all that is shown: building the pages takes the longest."""
    pages, html = tmp_path.resolve() / "pages", tmp_path.resolve() / "html"
    done = build(pages, write_records(tmp_path / "records", NOTES), html)
    assert done.returncode == 0, done.stderr
    nothing = "there is a record of Outlook: “Nothing of this has run in Outlook” is no longer true"
    assert [line.replace(f"{pages}/", "") for line in done.stderr.splitlines()] == [  # about the planted page alone
        f"explanation/bad.rst:6: WARNING: a record refutes {REFUTED}, and this paragraph does not say so",
        f"explanation/bad.rst:10: WARNING: {nothing}",
    ]
    context = browser.new_context(viewport={"width": WIDE, "height": HEIGHT}, reduced_motion="reduce")
    context.add_init_script(path=AXE)
    context.set_default_timeout(CAP)
    shown = Visit(context.new_page(), html)
    look_at_the_page(shown)
    look_at_the_matrix(shown)
    look_at_the_matrix_without_script(shown, browser)
    look_at_statements(shown)

    def visit(path: str) -> Visit:
        shown.go(path)
        return shown

    test_pages.test_page(PAGE, visit, {})  # with all that records can bring it fits, and has no barrier
    context.close()


PAGE = "explanation/what-outlook-does.html"


def test_a_record_of_the_recorder(browser: Browser, tmp_path: Path, capsys: Capture) -> None:
    """Under Wine: it is not kept, for this alone, and a test's guide says on its pages what it is of."""
    assert recordings.check([OF_WINE]) == 1
    assert [line.partition(":1: ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "it says “Wine, not Outlook”: only what Outlook did is kept"
    ]
    pages, html = tmp_path.resolve() / "pages", tmp_path.resolve() / "html"
    lines = [json.loads(line) for line in OF_WINE.read_text(encoding="utf-8").splitlines()]
    done = build(pages, write(tmp_path / "records" / "wine.jsonl", lines).parent, html)
    assert (done.returncode, done.stderr) == (0, "")
    page = browser.new_page()
    page.goto((html / PAGE).as_uri())
    expect(page.locator("article")).to_contain_text("This is Wine: it says nothing about Outlook.")
    expect(page.locator("article li").first).to_have_text("1 record of Wine, not Outlook, build 16.0.0.17928.")
    passed = {id for line in lines if line.get("verdict") == "pass" for id in line["statements"]}
    shown = [cells(row) for row in page.locator("table.recorded-matrix tbody tr").all()]
    assert shown == [[id, "held"] for id in STATEMENTS if id in passed]
    page.goto((html / "reference" / "statements.html").as_uri())
    page.get_by_label("Recorded").select_option("yes")
    assert page.locator("table.statement-table tbody tr:visible").count() == len(passed)
    page.close()


def cells(row: Locator) -> list[str]:
    return [text.strip() for text in row.locator("th:visible, td:visible").all_inner_texts()]


def look_at_the_page(shown: Visit) -> None:
    page = shown.go(PAGE)
    expect(page.locator("article li").first).to_have_text(f"4 records of Outlook, builds {OLD} to {NEW}.")
    expect(page.locator("article h2").first).to_contain_text("Decisions that a record refutes")
    rows = page.locator("table.refuted tbody tr")
    assert [cells(row)[0] for row in rows.all()] == [f"{id} refuted" for id in STATEMENTS if id in (REFUTED, HUNG)]
    expect(rows.first).to_contain_text(
        f"It held in one record, build {NEW}; it did not hold in one record, build {OLD}."
    )
    expect(rows.first).to_contain_text(f"The samples cope with it, as {REFUTED} is no promise.")
    expect(rows.last).to_contain_text(f"Its check hung in one record, build {NEW}.")
    assert [cells(row)[:2] for row in page.locator("table.otherwise tbody tr").all()] == [[BROKEN, "documented"]]
    disagree = page.locator("#where-records-disagree li")
    expect(disagree).to_contain_text([f"{id}: It held in one record" for id in STATEMENTS if id in (REFUTED, BROKEN)])
    unknown = page.locator("#what-is-unknown li")
    said = dict(text.rstrip(".").split(": ", 1) for text in unknown.all_inner_texts())
    assert said["Not testable inside Outlook"] == NOT_TESTABLE
    assert said["Reworded since it was recorded"] == REWORDED
    assert len(said["No check of the recorder is about it"].split(", ")) == len(STATEMENTS) - 7
    ends = [cells(row)[-1] for row in page.locator("table.records tbody tr").all()]
    assert sorted(ends) == ["complete", "complete", "complete", "cut off"]
    for name in (*(f"{name}.jsonl" for name in RECORDS), "schema.json"):
        assert (shown.html / "recordings" / name).is_file()
    expect(page.locator('table.records a[href="../recordings/old.jsonl"]')).to_be_visible()


HEAD = ["Statement", f"{OLD}, 64-bit, exchange cached", f"{NEW}, 32-bit, imap", f"{NEW}, 64-bit, exchange cached"]
MATRIX = {
    "GET-1": ["held", "held", "held"], CONFIRMED: ["held", "no check", "held"],
    REFUTED: ["did not hold", "no check", "held"], BROKEN: ["held", "no check", "did not hold"],
    HUNG: ["no check", "hung", "no check"],
}  # fmt: skip


def look_at_the_whole_matrix(page: Page) -> None:
    table = page.locator("table.recorded-matrix")
    assert cells(table.locator("thead tr")) == HEAD
    found = {row[0]: row[1:] for row in map(cells, table.locator("tbody tr").all())}
    assert found == MATRIX


def look_at_the_matrix_without_script(shown: Visit, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((shown.html / PAGE).as_uri())
    expect(page.locator("form.filter")).to_have_count(0)
    look_at_the_whole_matrix(page)
    page.context.close()


def look_at_the_matrix(shown: Visit) -> None:
    page = shown.go(PAGE)
    look_at_the_whole_matrix(page)
    table = page.locator("table.recorded-matrix")
    page.get_by_label("Bitness").select_option("32")
    assert cells(table.locator("thead tr")) == ["Statement", HEAD[2]]
    assert dict(map(cells, table.locator("tbody tr:visible").all())) == {"GET-1": "held", HUNG: "hung"}
    page.get_by_label("Account").select_option("exchange cached")
    assert cells(table.locator("thead tr")) == ["Statement"]
    page.get_by_label("Bitness").select_option("all")
    assert cells(table.locator("thead tr")) == [HEAD[0], HEAD[1], HEAD[3]]
    expect(table.locator("tbody tr:visible")).to_have_count(4)
    assert not shown.faults, "\n".join(shown.faults)


def look_at_statements(shown: Visit) -> None:
    """Beside each statement, on its page and in the table of all."""
    words = {
        "GET-1": ("recorded", f"It held on 3 machines, builds {OLD} to {NEW}."),
        CONFIRMED: ("recorded", "2 machines confirm this decision. Microsoft still does not promise it."),
        REFUTED: ("refuted", "The records contradict each other. It held in one record"),
        HUNG: ("refuted", "A record refutes this decision. The samples cope with it"),
        BROKEN: ("recorded otherwise", f"it did not hold in one record, build {NEW}."),
        NOT_TESTABLE: (None, None), REWORDED: (None, None),
    }  # fmt: skip
    for path in ("index.html", "reference/statements.html"):
        page = shown.go(path)
        for id, (badge, text) in words.items():
            statement = page.locator(f"#{STATEMENTS[id].anchor}")
            if not statement.count():
                continue
            found = statement.locator(".badge.recorded, .badge.against")
            expect(found).to_have_text([badge] if badge else [])
            expect(statement.locator("div.recorded")).to_contain_text([text] if text else [])
            if badge in ("refuted", "recorded otherwise"):
                red, green, blue = found.evaluate("e => getComputedStyle(e).color.match(/\\d+/g).map(Number)")
                assert red > 2 * max(green, blue)
    page.get_by_label("Recorded").select_option("yes")
    rows = page.locator("table.statement-table tbody tr:visible")
    assert sorted(cells(row)[0] for row in rows.all()) == sorted(id for id, (badge, _) in words.items() if badge)
    expect(rows.filter(has=page.get_by_text("GET-1", exact=True)).locator("td").last).to_have_text("held: 3 machines")
    shown.go("index.html")
    expect(page.locator("article")).to_contain_text("2 are shown by a recorded run in Outlook.")
    expect(page.locator("article")).to_contain_text("3 did not hold in a recorded run.")
