"""The first use of a word of the glossary on each page leads to the glossary."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from tools.guide.statements import NOT_LINKED

NOT_HERE = (*NOT_LINKED, nodes.term, nodes.field_name, nodes.rubric, addnodes.desc_signature)


class LinkFirstUses(SphinxPostTransform):
    default_priority = 310  # after the mentions of statements

    def run(self, **kwargs: Any) -> None:
        objects = self.env.domains.standard_domain.objects.items()
        terms = {name.lower(): place for (kind, name), place in objects if kind == "term"}
        if not terms or self.env.docname in {page for page, _ in terms.values()}:
            return
        words = (r"\s+".join(name.split()) for name in sorted(terms, key=len, reverse=True))
        use = re.compile(rf"\b({'|'.join(words)})(?=s?\b)", re.IGNORECASE)
        for text in list(self.document.findall(nodes.Text)):
            above, at = [], text.parent
            while at is not None:
                above.append(at)
                at = at.parent
            if any(isinstance(each, NOT_HERE) for each in above):
                continue
            whole, parts, end = text.astext(), [], 0
            for found in use.finditer(whole):
                if place := terms.pop(" ".join(found[0].lower().split()), None):
                    shown = nodes.inline("", found[0], classes=["term"])
                    link = make_refnode(self.app.builder, self.env.docname, *place, shown)
                    parts += [nodes.Text(whole[end : found.start()]), link]
                    end = found.end()
            if parts:
                text.parent.replace(text, [*parts, nodes.Text(whole[end:])])


def add_to(app: Sphinx) -> None:
    app.add_post_transform(LinkFirstUses)
