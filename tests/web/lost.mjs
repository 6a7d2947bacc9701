/*
 * 異常 after a restore: letters of which only receipts are left, as each role
 * sees them; the clerk decides by keyboard.  $WORLD is what scenario 121 made:
 * base, codes by role.  Prints what it saw, a JSON list of [good, what, detail].
 */
import { axe, launch, logIn, open, overflow, ready, tabTo } from "./browser.mjs";

const { base, codes } = JSON.parse(process.env.WORLD);
const browser = await launch();
const seen = [];
const ok = (good, what, detail = "") => seen.push([good, what, detail]);

async function at(role) {
  const page = await open(browser, base, { storageState: await logIn(browser, base, codes[role]) });
  await page.goto(`${base}/problems`);
  await ready(page);
  return page;
}
const section = (page) => page.locator("section:has(> #lost)");

let page = await at("auditor");
let text = await section(page).innerText();
ok(/僅存回條的公文 2 件/.test(text) && /致 彰化縣政府/.test(text) && /由收發人員或主管/.test(text), "an auditor sees them, and who decides", text);
ok(await section(page).locator("input, button").count() === 0, "and has nothing to decide with");
await page.context().close();

page = await at("clerk");
text = await section(page).innerText();
ok(/承辦人員已簽收/.test(text) && /與公文系統核對/.test(text), "a clerk sees how each ended, and the one thing to do", text);
ok(await section(page).locator("form").count() === 0, "nothing is decided before one is picked");
await tabTo(page, "section:has(> #lost) tbody input");
await page.keyboard.press("Space");
await tabTo(page, "#lost-action");
for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
await tabTo(page, "#lost-note");
await page.keyboard.type("歸檔查得");
const wrong = [...await axe(page), await overflow(page)].filter(Boolean);
ok(wrong.length === 0, "it is accessible while it is decided", wrong.join("\n"));
await page.keyboard.press("Enter");
await page.locator(".note.good", { hasText: "已登錄 1 件" }).waitFor();
await page.locator("#lost", { hasText: "僅存回條的公文 1 件" }).waitFor();
ok(true, "what was decided is off the list");
ok(page.wrong.length === 0, "no error, nothing left the host", page.wrong.join("\n"));
await browser.close();
console.log(JSON.stringify(seen));
