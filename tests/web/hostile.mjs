/*
 * What others wrote, in every place where a page shows it: it stays text
 * (T-WEB-03).  Prints TAP.  $HOSTILE: {"base", "code", "texts", "pages"}.
 */
import { inTurns, keepContexts, launch, logIn, open, ready } from "./browser.mjs";

const { base, code, texts, pages } = JSON.parse(process.env.HOSTILE);
let count = 0;
let failed = 0;
function ok(good, name, detail = "") {
  count++;
  if (!good) failed++;
  console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
  if (!good && detail) console.log(`# ${String(detail).replace(/\n/g, "\n# ")}`);
}

const browser = await launch();
const storageState = await logIn(browser, base, code);
const openKept = keepContexts(browser, base);

async function look({ path, shows }) {
  const page = await openKept({ storageState });
  const wrong = [];
  page.on("dialog", (dialog) => { wrong.push(`dialog ${dialog.message()}`); void dialog.dismiss(); });
  try {
    await page.goto(`${base}${path}`);
    await ready(page);
    for (const frame of await page.locator("iframe").all()) await frame.contentFrame().locator("body *").first().waitFor({ state: "attached" });
    for (const frame of page.frames().slice(1)) await frame.waitForLoadState("load");
    await page.waitForTimeout(300);
    // No element came of a text, and nothing ran.
    const found = await page.evaluate(() => ({
      ran: globalThis.pwned !== undefined,
      elements: [...document.querySelectorAll("script:not([src]), img, b, style, iframe:not(.paper), [onerror], [onload], [onclick], a[href^='javascript:']")].map((one) => one.outerHTML.slice(0, 120)),
      text: document.body.innerText + document.title,
    }));
    if (found.ran) wrong.push("a script ran");
    wrong.push(...found.elements, ...page.wrong);
    for (const number of shows)
      if (!found.text.includes(texts[number])) wrong.push(`not shown as it is: ${texts[number]}`);
  } catch (error) {
    wrong.push(error.stack);
  }
  ok(wrong.length === 0, `${path.replace(/=.*/, "=...")}: text stays text`, wrong.join("\n"));
  await page.close();
}
await inTurns(pages, look);

/* The control: the same check sees an element that was let in. */
const page = await open(browser, base, { storageState });
await page.goto(`${base}/inbox`);
await ready(page);
await page.evaluate((html) => { document.querySelector("main").insertAdjacentHTML("beforeend", html); }, texts[1]);
ok(await page.evaluate(() => document.querySelectorAll("img").length) === 1, "the check would see an element");
await page.waitForTimeout(300);
ok(!(await page.evaluate(() => globalThis.pwned)), "and even then the policy lets nothing run");
await browser.close();
console.log(`1..${count}`);
process.exit(failed > 0 ? 1 : 0);
