/*
 * Every page and state that is looked at: an address, and what is done there
 * first, with `again` in each width anew, and with `paper` as it is printed.
 * `world` is what world.py made.
 */
import { readFileSync } from "node:fs";
import { settled } from "./browser.mjs";

const id = (name) => encodeURIComponent(name);

/* A message of the catalogue, in the language of who asks. */
const catalogue = readFileSync(new URL("../../data/messages/catalogue.ini", import.meta.url), "utf8");
function message(code, request) {
  const section = catalogue.split(`\n[${code}]\n`)[1].split("\n[")[0];
  const of = (field) => section.match(new RegExp(`^${/^en/.test(request.headers()["accept-language"]) ? "en" : "zh"}\\.${field} = (.*)$`, "m"))?.[1] ?? "";
  return { code, title: of("title"), cause: of("cause"), next: of("next") };
}

/* What the host answers instead, for states that are hard to bring about. */
const refuse = (page, path) => page.route(path, (route) => route.fulfill({ status: 503, contentType: "application/problem+json",
  body: JSON.stringify({ ...message("E1001", route.request()), status: 503 }) }));
const answer = (page, path, body) => page.route(path, (route) => route.fulfill({ json: body }));

/* A host that is not well: a certificate is over, a link is broken, a log told two stories. */
async function trouble(page) {
  const check = (request) => (name, state, text, code) => ({ name, state, text, ...(code && message(code, request)) });
  const checks = (of) => [
    of("store", "ok", "open"), of("directory", "ok", "known"), of("timestamp", "ok", "fresh"),
    of("link center-a", "failed", "no connection since 2026-11-27T10:00:00.000Z: Connection refused", "E6004"),
    of("queue", "warning", "12 letters wait, the oldest for 900 s", "E6933"),
    of("log", "failed", "the log of a center told two stories: see yizhan log conflicts", "E5022"),
    of("certificates", "failed", "9 here: 0 end within 90 days, 1 over, 0 revoked, 0 blocked, 0 of unknown standing", "E6934")];
  await page.route("**/v1/health", (route) => route.fulfill({ json: { host: "gateway-1", kind: "gateway", environment: "demo", ready: true, checks: checks(check(route.request())) } }));
  await answer(page, "**/v1/conflicts", { conflicts: [{ origin: "yizhan/demo/center-a/1", seen_at: new Date().toISOString(), proof: "yizhan-log-conflict-1\n" }] });
}

async function write(page) {
  // The page names the sender itself, as soon as it knows who asks.
  await page.waitForFunction(() => document.getElementById("sender-code")?.value);
  await page.fill("#subject", "檢送「115年度公文電子交換作業說明會」簡報1份，請查照並轉知所屬。");
  for (const text of ["依本府115年10月1日府計管一字第1150010001號函續辦。", "旨揭說明會訂於本年12月10日下午2時，請派員參加。"]) {
    await page.locator("fieldset:has(#explanation-0), fieldset").filter({ hasText: /說明/ }).getByRole("button").last().click();
    await settled(page);
    await page.locator("[id^=explanation-]").last().fill(text);
  }
  await page.fill("#prefix", "府計管一字");
  await page.fill("#seq", "12399");
  await page.fill("#address", "640201 雲林縣斗六市雲林路二段515號");
  await page.fill("#contacts", "王小明");
  await page.fill("#phone", "05-5322154");
  await page.fill("#signature", "縣長　○○○");
}
async function next(page) {
  await page.locator(".forward .main").click();
  await settled(page);
}

async function recipients(page) {
  await write(page);
  await next(page);
  for (const name of ["彰化縣政府", "屏東縣政府"]) {
    await page.fill("#to", name);
    await page.locator("#to-list li").first().click();
  }
}

