/*
 * What clerks do, in a real browser: by keyboard alone, and by mouse.  Prints
 * TAP.  $WORLD is what world.py made.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { announced, follow, launch, logIn, open, overflow, ready, settled, tabTo, tap } from "./browser.mjs";

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

await journey("search", async () => {
  const page = await at(base, "/inbox");
  const found = async (path, what) => {
    await page.goto(`${base}${path}?q=${encodeURIComponent(what)}`);
    await ready(page);
    return page.locator("main tbody tr").allInnerTexts();
  };
  await tabTo(page, "#find");
  await type(page, "台19線");
  await page.keyboard.press("Enter");
  await page.waitForURL(/[?]q=/);
  await ready(page);
  ok((await page.locator("main tbody tr").count()) === 1 && (await text(page, "tbody a.subject")).includes("臺19線") && (await text(page, "#found")).includes("找到 1 件"), "a letter is found by keyboard, 台 or 臺");
  ok((await found("/inbox", "農地")).join().includes("已退文") && (await found("/inbox", "彰化 演習 府行文")).length === 1 && (await found("/inbox", "彰化 農業區")).length === 0, "over all states, by subject, sender and number together");
  await page.goto(`${base}/en/inbox?q=${encodeURIComponent("沒有這件")}`);
  await ready(page);
  ok((await text(page, "#found")).includes("Nothing found"), "nothing is said to be nothing");
  ok((await found("/outbox", "屏東縣 巡守")).length === 1 && (await found("/en/outbox", "12347")).length === 1, "what was sent is found by recipient, subject and number");
  const refused = await page.context().request.get(`${base}/v1/inbox?q=%22`);
  ok(refused.status() === 400 && (await refused.json()).code === "E6921", "signs alone are refused");
  await done(page, "search");
});

await journey("registers", async () => {
  const page = await at(base, "/registers");
  const rows = () => page.locator("main tbody tr");
  const whole = await rows().count();
  await tabTo(page, "#find");
  await type(page, "臺19");
  await tabTo(page, "#state");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "[role=search] button.main");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=.*state=opened/);
  await ready(page);
  const n = await rows().count();
  ok(n > 0 && n < whole && (await rows().allInnerTexts()).every((one) => one.includes("臺19") && one.includes("待簽收")), `a register is searched by keyboard alone: ${n} of ${whole}`);
  ok(await page.inputValue("#find") === "臺19" && await page.inputValue("#state") === "opened", "what is looked for stays in form and address");
  await announced(page, `這一頁 ${n} 件符合`);
  ok(true, "how many there are is announced");
  const [csv] = await Promise.all([page.waitForEvent("download"), page.locator(".save a").first().click()]);
  const lines = readFileSync(await csv.path(), "utf8").trim().split("\r\n");
  ok(lines.length === 1 + n && lines[1].includes("臺19"), "its file has what was found, and nothing else");
  await follow(page, () => page.locator("nav.tabs a").last().click());
  ok(await page.inputValue("#find") === "臺19" && await rows().count() === 0, "the other register is searched for the same");
  await follow(page, () => page.locator("[role=search] a").click());
  const sent = await rows().count();
  await page.locator("#state").selectOption("returned");
  await page.locator("[role=search] button.main").click();
  await page.waitForURL(/state=returned/);
  await ready(page);
  ok(sent > 1 && await rows().count() === 1 && (await text(page, "main tbody")).includes("退文 1"), "by mouse, what was sent and returned by some");
  await page.locator("#unit").selectOption("none");
  await page.locator("[role=search] button.main").click();
  await page.waitForURL(/unit=none/);
  await ready(page);
  ok(await rows().count() === 1, "and by the unit that sent it");
  await page.goto(`${base}/registers?unit=PLAN`);
  await ready(page);
  ok(await page.inputValue("#unit") === "PLAN" && (await text(page, ".empty")).includes("找不到"), "of a unit to which nothing is assigned there is nothing");
  await done(page, "registers");
});

/* The host looks at so many at once: the page goes on by itself until it is full. */
await journey("rare letters", async () => {
  const page = await at(base, "/");
  const row = (n) => ({ receive_number: `115000000${n}`, received_at: "2026-11-20T02:00:00.000Z", sender_name: "屏東縣政府", sender: "376530000A", reference: "", subject: `第${n}件`, speed: "normal", recipient: "376490000A", attachments: 0, state: "returned", answered_at: "", reason: "", unit: "PLAN", person: "", replaced: "", waybill_id: `w${n}` });
  const asked = [];
  await page.route("**/v1/registers/in*", (route) => {
    const ask = new URL(route.request().url()).searchParams;
    asked.push([ask.get("cursor"), ask.get("limit"), ask.get("state")].join());
    const at_ = Number(ask.get("cursor") || 0);
    return route.fulfill({ json: { rows: at_ % 2 ? [row(at_)] : [], next: at_ < 4 ? String(at_ + 1) : "", from: "", until: "" } });
  });
  await page.goto(`${base}/registers?state=returned`);
  await ready(page);
  ok((await page.locator("main tbody tr").count()) === 2 && asked.join(" ") === ",50,returned 1,50,returned 2,49,returned 3,49,returned 4,48,returned", "what is rare is asked for until there is no more", asked.join(" "));
  await page.locator("main tbody").getByText("計畫處").first().waitFor();
  ok(true, "a unit is told by its name");
  await done(page, "rare letters");
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
  await page.locator("#answer", { hasText: "已簽收" }).waitFor();
  ok(true, "it is signed for by keyboard alone");
  await announced(page, "已簽收");
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
    ["#contacts", "王小明"], ["#signature", "縣長　○○○"]]) {
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
  await page.locator("#to-list li", { hasText: "彰化縣政府" }).waitFor();
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
  // The host tells it: once it has been told of all that came before, the page asks nothing.
  let askedAt = Date.now();
  page.on("request", (request) => { if (request.url().includes("/v1/outbox/")) askedAt = Date.now(); });
  for (let i = 0; i < 60 && Date.now() - askedAt < 4000; i++) await page.waitForTimeout(1000);
  ok(Date.now() - askedAt >= 4000, "a page that nothing happens to asks nothing");
  const pressed = Date.now();
  await theirs.locator(".act .main").click();
  await theirs.locator(".chip.good").first().waitFor();
  await page.getByText("對方已簽收").first().waitFor();
  console.log(`# told after ${Date.now() - pressed} ms`);
  ok(true, "the sender's page turns to signed for by itself");
  await done(theirs, "the recipient's page");
  await done(page, "writing and sending");
});

