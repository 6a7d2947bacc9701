/*
 * The pages of a management host: every view and state before axe-core, in both
 * languages at both widths, and a clerk's way through a case.  Prints TAP.
 *
 * usage: management.mjs [FOLDER]   with $MANAGEMENT: {base, code, case, organisation};
 *                                  FOLDER: for pictures
 */
import { mkdirSync } from "node:fs";
import { axe, follow, launch, logIn, open, overflow, ready } from "./browser.mjs";

const { base, code, case: number, organisation } = JSON.parse(process.env.MANAGEMENT);
const folder = process.argv[2];
if (folder) mkdirSync(folder, { recursive: true });
const refuse = (page, path) => page.route(path, (route) => route.fulfill({ status: 503, contentType: "application/problem+json",
  body: JSON.stringify({ title: "主機忙碌中", cause: "同時處理的工作太多。", next: "稍候再試一次。", code: "E6305", status: 503 }) }));
const answer = (page, path, json) => page.route(path, (route) => route.fulfill({ json }));
const hold = { kind: "hold", case: "115-000012-7K2M", authority: "center-a", subject: "card", name: "3f9a0c1b7de24c55a1f08e6b92d4c7a3", direction: "both", ground: 2,
  reason: "憑證卡遺失", from: "2026-11-26T00:00:00.000Z", until: "2026-11-29T00:00:00.000Z" };

const states = [
  { name: "cases", path: "" },
  { name: "cases-late", path: "", before: (page) => answer(page, "**/v1/cases?*", { next: "", cases: ["2020-01-02T00:00:00.000Z", new Date(Date.now() + 3600e3).toISOString(), ""].map((due, n) => ({
    id: `115-00000${n}-AAAA`, definition: "change-name", title: { zh: "機關名稱異動", en: "Change of name" }, subject: organisation, organisation, state: "requested",
    state_title: { zh: "已申請，待審查", en: "Requested" }, open: true, since: "2026-11-26T00:00:00.000Z", due, overdue: n === 0, opened: "2026-11-26T00:00:00.000Z" })) }) },
  { name: "cases-none", path: "", before: (page) => answer(page, "**/v1/cases?*", { cases: [], next: "" }) },
  { name: "cases-refused", path: "", before: (page) => refuse(page, "**/v1/cases?*") },
  { name: "case", path: `?case=${number}` },
  { name: "case-missing", path: "?case=115-999999-XXXX" },
  { name: "organisations", path: "?view=organisations" },
  { name: "organisations-found", path: `?view=organisations&q=${encodeURIComponent("政府")}` },
  { name: "organisation", path: `?view=organisations&org=${organisation}` },
  { name: "organisation-before", path: `?view=organisations&org=${organisation}&serial=1` },
  { name: "state", path: "?view=state" },
  { name: "state-held", path: "?view=state", before: (page) => answer(page, "**/v1/measures", { measures: [hold, { ...hold, kind: "suspension", case: "b", until: "", authority: "" }] }) },
  { name: "state-refused", path: "?view=state", before: (page) => refuse(page, "**/v1/measures") },
  { name: "releases", path: "?view=releases" },
  { name: "releases-rollout", path: "?view=releases", before: async (page) => {
    const code = "7164 4bc4 0fb5 a146 b126 b2fd e52d 8d4e 28c5 5121 d1cc 12db 3458 2f68 aadc 2b8a";
    await answer(page, "**/v1/release", { running: "0.1.0", standing: "behind", release: { version: "0.2.0", least: "", code, serial: 7, issued: "2026-11-26T02:00:00.000Z" },
      refused: { at: "2026-11-27T01:00:00.000Z", version: "0.2.0", text: "E7604 bin/stray: the release does not name it" } });
    const report = (host, version, its, by) => ({ host, version, code: its, program: "", by, case: "115-000020-7K2M", reported: version ? "2026-11-27T03:00:00.000Z" : null });
    await answer(page, "**/v1/release-reports", { hosts: [report("center-a", "0.2.0", code, "王小明, yizhan uid 998"), report("center-b", "0.1.0", "0", "陳怡君, yizhan uid 998"), report("gateway-1", "", "", ""), report("gateway-2", "0.2.0", code, "林志豪, yizhan uid 998")] });
  } },
  { name: "releases-refused", path: "?view=releases", before: (page) => refuse(page, "**/v1/release-reports") },
];

const browser = await launch();
const session = await logIn(browser, base, code);
let count = 0;
let failed = 0;
const told = (wrong, name) => {
  count++;
  if (wrong.length > 0) failed++;
  console.log(`${wrong.length > 0 ? "not ok" : "ok"} ${count} - ${name}`);
  for (const line of wrong) console.log(`# ${line.replace(/\n/g, "\n# ")}`);
};
for (const [number, state] of states.entries()) {
  const wrong = [];
  const looks = [["", 1280], ["en/", 360], ["", 360], ["en/", 1280]];
  for (const [language, width] of folder ? looks : state.name.includes("-") ? [looks[number % 4]] : looks.slice(0, 2)) {
    const page = await open(browser, base, { viewport: { width, height: 860 }, reducedMotion: "reduce", storageState: session });
    try {
      await state.before?.(page);
      await page.goto(`${base}/${language}${state.path}`);
      await ready(page);
      wrong.push(...await axe(page), ...page.wrong);
      const wide = await overflow(page);
      if (wide) wrong.push(wide);
    } catch (error) {
      wrong.push(String(error).slice(0, 600));
    }
    if (folder) await page.screenshot({ path: `${folder}/${state.name}-${language ? "en" : "zh"}-${width}.png`, fullPage: true });
    await page.context().close();
  }
  told(wrong, state.name);
}

/* A clerk attaches the letter and checks the case. */
const page = await open(browser, base, { storageState: session });
const wrong = [];
try {
  await page.goto(`${base}/`);
  await ready(page);
  await follow(page, () => page.locator(`a[href*="${number}"]`).first().click());
  const check = page.locator("form", { has: page.locator("#move-check") }).getByRole("button");
  if (await check.getAttribute("aria-disabled") !== "true") wrong.push("a move may be made without its evidence");
  const file = { name: "來文.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") };
  await page.setInputFiles("#file", file);
  await page.locator(".chosen").getByRole("button").click();
  await page.locator(".chosen").waitFor({ state: "detached" });
  if (await page.locator("#file").evaluate((field) => field.files.length > 0 || document.activeElement !== field)) wrong.push("a file that was taken out is still there");
  await page.setInputFiles("#file", file);
  await page.getByRole("button", { name: "附上證明" }).click();
  await page.getByRole("link", { name: "來文.pdf" }).waitFor();
  await check.click();
  await page.locator("#move-send-back").waitFor();
  const history = await page.locator("table").innerText();
  if (!history.includes("審查")) wrong.push("the history does not say so");
  await page.locator("table", { hasNotText: /[0-9a-f]{16}/ }).waitFor(); // who did it has a name
  await page.locator("#about", { hasText: "彰化縣政府" }).waitFor();
  if (await page.locator("#move-approve").count()) wrong.push("a clerk is offered what officers sign");
} catch (error) {
  wrong.push(String(error).slice(0, 600));
}
told([...wrong, ...page.wrong], "a clerk attaches the letter and checks the case");
console.log(`1..${count}`);
await browser.close();
process.exit(failed > 0 ? 1 : 0);
