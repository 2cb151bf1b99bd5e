// Runs what the page runs, under node: node run.js FOLDER < requests.json. A request is ["play", module, list, title] or
// ["run", module, sample]. Prints a JSON list with what each gives: a list's text, or a sample's output and exit code.
"use strict";
const fs = require("fs");
const path = require("path");

async function answer([what, module, ...rest]) {
  const load = require(path.resolve(process.argv[2], `${module}.js`));
  let output = "";
  const print = (line) => (output += `${line}\n`);
  const instance = await load({ print, printErr: print });
  if (what === "play") return instance.ccall("play", "string", ["string", "string"], rest);
  const code = instance.ccall("run_sample", "number", ["string"], rest);
  return [output, code];
}

(async () => {
  const answers = [];
  for (const request of JSON.parse(fs.readFileSync(0, "utf8"))) answers.push(await answer(request));
  process.stdout.write(JSON.stringify(answers));
})();
