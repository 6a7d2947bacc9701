/* From 簽收 to the word on the page of who sent the letter, for measure.py. */
import { launch, logIn, open, ready } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const browser = await launch();
const page = await open(browser, base, { storageState: await logIn(browser, base, world.code) });

/* Nobody touches the page of who sent it. */
const pages = await open(browser, world.other, { storageState: await logIn(browser, world.other, world.otherCode) });
const told = [];
for (const { document, letter } of world.signed) {
  await page.goto(`${base}/sent?id=${document}`);
  await ready(page);
  await page.getByText("已送達，待對方簽收").first().waitFor();
  await pages.goto(`${world.other}/letter?id=${encodeURIComponent(letter)}`);
  await ready(pages);
  await page.waitForTimeout(500);
  const started = Date.now();
  await pages.locator(".act .main").click();
  await page.getByText("對方已簽收").first().waitFor();
  told.push(Date.now() - started);
}
told.sort((a, b) => a - b);
console.log(`${"簽收 to 已簽收 at the sender".padEnd(26)}${String(told[Math.floor(told.length / 2)]).padStart(8)}${String(told[told.length - 1]).padStart(8)}`);
await browser.close();