/* 分繕: one act, a copy for each, which names no other. */
await journey("written apart", async () => {
  const page = await at(base, "/send");
  for (const [selector, what] of [["#subject", "測試分繕，請查照。"], ["#prefix", "府計管一字"], ["#seq", "12990"], ["#address", "雲林縣斗六市雲林路二段515號"], ["#contacts", "王小明"]])
    await page.fill(selector, what);
  await page.locator("#attach").setInputFiles([{ name: "附表.csv", mimeType: "", buffer: Buffer.from("1,2\n") }]);
  await page.locator(".forward .main").click();
  await page.fill("#to", "彰化縣政府、屏東縣政府");
  await page.locator("#to").press("Enter");
  await page.locator("tbody tr:nth-child(2)").waitFor();
  await tabTo(page, "#apart", 120);
  await page.keyboard.press("Space");
  await tabTo(page, ".forward .main");
  await page.keyboard.press("Enter");
  await page.locator("#summary").waitFor();
  ok((await text(page, "#summary")).includes("分繕 2 件") && (await text(page, ".note")).includes("檢核通過"), "copies written apart are checked together, by keyboard", await text(page, "main"));
  await tabTo(page, ".forward .main");
  await page.keyboard.press("Enter");
  await tabTo(page, ".act .main");
  await page.keyboard.press("Enter");
  await page.locator(".note.good li").nth(1).waitFor();
  ok((await page.locator(".note.good li a").allInnerTexts()).join() === "彰化縣政府,屏東縣政府", "and sent in one act, each to be followed by itself");
  const drafts = await (await page.context().request.get(`${base}/v1/drafts?limit=50`)).json();
  ok(drafts.drafts.every((one) => one.title !== "測試分繕，請查照。" || one.state === "sent"), "no draft of them is left");
  await page.locator(".note.good li a").first().click();
  await page.waitForURL(/sent\?id=/);
  await ready(page);
  await page.getByText("已送達，待對方簽收").first().waitFor();
  ok(await page.locator(".lane").count() === 1, "a copy has one recipient");
  const theirs = await at(other, `/inbox?q=${encodeURIComponent("分繕")}`);
  await theirs.locator("a.subject").first().click();
  await theirs.waitForURL(/letter/);
  await ready(theirs);
  const copy = theirs.frameLocator("iframe.paper");
  await copy.getByText("測試分繕").first().waitFor();
  const seen = await copy.locator("body").innerText();
  ok(seen.includes("彰化縣政府") && !seen.includes("屏東"), "who gets it reads of nobody else");
  await done(theirs, "a copy");
  await done(page, "written apart");
});

