/*
 * What clerks do, in a real browser: by keyboard alone, and by mouse.  Prints
 * TAP.  $WORLD is what world.py made.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { launch, logIn, open, overflow, ready, tabTo, tap } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const other = world.bases["gateway-2"];
const { ok, end, journey } = tap();

const browser = await launch();
const sessions = new Map();
for (const [host, address] of Object.entries(world.bases)) sessions.set(address, await logIn(browser, address, world.codes[host]));
ok(true, "a one-time link signs in");

/* A page of a gateway, logged in where its host asks for it. */
async function at(host, path, options = {}) {
  const page = await open(browser, host, { storageState: sessions.get(host), ...options });
  await page.goto(`${host}${path}`);
  await ready(page);
  return page;
}
async function done(page, name) {
  ok(page.wrong.length === 0, `${name}: no error, nothing left the host`, page.wrong.join("\n"));
  await page.context().close();
}

const type = (page, text) => page.keyboard.type(text);
const text = (page, selector) => page.locator(selector).first().innerText();

/* ---- the numbers of the day ---- */

await journey("numbers lead to their rows", async () => {
  const page = await at(base, "/");
  const links = await page.locator(".numbers a, .states a, a.sum").evaluateAll((all) =>
    all.map((one) => [one.getAttribute("href"), Number(/(\d+)/.exec(one.querySelector("strong")?.textContent ?? one.textContent.replace(/^\D+/, ""))?.[1])]));
  const wrong = [];
  for (const [href, n] of links) {
    await page.goto(`${base}${href}`);
    await ready(page);
    const rows = await page.locator("main tbody tr").count();
    if (rows !== n) wrong.push(`${href}: ${n}, and ${rows} rows`);
  }
  ok(links.length >= 8 && wrong.length === 0, `${links.length} numbers of 今日 lead to as many rows`, wrong.join("\n"));
  await page.goto(`${base}/problems`);
  await ready(page);
  const said = Number(/\d+/.exec(await text(page, "#out"))[0]);
  ok(said > 0 && said === await page.locator("main tbody tr").count(), "異常 counts what it lists");
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator(".save button").nth(1).click()]);
  const sheet = readFileSync(await file.path());
  ok(file.suggestedFilename() === "problems.ods" && sheet.subarray(0, 2).toString() === "PK" && sheet.includes("對方退文"), "the list is saved as a spreadsheet");
  await done(page, "numbers");
});

/* ---- receiving ---- */

await journey("sign by keyboard", async () => {
  const page = await at(base, "/inbox");
  await page.keyboard.press("Tab");
  ok(await page.evaluate(() => document.activeElement.matches(".skip")), "the first Tab of a page skips to its content");
  await page.keyboard.press("Enter");
  await tabTo(page, "tbody a.subject", 20);
  const subject = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("Enter");
  await page.waitForURL(/letter/);
  await ready(page);
  ok(await text(page, "h1") === subject, "Enter opens the letter");
  const frame = page.frameLocator("iframe.paper");
  await frame.locator("h1").waitFor();
  ok((await frame.locator("h1").innerText()).includes("函"), "the letter is shown");
  await tabTo(page, ".act button.main");
  await page.keyboard.press("Enter");
  await page.locator(".chip.good").first().waitFor();
  ok((await text(page, "#answer")).includes("已簽收"), "it is signed for by keyboard alone");
  await page.waitForFunction(() => document.getElementById("status").textContent === "已簽收");
  ok(true, "and that is announced");
  await done(page, "reading and signing");
});

await journey("words and doubt", async () => {
  const said = "附件2的報名表打不開，請補送 ODF 格式。";
  const page = await at(base, `/sent?id=${world.ids.failed}`);
  ok((await text(page, ".lane .note.bad q")) === said, "what a recipient says with a return stands with the reason");
  const lists = ["/outbox", "/outbox?state=returned", "/problems", "/en/outbox?state=returned", "/en/"];
  const missed = [];
  for (const path of lists) {
    await page.goto(`${base}${path}`);
    await ready(page);
    if (!(await page.locator("main .said").allInnerTexts()).some((line) => line.includes(said))) missed.push(path);
  }
  ok(missed.length === 0, "and in the lists, in both languages", missed.join(" "));
  for (const [path, words] of [["/inbox", "已廢止"], ["/en/inbox", "revoked"]]) {
    await page.goto(`${base}${path}`);
    await ready(page);
    ok((await page.locator(".doubt").allInnerTexts()).join().includes(words.replace("已", "")), `${path} tells of a letter that is doubted`);
  }
  for (const [path, words] of [["/letter", "之前已廢止"], ["/en/letter", "was revoked before"]]) {
    await page.goto(`${base}${path}?id=${encodeURIComponent(world.ids.doubted)}`);
    await ready(page);
    ok((await text(page, ".first .note.warn")).includes(words), `${path} says why, and what to do`);
  }
  await done(page, "words and doubt");
});

