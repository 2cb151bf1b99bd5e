"""Statements: what the API promises, each with an ID, a kind and a source, in docs/statements.toml.

``.. statements:: OPEN TYPE-3`` renders all statements of an area, or one with its finer IDs (TYPE-3.1, ...). Each is
rendered on one page, once. Every mention of an ID elsewhere becomes a link to it; an ID that does not exist, or a
statement on no page, is a warning. ``.. statement-index::`` lists the IDs of all areas.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains import Domain, ObjType
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

logger = logging.getLogger(__name__)
FOLDER = Path(__file__).resolve().parent.parent
FILE, PAGES = FOLDER / "statements.toml", FOLDER / "published-pages.tsv"
PUBLISHED_AT = "https://learn.microsoft.com/office/client-developer/outlook/mapi/"
SOURCES = {"observed": "observed in shipped clients", "decided": "this reference"}
BADGES = {"documented": "documented", "observed": "observed", "decided": "decided here"}
ID = re.compile(r"[A-Z]+-[1-9]\d*(\.[1-9]\d*)?")
NOT_LINKED = (nodes.title, nodes.literal, nodes.literal_block, nodes.reference, nodes.raw, nodes.comment)


@dataclass(frozen=True)
class Statement:
    id: str
    kind: str
    source: str
    text: str

    @property
    def area(self) -> str:
        return self.id.partition("-")[0]

    @property
    def anchor(self) -> str:
        return "statement-" + self.id.lower().replace(".", "-")


def published_pages(file: Path = PAGES) -> dict[str, str]:
    """The lock file of what was read: slug -> title."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row[0]: row[1] for row in rows[1:]}


def load(file: Path = FILE, slugs: dict[str, str] | None = None) -> dict[str, Statement]:
    """All statements by ID, in the file's order. What is wrong in the file is one line: file, line, fault."""
    slugs = published_pages() if slugs is None else slugs
    lines = file.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.strip() == "[[statement]]"]
    try:
        entries = tomllib.loads("\n".join(lines)).get("statement", [])
    except tomllib.TOMLDecodeError as fault:
        at = re.search(r"at line (\d+)", str(fault))
        raise ExtensionError(f"{file}:{at[1] if at else len(lines)}: {fault}") from None
    if not entries or len(entries) != len(starts):
        raise ExtensionError(f"{file}:1: each statement begins with a line [[statement]]; there must be at least one")
    statements: dict[str, Statement] = {}
    for line, entry in zip(starts, entries):
        name, kind, source = (entry.get(key) for key in ("id", "kind", "source"))
        known = slugs if kind == "documented" else [SOURCES.get(str(kind))]
        faults = {
            "the keys must be id, kind, source and text, each a text that is not empty": set(entry)
            != {"id", "kind", "source", "text"} or not all(isinstance(v, str) and v.strip() for v in entry.values()),
            f"id {name!r} is not of the form AREA-1 or AREA-1.1": not ID.fullmatch(str(name)),
            f"id {name!r} is there twice": name in statements,
            f"{name} says more about {str(name).partition('.')[0]}, which is not above it": "." in str(name)
            and str(name).partition(".")[0] not in statements,
            f"kind {kind!r} is none of {', '.join(BADGES)}": kind not in BADGES,
            f"source {source!r} does not fit kind {kind!r}": source not in known,
        }
        for fault, found in faults.items():
            if found:
                raise ExtensionError(f"{file}:{line}: {fault}")
        statements[name] = Statement(**entry)
    return statements


