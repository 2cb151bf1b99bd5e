"""What records of Outlook show: the badge *recorded* beside a statement, and the page "What Outlook does".

``.. recorded:: PART`` shows one of the parts of that page (PARTS). The build stops when a record may not be kept, when
one refutes a decision and no note says what follows, when a paragraph names such a decision and does not say so, and
when a page says that nothing has run in Outlook while there is a record.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from tools import ToolError, behaviours, recordings
from tools.guide.elements import Cell, badge, items, line, prose, table
from tools.recordings import AGAINST, HELD, WORST_FIRST, Record, contradicted, hosts, records, refuted, seen
from tools.statements import Statement, load

logger = logging.getLogger(__name__)
FILES = "recordings"  # the folder of the built guide that has the records and the schema
NOTHING_HAS_RUN = re.compile(r"\b(nothing|no|none|never|not)\b[^.:]{0,60}\brun\s+in(side)?\s+Outlook", re.IGNORECASE)
SAYS_SO = re.compile(r"\brefute", re.IGNORECASE)


def how_many(found: list[Record]) -> str:
    """`one record`, `2 records of one machine`, `2 machines`"""
    machines = len({record.machine for record in found})
    if machines > 1:
        return f"{machines} machines"
    return "one record" if len(found) == 1 else f"{len(found)} records of one machine"


def in_builds(found: list[Record]) -> str:
    builds = list(dict.fromkeys(record.build for record in found))
    return f"build {builds[0]}" if len(builds) == 1 else f"builds {builds[0]} to {builds[-1]}"


def where(found: list[Record]) -> str:
    return f"{'on' if len({r.machine for r in found}) > 1 else 'in'} {how_many(found)}, {in_builds(found)}"


def history(id: str) -> str:
    """`It held in one record, build 16.0.1.2; it did not hold on 2 machines, builds 16.0.2.3 to 16.0.3.4.`"""
    words = {"crashed": "its check crashed", "hung": "its check hung"}
    outcomes = [HELD, *(outcome for outcome in WORST_FIRST if outcome in AGAINST)]
    parts = [f"{words.get(o, f'it {o}')} {where(found)}" for o in outcomes if (found := seen()[id].of(o))]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def is_recorded(id: str) -> bool:
    return id in seen() and bool(seen()[id].held or seen()[id].against)


def short(id: str) -> str:
    """For a cell of a table."""
    if not is_recorded(id):
        return "not yet"
    parts = {"held": seen()[id].held, "did not hold": seen()[id].against}
    return "; ".join(f"{word}: {how_many(found)}" for word, found in parts.items() if found)


def recorded_badge(statement: Statement) -> list[Cell]:
    if not is_recorded(statement.id):
        return []
    against = seen()[statement.id].against
    text = "recorded" if not against else "refuted" if statement.kind == "decided" else "recorded otherwise"
    return [" ", nodes.inline("", text, classes=["badge", "against" if against else "recorded"])]


def beside(statement: Statement) -> list[nodes.Node]:
    """What stands under the statement's text."""
    id = statement.id
    if not is_recorded(id):
        return []
    held, against = seen()[id].held, seen()[id].against
    start = "The records contradict each other. " if id in contradicted() else ""
    shown: list[nodes.Node] = [line(nodes.strong("", f"Recorded in {hosts()}. "), start, history(id))]
    if statement.kind == "decided" and against:
        shown.append(line(nodes.strong("", "A record refutes this decision."), " ", *what_follows(id)))
    elif statement.kind == "decided":
        one = len({record.machine for record in held}) == 1
        many = f"{how_many(held)} {'confirms' if one and len(held) == 1 else 'confirm'} this decision."
        shown.append(line(f"{many[0].upper()}{many[1:]} Microsoft still does not promise it."))
    return [nodes.container("", *shown, classes=["recorded", *(["against"] if against else [])])]


