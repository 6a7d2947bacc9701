/*
 * What is kept in the pages: tokens and webhooks by an operator, deputies and
 * assignments by a clerk, by keyboard alone.
 * Prints TAP.  $WORLD is what world.py made.
 */
import { announced, launch, logInAll, open, ready, tabTo, tap } from "./browser.mjs";

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
  await page.locator("#token-title:focus").waitFor();
  ok(true, "the focus goes to the secret");
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
  await page.locator("#list", { hasText: "2 個位址中 1 個" }).waitFor();
  ok(true, "the heading says how many are not told");
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
  await announced(page, "重新通知");
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

await journey("persons", async () => {
  const page = await at("/persons");
  await tabTo(page, "#name");
  await page.keyboard.type("張新人");
  await tabTo(page, "#role");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "form .main");
  await page.keyboard.press("Enter");
  await page.locator("#shown:focus", { hasText: "張新人" }).waitFor();
  ok(true, "a person is registered, and the focus goes to what comes next");
  await tabTo(page, "[aria-labelledby=shown] .main");
  await page.keyboard.press("Enter");
  await page.locator("#link").waitFor();
  const address = await page.locator("#link").inputValue();
  const theirs = await open(browser, base);
  await theirs.goto(address);
  await theirs.waitForURL((url) => !url.pathname.startsWith("/login"));
  await ready(theirs);
  ok((await theirs.locator("#account").innerText()).startsWith("張新人") && await theirs.locator(".side li:visible", { hasText: "設定" }).count() === 1, "the link logs them in, as a supervisor");
  await page.locator("#new-unit").selectOption({ label: "稅務局" });
  await page.locator("#new-unit ~ button").click();
  await page.locator("tbody tr", { hasText: "張新人" }).getByText("稅務局").last().waitFor();
  await page.locator("#new-role").focus();
  await page.keyboard.press("ArrowUp");
  await tabTo(page, "#new-role ~ button");
  await page.keyboard.press("Enter");
  await page.locator("tbody tr", { hasText: "張新人" }).getByText("承辦人員").last().waitFor();
  await theirs.goto(`${base}/settings`);
  await theirs.waitForURL(/login/);
  ok(true, "with another role they have to log in again");
  await theirs.context().close();
  await page.locator("[aria-labelledby=shown] button.plain").first().click();
  await page.locator("[aria-labelledby=shown] button.bad").click();
  await page.locator("tbody tr", { hasText: "張新人" }).getByText("已停用").last().waitFor();
  await page.locator("[aria-labelledby=shown] button", { hasText: "重新啟用" }).click();
  await page.locator("tbody tr", { hasText: "張新人" }).getByText("可登入").last().waitFor();
  ok(true, "a person is ended and let in again by mouse");
  await page.locator("tbody tr", { hasText: "林管理" }).getByRole("button").click();
  await page.locator("#new-role").selectOption("clerk");
  await page.locator("#new-role ~ button").click();
  await page.locator(".note.bad").waitFor();
  ok((await page.locator(".note.bad").innerText()).includes("E6920"), "nobody changes their own role");
  ok(page.wrong.length === 0, "persons: no error, nothing left the host", page.wrong.join("\n"));
  await page.context().close();
  const clerk = await at("/persons", "clerk");
  ok((await clerk.locator(".empty").innerText()).includes("系統管理人員") && await clerk.locator("form").count() === 0, "a clerk is told whose page it is");
  await clerk.context().close();
});

await journey("units and settings", async () => {
  const page = await at("/units");
  await tabTo(page, "#code");
  await page.keyboard.type("LAND");
  await tabTo(page, "#name");
  await page.keyboard.type("地政處");
  await page.keyboard.press("Enter");
  const row = page.locator("tbody tr", { hasText: "地政處" });
  await row.waitFor();
  await row.locator("button").first().focus();
  await page.keyboard.press("Enter");
  await row.locator("button.bad").click();
  await row.getByText("已停用").last().waitFor();
  await row.locator("button").first().click();
  await row.getByText("可分文").last().waitFor();
  ok(true, "a unit is added by keyboard, closed and opened again");
  await page.goto(`${base}/settings`);
  await ready(page);
  await tabTo(page, "input[value=now]");
  await page.keyboard.press("ArrowDown");
  await page.locator("input[type=time]").first().fill("08:30");
  await page.locator("#number").fill("{year}-{serial:5}");
  ok((await page.locator("#number-example").innerText()).includes("115-00004"), "a number is shown as it would look");
  await tabTo(page, "#receiving ~ div .main, form .main");
  await page.keyboard.press("Enter");
  await announced(page, "設定已儲存");
  const said = await page.context().request.get(`${base}/v1/desk`).then((answer) => answer.json());
  ok(said.receive_times === "08:30,13:30" && said.receive_number === "{year}-{serial:5}", "letters are received at set times from now on", JSON.stringify(said));
  await page.locator("#number").fill("{serial:2}");
  await page.locator("#number").press("Enter");
  await page.locator(".note.bad").waitFor();
  ok((await page.locator(".note.bad").innerText()).includes("E6721"), "a form that gives no good numbers is refused");
  ok(await page.locator("#undo").getAttribute("readonly") !== null, "how letters are sent is a supervisor's");
  ok(page.wrong.length === 0, "units, settings: no error, nothing left the host", page.wrong.join("\n"));
  const guard = (await page.context().request.get(`${base}/v1/session`).then((answer) => answer.json())).csrf;
  await page.context().request.post(`${base}/v1/desk`, { headers: { "x-yizhan-csrf": guard, origin: base }, data: { receive_times: "", receive_number: "{year}{serial:7}", organisation: "376490000A" } });
  await page.context().close();
  const clerk = await at("/settings", "clerk");
  ok(await clerk.locator("#receiving ~ div .main").count() === 0 , "a clerk reads settings");
  await clerk.fill("#of", "376470000A");
  await clerk.fill("#mb", "5");
  await clerk.locator("section[aria-labelledby=limits] form .main").click();
  await clerk.locator("section[aria-labelledby=limits] table td", { hasText: "5.0 MB 以下" }).waitFor();
  ok(true, "and keeps what recipients take");
  await clerk.context().close();
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
