// The playground: buttons make a list of calls, a program in WebAssembly plays it, and this shows what it says.
(() => {
  const { scenarios, behaviours } = JSON.parse(document.getElementById("playground-data").textContent);
  const steps = { callback: "1 Callback", "keeps-online": "1 … keeps online", "keeps-offline": "1 … keeps offline",
    open: "2 Open", capabilities: "3 Capabilities", advise: "4 Advise", unadvise: "5 Unadvise", release: "Release" };
  const own = { create: "Create", advise: "Advise", unadvise: "Unadvise", release: "Release" };
  const callers = {
    outlook: ["Outlook", { start: "Start", offline: "Work Offline", online: "Work online", other: "Other notification",
      phase: "Deliver one phase", all: "Deliver all", quit: "Quit" }],
    a: ["Client A", steps], b: ["Client B", steps], c: ["Client C", steps],
    provider: ["Provider’s object", { ...own, offline: "Set offline", online: "Set online" }],
    store: ["Store’s object", own],
  };

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const button = (text, onclick) => make("button", { type: "button", textContent: text, onclick });
  const list = (kind, texts) => make(kind, {}, ...texts.map((text) => make("li", { textContent: text })));

  let calls = []; // the first may be worst:NAME+NAME
  const isWorst = () => calls[0]?.startsWith("worst:") ?? false;

  // What is shown.
  const scenario = make("select", {}, make("option", { value: "", textContent: "choose one" }),
    ...scenarios.map((each) => make("option", { value: each.calls, textContent: each.title })));
  const everything = `worst:${behaviours.map((each) => each.name).join("+")}`;
  const library = make("select", {}, make("option", { value: "", textContent: "the reference" }),
    make("option", { value: everything, textContent: "the worst permitted: all of these" }),
    ...behaviours.map(({ name, text }) => make("option", { value: `worst:${name}`, textContent: `the worst permitted: ${name}`, title: text })));
  const meaning = make("p", { className: "meaning" });
  const undo = button("Undo", () => play((calls) => calls.slice(0, -1)));
  const reset = button("Reset", () => play((calls) => calls.slice(0, isWorst() ? 1 : 0)));
  const address = make("a", { textContent: "Link to these calls" });
  const status = make("p", { className: "status-line" });
  status.setAttribute("role", "status");
  const picture = make("div", { className: "sequence", tabIndex: 0 });
  picture.setAttribute("role", "region");
  picture.setAttribute("aria-label", "Sequence of calls and notifications");
  const words = make("div");
  const lines = make("div", { className: "lines-now" });
  const parts = make("div", { className: "parts" });
  const trace = make("pre", { tabIndex: 0 });
  const list_of_calls = make("pre", { tabIndex: 0 });
  for (const [box, label] of [[trace, "Trace"], [list_of_calls, "List of calls"]]) {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", label);
  }

  scenario.onchange = () => scenario.value && play(() => scenario.value.split(","));
  library.onchange = () => play((calls) => [...(library.value ? [library.value] : []), ...calls.slice(isWorst() ? 1 : 0)]);

  const groups = Object.entries(callers).map(([who, [title, what]]) =>
    make("fieldset", {}, make("legend", { textContent: title }),
      ...Object.entries(what).map(([call, text]) => button(text, () => play((calls) => [...calls, `${who}.${call}`])))));

  const quoted = () => {
    const [who, what] = (calls.at(-1) ?? "").split(".");
    const block = document.querySelector(`.lines-${who}-${what} pre`) ?? document.querySelector(`.lines-${what} pre`);
    if (!block) return [];
    const copy = block.cloneNode(true);
    copy.removeAttribute("id");
    return [make("div", { className: "highlight" }, copy)];
  };

  const show = (played) => {
    status.textContent = played.fault || played.last;
    status.classList.toggle("fault", played.fault !== "");
    picture.innerHTML = played.trace.length ? played.diagram : "";
    picture.hidden = !played.trace.length;
    words.replaceChildren(list("ol", played.words));
    parts.replaceChildren(...played.parts.map((part) => make("div", {}, make("strong", { textContent: part.name }), list("ul", part.facts))));
    trace.textContent = played.trace.join("\n");
    list_of_calls.textContent = calls.join("\n");
    lines.replaceChildren(...quoted());
    for (const box of [trace, picture]) box.scrollTop = box.scrollHeight;
    const text = `#${calls.join(",")}`;
    address.href = text;
    if (location.hash !== text && (calls.length || location.hash)) history.replaceState(null, "", text);
    undo.setAttribute("aria-disabled", calls.length === 0);
    scenario.value = scenarios.find((each) => each.calls === calls.join(","))?.calls ?? "";
    library.value = isWorst() ? calls[0] : "";
    const behaviour = behaviours.find((each) => `worst:${each.name}` === library.value);
    meaning.textContent = behaviour?.text ?? "";
    meaning.hidden = !behaviour;
  };

  // One after the other: a click that comes while the program is loading is played behind it.
  let before = Promise.resolve();
  const play = (change) => (before = before.then(async () => {
    const wanted = change(calls);
    const title = scenarios.find((each) => each.calls === wanted.join(","))?.title ?? "What has been played";
    try {
      const instance = await newInstance(wanted[0]?.startsWith("worst:") ? "worst" : "reference", { print() {}, printErr() {} });
      const played = JSON.parse(instance.ccall("play", "string", ["string", "string"], [wanted.join(","), title]));
      if (played.fault && wanted.length === calls.length + 1 && calls.every((call, n) => call === wanted[n])) {
        status.textContent = played.fault; // the call that was added cannot be made: nothing changes
        status.classList.add("fault");
        return;
      }
      calls = wanted;
      show(played);
    } catch (fault) {
      status.textContent = `It cannot be played here: ${fault.message}`;
      status.classList.add("fault");
    }
  }));
  const from_address = () => {
    let text = location.hash.slice(1);
    try { text = decodeURIComponent(text); } catch { /* then it is what it is */ }
    const wanted = text.split(",").filter((word) => word !== "");
    if (wanted.some((word) => /[.:]/.test(word)) && wanted.join() !== calls.join()) play(() => wanted);
  };

  if (typeof WebAssembly !== "object") return;
  const folded = (title, ...inside) => make("details", {}, make("summary", { textContent: title }), ...inside);
  const root = document.getElementById("playground-root");
  root.append(make("div", { className: "bar" }, labelled("Scenario", scenario), labelled("Outlook is", library)), meaning,
    make("div", { className: "callers" }, ...groups), make("div", { className: "bar" }, undo, reset, address), status, lines,
    picture, parts, Object.assign(folded("The trace", trace), { open: true }), folded("The diagram in words", words),
    folded("The list of calls", list_of_calls));
  root.hidden = false;
  document.getElementById("playground-still").hidden = true;
  status.textContent = "Choose a scenario, or start Outlook.";
  for (const box of [picture, meaning]) box.hidden = true;
  undo.setAttribute("aria-disabled", true);
  address.href = "#";
  addEventListener("hashchange", from_address);
  from_address();
})();