def what_follows(id: str) -> list[nodes.Node]:
    worst = "" if behaviours.that_break(id) else " The worst permitted Outlook does not behave so yet."
    return [*prose(recordings.notes().get(id, "")), nodes.Text(worst)]


# The parts of the page.


def summary() -> list[nodes.Node]:
    if not records():
        return [line(nodes.strong("", "There is no record yet."), " So nothing on this page is known.")]
    found = list(records())
    lines: list[Cell | list[Cell]] = [
        f"{len(found)} record{'s' * (len(found) > 1)} of {hosts()}, {in_builds(found)}.",
        f"{sum(map(is_recorded, load()))} of {len(load())} statements are recorded.",
        f"{len(refuted())} decisions of this reference are refuted.",
        f"About {len(contradicted())} statements the records contradict each other.",
    ]
    warning = [] if hosts() == "Outlook" else [line(nodes.strong("", "This is Wine: it says nothing about Outlook."))]
    return [*warning, items(*lines)]


def decisions() -> list[nodes.Node]:
    if not records():
        return [line("None is known: there is no record.")]
    if not refuted():
        return [line("No record refutes anything that this reference has decided.")]
    rows: list[list[Cell]] = []
    for s in refuted():
        rows.append([line(s.id, *recorded_badge(s)), line(*prose(s.text)), history(s.id), line(*what_follows(s.id))])
    about = line("The pages are silent, this reference has decided something, and Outlook does otherwise.")
    return [about, table(["Statement", "What was decided", "What Outlook did", "What follows"], rows, "refuted")]


def promises() -> list[nodes.Node]:
    broken = [s for s in load().values() if s.kind != "decided" and s.id in seen() and seen()[s.id].against]
    if not broken:
        return [line("No record shows one." if records() else "None is known: there is no record.")]
    rows: list[list[Cell]] = [[s.id, badge(s.kind), line(*prose(s.text)), history(s.id)] for s in broken]
    about = line("This is documented or observed, and was not so in a record.")
    return [about, table(["Statement", "Kind", "Text", "What Outlook did"], rows, "otherwise")]


def contradictions() -> list[nodes.Node]:
    if not contradicted():
        return [line("Nowhere." if len(records()) > 1 else "It takes two records to disagree.")]
    about = line("The same statement held in one record and not in another. Both are shown, and no average is made.")
    return [about, items(*(f"{id}: {history(id)}" for id in contradicted()))]


def matrix() -> list[nodes.Node]:
    """A column for each build, bitness and account; guide.js lets a reader filter them."""
    columns: dict[tuple[str, int, str], list[Record]] = {}
    for record in records():
        columns.setdefault((record.build, record.bits, record.account), []).append(record)
    ids = [id for id in load() if is_recorded(id)]
    if not ids:
        return [line("No statement has been seen in Outlook.")]
    head = ["Statement", *(f"{build}, {bits}-bit, {account}" for build, bits, account in columns)]
    made = table(head, [[id, *(cell(id, found) for found in columns.values())] for id in ids], "recorded-matrix")
    names = list(made.findall(nodes.entry))[1 : len(columns) + 1]
    for name, (_, bits, account) in zip(names, columns, strict=True):
        name["classes"] += [f"bitness-{bits}", f"account-{account.replace(' ', '_')}"]
    about = line(
        "Outlook ended while a test “crashed”; a call did not return in time where it “hung”. Both are in red."
    )
    return [about, made]


def cell(id: str, column: list[Record]) -> nodes.paragraph:
    said: dict[str, list[Record]] = {}
    for record in column:
        if id in record.outcomes:
            said.setdefault(record.outcomes[id], []).append(record)
    words = [o + f", {len(said[o])} records" * (len(said[o]) > 1) for o in WORST_FIRST if o in said]
    kind = "against" if said.keys() & AGAINST else "held" if HELD in said else "none"
    return line("; ".join(words) or "no check", classes=(kind,))


