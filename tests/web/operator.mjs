/*
 * What is kept in the pages: tokens and webhooks by an operator, deputies and
 * assignments by a clerk, by keyboard alone.
 * Prints TAP.  $WORLD is what world.py made.
 */
import { launch, logInAll, open, ready, tabTo, tap } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const { ok, end, journey } = tap();
const browser = await launch();
const sessions = await logInAll(browser, world);

async function at(path, who = "operator") {
  const page = await open(browser, base, { storageState: sessions[who] });
  await page.goto(`${base}${path}`);
  await ready(page);
  return page;
}
const status = async (page, token) => (await page.context().request.get(`${base}/v1/outbox?limit=1`,
  { headers: { authorization: `Bearer ${token}`, cookie: "" } })).status();

await journey("menu", async () => {
  const page = await at("/health");
  const seen = await page.locator(".side li:visible a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  ok(!seen.includes("/inbox") && seen.includes("/tokens") && seen.includes("/webhooks"), "an operator's menu has no letters", seen.join(" "));
  const clerk = await at("/inbox", "clerk");
  ok(await clerk.locator(".side li:visible", { hasText: "介接權杖" }).count() === 0, "a clerk's has no tokens");
  await page.context().close();
  await clerk.context().close();
});

await journey("tokens", async () => {
  const page = await at("/tokens");
  await tabTo(page, "#name");
  await page.keyboard.type("差勤系統");
  await tabTo(page, "form .main");
  await page.keyboard.press("Enter");
  await page.locator("#token").waitFor();
  ok(await page.evaluate(() => document.activeElement.id) === "token-title", "the focus goes to the secret");
  const token = await page.locator("#token").inputValue();
  ok(/^yzt_/.test(token) && await status(page, token) === 200, "a token that was just made lets in");
  await page.reload();
  await ready(page);
  ok(await page.locator("#token").count() === 0 && !(await page.content()).includes(token), "and is never shown again");
  await tabTo(page, "tbody tr:first-child button");
  await page.keyboard.press("Enter");
  await tabTo(page, "tbody tr:first-child button.bad", 90);
  await page.keyboard.press("Enter");
  await page.locator("tbody tr:first-child", { hasText: "已撤銷" }).waitFor();
  ok(await status(page, token) === 401, "revoked by keyboard alone, it lets nobody in");
  ok(page.wrong.length === 0, "tokens: no error, nothing left the host", page.wrong.join("\n"));
  await page.context().close();
});

await journey("webhooks", async () => {
  const page = await at("/webhooks");
  ok((await page.locator("#list").innerText()).includes("2 個位址中 1 個"), "the heading says how many are not told");
  await tabTo(page, "#url");
  await page.keyboard.type("https://169.254.169.254/");
  await page.keyboard.press("Enter");
  await page.locator(".note.bad").waitFor();
  ok((await page.locator(".note.bad").innerText()).includes("E6413"), "an address that is not allowed is refused, with what to do");
  await page.fill("#url", world.hook);
  await page.locator("#url").press("Enter");
  await page.locator("#secret").waitFor();
  ok(/^whsec_/.test(await page.locator("#secret").inputValue()), "another address is added, its secret shown");
  const down = page.locator("li.card", { hasText: "/down" });
  const before = await page.context().request.get(`${base}/v1/webhooks`).then((answer) => answer.json());
  await down.locator("tbody button").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /重新通知/.test(document.getElementById("status").textContent));
  ok(before.webhooks.length === 3, "an event that was given up is told again");
  const other = page.locator("li.card", { hasText: "/documents" });
  await other.locator("> .row button").first().click();
  await other.getByText("已暫停").waitFor();
  await other.locator("> .row button").first().click();
  await other.getByText("正常").waitFor();
  ok(true, "telling is paused and taken up again");
  ok(page.wrong.length === 0, "webhooks: no error, nothing left the host", page.wrong.join("\n"));
  await page.context().close();
});

await journey("deputies", async () => {
  const page = await at("/deputies", "clerk");
  await tabTo(page, "tbody button", 40);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
  await ready(page);
  await page.locator("#account", { hasText: "王小明 代理 陳小美" }).waitFor();
  ok(true, "a deputy works for another, and every page says so");
  await page.goto(`${base}/inbox`);
  await ready(page);
  await page.locator("tbody input").first().check();
  await page.locator(".bulk button").nth(2).click();
  await page.locator("#unit").selectOption({ label: "計畫處" });
  await page.locator(".bulk .main").click();
  await page.locator(".note.good", { hasText: "已分文 1 件" }).waitFor();
  await page.locator("tbody .meta", { hasText: "分文：計畫處" }).first().waitFor();
  ok(true, "letters are assigned from the list");
  await page.locator("tbody tr", { hasText: "分文：計畫處" }).first().locator("a.subject").click();
  await page.waitForURL(/letter/);
  await ready(page);
  await page.locator("#handling ~ details summary").click();
  ok((await page.locator(".history").innerText()).includes("王小明（代理陳小美）"), "both names are on record");
  await page.goto(`${base}/deputies`);
  await ready(page);
  await page.locator(".note.warn button").click();
  await page.waitForFunction(() => document.getElementById("account")?.textContent.startsWith("王小明") && !document.getElementById("account").textContent.includes("代理"));
  ok(true, "and one works as oneself again");
  ok(page.wrong.length === 0, "deputies: no error, nothing left the host", page.wrong.join("\n"));
  await page.context().close();
});

await browser.close();
end();