class Statements(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        domain, chosen = self.env.get_domain("statement"), []
        for wanted in self.arguments[0].split():
            found = [s for s in domain.all.values() if wanted in (s.area, s.id, s.id.partition(".")[0])]
            if not found:
                raise self.error(f"there is no statement {wanted}")
            chosen += found
        for statement in chosen:
            if domain.data["pages"].setdefault(statement.id, self.env.docname) != self.env.docname:
                logger.warning("%s is on page %s already", statement.id, domain.data["pages"][statement.id],
                               location=self.get_location())
        return [self.render(statement) for statement in chosen]

    def render(self, statement: Statement) -> nodes.Node:
        permalink = nodes.reference("", statement.id, refuri="#" + statement.anchor, internal=True,
                                    classes=["statement-id"])
        badge = nodes.inline("", BADGES[statement.kind], classes=["badge", statement.kind])
        text = nodes.paragraph()
        for n, piece in enumerate(statement.text.split("`")):
            text += nodes.literal("", piece, classes=["code"]) if n % 2 else nodes.Text(piece)
        source = nodes.paragraph("", "Source: ", classes=["statement-source"])
        if statement.kind == "documented":
            source += nodes.reference("", f"Microsoft, “{published_pages()[statement.source]}”",
                                      refuri=PUBLISHED_AT + statement.source)
        else:
            source += nodes.Text(statement.source)
        head = nodes.paragraph("", "", permalink, nodes.Text(" "), badge, classes=["statement-head"])
        return nodes.container("", head, text, source, ids=[statement.anchor], classes=["statement"])


class StatementIndex(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        rows, statements = nodes.bullet_list(classes=["statement-index"]), self.env.get_domain("statement").all.values()
        for area in dict.fromkeys(s.area for s in statements):
            ids = ", ".join(s.id for s in statements if s.area == area)  # made into links like every mention
            rows += nodes.list_item("", nodes.paragraph("", ids))
        return [rows]


class StatementDomain(Domain):
    name, label = "statement", "Statement"
    object_types = {"statement": ObjType("statement")}
    directives = {}
    initial_data = {"pages": {}}
    all: dict[str, Statement] = {}

    def clear_doc(self, docname: str) -> None:
        self.data["pages"] = {id: page for id, page in self.data["pages"].items() if page != docname}

    def merge_domaindata(self, docnames, otherdata) -> None:
        self.data["pages"].update({id: page for id, page in otherdata["pages"].items() if page in docnames})

    def get_objects(self):  # for the search
        for id, page in self.data["pages"].items():
            if id in self.all:
                yield id, id, "statement", page, self.all[id].anchor, 1

    def check_consistency(self) -> None:
        for id in self.all.keys() - self.data["pages"].keys():
            logger.warning("%s is on no page", id, location=str(FILE))


class LinkMentions(SphinxPostTransform):
    default_priority = 300  # when all references are resolved

    def run(self, **kwargs) -> None:
        domain = self.env.get_domain("statement")
        mention = re.compile(rf"\b(?:{'|'.join(sorted({s.area for s in domain.all.values()}))})-\d+(?:\.\d+)?\b")
        for text in list(self.document.findall(nodes.Text)):
            at, parts = text.parent, re.split(f"({mention.pattern})", text.astext())
            while at is not None and not isinstance(at, NOT_LINKED):
                at = at.parent
            if at is None and len(parts) > 1:
                text.parent.replace(text, [self.link(domain, p, text) if mention.fullmatch(p) else nodes.Text(p)
                                           for p in parts if p])

    def link(self, domain: Domain, id: str, where: nodes.Text) -> nodes.Node:
        if id not in domain.all or id not in domain.data["pages"]:
            logger.warning("there is no statement %s", id, location=where.parent)
            return nodes.Text(id)
        return make_refnode(self.app.builder, self.env.docname, domain.data["pages"][id], domain.all[id].anchor,
                            nodes.Text(id))


def read(app: Sphinx, config) -> None:
    StatementDomain.all = load()
    # Another text, or another list of pages: every page is built again.
    config.statements_digest = hashlib.sha256(FILE.read_bytes() + PAGES.read_bytes()).hexdigest()


def setup(app: Sphinx) -> dict[str, object]:
    app.add_config_value("statements_digest", "", "env", str)
    app.add_domain(StatementDomain)
    app.add_directive("statements", Statements)
    app.add_directive("statement-index", StatementIndex)
    app.add_post_transform(LinkMentions)
    app.connect("config-inited", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