def unknown() -> list[nodes.Node]:
    if not records():
        return [line(f"Everything: none of the {len(load())} statements has been seen in Outlook.")]
    reasons: dict[str, list[str]] = {}
    for id in load():
        if any(id in record.reworded for record in records()) and not is_recorded(id):
            reasons.setdefault("Reworded since it was recorded", []).append(id)
        elif id not in seen():
            reasons.setdefault("No check of the recorder is about it", []).append(id)
        elif not is_recorded(id):
            said = "Not testable inside Outlook" if seen()[id].of("not testable") else "Not run in any record"
            reasons.setdefault(said, []).append(id)
    return (
        [items(*(f"{reason}: {', '.join(ids)}." for reason, ids in reasons.items()))] if reasons else [line("Nothing.")]
    )


def every_record() -> list[nodes.Node]:
    schema = nodes.reference("", "JSON Schema", refuri=f"../{FILES}/{recordings.SCHEMA.name}")
    about = line("A record is a text that you can read. A ", schema, " describes it.")
    if not records():
        return [about, line("There is none yet.")]
    rows: list[list[Cell]] = []
    for record in records():
        link = nodes.reference("", record.file.stem, refuri=f"../{FILES}/{record.file.name}")
        build = f"{record.build}, {record.host['channel'] or 'channel unknown'}"
        place = f"Windows {record.head['windows']}, {record.head['language']}"
        end = "complete" if record.complete else "cut off"
        if any(entry and entry["line"] == "state" and not entry["restored"] for entry in record.lines):
            end += "; the state was not put back"
        rows.append(
            [link, build, f"{record.bits}-bit", place, record.account, record.head["date"], record.head["mode"], end]
        )
    head = ["Record", "Build, channel", "Bitness", "Windows", "Account", "Date", "Mode", "End"]
    return [about, table(head, rows, "records")]


PARTS: dict[str, Callable[[], list[nodes.Node]]] = {
    "summary": summary, "decisions": decisions, "promises": promises, "contradictions": contradictions,
    "matrix": matrix, "unknown": unknown, "records": every_record,
}  # fmt: skip


class Recorded(SphinxDirective):
    required_arguments = 1
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        if self.arguments[0] not in PARTS:
            raise self.error(f"there is no part {self.arguments[0]}, only {', '.join(PARTS)}")
        return PARTS[self.arguments[0]]()


def check_text(app: Sphinx, page: str, source: list[str]) -> None:
    """A page does not say what a record has shown to be wrong."""
    names = re.compile(rf"\b({'|'.join(re.escape(s.id) for s in refuted())})(?![\d.]*\d)")
    number = 1
    for block in re.split(r"(\n(?:[ \t]*\n)+)", source[0]):
        place = (page, number)
        number += block.count("\n")
        if block.lstrip().startswith(".. "):
            continue
        if refuted() and (found := names.search(block)) and not SAYS_SO.search(block):
            logger.warning("a record refutes %s, and this paragraph does not say so", found[0], location=place)
        if records() and hosts() == "Outlook" and (found := NOTHING_HAS_RUN.search(block)):
            logger.warning(
                "there is a record of Outlook: “%s” is no longer true", " ".join(found[0].split()), location=place
            )


def check_records(app: Sphinx, config: Config) -> None:
    try:
        faults = list(recordings.faults_of_all())
    except ToolError as fault:
        faults = [str(fault)]
    if faults:
        sys.exit("\n".join(faults))


def publish(app: Sphinx, error: Exception | None) -> None:
    folder = Path(app.outdir, FILES)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in (recordings.SCHEMA, *(record.file for record in records())):
        shutil.copy(file, folder)


def add_to(app: Sphinx) -> None:
    app.add_directive("recorded", Recorded)
    app.connect("config-inited", check_records)
    app.connect("source-read", check_text)
    app.connect("build-finished", publish)
