/*
 * The pictures of the pages for README and manual, into docs/pictures.
 *
 * usage: pictures.mjs [NAME...]    with $WORLD from world.py
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, logInAll, open, ready } from "./browser.mjs";
import { states } from "./states.mjs";

const shown = { "": ["today", "letter", "sent", "send-written"], "en/": ["today", "sent"] };
const folder = join(dirname(fileURLToPath(import.meta.url)), "../../docs/pictures");
const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];

// Only some: pictures.mjs NAME...
const wanted = process.argv.slice(2);
const browser = await launch();
const sessions = await logInAll(browser, world);
for (const [language, names] of Object.entries(shown)) for (const name of names) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const state = states(world).find((one) => one.name === name);
  const page = await open(browser, base, { viewport: { width: name.startsWith("send") ? 1360 : 1200, height: 800 }, storageState: sessions[state.as ?? "clerk"] });
  await page.goto(`${base}/${language}${state.path}`);
  await ready(page);
  await state.act?.(page);
  for (const frame of page.frames().slice(1)) await frame.waitForLoadState("load");
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, `pages-${name}${language ? "-en" : ""}.png`) });
  await page.context().close();
}
await browser.close();
