#!/usr/bin/env node
/*
 * What can be said of the built pages without a browser: types, unit tests, the
 * HTML of every page, and the budgets of bytes.  Prints TAP.
 *
 * usage: checks.mjs [BUILD/web]
 */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { HtmlValidate } from "html-validate";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const built = process.argv[2] ?? join(root, "build/web");
const web = join(root, "web");

/* Bytes with gzip (ux.md 3.3); the goals, not the hard stops. */
const pageMax = 30 * 1024;
const allMax = 300 * 1024;

let count = 0;
let failed = 0;
function ok(good, name, detail = "") {
  count++;
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
  if (!good) for (const line of detail.split("\n").slice(0, 40)) console.log(`# ${line}`);
}

function run(name, script, ...args) {
  const done = spawnSync("node", [join(web, "node_modules", script), ...args], { cwd: web, encoding: "utf8" });
  ok(done.status === 0, name, done.stdout + done.stderr);
}

const packed = (file) => gzipSync(readFileSync(join(built, file)), { level: 9 }).length;
const assetsOf = (html) => [...new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name]) => name))];

run("types of the pages", "typescript/bin/tsc", "--noEmit");
run("unit tests of the pages", "vitest/vitest.mjs", "run", "--reporter=dot");

const pages = ["", "en/"].flatMap((folder) => readdirSync(join(built, folder))
  .filter((name) => name.endsWith(".html")).map((name) => folder + name));
const check = new HtmlValidate({
  root: true, extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: { "no-inline-style": "error", "require-sri": "off", "long-title": "off" },
});
for (const page of pages) {
  const report = await check.validateString(readFileSync(join(built, page), "utf8"), page);
  ok(report.valid, `${page} is valid HTML`, report.results.flatMap(({ messages }) =>
    messages.map((one) => `${one.line}:${one.column} ${one.ruleId} ${one.message}`)).join("\n"));
}

const sizes = pages.map((page) => {
  const html = readFileSync(join(built, page), "utf8");
  return [page, assetsOf(html).reduce((sum, name) => sum + packed(name), 0)];
});
const [largest, bytes] = sizes.sort((a, b) => b[1] - a[1])[0];
ok(bytes <= pageMax, `scripts, words and style of a page: at most ${bytes} of ${pageMax} bytes (${largest})`);
const assets = readdirSync(join(built, "assets")).map((name) => `assets/${name}`);
const sum = [...assets, ...pages].reduce((total, name) => total + packed(name), 0);
ok(sum <= allMax, `all files: ${sum} of ${allMax} bytes`);
ok(assets.every((name) => !/sourceMappingURL|debugger/.test(readFileSync(join(built, name), "utf8"))), "nothing of development is in them");

console.log(`1..${count}`);
process.exit(failed > 0 ? 1 : 0);
