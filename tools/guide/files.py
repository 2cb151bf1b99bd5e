"""The files that a page quotes: a link to each below its code, and folders to copy, as archives."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralInclude
from sphinx.util.docutils import SphinxDirective

from tools import ROOT

EPOCH = (1980, 1, 1, 0, 0, 0)  # an archive does not depend on when it was made


def link(directive: SphinxDirective, name: str, file: Path) -> nodes.paragraph:
    target = "/" + os.path.relpath(file, directive.env.srcdir)
    reference = addnodes.download_reference(
        "", "", nodes.literal("", name, classes=["xref", "download"]), refdoc=directive.env.docname, reftarget=target
    )
    return nodes.paragraph("", "", reference, classes=["file"])


class LinkedInclude(LiteralInclude):
    """literalinclude, with a link to the whole file; not for what a program prints."""

    def run(self) -> list[nodes.Node]:
        shown = super().run()
        if "output" in self.options.get("class", []):
            return shown
        file = Path(self.env.relfn2path(self.arguments[0])[1]).resolve()
        return [*shown, link(self, file.relative_to(ROOT).as_posix(), file)]


class FolderToCopy(SphinxDirective):
    """A link to an archive. Each line of the content is a file of this project, or all in one of its folders, and where
    it is in the archive: ``samples/client client``."""

    required_arguments = 1  # the archive's name
    has_content = True

    def run(self) -> list[nodes.Node]:
        files: dict[str, Path] = {}
        for line in self.content:
            source, target = line.split()
            folder = ROOT / source
            found = [folder] if folder.is_file() else sorted(folder.iterdir())
            for file in found:
                if file.name != "CMakeLists.txt" or file == folder:
                    files[target if file == folder else f"{target}/{file.name}"] = file
        archive = Path(self.env.app.doctreedir) / self.arguments[0]
        archive.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, file in sorted(files.items()):
                self.env.note_dependency(str(file))
                packed.writestr(zipfile.ZipInfo(name, EPOCH), file.read_bytes(), zipfile.ZIP_DEFLATED)
        return [link(self, self.arguments[0], archive)]


def add_to(app: Sphinx) -> None:
    app.add_directive("literalinclude", LinkedInclude, override=True)
    app.add_directive("folder-to-copy", FolderToCopy)
