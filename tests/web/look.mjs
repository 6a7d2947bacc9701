/*
 * Look at every page and state: a picture of each, and what tools say of it.
 *
 * usage: look.mjs FOLDER [NAME...]     with $WORLD from world.py; with LOOK=quick
 *                                      without axe
 */
import { mkdirSync } from "node:fs";
import { axe, launch, open, logInAll, overflow, ready } from "./browser.mjs";
import { states } from "./states.mjs";

const [folder, ...names] = process.argv.slice(2);
const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
// What is left of a sheet of A4 between its margins, at 96 dots per inch.
const paper = { width: 680, height: 1010 };
const sizes = { wide: { width: 1280, height: 860 }, phone: { width: 360, height: 740 } };
mkdirSync(folder, { recursive: true });

const browser = await launch();
const sessions = await logInAll(browser, world);
let failed = 0;
/* One state in one language: brought about once, looked at in both widths. */
async function look(state, language) {
  const page = await open(browser, base, { viewport: sizes.wide, storageState: sessions[state.as ?? "clerk"] });
  const wrong = [];
  try {
    await state.before?.(page);
    await page.goto(`${base}/${language === "en" ? "en/" : ""}${state.path}`);
    await ready(page);
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      if (size === "wide" || state.again) await state.act?.(page);
      // Letters are drawn in frames of their own.
      for (const frame of page.frames().slice(1)) await frame.waitForLoadState("load");
      await page.waitForTimeout(page.frames().length > 1 ? 800 : 150);
      const found = [...process.env.LOOK === "quick" ? [] : await axe(page), ...page.wrong.splice(0), await overflow(page)].filter(Boolean);
      wrong.push(...found.map((line) => `${size}: ${line}`));
      // What sticks to the window's edge is shown where it belongs.
      await page.setViewportSize({ ...viewport, height: Math.max(viewport.height, await page.evaluate(() => document.documentElement.scrollHeight)) });
      await page.screenshot({ path: `${folder}/${state.name}-${language}-${size}.png`, fullPage: true });
    }
    if (state.paper) {
      await page.emulateMedia({ media: "print" });
      await page.setViewportSize(paper);
      await page.screenshot({ path: `${folder}/${state.name}-${language}-paper.png`, fullPage: true });
    }
  } catch (error) {
    wrong.push(String(error).slice(0, 600));
  }
  await page.context().close();
  return wrong;
}

for (const state of states(world)) {
  if (names.length > 0 && !names.includes(state.name)) continue;
  for (const language of ["zh", "en"]) {
    const wrong = await look(state, language);
    if (wrong.length > 0) { failed++; console.log(`${state.name}-${language}:\n  ${wrong.join("\n  ")}`); }
  }
}
await browser.close();
console.log(`${failed} with something wrong`);
process.exit(failed > 0 ? 1 : 0);
