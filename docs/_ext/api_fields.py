"""Puts what Breathe makes of a comment into one order: text, parameters, results, then the header's own tags as fields.

Breathe renders ``@par`` (our @role, @thread, ...) inside a paragraph and before the parameters.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def collect(app: Sphinx, doctree: nodes.document) -> None:
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


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("doctree-read", collect)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
