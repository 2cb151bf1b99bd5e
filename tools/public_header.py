"""The public headers' symbols, as Doxygen's XML has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

INCLUDE, API = "reference-impl/include", "mapioffline.h"


@dataclass(frozen=True)
class Symbol:
    name: str  # qualified: IMAPIOfflineMgr::Advise
    kind: str  # define, variable, enum, enumvalue, function, typedef, struct or class
    scope: str  # the struct, class, enumeration or group that it is in
    id: str  # Doxygen's, which is its anchor in the pages too
    file: str
    line: int
    type: str = ""
    results: dict[str, str] = field(default_factory=dict)  # @retval -> when
    source: str = ""  # @source: which statements

    @property
    def last_name(self) -> str:
        return self.name.rpartition("::")[2]

    @property
    def place(self) -> str:
        return f"{INCLUDE}/{self.file}:{self.line}"


def words(element: ElementTree.Element | None) -> str:
    """The text of a comment, its code as ``code``."""
    if element is None:
        return ""
    text = element.text or ""
    for child in element:
        inner = words(child)
        text += f"``{inner}``" if child.tag == "computeroutput" else inner
        text += child.tail or ""
    return text


def symbol(element: ElementTree.Element, scope: str, kind: str, name: str, at: ElementTree.Element | None) -> Symbol:
    results = {}
    for item in element.iterfind("detaileddescription//parameterlist[@kind='retval']/parameteritem"):
        result, when = (
            " ".join(words(item.find(part)).split()) for part in ("parameternamelist", "parameterdescription")
        )
        results[result] = when
    sections = element.iterfind("detaileddescription//simplesect[@kind='par']")
    source = " ".join(words(s.find("para")) for s in sections if s.findtext("title") == "Source")
    # The name alone: Doxygen 1.9.4 leaves a whole path where a folder's name has a letter outside ASCII.
    file, line = (Path(at.get("file", "")).name, int(at.get("line", "0"))) if at is not None else ("", 0)
    return Symbol(name, kind, scope, element.get("id", ""), file, line, words(element.find("type")), results, source)


def documented(element: ElementTree.Element) -> bool:
    return any(words(element.find(part)).strip() for part in ("briefdescription", "detaileddescription"))


def read_symbols(folder: Path) -> list[Symbol]:
    """All that has a comment, in the order of the headers."""
    found: dict[str, Symbol] = {}
    for file in sorted(folder.glob("*.xml")):
        for compound in ElementTree.parse(file).getroot().iter("compounddef"):
            for one in symbols_of(compound):
                if one.scope not in ("file", "namespace") or one.id not in found:
                    found[one.id] = one
    return sorted(found.values(), key=lambda one: (one.file, one.line))


def symbols_of(compound: ElementTree.Element) -> Iterator[Symbol]:
    kind, name = compound.get("kind", ""), compound.findtext("compoundname") or ""
    is_type = kind in ("struct", "class")
    if is_type and documented(compound):
        yield symbol(compound, "", kind, name, compound.find("location"))
    for member in compound.iter("memberdef"):
        if not documented(member) or member.get("prot") == "private":
            continue
        at, scope = member.find("location"), name if is_type or kind == "group" else kind
        qualified = member.findtext("qualifiedname") or member.findtext("name") or ""
        yield symbol(member, scope, member.get("kind", ""), qualified, at)
        for value in member.iter("enumvalue"):
            yield symbol(value, qualified, "enumvalue", value.findtext("name") or "", at)
