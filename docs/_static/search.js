// Sphinx finds pages that have all words, and knows no order among them; from the file system it cannot show their text.
// Here its search finds sections, the best first, in the texts that tools/guide/search.py has written, and shows the
// sentence.
{
  const { inside, pages } = SEARCH_TEXTS;
  const sections = Object.entries(pages).flatMap(([page, all]) =>
    all.map((section) => ({ ...section, page, top: all[0].title, is_top: section === all[0] })));
  const average = sections.reduce((sum, { text, code }) => sum + text.length + code.length, 0) / sections.length;
  const sentences = new Map(); // by link

  // A word's stem at the beginning of a word; "notifi" stands for notify, too.
  const pattern = (stem) => new RegExp(`(?<![\\p{L}\\p{N}])${_escapeRegExp(stem).replace(/i$/, "[iy]")}`, "giu");
  const count = (text, word) => text.match(word)?.length ?? 0;

  // A rare word says more. What has many of the words, or has one in a heading, is better; what lacks one is much worse.
  const rank = (query, stems) => {
    const words = stems.map(pattern).map((word) => {
      const on = sections.filter((section) => Object.values(section).some((part) => part.length && count(part, word)));
      return { word, worth: on.length && Math.log(1 + sections.length / (1 + on.length)) }; // not of what is nowhere
    });
    const all = words.reduce((sum, { worth }) => sum + worth, 0);
    const score_of = ({ page, title, text, code, others, top }) => {
      let score = title.toLowerCase() === query.toLowerCase().trim() ? 100 : 0, found = 0;
      for (const { word, worth } of words) {
        const times = count(text, word) + count(code, word) / 2;
        const value = (2 * times) / (times + 0.5 + (text.length + code.length) / average) +
          (count(title, word) ? 2 : 0) + (count(others, word) ? 3 : 0) + (count(top, word) ? 1 : 0);
        score += worth * value;
        if (value) found += worth;
      }
      if (found === 0 || found < all / 4) return -Infinity;
      return score * (found / all) ** 4 - (inside.includes(page) ? 1000 : 0);
    };
    return { words, ranked: sections.map((section) => ({ ...section, score: score_of(section) })) };
  };

  const sentence = ({ page, text, code }, words) => {
    if (!text) text = pages[page].map((section) => section.text).join("\n"); // the heading of a whole page
    const value = (part) => words.reduce((sum, { word, worth }) => sum + (count(part, word) ? worth : 0), 0);
    const parts = [...text.split(/\n|(?<=[.?!]) /), ...code.split("\n")].filter(Boolean);
    return parts.reduce((best, part) => (value(part) > value(best) ? part : best), parts[0] ?? "");
  };

  Search._performSearch = (query, stems) => {
    const { words, ranked } = rank(query, [...stems]);
    const best = new Map(); // of each page the best section
    for (const section of ranked) {
      if (section.score > (best.get(section.page)?.score ?? -Infinity)) best.set(section.page, section);
    }
    document.getElementById("search-progress")?.replaceChildren();
    return [...best.values()].map((section) => {
      const { page, anchor, title, top, is_top, score } = section, file = `${page}.html`, hash = is_top ? "" : `#${anchor}`;
      sentences.set(file + hash, sentence(section, words));
      return [page, is_top || title === top ? top : `${top} > ${title}`, hash, null, score, file, SearchResultKind.text];
    }).sort(_orderResultsByScoreThenName);
  };

  // Sphinx fetches each page that it has found, to make this of it.
  globalThis.fetch = async (url) => ({ text: async () => url.slice(document.documentElement.dataset.content_root.length) });
  Search.makeSearchSummary = (file, words, anchor) => {
    const paragraph = document.createElement("p");
    paragraph.className = "context";
    paragraph.textContent = sentences.get(file + anchor);
    return paragraph;
  };
}