/* The button is never grey: it says what is missing, and leads there. */
await journey("what is missing", async () => {
  const page = await at(other, "/send");
  const focused = () => page.evaluate(() => document.activeElement.id);
  await tabTo(page, ".forward .main");
  await page.keyboard.press("Enter");
  await page.locator("#subject:focus").waitFor();
  const said = await page.evaluate(() => [document.activeElement.getAttribute("aria-invalid"), document.activeElement.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" ")].join());
  ok(said.startsWith("true,還沒有填") && await page.locator("#gaps[role=alert] li").count() >= 3, "with nothing written it says all that is missing, and the first field has the focus and its reason", said);
  await type(page, "測試，請查照。");
  await page.locator(".forward .main").click();
  await page.locator("#prefix:focus").waitFor();
  ok(await page.locator("#subject[aria-invalid]").count() === 0 && !(await text(page, "#gaps")).includes("主旨"), "what was filled in is not asked for again");
  await page.locator("#gaps a", { hasText: "地址" }).click();
  ok(await focused() === "address", "each that is missing is a way to its field");
  await page.locator("input[name=mode]").nth(1).check();
  await page.locator(".forward .main").click();
  await page.locator("#upload-files:focus").waitFor();
  ok((await text(page, "#gaps")).includes("還沒有選擇"), "so it is without a file");
  await done(page, "what is missing");
});