await journey("return by keyboard", async () => {
  const page = await at(base, "/inbox");
  const before = await page.locator("tbody tr").count();
  const subject = await text(page, "tbody a.subject");
  await tabTo(page, "tbody input[type=checkbox]");
  await page.keyboard.press("Space");
  await tabTo(page, ".bulk button:nth-of-type(2)");
  await page.keyboard.press("Enter");
  await tabTo(page, ".bulk input[type=radio]");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, ".bulk #words");
  await type(page, "缺附件2。");
  await tabTo(page, ".bulk button.bad");
  await page.keyboard.press("Enter");
  await page.locator(".note.good").waitFor();
  ok((await text(page, ".note.good")) === "已退文 1 件", "a letter is returned by keyboard alone");
  await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length === n - 1, before);
  await page.goto(`${base}/inbox?state=returned`);
  await ready(page);
  await page.locator("tbody a.subject", { hasText: subject }).click();
  await page.waitForURL(/letter/);
  await ready(page);
  ok((await text(page, "section.first")).includes("附件缺漏") && (await text(page, "section.first q")) === "缺附件2。", "its reason stands with it, and the words for the sender");
  await done(page, "returning");
});

await journey("bulk by mouse", async () => {
  const page = await at(base, "/inbox");
  const n = await page.locator("tbody tr").count();
  await page.locator("thead input").check();
  await page.locator(".bulk .main").click();
  await page.locator(".note.good").waitFor();
  ok((await text(page, ".note.good")) === `已簽收 ${n} 件`, `all ${n} are signed for at once`);
  await page.locator(".empty").waitFor();
  ok((await text(page, ".empty strong")) === "沒有待簽收的公文", "and nothing waits any more");
  await done(page, "signing in bulk");
});

/* ---- sending ---- */

await journey("write and send by keyboard", async () => {
  const page = await at(base, "/send");
  await tabTo(page, "#subject");
  await type(page, "請派員參加本縣公文電子交換座談會，請查照。");
  await tabTo(page, "fieldset.field > button");
  await page.keyboard.press("Enter");
  await page.locator("#explanation-0:focus").waitFor();
  await type(page, "時間：115年12月10日下午2時。");
  await page.keyboard.press("Enter");
  await page.locator("#explanation-1:focus").waitFor();
  await type(page, "地點：本府第一會議室。");
  for (const [selector, what] of [["#prefix", "府計管一字"], ["#seq", "12777"], ["#address", "雲林縣斗六市雲林路二段515號"],
    ["#contacts", "承辦人：王小明"], ["#signature", "縣長　○○○"]]) {
    await tabTo(page, selector);
    await type(page, what);
  }
  await page.locator("iframe.paper").waitFor();
  const shown = page.frameLocator("iframe.paper");
  await shown.getByText("地點：本府第一會議室。").waitFor();
  ok(true, "the preview follows what is written");
  await tabTo(page, ".forward .main");
  await page.keyboard.press("Enter");
  await tabTo(page, "#to");
  await type(page, "彰化縣");
  await page.locator("#to-list li").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.locator("tbody tr:nth-child(1)").waitFor();
  await type(page, "屏東縣政府、雲林縣政府");
  await page.keyboard.press("Enter");
  await page.locator("tbody tr:nth-child(3)").waitFor();
  ok((await text(page, "tbody tr:nth-child(1)")).includes("彰化縣政府"), "recipients are added by arrow keys, Enter and 、");
  for (const number of [3, 2]) {
    await tabTo(page, `tbody tr:nth-child(${number}) button`);
    await page.keyboard.press("Enter");
  }
  await tabTo(page, ".forward .main");
  await page.keyboard.press("Enter");
  await page.locator("#summary").waitFor();
  ok((await text(page, ".note")).includes("檢核通過"), "what was written is a valid letter");
  await tabTo(page, ".forward .main");
  await page.keyboard.press("Enter");
  await tabTo(page, ".act .main");
  await page.keyboard.press("Enter");
  await page.locator(".note.good .main").waitFor();
  await tabTo(page, ".note.good .main");
  await page.keyboard.press("Enter");
  await page.waitForURL(/sent\?id=/);
  await ready(page);
  await page.getByText("已送達，待對方簽收").first().waitFor();
  ok(true, "it is sent by keyboard alone and arrives");

  // The other side signs for it; nobody touches the sender's page.
  const theirs = await at(other, "/inbox");
  await theirs.locator("a.subject", { hasText: "座談會" }).click();
  await theirs.waitForURL(/letter/);
  await ready(theirs);
  // The host tells it: the page does not ask again and again meanwhile.
  let asked = 0;
  page.on("request", (request) => { if (request.url().includes("/v1/outbox/")) asked++; });
  await page.waitForTimeout(4000);
  ok(asked <= 1, "a page that nothing happens to asks nothing", `${asked} times`);
  const pressed = Date.now();
  await theirs.locator(".act .main").click();
  await theirs.locator(".chip.good").first().waitFor();
  await page.getByText("對方已簽收").first().waitFor({ timeout: 30000 });
  console.log(`# told after ${Date.now() - pressed} ms`);
  ok(true, "the sender's page turns to signed for by itself");
  await done(theirs, "the recipient's page");
  await done(page, "writing and sending");
});

