"""The programs that check the guide must fail where they should: one clear line with file and line, exit code 1.

Each test makes a small project of its own, damages one thing, and runs the program as the build does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATEMENT = '[[statement]]\nid = "{}"\nkind = "decided"\nsource = "this reference"\ntext = "{}"\n'
TEST = (
    '<testcase name="T{0}" classname="S" file="{1}/tests/a_test.cpp" line="{0}" status="{3}" result="{4}">'
    '<properties><property name="statements" value="{2}"/></properties>{5}</testcase>'
)
WAIVER = '[[waiver]]\nstatements = {}\nreason = "{}"\n'
REASON = "There is nothing here to try it with."
XML = {
    "group.xml": """<doxygen><compounddef kind="group"><compoundname>constants</compoundname><sectiondef>
        <memberdef kind="define" id="flag_id"><name>MAPIOFFLINE_FLAG</name><briefdescription>A flag.</briefdescription>
        <location file="mapioffline.h" line="3"/></memberdef></sectiondef></compounddef></doxygen>""",
    "struct.xml": """<doxygen><compounddef kind="struct" id="type_id"><compoundname>IMAPIOffline</compoundname>
        <sectiondef><memberdef kind="function" id="get_id"><type>HRESULT</type><name>Get</name>
        <qualifiedname>IMAPIOffline::Get</qualifiedname><briefdescription>Gets.</briefdescription><detaileddescription>
        <parameterlist kind="retval"><parameteritem><parameternamelist><parametername>S_OK</parametername>
        </parameternamelist><parameterdescription>Always.</parameterdescription></parameteritem></parameterlist>
        </detaileddescription><location file="mapioffline.h" line="7"/></memberdef></sectiondef></compounddef>
        </doxygen>""",
}
FACTS = (
    "constant MAPIOFFLINE_FLAG 8192",
    "result S_OK 0",
    "result E_FAIL 5",
    "slot IMAPIOffline::Get 3",
    "identifier I F",
)
VALUES = "".join(fact.replace(" ", "\t") + "\n" for fact in FACTS)
PAGE = "Get\n===\n\n``MAPIOFFLINE_FLAG`` and :doc:`there <other>`\n\n.. literalinclude:: ../../samples/one.cpp\n{}\n"
CONTRACTS = "benchmarks/contracts.expected.txt"
MARKS = "   :start-after: [part]\n   :end-before: [/part]"


class Project(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        shutil.copytree(ROOT / "tools", self.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run_program(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)

    def passes(self) -> None:
        result = self.run_program(*self.command())
        self.assertEqual((0, ""), (result.returncode, result.stderr))

    def fails(self, *lines: str) -> None:
        """With exactly these lines, which are regular expressions."""
        result = self.run_program(*self.command())
        found = result.stderr.replace(f"{self.root}/", "").splitlines()
        self.assertEqual(1, result.returncode, result.stdout)
        self.assertEqual(len(lines), len(found), found)
        for line, pattern in zip(found, lines, strict=True):
            self.assertTrue(re.match(pattern, line), f"{line!r} is not {pattern!r}")

    def command(self) -> list[str | Path]:
        raise NotImplementedError


class Trace(Project):
    def setUp(self) -> None:
        super().setUp()
        self.write("docs/published-pages.tsv", "slug\ttitle\tdate\tsha\tas of\npage\tPage\t\t\t2026-07-01\n")
        self.write("docs/waivers.toml", WAIVER.format('["B-1"]', REASON))
        self.statements = self.write(
            "docs/statements.toml", STATEMENT.format("A-1", "Yes.") + STATEMENT.format("B-1", "No.")
        )
        self.named = self.run_program("tools.trace", "hash", "A-1").stdout.strip()
        self.report(self.named)

    def command(self) -> list[str | Path]:
        return ["tools.trace", "check", "--report", "linux=report.xml"]

    def report(self, named: str, status: str = "run", result: str = "completed", inside: str = "") -> None:
        case = TEST.format(12, self.root, named, status, result, inside)
        self.write("report.xml", f"<testsuites><testsuite>\n{case}\n</testsuite></testsuites>")

    def test_passes(self) -> None:
        self.passes()

    def test_statement_file(self) -> None:
        good = self.statements.read_text()
        for text, line in (
            (good.replace('id = "B-1"', 'id = "B-1'), r"docs/statements\.toml:7: "),
            (good.replace('"B-1"', '"A-1"'), r"docs/statements\.toml:6: id 'A-1' is there twice, first in line 1"),
            (good.replace('"B-1"', '"b1"'), r"docs/statements\.toml:6: id 'b1' is not of the form"),
            (
                good.replace('"B-1"', '"C-1.1"'),
                r"docs/statements\.toml:6: C-1\.1 says more about C-1, which is not above it",
            ),
            (good.replace('text = "No."', ""), r"docs/statements\.toml:6: its keys must be"),
            (good.replace("decided", "heard", 1), r"docs/statements\.toml:1: kind 'heard' is none of"),
            (
                good.replace("this reference", "somewhere", 1),
                r"docs/statements\.toml:1: source 'somewhere' does not fit",
            ),
            (
                good.replace("this reference", "somewhere", 1).replace("decided", "observed", 1),
                r"docs/statements\.toml:1: an observed statement has a date",
            ),
            (
                good.replace("this reference", "page", 1).replace("decided", "observed", 1),
                r"docs/statements\.toml:1: source 'page' does not fit",
            ),
            (
                good.replace('text = "Yes."', 'text = "Yes."\ndate = "2026-11-24"'),
                r"docs/statements\.toml:1: an observed statement has a date, .* the others have none",
            ),
            ("", r"docs/statements\.toml:1: there is no statement"),
        ):
            with self.subTest(line):
                self.write("docs/statements.toml", text)
                self.fails(line)

    def test_waived_except_on_a_platform(self) -> None:
        self.write("docs/waivers.toml", WAIVER.format('["B-1"]', REASON) + 'except-on = "wine"\n')
        self.passes()
        self.write("docs/waivers.toml", WAIVER.format('["B-1"]', REASON) + 'except-on = "linux"\n')
        self.fails(r"docs/statements\.toml:6: B-1 has no test and no waiver on linux")
        both = self.run_program("tools.trace", "hash", "A-1", "B-1").stdout.strip()
        self.report(both)
        self.passes()
        self.write("docs/waivers.toml", WAIVER.format('["B-1"]', REASON) + 'except-on = "wine"\n')
        self.passes()  # proven where it need not be
        self.report(both, "notrun", "suppressed")
        self.fails(r"docs/statements\.toml:1: A-1 has no test that has passed on linux")

    def test_waivers(self) -> None:
        for text, line in (
            ("[[waiver]\n", r"docs/waivers\.toml:1: "),
            (WAIVER.format('["B-1"]', "Later"), r"docs/waivers\.toml:1: a waiver's reason is at least one sentence"),
            (WAIVER.format('"B-1"', REASON), r"docs/waivers\.toml:1: a waiver has a list of statements and a reason"),
            (WAIVER.format('["B-1", "B-1"]', REASON), r"docs/waivers\.toml:1: B-1 is waived twice, first in line 1"),
            (WAIVER.format('["B-1", "C-1"]', REASON), r"docs/waivers\.toml:1: C-1 is no statement"),
            (WAIVER.format('["B-1", "A-1"]', REASON), r"docs/waivers\.toml:1: A-1 is waived, and S\.T12 proves it"),
            ('waiver = [{statements = ["B-1"], reason = "x"}]', r"docs/waivers\.toml:1: each waiver begins with"),
            ("", r"docs/statements\.toml:6: B-1 has no test and no waiver"),
        ):
            with self.subTest(line):
                self.write("docs/waivers.toml", text)
                self.fails(line)

    def test_reports(self) -> None:
        whole = (self.root / "report.xml").read_text()
        for text, line in (
            (whole[:-20], r"report\.xml:3: the test report is damaged or truncated"),
            ("", r"report\.xml:1: the test report is damaged or truncated"),
            ("<testsuites/>", r"report\.xml:1: the test report has no test"),
        ):
            with self.subTest(line):
                self.write("report.xml", text)
                self.fails(line)
        (self.root / "report.xml").unlink()
        self.fails(r"report\.xml:1: there is no test report")

    def test_named_statements(self) -> None:
        self.statements.write_text(self.statements.read_text().replace("Yes.", "Yes, always."))
        none = r"docs/statements\.toml:1: A-1 has no test and no waiver"
        self.fails(r"tests/a_test\.cpp:12: S\.T12 names A-1@\w+, which has been reworded since: .* write A-1@", none)
        self.report("C-1@0000")
        self.fails(r"tests/a_test\.cpp:12: S\.T12 names C-1, which is no statement", none)
        self.report("A-1")
        self.fails(r"tests/a_test\.cpp:12: S\.T12 names 'A-1', which is not of the form", none)
        self.report("")
        self.fails(none)

    def test_results(self) -> None:
        none = r"docs/statements\.toml:1: A-1 has no test that has passed on linux: S\.T12 \({}\)"
        self.report(self.named, inside='<failure message="no"/>')
        self.fails(r"tests/a_test\.cpp:12: S\.T12 has failed on linux", none.format("failed"))
        self.report(self.named, result="skipped", inside="<skipped/>")
        self.fails(none.format("skipped"))
        self.report(self.named, status="notrun", result="suppressed")
        self.fails(none.format("skipped"))

    def test_another_platform_counts_when_it_is_fresh(self) -> None:
        shutil.copy(self.root / "report.xml", self.root / "other.xml")
        os.utime(self.root / "other.xml", (1, 1))
        source = self.write("tests/a_test.cpp", "")
        command = ["tools.trace", "evidence", "--report", "linux=report.xml", "--also", "other=other.xml"]
        stale = self.run_program(*command, "--output", "old.json")
        self.assertIn("other: no results, the report is older than its sources", stale.stdout)
        self.assertNotIn('"other"', (self.root / "old.json").read_text())
        (self.root / "other.xml").touch()
        self.assertGreater((self.root / "other.xml").stat().st_mtime_ns, source.stat().st_mtime_ns)
        self.assertEqual(0, self.run_program(*command, "--output", "new.json").returncode)
        self.assertIn('"other": "passed"', (self.root / "new.json").read_text())


class Tables(Project):
    def setUp(self) -> None:
        super().setUp()
        for name, text in XML.items():
            self.write(f"xml/{name}", text)
        self.write("values.tsv", VALUES)
        self.report("IMAPIOffline::Get=0x00000000")
        self.assertEqual(0, self.run_program(*self.command("renew")).returncode)

    def command(self, what: str = "check") -> list[str | Path]:
        return ["tools.tables", what, "--xml", "xml", "--values", "values.tsv", "--report", "report.xml"]

    def report(self, results: str) -> None:
        self.write("report.xml", f'<testsuites><property name="results" value="{results}"/></testsuites>')

    def test_passes(self) -> None:
        self.passes()

    def test_stale_tables(self) -> None:
        for old, new, line in (
            (
                "8192",
                "8193",
                r"docs/reference/tables/constants\.csv:2: stale: .*8192, what is compiled .*8193; renew it with: ",
            ),
            ("I\tF", "I\tG", r"docs/reference/tables/identifiers\.csv:2: stale: "),
        ):
            with self.subTest(line):
                self.write("values.tsv", VALUES.replace(old, new))
                self.fails(line)
        self.write("values.tsv", VALUES)
        self.write("docs/reference/tables/other.csv", "x\n")
        self.fails(r"docs/reference/tables/other\.csv:1: nothing makes this table")

    def test_results_that_differ_from_the_header(self) -> None:
        get = r"reference-impl/include/mapioffline\.h:7: IMAPIOffline::Get "
        self.report("IMAPIOffline::Get=0x0 IMAPIOffline::Get=0x5")
        self.fails(get + "returns E_FAIL in a test, and has no @retval for it")
        self.report("")
        self.fails(get + "has @retval S_OK, which no test has seen it return")
        self.report("IMAPIOffline::Get=0x0 Other=0x0")
        self.fails(r"tests/result_codes_test\.cpp:1: Other is no function with a @retval list")

    def test_options(self) -> None:
        text = "Usage: one\n\nOptions:\n  -h,--help   Help\n\nExit codes: 0 good, 1 bad\nor worse.\n"
        self.write("one.help", text)
        self.assertEqual(0, self.run_program(*self.command("renew"), "--help-of", "one=one.help").returncode)
        options = (self.root / "docs/reference/tables/options-one.csv").read_text()
        self.assertEqual('Option,What it does\n"``-h``, ``--help``",Help\n', options)
        codes = (self.root / "docs/reference/tables/exit-codes-one.csv").read_text()
        self.assertEqual("Code,Meaning\n0,Good.\n1,Bad or worse.\n", codes)
        self.passes()  # without the program
        self.write("one.help", text.partition("Exit")[0])
        result = self.run_program(*self.command(), "--help-of", "one=one.help")
        self.assertIn("one.help:1: one's help has no options, or no exit codes", result.stderr)

    def test_damaged_input(self) -> None:
        self.write("report.xml", "<testsuites>\n")
        self.fails(r"report\.xml:2: the test report is damaged or truncated")
        (self.root / "report.xml").unlink()
        self.fails(r"report\.xml:1: there is no test report")
        self.report("IMAPIOffline::Get=0x0")
        self.write("values.tsv", "constant\n")
        self.fails(r"values\.tsv:1: this is no fact")


class Site(Project):
    def setUp(self) -> None:
        super().setUp()
        for name, text in XML.items():
            self.write(f"xml/{name}", text)
        self.write("samples/one.cpp", "// [part]\nobject->Get(MAPIOFFLINE_FLAG);\n// [/part]\n")
        self.write("samples/one.expected.txt", "")
        self.write("docs/published-pages.tsv", "slug\ttitle\tdate\tsha\tas of\n")
        self.write("docs/statements.toml", STATEMENT.format("A-1", "Gives `S_OK`."))
        self.write("docs/waivers.toml", "")
        self.write("docs/unused-symbols.toml", "unused = []\n")
        self.page = self.write("docs/reference/get.rst", PAGE.format(MARKS))


class Pages(Site):
    def command(self) -> list[str | Path]:
        return ["tools.pages", "sources", "--xml", "xml"]

    def test_passes(self) -> None:
        self.passes()

    def test_typed_code(self) -> None:
        for line in (".. code-block:: cpp", ".. code-block:: c++", "   .. code:: C", ".. code-block::", "So it is::"):
            with self.subTest(line):
                self.page.write_text(f"Get\n===\n\n{line}\n\n   Get();\n\n{PAGE.format(MARKS)}")
                self.fails(r"docs/reference/get\.rst:4: typed code: ")
        self.page.write_text(PAGE.format(MARKS + "\n   :lines: 1-2"))
        self.fails(r"docs/reference/get\.rst:9: code is quoted by line numbers")

    def test_names(self) -> None:
        self.page.write_text(PAGE.format(MARKS) + "``MAPIOFFLINE_GONE``\n")
        self.fails(r"docs/reference/get\.rst:9: MAPIOFFLINE_GONE is no symbol of the public headers")

    def test_unused_symbols(self) -> None:
        self.write("samples/one.cpp", "// [part]\n// MAPIOFFLINE_FLAG in a comment\nobject->Get();\n// [/part]\n")
        self.fails(r"reference-impl/include/mapioffline\.h:3: no sample and no example uses MAPIOFFLINE_FLAG")
        listed = '[[unused]]\nsymbols = ["{}"]\nreason = "Why."\n'
        self.write("docs/unused-symbols.toml", listed.format("MAPIOFFLINE_FLAG"))
        self.passes()
        self.write("docs/unused-symbols.toml", listed.format('MAPIOFFLINE_FLAG", "IMAPIOffline::Get", "GONE'))
        self.fails(r".*toml:1: IMAPIOffline::Get is listed as unused, and", r".*toml:1: GONE is no symbol")

    def test_loose_ends(self) -> None:
        self.page.write_text(PAGE.format(""))
        self.fails(r"samples/one\.cpp:1: no page quotes the mark \[part\]", r"samples/one\.cpp:3: no page quotes")
        self.page.write_text(PAGE.format(MARKS).replace("one.cpp", "two.cpp"))
        self.fails(r"samples/one\.cpp:1: ", r"samples/one\.cpp:3: ", r"docs/reference/get\.rst:6: there is no file")
        self.page.write_text(PAGE.format(MARKS))
        self.write("samples/gone.expected.txt", "")
        self.fails(r"samples/gone\.expected\.txt:1: there is no program gone\.cpp")

    def test_results_that_differ_from_the_statement(self) -> None:
        self.page.write_text(PAGE.format(MARKS) + "\nGet gives\n``S_OK`` (A-1).\n")
        self.passes()
        self.page.write_text(
            PAGE.format(MARKS) + "\nGet gives ``S_OK`` (A-1). It never\ngives ``E_FAIL``.\n\n``E_FAIL``\n"
        )
        self.fails(r"docs/reference/get\.rst:10: E_FAIL is no result that A-1 or a @retval with it says")

    def test_sources(self) -> None:
        page = PAGE.format(MARKS) + "\n.. doxygenfunction:: IMAPIOffline::Get\n\n.. statements:: A\n"
        self.page.write_text(page)
        self.fails(r"reference-impl/include/mapioffline\.h:7: the @source of IMAPIOffline::Get does not name A-1")
        source = '<simplesect kind="par"><title>Source</title><para>{}</para></simplesect></detaileddescription>'
        for says, lines in (
            ("Documented: B-1. Decided here: A-1 to A-3.", ()),
            (
                "Documented: A-1.",
                (r".*:7: the @source of IMAPIOffline::Get says that A-1 is documented; it is decided",),
            ),
        ):
            text = XML["struct.xml"].replace("</detaileddescription>", source.format(says))
            self.write("xml/struct.xml", text)
            self.fails(*lines) if lines else self.passes()


class Library(Project):
    """What other programs import."""

    def ask(self, program: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)

    def test_figures_name_their_code_without_comments_and_setting(self) -> None:
        program = "from tools.figures import *; print(code_hash(), earlier({'code': code_hash()}), earlier({}))"
        found = []
        for code in ("int a = 1;\n", "// One.\n\nint a =\n  1; // one\n", "int a = 2;\n"):
            self.write("reference-impl/src/a.cpp", code)
            found.append(self.ask(program).stdout.split(" ", 2))
        self.assertEqual(found[0], found[1])
        self.assertNotEqual(found[0], found[2])
        self.assertEqual(["", ", on an earlier version of the code\n"], found[0][1:])

    def test_a_fault_for_the_drill_has_one_place(self) -> None:
        self.write("a.cpp", "a c c\n")
        for find, line in (("a", ""), ("c", "a.cpp: 2 places instead of one"), ("d", "a.cpp: 0 places instead of one")):
            edits = f'edits = [{{ file = "a.cpp", find = "{find}", put = "b" }}]'
            self.write("tools/faults.toml", f'[[fault]]\nname = "x"\n{edits}\ngate = ["build x"]\nsays = "x"\n')
            done = self.ask("from tools.faults import DRILL, load; load(DRILL)[0].check()")
            self.assertEqual(done.returncode == 0, not line, done.stderr)
            self.assertIn(line, done.stderr)


class Bench(Project):
    def test_two_machines_side_by_side(self) -> None:
        kept = (ROOT / "docs/figures/bench.json").read_text()
        slower = json.loads(kept)
        slower["figures"]["delivery"]["Reference"]["1"]["seconds_each"] = 1e-6
        self.write("one.json", kept)
        self.write("two.json", json.dumps(slower))
        self.write(CONTRACTS, (ROOT / CONTRACTS).read_text())
        for files, verdict in (
            (("one.json",), "yes, on this machine"),
            (("one.json", "two.json"), "on one machine only"),
        ):
            shown = self.run_program("tools.bench", "show", *files).stdout
            aim = next(line for line in shown.splitlines() if "a callback, N = 1" in line)
            self.assertTrue(aim.endswith(verdict), aim)
        self.assertIn(" / 1 000 ns", aim.replace("\N{NARROW NO-BREAK SPACE}", " "))
        self.assertRegex(shown, r"this reference .*  waits; in its own call: can; before its turn: not called\n")


class BuiltPages(Site):
    BODY = '<h1 id="type_id"></h1><p id="flag_id"></p><p id="get_id"></p><a href="other.html#here">x</a>'

    def setUp(self) -> None:
        super().setUp()
        self.write("html/reference/other.html", '<p id="here">')
        self.html = self.write("html/reference/get.html", self.BODY)

    def command(self) -> list[str | Path]:
        return ["tools.pages", "html", "--xml", "xml", "--html", "html"]

    def test_passes(self) -> None:
        self.passes()

    def test_links(self) -> None:
        for link, line in (
            ("gone.html", r"docs/reference/get\.rst:1: the link gone\.html leads to no page"),
            ("other.html#gone", r"docs/reference/get\.rst:1: the link other\.html#gone leads to an anchor"),
            ("#gone", r"docs/reference/get\.rst:1: the link #gone leads to an anchor"),
            ("https://nowhere", r"docs/reference/get\.rst:1: https://nowhere is no address"),
            ("https://example.org/a b", r"docs/reference/get\.rst:1: https://example\.org/a b is no address"),
            ("javascript:x()", r"docs/reference/get\.rst:1: javascript:x\(\) is no link"),
        ):
            with self.subTest(link):
                self.html.write_text(f'{self.BODY}<a href="{link}">')
                self.fails(line)
        self.html.write_text(f'{self.BODY}<a href="https://example.org/a#b">')
        self.passes()
        self.assertEqual(
            "https://example.org/a#b\treference/get.html\n", (self.root / "html/external-links.txt").read_text()
        )

    def test_symbols(self) -> None:
        self.write("html/reference/other.html", '<p id="here"><p id="get_id">')
        self.fails(r".*mapioffline\.h:7: IMAPIOffline::Get is on get, other of the reference, not on exactly one")
        self.write("html/reference/other.html", '<p id="here">')
        self.html.write_text(self.BODY.replace("flag_id", "x"))
        self.fails(r".*mapioffline\.h:3: MAPIOFFLINE_FLAG is on no page of the reference")


if __name__ == "__main__":
    unittest.main()
