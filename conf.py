"""Builds the guide. CMake's target `guide` runs it: sphinx-build -c <this folder> docs <output>."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

project = "Outlook\N{RIGHT SINGLE QUOTATION MARK}s Offline State API"
author = "the authors of this reference"
language = "en"
# The version is written once: in the header that people copy.
HEADER = (ROOT / "reference-impl" / "include" / "mapioffline.h").read_text(encoding="utf-8")
version = release = re.search(r"@version (\S+)", HEADER)[1]

extensions = ["breathe", "sphinx_copybutton", "sphinx_design", "tools.guide"]
nitpicky = True
primary_domain = "cpp"
highlight_language = "none"
templates_path = ["docs/_templates"]
exclude_patterns = ["README.md", "examples"]

# These belong to the platform's headers, not to this API.
nitpick_ignore_regex = [
    ("cpp:identifier", r"GUID|HRESULT|IUnknown|LPCWSTR|ULONG|std(::\w+)*|MAPIOFFLINE_CONNECTINFO|offline_state"),
    ("cpp:identifier", r"MAPIOFFLINE_NOTIFY(::@\d+)+"),  # its union and its structure have no names
    ("cpp:identifier", r"MAPIOFFLINE_(CAPABILITY|FLAG)_\w+"),  # macros, in default arguments
]

breathe_projects = {"api": os.environ.get("OFFLINE_STATE_DOXYGEN_XML", str(ROOT / "build/docs/doxygen/xml"))}
breathe_default_project = "api"
breathe_domain_by_extension = {"h": "cpp"}
breathe_order_parameters_first = True
cpp_maximum_signature_line_length = 60

copybutton_selector = ", ".join(
    f"div.highlight-{language} pre" for language in ("cpp", "c", "csharp", "delphi", "python", "rust", "cmake", "sh")
)

# The pages do not depend on the time or place of the build, and load nothing from other sites.
html_theme = "furo"
html_title = f"{project} {version}"
# What the build has compiled for pages: it is not there without emscripten.
PLAYGROUND = Path(os.environ.get("OFFLINE_STATE_PLAYGROUND", ROOT / "build/playground"), "static")
html_static_path = ["docs/_static", *([str(PLAYGROUND)] if PLAYGROUND.is_dir() else [])]
html_css_files = ["guide.css"]
html_js_files = ["guide.js"]
html_favicon = html_logo = "docs/_static/logo.svg"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None
html_theme_options = {
    "navigation_with_keys": False,
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7cb8f5", "color-brand-content": "#7cb8f5"},
}
# Both have the contrast that WCAG AA requires, and come with Furo.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def give_captions_a_level(app, pagename, templatename, context, doctree):
    """The captions in the sidebar are headings, which need a level."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app):
    app.connect("html-page-context", give_captions_a_level, priority=900)  # after the theme
