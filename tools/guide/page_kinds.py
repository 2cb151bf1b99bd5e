"""Each page begins with ``:diataxis:`` and its kind; reference pages have the same sections in the same order."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

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
            sections = [s.next_node(nodes.title).astext() for s in env.get_doctree(page).next_node(nodes.section)
                        if isinstance(s, nodes.section)]  # fmt: skip
            if sections != REFERENCE_SECTIONS:
                logger.warning("its sections are %s, not %s", sections, REFERENCE_SECTIONS, location=page)


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
