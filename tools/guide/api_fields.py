"""Puts what Breathe makes of a comment into one order: text, parameters, results, then the header's own tags as fields.

Breathe renders ``@par`` (our @role, @thread, ...) inside a paragraph and before the parameters. And Sphinx renders a
signature of several lines as a list without terms, which is not valid HTML: here it is made of plain lines. Nor is
an ID that is there twice.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def collect(app: Sphinx, doctree: nodes.document) -> None:
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
    for wrapper in doctree.findall(nodes.container):  # Furo's, which has taken over all of its table's attributes
        if "table-wrapper" in wrapper["classes"]:
            wrapper["ids"] = []


class Translator(HTML5Translator):
    def visit_desc_parameterlist(self, node: addnodes.desc_parameterlist) -> None:
        self.signature_start = len(self.body)
        super().visit_desc_parameterlist(node)

    def depart_desc_parameterlist(self, node: addnodes.desc_parameterlist) -> None:
        super().depart_desc_parameterlist(node)
        lines = "".join(self.body[self.signature_start :])
        for tag, replacement in (("<dl>", '<span class="sig-lines">'), ("<dd>", "<span>"), ("</dl>", "</span>"),
                                 ("</dd>", "</span>")):  # fmt: skip
            lines = lines.replace(tag, replacement)
        self.body[self.signature_start :] = [lines]


def setup(app: Sphinx) -> dict[str, object]:
    app.set_translator("html", Translator)
    app.connect("doctree-read", collect)
    app.connect("doctree-resolved", leave_ids_to_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
