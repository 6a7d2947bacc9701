/*
 * What is asked of every page beside its content: the end of an idle session with
 * a warning, locking out, twice the size, less motion, paper.  Prints TAP.
 * $WORLD is what world.py made.
 */
import { launch, logIn, open, overflow, ready, tabTo, tap } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const { ok, end, journey } = tap();
const browser = await launch();
const storageState = await logIn(browser, base, world.codes["gateway-1"]);
const at = async (path, options = {}) => {
  const page = await open(browser, base, { storageState, ...options });
  await page.goto(`${base}/${path}`);
  await ready(page);
  return page;
};
const all = ["", "inbox?state=all", `letter?id=${encodeURIComponent(world.ids.letter)}`, "outbox", "outbox?age=any", `sent?id=${world.ids.sent}`, "send", "problems",
  "registers", "statistics", "groups", "deputies", "directory", "certificates", "health", "accessibility", "en/", "en/inbox", "en/send", "en/statistics"];

await journey("twice the size", async () => {
  // 200 % of a window of 1280 pixels: as wide as 640, every letter twice as large.
  const page = await at("", { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 });
  const wide = [];
  for (const path of all) {
    await page.goto(`${base}/${path}`);
    await ready(page);
    const found = await overflow(page);
    if (found) wide.push(`${path} ${found}`);
  }
  ok(wide.length === 0, "at 200 % no page is wider than the window", wide.join("\n"));
  await page.context().close();
});

await journey("less motion", async () => {
  const page = await at("inbox", { reducedMotion: "reduce" });
  const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((one) => {
    const style = getComputedStyle(one);
    return style.animationName !== "none" || style.transitionDuration.split(",").some((time) => parseFloat(time) > 0);
  }).length);
  ok(moving === 0, "who wants less motion gets none", moving);
  await page.context().close();
});

await journey("paper", async () => {
  const page = await at("inbox?state=all");
  await page.emulateMedia({ media: "print" });
  const shown = await page.evaluate(() => {
    const isSeen = (selector) => [...document.querySelectorAll(selector)].some((one) => one.getClientRects().length > 0);
    return { menu: isSeen(".side"), tools: isSeen(".tools") || isSeen(".pick") || isSeen("main button"), rows: document.querySelectorAll("tbody tr").length,
      who: document.getElementById("who").getClientRects().length > 0 };
  });
  ok(!shown.menu && !shown.tools && shown.rows > 3 && shown.who, "a printed list has its rows and whose it is, no menu and no buttons", JSON.stringify(shown));
  const pdf = await page.pdf({ format: "A4" });
  ok(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 5000, "and is a page of its own");
  await page.context().close();
});

await journey("idle end", async () => {
  const page = await open(browser, base, { storageState });
  await page.clock.install();
  // The host ends idle sessions as well; here its time is the clock's.
  await page.goto(`${base}/inbox`);
  await ready(page);
  await page.clock.runFor("13:05");
  await page.locator(".idle").waitFor();
  ok((await page.locator(".idle").innerText()).includes("即將自動登出"), "two minutes before the end somebody who does nothing is asked");
  await tabTo(page, ".idle button.main", 120);
  await page.keyboard.press("Enter");
  await page.locator(".idle").waitFor({ state: "detached" });
  // Past the end that was; the clock goes on by itself meanwhile, too.
  await page.clock.runFor("08:00");
  ok(await page.locator(".idle").count() === 0, "and can stay, by keyboard");
  await page.clock.runFor("07:10");
  await page.waitForURL(/\/login/);
  const answer = await page.context().request.get(`${base}/v1/session`);
  ok(answer.status() === 401, "who says nothing is signed out, at the host too", answer.status());
  await page.context().close();
});

await journey("locking out", async () => {
  const page = await open(browser, base);
  await page.goto(`${base}/login`);
  const said = [];
  for (let i = 0; i < 7; i++) {
    await page.fill("#code", `0123456789abcdef0123456789abcde${i}`);
    await page.locator("form button").click();
    await page.locator(".note.bad").waitFor();
    said.push(/E\d{4}/.exec(await page.locator(".note.bad").innerText())?.[0]);
    await page.waitForTimeout(100);
  }
  ok(said[0] === "E6409" && said.at(-1) === "E6405", "after five wrong codes nobody signs in from there for a while, and the page says so", said.join(" "));
  ok((await page.locator(".note.bad").innerText()).includes("請這樣處理"), "with what to do");
  await page.context().close();
});

await browser.close();
end();
