/*
 * What the pages of a demo say while it has trouble.  Prints TAP.  $TROUBLE is
 * what tests/scenario/114-demo-trouble.py made: bases, codes, the letters; each
 * line that comes in says which trouble there is now.
 */
import { createInterface } from "node:readline";
import { launch, open, ready } from "./browser.mjs";

const { bases, codes } = JSON.parse(process.env.TROUBLE);
const browser = await launch();
const pages = {};
for (const [host, base] of Object.entries(bases)) {
  pages[host] = await open(browser, base);
  await pages[host].goto(`${base}/login#code=${codes[host]}`);
  await pages[host].waitForURL((url) => !url.pathname.startsWith("/login"));
}
/* First, where the links of the clerks led. */
console.log(JSON.stringify(Object.fromEntries(Object.entries(pages).map(([host, page]) => [host, new URL(page.url()).pathname]))));

/* The text of a page, once it has what is looked for. */
async function shows(host, path, wanted) {
  const page = pages[host];
  await page.goto(`${bases[host]}/${path}`);
  await ready(page);
  await page.locator("main", { hasText: wanted }).waitFor();
  return page.locator("main").innerText();
}

/* One question a line: {"host","path","wanted"}; the answer is the page's text. */
for await (const line of createInterface({ input: process.stdin })) {
  const { host, path, wanted } = JSON.parse(line);
  let text = "";
  const wrong = [];
  try {
    text = await shows(host, path, wanted);
  } catch {
    wrong.push(`never there; the page says: ${await pages[host].locator("main").innerText().catch(() => "")}`);
  }
  console.log(JSON.stringify({ text, wrong: [...wrong, ...pages[host].wrong.splice(0)] }));
}
await browser.close();