await journey("upload, mend, send", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pages-"));
  const page = await at(base, "/send");
  await page.locator("input[name=mode]").nth(1).check();
  const wrong = readFileSync(world.files.di, "utf8").replace(/<主旨>.*?<\/主旨>/s, "");
  writeFileSync(join(folder, "1.di"), wrong);
  await page.locator("#upload-files").setInputFiles([join(folder, "1.di"), world.files.sw]);
  await page.locator(".forward .main").click();
  await page.locator("#listed, .finding").first().waitFor();
  await page.locator(".forward .main").click();
  await page.locator(".finding").first().waitFor();
  ok((await text(page, ".finding")).includes("主旨") && /第 \d+ 行/.test(await text(page, ".finding")), "a fault is shown with line, element and remedy");
  ok(await page.locator(".forward .main").getAttribute("aria-disabled") === "true", "and it cannot be sent");
  await page.locator(".steps button").first().click();
  await page.locator("#upload-files").setInputFiles([world.files.di]);
  await page.locator(".forward .main").click();
  await page.locator("#listed").waitFor();
  await page.locator(".forward .main").click();
  await page.locator("#summary").waitFor();
  await page.locator(".forward .main").click();
  await page.locator(".act .main").click();
  await page.locator(".note.good").waitFor();
  ok(true, "mended, it is sent");
  await done(page, "uploading");
  rmSync(folder, { recursive: true });
});

await journey("undo", async () => {
  const page = await at(other, "/send");
  await page.fill("#subject", "測試撤回，請查照。");
  for (const [selector, what] of [["#prefix", "府行文字"], ["#seq", "990"], ["#address", "彰化市中山路二段416號"], ["#contacts", "承辦人：李小華"]])
    await page.fill(selector, what);
  await page.locator(".forward .main").click();
  await page.fill("#to", "雲林縣政府");
  await page.locator("#to-list li").first().click();
  await page.locator(".forward .main").click();
  await page.locator("#summary").waitFor();
  await page.locator(".forward .main").click();
  await page.locator(".act .main").click();
  await page.locator(".undo button").waitFor();
  await tabTo(page, ".undo button");
  await page.keyboard.press("Enter");
  await page.locator(".note.warn", { hasText: "已撤回" }).waitFor();
  ok(await page.locator(".act .main").isVisible(), "a letter is called back by keyboard before it leaves, and nothing typed is lost");
  await page.goto(`${other}/outbox`);
  await ready(page);
  await page.locator("a.subject", { hasText: "測試撤回" }).click();
  await page.waitForURL(/sent\?id=/);
  await ready(page);
  ok((await text(page, ".note.warn")).includes("沒有任何機關收到"), "its page says that nobody got it");
  await done(page, "undo");
});

await journey("proofreading", async () => {
  const page = await at(base, "/send");
  await page.locator("input[name=mode]").nth(1).check();
  await page.locator("#upload-files").setInputFiles([world.files.di, world.files.sw]);
  await page.locator(".forward .main").click();
  await page.locator("#listed").waitFor();
  await page.locator(".forward .main").click();
  await page.locator("#summary").waitFor();
  await page.locator(".forward .main").click();
  await page.locator(".act button", { hasText: "存為草稿" }).click();
  await page.waitForURL(/drafts/);
  await ready(page);
  await tabTo(page, "li.card .row button");
  await page.keyboard.press("Enter");
  await page.locator(".chip", { hasText: "校對中" }).waitFor();
  await page.locator("li.card button.main").click();
  await page.locator(".note.bad").waitFor();
  ok((await text(page, ".note.bad")).includes("E6609"), "a draft is proofread by somebody else than who wrote it");
  await done(page, "proofreading");
});

await journey("review", async () => {
  const page = await at(base, "/");
  const rows = page.locator("#due ~ table tbody tr");
  const n = await rows.count();
  await page.locator("#due ~ table thead input").check();
  await page.locator("#action").selectOption("chase");
  await page.locator("#note").fill("已電話提醒");
  if (await page.locator("#by").count()) await page.locator("#by").fill("王小明");
  await page.locator("form.bulk .main").click();
  await page.locator(".empty").first().waitFor();
  ok((await text(page, ".note.good")).includes(`已記錄 ${n} 件`), "what was looked at is on record, and off the list");
  await done(page, "review");
});

/* ---- widths ---- */

await journey("small windows", async () => {
  const page = await at(base, "/", { viewport: { width: 320, height: 640 } });
  const wide = [];
  for (const path of ["/", "/inbox?state=all", `/letter?id=${encodeURIComponent(world.ids.letter)}`, "/outbox", `/sent?id=${world.ids.sent}`,
    "/send", "/problems", "/registers", "/registers?book=out", "/statistics", "/groups", "/deputies", "/directory", "/health", "/accessibility", "/en/inbox?state=all", "/en/send", "/en/"]) {
    await page.goto(`${base}${path}`);
    await ready(page);
    const found = await overflow(page);
    if (found) wide.push(`${path} ${found}`);
  }
  ok(wide.length === 0, "320 pixels are enough for every page", wide.join("\n"));
  await page.context().close();
});

await browser.close();
end();
