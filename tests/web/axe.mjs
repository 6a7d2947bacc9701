/*
 * Every page and state before axe-core: no violation, nothing wider than the
 * window, no error, nothing that leaves the host.  Prints TAP.
 *
 * usage: axe.mjs [--all] [STATE...]    with $WORLD from world.py; --all: both
 *     languages at both widths; else the first state of a page in two of the
 *     four, and the others in one
 */
import { axe, inTurns, keepContexts, launch, logInAll, overflow, ready } from "./browser.mjs";
import { states } from "./states.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const wide = { width: 1280, height: 860 };
const phone = { width: 360, height: 740 };
const all = [["", wide], ["en/", phone], ["", phone], ["en/", wide]];
const named = process.argv.slice(2).filter((word) => word !== "--all");
const looksAt = (name, number) => process.argv.includes("--all") ? all
  : !name.includes("-") ? all.slice(0, 2) : [all[number % 2]];

const list = states(world).filter((state) => named.length === 0 || named.includes(state.name));
console.log(`1..${list.length}`);
const browser = await launch();
const sessions = await logInAll(browser, world);
const openKept = keepContexts(browser, base);

async function look(state, language, viewport) {
  const page = await openKept({ viewport, reducedMotion: "reduce", storageState: sessions[state.as ?? "clerk"] });
  const wrong = [];
  try {
    await state.before?.(page);
    await page.goto(`${base}/${language}${state.path}`);
    await ready(page);
    await state.act?.(page);
    wrong.push(...await axe(page), ...page.wrong);
    const found = await overflow(page);
    if (found) wrong.push(found);
  } catch (error) {
    wrong.push(String(error).slice(0, 600));
  }
  await page.close();
  return wrong;
}

let failed = 0;
let count = 0;
await inTurns(list, async (state, number) => {
  const wrong = [];
  for (const [language, viewport] of looksAt(state.name, number)) wrong.push(...await look(state, language, viewport));
  if (wrong.length > 0) failed++;
  console.log(`${wrong.length > 0 ? "not ok" : "ok"} ${++count} - ${state.name}`);
  for (const line of wrong) console.log(`# ${line.replace(/\n/g, "\n# ")}`);
});
await browser.close();
process.exit(failed > 0 ? 1 : 0);
