/* How long pages take until everything is on them, for measure.py. */
import { launch, logIn, open, ready } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const browser = await launch();
const page = await open(browser, base, { storageState: await logIn(browser, base, world.code) });
console.log(`${"page, from the address to all".padEnd(28)}${"p50 ms".padStart(8)}${"worst".padStart(8)}`);
for (const path of ["", "inbox", "inbox?state=confirmed", "outbox", "outbox?age=any", "problems", "registers", "registers?q=%E8%BE%B2%E5%9C%B0"]) {
  const took = [];
  for (let i = 0; i < 5; i++) {
    const started = Date.now();
    await page.goto(`${base}/${path}`);
    await ready(page);
    took.push(Date.now() - started);
  }
  took.sort((a, b) => a - b);
  console.log(`${`/${path}`.padEnd(28)}${String(took[2]).padStart(8)}${String(took[4]).padStart(8)}`);
}
await page.goto(`${base}/send`);
await ready(page);
await page.locator("input[name=mode]").first().check();
await page.fill("#subject", "測試，請查照。");
for (const id of ["prefix", "address", "contacts"]) await page.fill(`#${id}`, "測試");
await page.fill("#seq", "1");
await page.locator(".forward .main").click();
const took = [];
for (const text of ["學", "學校", "國民", "衛生", "戶政", "高雄", "台北", "彰化縣", "法院", "監獄"]) {
  await page.fill("#to", "");
  const started = Date.now();
  await page.fill("#to", text);
  await page.locator("#to-list.found li").first().waitFor();
  took.push(Date.now() - started);
}
took.sort((a, b) => a - b);
console.log(`${"recipients, from key to list".padEnd(28)}${String(took[5]).padStart(8)}${String(took[9]).padStart(8)}`);
await browser.close();
