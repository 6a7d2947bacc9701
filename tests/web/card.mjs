/*
 * Signing in with a certificate of the browser's own store, as a card's is.
 * Prints TAP.  $CARD: {"base", "profiles": [with, without]}, each a folder with
 * .pki/nssdb; which certificate is shown is a policy of the browser.
 */
import { chromium } from "playwright-core";
import { arguments_, patience, tap } from "./browser.mjs";

const { base, profiles } = JSON.parse(process.env.CARD);
const { ok, end } = tap();

async function signIn(profile, act) {
  const context = await chromium.launchPersistentContext(`${profile}/browser`, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", ignoreHTTPSErrors: true, locale: "zh-TW",
    env: { ...process.env, HOME: profile }, timeout: patience,
    args: arguments_ });
  context.setDefaultTimeout(patience);
  try {
    const page = context.pages()[0] ?? await context.newPage();
    await page.goto(`${base}/inbox`);
    await page.waitForURL(/\/login\?back=/);
    await page.locator("section button.main").click();
    await act(page);
  } catch (error) {
    ok(false, profile, error.stack);
  } finally {
    await context.close();
  }
}

await signIn(profiles[0], async (page) => {
  await page.waitForURL(/\/inbox$/);
  await page.locator("#account button").waitFor();
  ok((await page.locator("#account").innerText()).includes("陳持卡"), "the certificate in the browser's store signs its person in");
  ok((await page.locator("#who").innerText()) === "雲林縣政府", "for the organisation of that person");
  await page.locator("#account button").click();
  await page.waitForURL(/\/login$/);
  await page.goto(`${base}/inbox`);
  await page.waitForURL(/\/login/);
  ok(true, "and signing out ends it");
});
await signIn(profiles[1], async (page) => {
  await page.locator(".note.bad").waitFor();
  ok(page.url().includes("/login") && (await page.locator(".note.bad").innerText()).includes("E6408"), "a browser without it stays outside, and is told why");
});
end();