/* After a restore: letters of which only receipts are left. */
const only = (direction, number, more) => ({ direction, waybill_id: `01a21d8e-6637-772c-b026-9f75e59c3d${number}`, sender: "376490000A", sender_name: "雲林縣政府", recipient: "", action: "open", decisions: [],
  events: ["accepted", "fetched", "opened", "confirmed"].map((event) => ({ recipient: "376470000A", name: "彰化縣政府", event, time: new Date().toISOString() })), ...more });
const lost = (page) => answer(page, "**/v1/lost*", { restored_at: new Date().toISOString(), backup_at: new Date(Date.now() - 86400000).toISOString(), open: 2, letters: [
  only("sent", 10, {}), only("received", 11, { sender: "376530000A", sender_name: "屏東縣政府", recipient: "376490000A",
    decisions: [{ at: new Date().toISOString(), reviewer: "王小明", logged_in: true, action: "open", note: "再查" }] })] });

export const states = (world) => [
  { name: "today", path: "" },
  { name: "today-review", path: "", act: async (page) => { await page.locator("section[aria-labelledby=due] table thead input").check(); } },
  { name: "today-error", path: "", before: (page) => refuse(page, "**/v1/review*") },
  { name: "inbox", path: "inbox" },
  { name: "inbox-picked", path: "inbox", act: async (page) => { await page.locator("thead input").check(); } },
  { name: "inbox-assign", path: "inbox", act: async (page) => {
    await page.locator("tbody input").first().check();
    await page.locator(".bulk button").nth(2).click();
    await page.locator("#unit").waitFor();
  } },
  { name: "inbox-return", path: "inbox", act: async (page) => {
    await page.locator("tbody input").first().check();
    await page.locator(".bulk button").nth(1).click();
  } },
  { name: "inbox-all", path: "inbox?state=all", paper: true },
  { name: "inbox-speed", path: "inbox?speed=fastest" },
  { name: "inbox-empty", path: "inbox", before: (page) => answer(page, "**/v1/inbox*", { documents: [], next: "" }) },
  { name: "inbox-found", path: `inbox?q=${id("台19")}` },
  { name: "inbox-found-none", path: `inbox?q=${id("沒有")}` },
  { name: "outbox-found", path: `outbox?q=${id("屏東")}` },
  { name: "inbox-error", path: "inbox", before: (page) => refuse(page, "**/v1/inbox*") },
  { name: "letter", path: `letter?id=${id(world.ids.letter)}` },
  { name: "letter-doubted", path: `letter?id=${id(world.ids.doubted)}` },
  { name: "letter-assign", path: `letter?id=${id(world.ids.letter)}`, act: async (page) => {
    await page.locator("#handling ~ .row button").first().click(); await page.locator("#unit").waitFor(); } },
  { name: "letter-return", path: `letter?id=${id(world.ids.letter)}`, act: (page) => page.locator(".act button").nth(1).click() },
  { name: "letter-confirmed", path: `letter?id=${id(world.ids.confirmed)}` },
  { name: "letter-returned", path: `letter?id=${id(world.ids.returned)}` },
  { name: "letter-missing", path: "letter?id=00000000-0000-7000-8000-000000000000%2F376490000A" },
  { name: "outbox", path: "outbox", paper: true },
  { name: "outbox-age", path: "outbox?age=days" },
  { name: "outbox-any", path: "outbox?age=any" },
  { name: "outbox-state", path: "outbox?state=returned" },
  { name: "outbox-none", path: "outbox?state=quarantined" },
  { name: "sent", path: `sent?id=${world.ids.sent}` },
  { name: "sent-failed", path: `sent?id=${world.ids.failed}`, paper: true },
  { name: "sent-ask", path: `sent?id=${world.ids.waiting}`, act: (page) => page.locator(".lane footer button").first().click() },
  { name: "send", path: "send" },
  { name: "send-written", path: "send", act: async (page) => { await write(page); await page.locator("iframe.paper").waitFor(); } },
  { name: "send-gaps", path: "send", act: async (page) => { await page.fill("#subject", "測試"); await next(page); } },
  { name: "send-gaps-all", path: "send", before: (page) => answer(page, "**/v1/letterhead", { letter: Object.fromEntries(["address", "contact", "phone", "fax", "email", "prefix", "signature"].map((name) => [name, ""])) }), act: async (page) => { await next(page); await page.locator("#subject:focus").waitFor(); } },
  { name: "send-gaps-files", path: "send", act: async (page) => { await page.locator("input[name=mode]").nth(1).check(); await next(page); await page.locator("#upload-files:focus").waitFor(); } },
  { name: "send-gaps-to", path: "send", act: async (page) => { await write(page); await next(page); await next(page); await page.locator("#gaps").waitFor(); } },
  { name: "send-others", path: "send", act: (page) => page.locator("section[aria-labelledby=head] p > button.plain").click() },
  { name: "send-recipients", path: "send", act: recipients },
  { name: "send-search", path: "send", act: async (page) => {
    await recipients(page); await page.fill("#to", "縣政府"); await page.locator("#to-list li").first().waitFor(); } },
  { name: "send-check", path: "send", act: async (page) => { await recipients(page); await next(page); await page.locator("#summary").waitFor(); } },
  { name: "send-apart", path: "send", act: async (page) => { await recipients(page); await page.check("#apart"); await next(page); await page.locator("#summary").waitFor(); } },
  { name: "send-apart-sent", path: "send", act: async (page) => {
    await page.route("**:send-apart?*", (route) => route.fulfill({ status: 201, json: { id: world.ids.draft, letters: [["彰化縣政府", world.ids.sent], ["屏東縣政府", world.ids.waiting]].map(([name, document_id]) => ({ name, document_id })) } }));
    await recipients(page); await page.check("#apart"); await next(page); await page.locator("#summary").waitFor(); await next(page);
    await page.locator(".act .main").click();
    await page.locator(".note.good li").first().waitFor();
  } },
  { name: "send-last", path: "send", act: async (page) => {
    await recipients(page); await next(page); await page.locator("#summary").waitFor(); await next(page); } },
  { name: "send-names", path: "send", before: (page) => answer(page, "**/v1/sending", { organisation: "376490000A", undo_s: 0, letter_bytes: 5 << 20, recipients: 5000 }),
    act: async (page) => {
      await write(page);
      await page.locator("#attach").setInputFiles([["簡報:定稿.pdf", 240000], ["安裝.exe", 9000], ["錄影.mp4", 6 << 20]].map(([name, n]) => ({ name, mimeType: "", buffer: Buffer.alloc(n) })));
      await next(page);
      await page.locator("#gaps").waitFor();
    } },
  { name: "send-limit", path: "send", before: async (page) => {
    await answer(page, "**/v1/directory?*", { serial: 1, total: 1, offset: 0, organisations: [{ code: "376470000A", name: "彰化縣政府", kind: "agency", status: "active", center: "center-a", receiver: "376470000A", successor: "", letter_bytes: 1 << 20 }] });
  }, act: async (page) => {
    await write(page);
    await page.locator("#attach").setInputFiles([{ name: "簡報.pdf", mimeType: "", buffer: Buffer.alloc(2 << 20) }]);
    await next(page);
    await page.fill("#to", "彰化縣政府");
    await page.locator("#to-list li").first().click();
    await page.locator("tbody .chip.warn").waitFor();
  } },
  { name: "send-held", path: "send", act: async (page) => {
    await page.route("**/v1/documents", (route) => route.fulfill({ status: 201, json: { id: world.ids.sent, state: "held", undo_s: 600, deliveries: [], findings: [] } }));
    await recipients(page); await next(page); await page.locator("#summary").waitFor(); await next(page);
    await page.locator(".act .main").click();
    await page.locator(".undo").waitFor();
  } },
  { name: "send-files", path: "send", act: (page) => page.locator("input[name=mode]").nth(1).check() },
  { name: "problems", path: "problems" },
  { name: "directory", path: "directory" },
  { name: "directory-found", path: `directory?q=${id("政府")}` },
  { name: "certificates", path: "certificates" },
  { name: "certificates-ending", path: "certificates", before: (page) => answer(page, "**/v1/certificates*", { next: "", certificates: [
    ["sign", 402, "good", ""], ["seal", 23, "good", ""], ["module", 6, "unknown", "responder does not answer"]].map(([use, days_left, standing, failure]) => ({
    organisation: "376490000A", name: "雲林縣政府", use, state: "active", days_left, standing, reason: "", failure,
    not_after: new Date(Date.now() + days_left * 86400e3).toISOString() })) }) },
  { name: "certificates-refused", path: "certificates", before: (page) => refuse(page, "**/v1/certificates*") },
  { name: "certificates-over", path: "certificates", before: (page) => answer(page, "**/v1/certificates*", { next: "", certificates: [
    ["sign", -3, "good", false], ["seal", 200, "revoked", false], ["module", 300, "good", true]].map(([use, days_left, standing, blocked]) => ({
    organisation: "376490000A", name: "雲林縣政府", use, state: "active", days_left, standing, reason: "", failure: "", blocked,
    not_after: new Date(Date.now() + days_left * 86400e3).toISOString() })) }) },
  { name: "health", path: "health" },
  { name: "health-trouble", path: "health", as: "operator", before: trouble, act: (page) => page.locator(".note.bad").waitFor() },
  { name: "problems-trouble", path: "problems", before: trouble },
  { name: "problems-lost", path: "problems", before: lost, act: async (page) => { await page.locator("#lost ~ table tbody input").first().check(); } },
  { name: "today-trouble", path: "", before: trouble },
  { name: "menu", path: "inbox", again: true, act: async (page) => { const menu = page.locator(".menu"); if (await menu.isVisible()) { await menu.click(); await page.locator("#menu:popover-open").waitFor(); } } },
  { name: "registers", path: "registers", paper: true },
  { name: "registers-out", path: "registers?book=out", paper: true },
  { name: "registers-found", path: `registers?q=${id("臺19")}&state=opened` },
  { name: "registers-out-found", path: `registers?book=out&state=returned&unit=none` },
  { name: "registers-found-none", path: `registers?q=${id("沒有")}` },
  { name: "registers-error", path: "registers", before: (page) => refuse(page, "**/v1/registers/in*") },
  { name: "registers-none", path: "registers?from=2020-01-01&until=2020-01-31" },
  { name: "statistics", path: "statistics" },
  { name: "statistics-year", path: "statistics", paper: true, before: (page) => answer(page, "**/v1/statistics*", { organisation: "376490000A", from: "", until: "", rows: [
    ["all", "", "", 5210, 4100], ...["08", "09", "10", "11"].map((month, i) => ["month", `2026-${month}`, `115年${month}月`, 900 + 310 * i, 700 + 220 * i]),
    ["speed", "normal", "", 4100, 3300], ["speed", "fast", "", 900, 700], ["speed", "fastest", "", 210, 100],
    ...["彰化縣政府", "屏東縣政府", "內政部戶政司"].map((name, i) => ["organisation", `A${i}`, name, 900 - 200 * i, 700 - 100 * i])].map(([by, key, name, came, sent]) => ({
    by, key, name, in: came, in_confirmed: came, in_open: 12, in_odf_percent: "81.5", documents: sent >> 1, out: sent, out_confirmed: sent - 40, out_open: 40, out_returned: 3, out_failed: 1, out_paper: 9,
    out_electronic_percent: "99.8", out_odf_percent: "87.2" })) }) },
  { name: "drafts", path: "drafts", before: (page) => answer(page, "**/v1/drafts?*", { next: "", drafts: ["draft", "proofreading", "proofread", "sent"].map((state, i) => ({
    id: `01a21a42-f128-7044-ac54-9933cbd4b9e${i}`, organisation: "376490000A", title: "檢送會議紀錄1份，請查照。", note: i === 1 ? "請核對附件" : "", state, version: 2, made_by: "王小明", made_at: "2026-11-26T02:00:00.000Z",
    changed_by: "王小明", changed_at: "2026-11-26T02:10:00.000Z", document_id: "", files: [{ name: "1.di" }, { name: "1.sw" }] })) }) },
  { name: "drafts-none", path: "drafts", before: (page) => answer(page, "**/v1/drafts?*", { drafts: [], next: "" }) },
  { name: "send-draft", path: "send", act: async (page) => { await recipients(page); await page.locator(".forward button", { hasText: /儲存草稿|Save draft/ }).click(); await page.locator("#kept").waitFor(); } },
  { name: "send-draft-files", path: `send?draft=${world.ids.draft}` },
  { name: "send-draft-other", path: `send?draft=${world.ids.draft}`, act: async (page) => {
    await page.route("**/v1/drafts/*:files?*", (route) => route.fulfill({ status: 412, contentType: "application/problem+json", body: JSON.stringify(message("E6410", route.request())) }));
    await page.locator("#upload-files").setInputFiles([{ name: "附件三.csv", mimeType: "", buffer: Buffer.from("1,2") }]);
    await page.locator(".forward button", { hasText: /儲存草稿|Save draft/ }).click();
    await page.locator("#refused").waitFor();
  } },
  { name: "send-draft-gone", path: "send?draft=01a21a42-f128-7044-ac54-9933cbd4b9e0" },
  { name: "groups", path: "groups" },
  { name: "groups-shown", path: "groups", act: async (page) => { await page.locator("tbody button").first().click(); await page.locator("#shown").waitFor(); } },
  { name: "groups-unclear", path: "groups", act: async (page) => {
    await page.locator("button.main").first().click();
    await page.locator("#code:focus").waitFor();
    await page.fill("#code", "SOUTH"); await page.fill("#title", "南部"); await page.fill("#names", "屏東縣政府、彰化、高雄港");
    await page.locator("form .main").click(); await page.locator("#unclear").waitFor(); } },
  { name: "groups-none", path: "groups", before: (page) => answer(page, "**/v1/groups*", { groups: [] }) },
  { name: "send-group", path: "send", act: async (page) => {
    await write(page); await next(page); await page.locator("#group").selectOption("NEAR"); await page.locator("#group + button").click(); await page.locator("tbody .chip").first().waitFor(); } },
  { name: "deputies", path: "deputies" },
  { name: "deputies-ask", path: "deputies", act: (page) => page.locator("tbody button.plain").first().click() },
  { name: "deputies-none", path: "deputies", before: (page) => answer(page, "**/v1/deputies*", { deputies: [], next: "" }) },
  { name: "deputies-acting", path: "deputies", before: (page) => page.route("**/v1/session", async (route) => {
    const said = await (await route.fetch()).json();
    await route.fulfill({ json: { ...said, deputy: 1, for: "陳小美" } });
  }) },
  { name: "tokens", path: "tokens", as: "operator" },
  { name: "tokens-made", path: "tokens", as: "operator", before: (page) => page.route("**/v1/tokens", (route) => route.request().method() === "POST"
    ? route.fulfill({ status: 201, json: { id: 99, name: "差勤系統", token: "yzt_3f9a0c1b7de24c55a1f08e6b92d4c7a3", prefix: "yzt_3f9a", organisation: "376490000A", expires_at: "2027-11-26T00:00:00Z" } })
    : route.continue()), act: async (page) => {
    await page.fill("#name", "差勤系統");
    await page.locator("form .main").click();
    await page.locator("#token").waitFor();
  } },
  { name: "tokens-ask", path: "tokens", as: "operator", act: (page) => page.locator("tbody button").first().click() },
  { name: "tokens-none", path: "tokens", as: "operator", before: (page) => answer(page, "**/v1/tokens*", { tokens: [], next: "" }) },
  { name: "tokens-refused", path: "tokens" },
  { name: "persons", path: "persons", as: "operator" },
  { name: "persons-shown", path: "persons", as: "operator", act: async (page) => { await page.locator("tbody button").first().click(); await page.locator("#shown").waitFor(); } },
  { name: "persons-link", path: "persons", as: "operator", act: async (page) => { await page.locator("tbody button").first().click(); await page.locator("[aria-labelledby=shown] button.main").click(); await page.locator("#link").waitFor(); } },
  { name: "persons-wrong", path: "persons", as: "operator", act: async (page) => {
    await page.locator("#card").setInputFiles([{ name: "卡片.pem", mimeType: "", buffer: Buffer.from("no certificate") }]); await page.locator(".note.bad").waitFor(); } },
  { name: "persons-refused", path: "persons" },
  { name: "units", path: "units", as: "operator" },
  { name: "units-ask", path: "units", as: "operator", act: (page) => page.locator("tbody button").first().click() },
  { name: "units-clerk", path: "units" },
  { name: "units-none", path: "units", as: "operator", before: (page) => answer(page, "**/v1/units", { units: [], persons: [] }) },
  { name: "settings", path: "settings", as: "operator" },
  { name: "settings-timed", path: "settings", as: "operator", act: (page) => page.locator("input[value=times]").check() },
  { name: "settings-clerk", path: "settings" },
  { name: "webhooks", path: "webhooks", as: "operator" },
  { name: "webhooks-made", path: "webhooks", as: "operator", before: (page) => page.route("**/v1/webhooks", (route) => route.request().method() === "POST"
    ? route.fulfill({ status: 201, json: { id: 99, url: "https://127.0.0.1:9443/events", organisation: "376490000A", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", after: 12 } })
    : route.continue()), act: async (page) => {
    await page.fill("#url", "https://127.0.0.1:9443/events");
    await page.locator("form .main").click();
    await page.locator("#secret").waitFor();
  } },
  { name: "webhooks-wrong", path: "webhooks", as: "operator", act: async (page) => {
    await page.fill("#url", "https://169.254.169.254/");
    await page.locator("form .main").click();
    await page.locator(".note.bad").waitFor();
  } },
  { name: "webhooks-none", path: "webhooks", as: "operator", before: (page) => answer(page, "**/v1/webhooks", { webhooks: [] }) },
  { name: "health-operator", path: "health", as: "operator" },
  { name: "health-release", path: "health", as: "operator", before: (page) => answer(page, "**/v1/release", { running: "0.1.0", standing: "barred",
    release: { version: "0.3.0", least: "0.2.0", code: "7164 4bc4 0fb5 a146 b126 b2fd e52d 8d4e 28c5 5121 d1cc 12db 3458 2f68 aadc 2b8a", serial: 7, issued: "2026-11-26T02:00:00.000Z" },
    refused: { at: "2026-11-27T01:00:00.000Z", version: "0.3.0", text: "E7602 bin/yizhan: its digest is another one" } }), act: (page) => page.locator("#release").waitFor() },
  { name: "login", path: "login" },
  { name: "login-wrong", path: "login?back=%2Finbox", act: async (page) => {
    await page.route("**/v1/session", (route) => route.fulfill({ status: 403, contentType: "application/problem+json",
      body: JSON.stringify(message("E6409", route.request())) }));
    await page.fill("#code", "73KQ-20LD");
    await page.locator("form button").click();
    await page.locator(".note.bad").waitFor();
  } },
  { name: "plain", path: "plain" },
  { name: "plain-found", path: `plain?q=${id("沒有")}` },
  { name: "plain-letter", path: `plain/letters/${world.ids.letter}` },
  { name: "plain-login", path: "plain", as: "nobody" },
  { name: "accessibility", path: "accessibility" },
];
