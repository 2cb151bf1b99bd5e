// What the theme leaves out for keyboards and screen readers.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
  const focusable = () => {
    for (const box of document.querySelectorAll("pre:not([role]), .table-wrapper")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // one must be able to scroll it
      else box.removeAttribute("tabindex");
    }
  };
  focusable();
  addEventListener("resize", focusable);
});

const labelled = (text, field) => {
  const element = document.createElement("label");
  element.append(text, field);
  return element;
};
const choiceOf = (name, classes) => { // of the classes that begin with the name
  const choice = document.createElement("select"), start = `${name.toLowerCase()}-`;
  const found = [...new Set(classes.filter((c) => c.startsWith(start)))];
  choice.append(new Option("all", ""), ...found.map((c) => new Option(c.slice(start.length).replaceAll("_", " "), c)));
  return choice;
};
const filterAbove = (table, fields, filter) => {
  const form = document.createElement("form");
  form.className = "filter";
  form.append(...fields);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  table.closest(".table-wrapper").before(form);
  filter();
};

// The table of all statements: rows that lack one of the words, or are of another kind, are hidden.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.statement-table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows], texts = rows.map((row) => row.textContent.toLowerCase());
  const classes = rows.flatMap((row) => [...row.classList]);
  const words = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off" });
  const choices = ["Kind", "Area", "Platform", "Recorded"].map((name) => [name, choiceOf(name, [...classes, "recorded-yes"])]);
  const count = document.createElement("output");
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    rows.forEach((row, n) => {
      row.hidden = !wanted.every((word) => texts[n].includes(word)) ||
        !choices.every(([, { value }]) => !value || row.classList.contains(value));
    });
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} statements`;
  };
  filterAbove(table, [labelled("Words", words), ...choices.map(([name, choice]) => labelled(name, choice)), count], filter);
});

// What Outlook does: columns of another bitness or account are hidden, and rows in which nothing is left.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.recorded-matrix");
  if (!table) return;
  const names = [...table.tHead.rows[0].cells].slice(1), classes = names.flatMap((name) => [...name.classList]);
  const choices = ["Bitness", "Account"].map((name) => [name, choiceOf(name, classes)]);
  const filter = () => {
    const shown = names.map((name) => choices.every(([, { value }]) => !value || name.classList.contains(value)));
    for (const row of table.rows) {
      const cells = [...row.cells].slice(1);
      cells.forEach((cell, n) => { cell.hidden = !shown[n]; });
      row.hidden = row.parentElement === table.tBodies[0] && !cells.some((cell, n) => shown[n] && !cell.querySelector(".none"));
    }
  };
  filterAbove(table, choices.map(([name, choice]) => labelled(name, choice)), filter);
});

// A program in WebAssembly is loaded when it is first asked for, by a script, which the file system allows too.
const programs = {};
const newInstance = async (name, settings) => {
  programs[name] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${document.documentElement.dataset.content_root}_static/${name}.js`;
    script.onload = () => resolve(window[`${name}_module`]);
    script.onerror = () => reject(new Error(`${script.src} cannot be loaded`));
    document.head.append(script);
  });
  return (await programs[name])(settings);
};

// Runs a sample below its expected output, and shows what it prints instead.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".run")) {
    if (typeof WebAssembly !== "object") continue;
    const [button, status] = box.children;
    const output = box.previousElementSibling.querySelector("pre");
    box.hidden = false;
    button.addEventListener("click", async () => {
      output.textContent = "";
      status.textContent = "It is loading.";
      const print = (line) => output.append(`${line}\n`);
      try {
        const instance = await newInstance("reference", { print, printErr: print });
        const code = instance.ccall("run_sample", "number", ["string"], [box.dataset.sample]);
        status.textContent = `The program has printed this just now, in this page. It ended with ${code}.`;
      } catch (fault) {
        status.textContent = `It cannot run here: ${fault.message}`;
      }
    });
  }
});
