"""The form of each page: its kind and sections, and what Breathe makes of a comment.

A page begins with ``:diataxis:`` and its kind; reference pages have the same sections in the same order. A comment is
shown as text, parameters, results, then the header's own tags as fields: Breathe renders ``@par`` (our @role, @thread,
...) inside a paragraph and before the parameters. And three things that are not valid HTML are mended: a signature of
several lines, which Sphinx renders as a list without terms, and two IDs that are there twice.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
KINDS = ("tutorial", "how-to", "reference", "explanation")
REFERENCE_SECTIONS = ["Description", "Statements", "See also"]


def check(app: Sphinx, env: BuildEnvironment) -> None:
    for page in sorted(env.found_docs):
        kind = env.metadata[page].get("diataxis")
        if kind not in KINDS:
            logger.warning("the page's kind (:diataxis:) is %r, none of %s", kind, ", ".join(KINDS), location=page)
        folder = page.partition("/")[0] if "/" in page else None
        if folder in KINDS and folder != kind:
            logger.warning("a page of kind %r is in the folder %s", kind, folder, location=page)
        if folder == "reference" and not page.endswith("/index"):
            parts = env.get_doctree(page).next_node(nodes.section)
            sections = [part.next_node(nodes.title).astext() for part in parts if isinstance(part, nodes.section)]
            if sections != REFERENCE_SECTIONS:
                logger.warning("its sections are %s, not %s", sections, REFERENCE_SECTIONS, location=page)


def order_fields(app: Sphinx, doctree: nodes.document) -> None:
    for heading in doctree.findall(nodes.rubric):  # Breathe gives the same ID to the sections of each class
        heading["ids"] = [name for name in heading["ids"] if not name.startswith("breathe-section-title-")]
    for content in doctree.findall(addnodes.desc_content):
        tags = nodes.field_list()
        for paragraph in [child for child in content if isinstance(child, nodes.paragraph)]:
            for tag_list in [child for child in paragraph if isinstance(child, nodes.definition_list)]:
                paragraph.remove(tag_list)
                for term, definition in tag_list:
                    body = nodes.field_body("", *definition.children)
                    tags += nodes.field("", nodes.field_name("", term.astext()), body)
            if not paragraph.astext().strip():
                content.remove(paragraph)
        fields = [child for child in content if isinstance(child, nodes.field_list)]
        if tags.children and fields:
            fields[-1].extend(tags.children)
        elif tags.children:
            members = [n for n, child in enumerate(content) if not isinstance(child, nodes.paragraph)]
            content.insert(members[0] if members else len(content), tags)


def leave_ids_to_tables(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for wrapper in doctree.findall(nodes.container):  # Furo's, which copies all of its table's attributes
        if "table-wrapper" in wrapper["classes"]:
            wrapper["ids"] = []


class Translator(HTML5Translator):
    def visit_desc_parameterlist(self, node: addnodes.desc_parameterlist) -> None:
        self.signature_start = len(self.body)
        super().visit_desc_parameterlist(node)

    def depart_desc_parameterlist(self, node: addnodes.desc_parameterlist) -> None:
        super().depart_desc_parameterlist(node)
        lines = "".join(self.body[self.signature_start :]).replace("<dl>", '<span class="sig-lines">')
        for tag in ("<dd>", "</dd>", "</dl>"):
            lines = lines.replace(tag, tag.replace("dd", "span").replace("dl", "span"))
        self.body[self.signature_start :] = [lines]


def add_to(app: Sphinx) -> None:
    app.connect("env-check-consistency", check)
    app.set_translator("html", Translator)
    app.connect("doctree-read", order_fields)
    app.connect("doctree-resolved", leave_ids_to_tables)
