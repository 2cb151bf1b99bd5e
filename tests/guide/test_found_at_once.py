"""What a reader looks for is found at once: by the search, from the file system, and in the sidebar."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Open
from guide_site import ROOT
from playwright.sync_api import Browser, expect

from tools.guide.recorded import is_recorded
from tools.statements import load

PROJECT = ROOT / "docs" / "explanation" / "about-this-project.rst"
MOST_ENTRIES = 28  # in the sidebar, before anything is opened
# What people ask, and the pages that answer it: one of them is among the first three hits, with a sentence of it.
QUESTIONS = {
    "which thread": "explanation/threads-order-lifetime how-to/bring-a-notification-to-your-thread",
    "token unique": "reference/imapiofflinemgr-advise",
    "not found in console program": "how-to/find-the-function-inside-outlook",
    "ExchangeConnectionMode": "explanation/which-signal-do-i-need",
    "lost network": "explanation/which-signal-do-i-need",
    "Outlook starts offline": "explanation/which-signal-do-i-need",
    "keep the user online": "explanation/which-signal-do-i-need",
    "SendMessage hangs": "how-to/bring-a-notification-to-your-thread",
    "Visual Studio": "how-to/build-the-addin",
    "new Outlook for Windows": "how-to/install-the-addin explanation/which-signal-do-i-need",
    "64-bit Outlook": "how-to/install-the-addin",
    "unit test without Outlook": "how-to/test-a-client-without-outlook",
    "GoogleTest": "how-to/test-your-client-in-ci",
    "unknwn.h on Linux": "how-to/use-the-header",
    "which DLL exports HrOpenOfflineObj": "reference/hropenofflineobj",
    "HrOpenOfflineObj@20": "how-to/find-the-function-inside-outlook reference/hropenofflineobj",
    "profile name": "reference/hropenofflineobj how-to/build-the-addin",
    "size of MAPIOFFLINE_NOTIFY": "reference/mapioffline_notify",
    "vtable slot of Advise": "reference/imapiofflinemgr",
    "register the same callback twice": "explanation/threads-order-lifetime reference/imapiofflinemgr-advise",
    "Notify after Unadvise": "explanation/threads-order-lifetime tutorial/step-5-unadvise",
    "two notifications at once": "explanation/threads-order-lifetime",
    "exception in Notify": "explanation/threads-order-lifetime reference/imapiofflinenotify-notify",
    "BLOCK inside Notify": "explanation/threads-order-lifetime explanation/mistakes",
    "ribbon label": "how-to/build-the-addin",
    "find_package": "how-to/use-the-package",
    "FreeLibrary unload": "how-to/put-the-dll-beside-your-client",
    "E_PENDING": "reference/imapioffline-setcurrentstate reference/result-codes",
    "0x8004010F": "how-to/by-symptom reference/result-codes",
    "undefined reference GUID_GlobalState": "how-to/by-symptom",
    "precompiled header": "how-to/by-symptom",
    "deadlock on shutdown": "how-to/by-symptom",
    "nothing arrives": "how-to/by-symptom",
    "crash at exit": "how-to/by-symptom",
    "Python client": "how-to/other-languages",
    "Delphi": "how-to/other-languages",
    "what is an advise token": "reference/glossary tutorial/step-4-advise",
}
# The hits of each question, the best first: page, heading, sentence. The index is there when the page is.
ASK = """(questions) => questions.map((question) => {
  const hits = Search._performSearch(...Search._parseQuery(question)).reverse();
  return hits.map(([page, title, anchor]) =>
    [page, title, Search.makeSearchSummary(`${page}.html`, [], anchor).textContent]);
})"""


def test_thirty_questions(visit: Open) -> None:
    opened = visit("search.html")
    faults = []
    inside = [*PROJECT.read_text("utf-8").partition(":hidden:")[2].split(), PROJECT.stem]
    for (question, pages), hits in zip(QUESTIONS.items(), opened.page.evaluate(ASK, [*QUESTIONS]), strict=True):
        first = [(page, sentence) for page, _, sentence in hits[:3]]
        answers = [sentence for page, sentence in first if page in pages.split()]
        if not any(answers):
            faults.append(f"{question!r}: not {pages}, but {first}")
        places = [n for n, (page, _, _) in enumerate(hits) if page.rpartition("/")[2] in inside]
        if places and min(places) < len(hits) - len(places):
            faults.append(f"{question!r}: a page about this project is before one about the API")
    assert not faults, "\n".join(faults)
    assert not opened.faults, "\n".join(opened.faults)


def test_sidebar(visit: Open) -> None:
    opened = visit("index.html")
    entries = opened.page.locator(".sidebar-tree a.reference:visible")
    expect(entries.first).to_be_visible()
    assert 0 < entries.count() <= MOST_ENTRIES, entries.all_inner_texts()


SHOWN = "table.statement-table tbody tr:visible"


def test_statements_are_filtered(visit: Open, html: Path, browser: Browser) -> None:
    """As one types; without script the table is as plain as others."""
    opened = visit("reference/statements.html")
    page, every = opened.page, load().values()
    expect(page.locator(SHOWN)).to_have_count(len(every))
    page.get_by_label("Words").press_sequentially("e_pending set")
    found = [s.id for s in every if s.area == "SET" and "E_PENDING" in s.text]
    expect(page.locator(f"{SHOWN} > th")).to_contain_text(found)
    page.get_by_label("Kind").select_option("documented")
    expect(page.locator(f"{SHOWN} > th")).to_have_text(["SET-4"])
    page.get_by_label("Words").fill("")
    page.get_by_label("Area").select_option("OPEN")
    wanted = [s.id for s in every if s.area == "OPEN" and s.kind == "documented"]
    expect(page.locator(f"{SHOWN} > th")).to_have_text(wanted)
    page.get_by_label("Recorded").select_option("yes")
    expect(page.locator(f"{SHOWN} > th")).to_have_text([id for id in wanted if is_recorded(id)])
    for name in ("Kind", "Area", "Recorded"):
        page.get_by_label(name).select_option("all")
    page.get_by_label("Platform").select_option("linux-gcc")
    proofs = json.loads((html.parent / "evidence.json").read_text("utf-8"))
    run_there = [id for id, proof in proofs.items() if any("linux-gcc" in test["results"] for test in proof["tests"])]
    expect(page.locator(SHOWN)).to_have_count(len(run_there))
    assert 0 < len(run_there) < len(every)
    assert not opened.faults, "\n".join(opened.faults)
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto((html / "reference/statements.html").as_uri())
    expect(plain.locator(SHOWN)).to_have_count(len(every))
    expect(plain.locator("form.filter")).to_have_count(0)
    plain.context.close()