/* Of the organisation, the unit and the person; what one changed is there the next time. */
await journey("head of letters", async () => {
  const supervisor = await open(browser, base, { storageState: await logIn(browser, base, world.codes.supervisor) });
  await supervisor.goto(`${base}/settings`);
  await ready(supervisor);
  await tabTo(supervisor, "#head-address", 120);
  await type(supervisor, "640201 雲林縣斗六市雲林路二段515號");
  await tabTo(supervisor, "#head-fax");
  await type(supervisor, "05-5340000");
  await tabTo(supervisor, "#head-prefix");
  await type(supervisor, "府計管一字");
  await tabTo(supervisor, "form[aria-labelledby=heads] .main");
  await supervisor.keyboard.press("Enter");
  await announced(supervisor, "設定已儲存");
  // Of the organisation there are texts by now: as what stands there if a unit has none.
  await supervisor.locator("#head-unit").selectOption("PLAN");
  await supervisor.locator("#head-address[placeholder^='640201']").waitFor();
  ok(await supervisor.inputValue("#head-address") === "", "a unit has its own, which begins empty");
  await done(supervisor, "the settings");

  const page = await at(base, "/send");
  const has = async (want) => (await Promise.all(Object.entries(want).map(async ([id, value]) => await page.inputValue(`#${id}`) === value ? "" : `${id}: ${await page.inputValue(`#${id}`)}`))).filter(Boolean).join();
  const wrong = await has({ prefix: "府計管一字", fax: "05-5340000", contacts: "王小明" });
  ok(wrong === "", "a new letter begins with the head of the organisation and the person's name", wrong);
  await page.fill("#subject", "測試信頭，請查照。");
  await page.fill("#seq", "13001");
  await page.fill("#phone", "05-5322154");
  await page.fill("#signature", "處長　○○○");
  const remembered = page.waitForResponse((answer) => answer.url().endsWith("letterhead:own"));
  await page.locator(".forward button:not(.main)").last().click();
  await page.locator("#kept").waitFor();
  await remembered;
  await page.locator("[aria-labelledby=kept] button").first().click();
  await page.locator("[aria-labelledby=kept] button.bad").click();
  await page.waitForURL(/drafts/);
  await page.goto(`${base}/en/send`);
  await ready(page);
  const next_ = await has({ phone: "05-5322154", signature: "處長　○○○", fax: "05-5340000" });
  ok(next_ === "" && await page.inputValue("#subject") === "", "what one changed is there in the next letter", next_);
  await done(page, "head of letters");
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
  await page.locator(".forward .main").click();
  await page.locator("#check-errors:focus").waitFor();
  ok((await text(page, "#gaps")).includes("檢核還有錯誤"), "and it cannot be sent: that is said, and the focus goes there");
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
  for (const [selector, what] of [["#prefix", "府行文字"], ["#seq", "990"], ["#address", "彰化市中山路二段416號"], ["#contacts", "李小華"]])
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

/* Written, put away, opened again, changed by two at a time, sent from there. */
await journey("drafts", async () => {
  const page = await at(base, "/send");
  const save = ".forward button:not(.main):last-of-type, .forward .row button:not(.main)";
  const fill = async (list) => { for (const [selector, what] of list) await page.fill(selector, what); };
  await fill([["#subject", "檢送草稿測試紀錄1份，請查照。"], ["#prefix", "府計管一字"], ["#seq", "12888"], ["#address", "雲林縣斗六市雲林路二段515號"], ["#contacts", "王小明"], ["#phone", "05-5322154"], ["#signature", "縣長　○○○"]]);
  await page.locator("fieldset.field > button").first().click();
  await page.fill("#explanation-0", "依據 A & B <第1次> 會議辦理。");
  await page.locator("#attach").setInputFiles([{ name: "紀錄&附表.csv", mimeType: "", buffer: Buffer.from("1,2\n") }]);
  await tabTo(page, save, 120);
  await page.keyboard.press("Enter");
  await page.locator("#kept").waitFor();
  await page.waitForURL(/draft=/);
  const id = new URL(page.url()).searchParams.get("draft");
  ok((await text(page, "#kept")).includes("第 1 版") && id, "what is written is kept as a draft, by keyboard, before it has recipients");
  await page.locator(".forward .main").click();
  await page.fill("#to", "彰化縣政府");
  await page.locator("#to-list li").first().click();
  await page.locator(save).last().click();
  await page.locator("#kept", { hasText: "第 2 版" }).waitFor();
  await page.goto(`${base}/drafts`);
  await ready(page);
  await tabTo(page, `a[href$="draft=${id}"]`);
  await page.keyboard.press("Enter");
  await page.waitForURL(/send\?draft=/);
  await ready(page);
  ok(await page.inputValue("#subject") === "檢送草稿測試紀錄1份，請查照。" && await page.inputValue("#explanation-0") === "依據 A & B <第1次> 會議辦理。" &&
    await page.inputValue("#contacts") === "王小明" && await page.inputValue("#phone") === "05-5322154" && (await page.locator(".files li").innerText()).includes("紀錄&附表.csv"), "opened again by keyboard, everything is in its field");

  const other_ = await at(base, `/send?draft=${id}`);
  await tabTo(page, "#subject");
  await page.keyboard.press("End");
  await type(page, "（改）");
  await tabTo(page, save, 120);
  await page.keyboard.press("Enter");
  await page.locator("#kept", { hasText: "第 3 版" }).waitFor();
  await other_.fill("#subject", "另一位同時修改，請查照。");
  await other_.locator(save).last().click();
  await other_.locator("#refused .note.bad", { hasText: "另一位人員已修改" }).waitFor();
  ok(/另一位人員已修改.*王小明.*第 3 版/s.test(await text(other_, "#refused")), "a draft that another changed meanwhile is not written over: who and when is said");
  await other_.locator("#refused button").first().click();
  await other_.waitForURL((url) => url.searchParams.get("draft") !== id);
  ok((await text(other_, "#kept")).includes("第 1 版") && await other_.inputValue("#subject") === "另一位同時修改，請查照。", "and what was written becomes a draft of its own");
  await other_.locator("[aria-labelledby=kept] button").first().click();
  await other_.locator("[aria-labelledby=kept] button.bad").click();
  await other_.waitForURL(/drafts/);
  await ready(other_);
  ok(await other_.locator("li.card", { hasText: "另一位同時修改" }).count() === 0 && await other_.locator("li.card", { hasText: "（改）" }).count() === 1, "which is discarded; the first one is as its clerk left it");
  await done(other_, "two at one draft");

  await page.locator("#attach").setInputFiles([{ name: "附表二.csv", mimeType: "", buffer: Buffer.from("3\n") }]);
  await page.locator(".files li", { hasText: "紀錄&附表.csv" }).getByRole("button").first().click();
  await page.locator(".forward .main").click();
  ok((await text(page, "main tbody")).includes("彰化縣政府"), "its recipients are there");
  await page.locator(".forward .main").click();
  await page.locator("#summary").waitFor();
  await page.locator(".forward .main").click();
  await page.locator(".act .main").click();
  await page.locator(".note.good .main").click();
  await page.waitForURL(/sent\?id=/);
  await ready(page);
  const files = await page.context().request.get(`${base}/v1/drafts/${id}`).then((answer) => answer.json());
  ok((await text(page, "h1")).includes("（改）") && files.state === "sent", "it is sent as it was changed last, and is no draft any more");
  await done(page, "drafts");
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
  const rows = page.locator("section[aria-labelledby=due] table tbody tr");
  const n = await rows.count();
  await page.locator("section[aria-labelledby=due] table thead input").check();
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
    "/send", "/problems", "/registers", "/registers?book=out", "/statistics", "/groups", "/deputies", "/drafts", `/send?draft=${world.ids.draft}`, "/units", "/settings", "/persons", "/directory", "/health", "/accessibility", "/en/inbox?state=all", "/en/send", "/en/"]) {
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
