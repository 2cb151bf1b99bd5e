"""Statements: what the API promises, each with an ID, a kind and a source, in docs/statements.toml.

``.. statements:: OPEN TYPE-3`` renders all statements of an area, or one with its finer IDs (TYPE-3.1, ...). Each is
rendered on one page, once. Every mention of an ID elsewhere becomes a link to it; an ID that does not exist, or a
statement on no page, is a warning. ``.. statement-table::`` has all of them.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Set
from typing import Any, ClassVar, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from tools import ToolError, behaviours, recordings
from tools.guide.elements import Cell, FigureDirective, badge, line, prose, table
from tools.guide.evidence import EVIDENCE, evidence, summary, verified_by
from tools.guide.recorded import beside, is_recorded, recorded_badge, short
from tools.guide.worst import instead
from tools.statements import BADGES, FILE, PAGES, PUBLISHED_AT, Statement, load, published_pages

logger = logging.getLogger(__name__)
NOT_LINKED = (nodes.title, nodes.literal, nodes.literal_block, nodes.reference, nodes.raw, nodes.comment, summary)


class Statements(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        for file in (EVIDENCE, behaviours.FILE):
            self.env.note_dependency(str(file))
        domain, chosen = the_domain(self.env), []
        for wanted in self.arguments[0].split():
            found = [s for s in domain.all.values() if wanted in (s.area, s.id, s.id.partition(".")[0])]
            if not found:
                raise self.error(f"there is no statement {wanted}")
            chosen += found
        for statement in chosen:
            if page := domain.pages.get(statement.id):
                logger.warning("%s is on page %s already", statement.id, page, location=self.get_location())
            domain.pages.setdefault(statement.id, self.env.docname)
        return [self.render(statement) for statement in chosen]

    def render(self, statement: Statement) -> nodes.Node:
        anchor = "#" + statement.anchor
        permalink = nodes.reference("", statement.id, refuri=anchor, internal=True, classes=["statement-id"])
        source = nodes.inline(classes=["statement-source"])
        if statement.kind == "documented":
            title = published_pages()[statement.source].title
            source += nodes.reference("", f"Microsoft, “{title}”", refuri=PUBLISHED_AT + statement.source)
        else:
            source += nodes.Text("in " * (statement.kind == "observed") + statement.source)
        if statement.date:
            source += nodes.Text(f", {'as of ' * (statement.kind == 'documented')}{statement.date}")
        head = line(permalink, " ", badge(statement.kind), *recorded_badge(statement), " ", source)
        text = line(*prose(statement.text))
        content = [head, text, *beside(statement), *instead(statement.id), verified_by(statement)]
        return nodes.container("", *content, ids=[statement.anchor], classes=["statement"])


class page_of(nodes.inline):
    """The page that a statement is on, known when all pages have been read."""


class StatementTable(FigureDirective):
    """All of them: guide.js lets a reader filter the rows, by their text and their classes."""

    files: ClassVar = [EVIDENCE]

    def show(self) -> list[nodes.Node]:
        every = StatementDomain.all.values()
        head = ["Statement", "Kind", "Text", "Page", "Evidence", "Recorded in Outlook"]
        made = table(head, [self.row(s) for s in every], "statement-table")
        for statement, row in zip(every, next(made.findall(nodes.tbody)), strict=True):
            platforms = {on for test in evidence()[statement.id]["tests"] for on in test["results"]}
            of_platforms = [f"platform-{on}" for on in sorted(platforms)]
            row["classes"] = [f"kind-{statement.kind}", f"area-{statement.area}", *of_platforms]
            row["classes"].append("recorded-yes" if is_recorded(statement.id) else "recorded-no")
        return [made]

    def row(self, statement: Statement) -> list[Cell | list[nodes.Node]]:
        proof: list[nodes.Node] = [verified_by(statement)]
        if statement.kind == "documented":
            link = nodes.reference("", statement.source, refuri=PUBLISHED_AT + statement.source)
            sha = nodes.inline("", "sha256 " + published_pages()[statement.source].sha256[:12], classes=["sha"])
            proof.append(line("published: ", link, " ", sha))
        elif statement.kind == "observed":
            proof.append(line(f"seen in {statement.source}"))
        text = line(*prose(statement.text))
        page = page_of("", "", statement=statement.id)
        return [statement.id, badge(statement.kind), text, page, proof, short(statement.id)]


class StatementDomain(Domain):
    name = "statement"
    label = "Statement"
    object_types: ClassVar = {"statement": ObjType("statement")}
    initial_data: ClassVar = {"pages": {}}
    all: ClassVar[dict[str, Statement]] = {}

    @property
    def pages(self) -> dict[str, str]:
        """Which statement is on which page."""
        return cast(dict[str, str], self.data["pages"])

    def clear_doc(self, docname: str) -> None:
        self.data["pages"] = {id: page for id, page in self.pages.items() if page != docname}

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        self.pages.update({id: page for id, page in otherdata["pages"].items() if page in docnames})

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:  # for the search
        for id, page in self.pages.items():
            if id in self.all:
                yield id, id, "statement", page, self.all[id].anchor, 1

    def check_consistency(self) -> None:
        for id in self.all.keys() - self.pages.keys():
            logger.warning("%s is on no page", id, location=f"{FILE}:{self.all[id].line}")


def the_domain(env: BuildEnvironment) -> StatementDomain:
    return cast(StatementDomain, env.get_domain("statement"))


class LinkMentions(SphinxPostTransform):
    default_priority = 300  # when all references are resolved

    def run(self, **kwargs: Any) -> None:
        domain = the_domain(self.env)
        for place in list(self.document.findall(page_of)):
            id = place["statement"]
            page = domain.pages.get(id, self.env.docname)
            title = nodes.Text(self.env.titles[page].astext())
            place.replace_self(make_refnode(self.app.builder, self.env.docname, page, domain.all[id].anchor, title))
        mention = re.compile(rf"\b(?:{'|'.join(sorted({s.area for s in domain.all.values()}))})-\d+(?:\.\d+)?\b")
        for text in list(self.document.findall(nodes.Text)):
            at, parts = text.parent, re.split(f"({mention.pattern})", text.astext())
            while at is not None and not isinstance(at, NOT_LINKED):
                at = at.parent
            if at is None and len(parts) > 1:
                linked = [self.link(domain, p, text) if mention.fullmatch(p) else nodes.Text(p) for p in parts if p]
                text.parent.replace(text, linked)

    def link(self, domain: StatementDomain, id: str, where: nodes.Text) -> nodes.Node:
        if id not in domain.all or id not in domain.pages:
            logger.warning("there is no statement %s", id, location=where.parent)
            return nodes.Text(id)
        mention = nodes.inline("", id, classes=["mention"])
        return make_refnode(self.app.builder, self.env.docname, domain.pages[id], domain.all[id].anchor, mention)


def badge_role(kind: str) -> Any:
    """``:badge-decided:`decided here``` in a text: the same badge as a statement's."""
    return lambda name, raw, text, *_, **__: ([nodes.inline(raw, text, classes=["badge", kind])], [])


def read(app: Sphinx, config: Config) -> None:
    try:
        StatementDomain.all = load()
    except ToolError as fault:
        sys.exit(str(fault))  # this line, and no traceback
    # Every page is built again after an edit of a statement, of the list of published pages or of a record.
    inputs = [FILE, PAGES, *recordings.inputs()]
    config.statements_digest = hashlib.sha256(b"".join(file.read_bytes() for file in inputs)).hexdigest()


def add_to(app: Sphinx) -> None:
    app.add_config_value("statements_digest", "", "env", str)
    app.add_domain(StatementDomain)
    app.add_directive("statements", Statements)
    app.add_directive("statement-table", StatementTable)
    for kind in (*BADGES, "recorded", "against"):
        app.add_role("badge-" + kind, badge_role(kind))
    app.add_post_transform(LinkMentions)
    app.connect("config-inited", read)
