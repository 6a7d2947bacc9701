/*
 * Look at every page and state: a picture of each, and what tools say of it.
 *
 * usage: look.mjs FOLDER [NAME...]     with $WORLD from world.py
 */
import { mkdirSync } from "node:fs";
import { axe, launch, open, logInAll, overflow, ready } from "./browser.mjs";
import { states } from "./states.mjs";

const [folder, ...names] = process.argv.slice(2);
const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const sizes = { wide: { width: 1280, height: 860 }, phone: { width: 360, height: 740 } };
mkdirSync(folder, { recursive: true });

const browser = await launch();
const sessions = await logInAll(browser, world);
let failed = 0;
for (const state of states(world)) {
  if (names.length > 0 && !names.includes(state.name)) continue;
  for (const language of ["zh", "en"]) for (const [size, viewport] of Object.entries(sizes)) {
    const name = `${state.name}-${language}-${size}`;
    const page = await open(browser, base, { viewport, storageState: sessions[state.as ?? "clerk"] });
    const wrong = [];
    try {
      await state.before?.(page);
      await page.goto(`${base}/${language === "en" ? "en/" : ""}${state.path}`);
      await ready(page);
      await state.act?.(page);
      // Letters are drawn in frames of their own.
      for (const frame of page.frames().slice(1)) await frame.waitForLoadState("load");
      await page.waitForTimeout(page.frames().length > 1 ? 800 : 150);
      wrong.push(...await axe(page), ...page.wrong);
      const wide = await overflow(page);
      if (wide) wrong.push(wide);
    } catch (error) {
      wrong.push(String(error).slice(0, 600));
    }
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
    await page.context().close();
    if (wrong.length > 0) { failed++; console.log(`${name}:\n  ${wrong.join("\n  ")}`); }
  }
}
await browser.close();
console.log(`${failed} with something wrong`);
process.exit(failed > 0 ? 1 : 0);
