/*
 * Reading, signing for and returning letters without scripts.  Prints TAP.
 * $WORLD is what world.py made.
 */
import { axe, launch, open, overflow, tap } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const { ok, end } = tap();

const browser = await launch();
const page = await open(browser, base, { javaScriptEnabled: false });
const heading = () => page.locator("h1").innerText();
/* Each act is a form or link: the next page comes of it. */
async function click(locator) {
  const there = page.waitForEvent("load");
  await locator.click();
  await there;
}

/* axe needs scripts: the same session in another window. */
async function look(path, name) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 320, height: 640 }]) {
    const other = await open(browser, base, { viewport, storageState: await page.context().storageState() });
    await other.goto(`${base}${path}`);
    const wrong = [...await axe(other), await overflow(other)].filter(Boolean);
    ok(wrong.length === 0, `${name} at ${viewport.width}: axe, width`, wrong.join("\n"));
    if (process.env.SHOTS) await other.screenshot({ path: `${process.env.SHOTS}/plain-${name.replace(/ /g, "-")}-${viewport.width}.png`, fullPage: true });
    await other.context().close();
  }
}

try {
  await page.goto(`${base}/inbox`);
  ok((await page.locator("noscript a").getAttribute("href")) === "/plain", "a page that needs scripts says where it goes on without");
  await page.goto(`${base}/plain`);
  ok(await heading() === "登入", "who is nobody is asked to log in");
  await page.fill("#code", "0123456789abcdef");
  await click(page.locator("form").last().locator("button"));
  ok(await page.locator(".note.bad").count() === 1, "a wrong code is refused, with what to do");
  await page.fill("#code", world.codes["gateway-1"]);
  await click(page.locator("form").last().locator("button"));
  ok(await heading() === "收文匣", "the right one opens the inbox");
  const n = await page.locator("tbody input").count();
  ok(n >= 4, `${n} letters wait`);
  const told = async (path) => { await page.goto(`${base}${path}`); return page.locator("main").innerText(); };
  const doubted = `letters/${world.ids.doubted}`;
  ok((await told("/plain")).includes("當時已廢止") && (await told("/en/plain")).includes("what had been revoked") &&
    (await told(`/plain/${doubted}`)).includes("之前已廢止") && (await told(`/en/plain/${doubted}`)).includes("was revoked before"), "a letter that is doubted says so, in its list too, in both languages");
  await look(`/plain/${doubted}`, "doubted letter");
  await page.goto(`${base}/plain`);
  await page.fill("#find", "台19 彰化");
  await click(page.locator("#find + button"));
  ok((await page.locator("tbody a.subject").allInnerTexts()).join().includes("臺19線") && await page.locator("tbody tr").count() === 1 && await page.inputValue("#find") === "台19 彰化", "a letter is found");
  await look("/plain?q=%E8%BE%B2%E5%9C%B0", "search");
  ok((await told("/en/plain?q=%22%3E%3Cb%3Ex")).includes("No letter was found") && await page.inputValue("#find") === '"><b>x', "another is not; what was typed stays text");
  // The registers: what is looked for stays in the form, and goes into the file.
  await page.goto(`${base}/plain`);
  await click(page.locator("nav.tabs a", { hasText: "登記簿" }));
  const whole = await page.locator("tbody a.subject").count();
  await page.fill("#find", "臺19");
  await page.locator("#state").selectOption("opened");
  await click(page.locator("button.main"));
  const matched = await page.locator("tbody a.subject").count();
  ok(whole > 3 && matched > 0 && matched < whole && await page.inputValue("#find") === "臺19" && await page.inputValue("#state") === "opened", `the register is searched: ${matched} of ${whole}`);
  const file = await page.evaluate(() => `${document.querySelector("form.save").getAttribute("action")}?${new URLSearchParams(new FormData(document.querySelector("form.save")))}`).catch(() => "");
  const saved = await (await page.context().request.get(`${base}${file}&format=csv`)).text();
  ok(saved.trim().split("\r\n").length === 1 + matched && saved.includes("臺19"), "and saved as it was found");
  await look("/plain/registers?q=%E8%87%BA19&state=opened", "register");
  await page.goto(`${base}/en/plain/registers?book=out&state=returned`);
  ok((await heading()) === "Registers" && await page.locator("tbody .subject").count() === 1 && await page.inputValue("#state") === "returned", "that of what was sent as well, in English");
  await look("/en/plain/registers?book=out&state=returned", "register of what was sent in English");
  ok((await told("/plain/registers?q=%22%3E%3Cb%3Ex")).includes("找不到") && await page.inputValue("#find") === '"><b>x', "what was typed there stays text");
  ok((await told("/plain/registers?from=x")).includes("查詢期間"), "what is no day is refused in words");
  await page.goto(`${base}/plain`);
  await look("/plain", "inbox");
  await look("/en/plain", "inbox in English");

  await click(page.locator("tbody a.subject").first());
  const first = page.url().slice(base.length);
  await look(first, "letter");
  const read = await page.context().newPage();
  await read.goto(base + await page.locator("a", { hasText: "全頁閱讀" }).getAttribute("href"));
  ok((await read.locator("h1").innerText()).includes("函"), "the letter can be read");
  await read.close();
  await click(page.locator("button", { hasText: "簽收" }));
  ok(page.url().endsWith(first) && (await page.locator("#answer").innerText()).includes("已簽收"), "it is signed for");

  await page.goto(`${base}/plain`);
  await click(page.locator("tbody a.subject").first());
  await page.check("input[value=attachment_missing]");
  await page.fill("#words", "缺附件2。");
  await click(page.locator("button.bad"));
  ok((await page.locator("#answer").innerText()).includes("已退文") && (await page.content()).includes("附件缺漏") && (await page.locator("#answer ~ p q").innerText()) === "缺附件2。", "another is returned with a reason and words");
  ok((await told("/plain?state=returned")).includes("缺附件2。"), "which stand in the list as well");

  await page.goto(`${base}/plain`);
  const left = await page.locator("tbody input").count();
  for (let i = 0; i < left; i++) await page.locator("tbody input").nth(i).check();
  await click(page.locator("button", { hasText: "簽收勾選" }));
  ok((await page.locator(".note h2").innerText()).includes(`${left} / ${left}`), `${left} are signed for at once`);
  await page.goto(`${base}/plain`);
  ok(await page.locator("tbody input").count() === 0, "and nothing waits any more");

  // A form of another site has the cookie, but not the value.
  const id = first.replace("/plain/letters/", "");
  for (const [name, form] of [["without the value", { act: "confirm", letter: id }], ["with another", { csrf: "0".repeat(64), act: "confirm", letter: id }]]) {
    const answer = await page.context().request.post(`${base}/plain/letters`, { form, headers: { origin: base } });
    ok(answer.status() === 403, `a form ${name} does nothing`, answer.status());
  }
  const foreign = await page.context().request.post(`${base}/plain/letters`, { form: { act: "confirm", letter: id }, headers: { origin: "https://elsewhere.example" } });
  ok(foreign.status() === 403, "nor does one of another site", foreign.status());
  const raw = await page.context().request.get(`${base}/templates/letter.html`);
  ok(raw.status() === 404, "templates are no pages", raw.status());

  await page.goto(`${base}/plain`);
  await click(page.locator(".head button"));
  ok(await heading() === "登入", "logging out ends it");
  ok(page.wrong.length === 0, "no error, nothing left the host", page.wrong.join("\n"));
} catch (error) {
  ok(false, "the journey", error.stack);
}
await browser.close();
end();
