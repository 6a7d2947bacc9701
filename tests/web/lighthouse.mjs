/*
 * Lighthouse on every page, signed in.  Prints TAP: accessibility is 100, as a
 * phone sees the page.
 *
 * usage: lighthouse.mjs [--all | --measure [PAGE...]]    with $WORLD from world.py;
 *        --all: each page in both languages, not in one;
 *        --measure: performance, best practices, SEO and the times of loading,
 *        the median of five loads with the mobile preset.  No test: what it
 *        says depends on the machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse, { snapshot } from "lighthouse";
import * as constants from "lighthouse/core/config/constants.js";
import puppeteer from "puppeteer-core";
import { arguments_, isReady, patience, tap } from "./browser.mjs";

const world = JSON.parse(process.env.WORLD);
const base = world.bases["gateway-1"];
const id = encodeURIComponent;
const pages = {
  clerk: { today: "", inbox: "inbox", letter: `letter?id=${id(world.ids.letter)}`, outbox: "outbox", unsigned: "outbox?age=any", sent: `sent?id=${world.ids.sent}`,
    send: "send", drafts: "drafts", problems: "problems", directory: `directory?q=${id("政府")}`, registers: "registers", statistics: "statistics", groups: "groups", deputies: "deputies",
    certificates: "certificates", health: "health", accessibility: "accessibility" },
  operator: { tokens: "tokens", webhooks: "webhooks", persons: "persons", units: "units", settings: "settings" },
};

const home = mkdtempSync(join(tmpdir(), "lighthouse-"));
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", userDataDir: home, acceptInsecureCerts: true,
  timeout: patience, protocolTimeout: 2 * patience, args: [...arguments_, "--ignore-certificate-errors"] });
/* Whichever the browser took. */
const port = Number(new URL(browser.wsEndpoint()).port);

async function logIn(code) {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  await page.goto(`${base}/login#code=${code}`);
  await page.waitForFunction(() => !location.pathname.startsWith("/login"));
  return page;
}
const ready = (page) => page.waitForFunction(isReady);

/* It gives up itself where the browser is slow: that says nothing of the page. */
async function look(page, tries = 3) {
  const flags = { onlyCategories: ["accessibility"], logLevel: "error", disableFullPageScreenshot: true, screenEmulation: { disabled: true }, formFactor: "mobile" };
  try {
    const { lhr } = await snapshot(page, { flags });
    if (lhr.categories.accessibility.score !== null || tries === 1) return lhr;
  } catch (error) {
    if (tries === 1) throw error;
  }
  return look(page, tries - 1);
}

/* Each page in one language, unless --all: axe sees all of them in both. */
const languagesOf = (number) => process.argv.includes("--all") ? ["", "en/"] : [["", "en/"][number % 2]];

async function accessibility({ ok }) {
  let count = 0;
  for (const [who, list] of Object.entries(pages)) {
    const page = await logIn(who === "clerk" ? world.codes["gateway-1"] : world.codes.operator);
    await page.setViewport({ width: 412, height: 823, isMobile: true });
    for (const [name, path] of Object.entries(list)) for (const language of languagesOf(count++)) {
      await page.goto(`${base}/${language}${path}`);
      await ready(page);
      const lhr = await look(page);
      const score = Math.round(lhr.categories.accessibility.score * 100);
      const wrong = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 1 && audit.scoreDisplayMode === "binary");
      ok(score === 100, `${language}${name}: accessibility ${score}`, wrong.map(({ id: rule, title }) => `${rule}: ${title}`).join("\n"));
    }
    await page.close();
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/*
 * The phone that Lighthouse means is a desktop four times slower, whose index is
 * 1,500.  A machine that others use as well has a lower one, so it is slowed
 * less: what the page asks of a processor counts, not what else it does.
 */
const phoneIndex = 1500 / 4;
const slowed = (index) => Math.min(4, Math.max(1, index / phoneIndex));

async function measure(wanted) {
  const page = await logIn(world.codes["gateway-1"]);
  let slower = 4;
  console.log("page           performance  accessibility  best practices  SEO   LCP ms   TBT ms   CLS   slowed");
  for (const [name, path] of Object.entries(pages.clerk)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const runs = [];
    for (let i = 0; i < 5; i++) {
      const { lhr } = await lighthouse(`${base}/${path}`, { port, logLevel: "error", disableStorageReset: true,
        throttling: { ...constants.throttling.mobileSlow4G, cpuSlowdownMultiplier: slower },
        onlyCategories: ["performance", "accessibility", "best-practices", "seo"] });
      slower = slowed(lhr.environment.benchmarkIndex);
      runs.push([...["performance", "accessibility", "best-practices", "seo"].map((one) => Math.round((lhr.categories[one].score ?? 0) * 100)),
        ...["largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"].map((one) => lhr.audits[one].numericValue ?? 0)]);
    }
    const [speed, access, practice, seo, lcp, tbt, cls] = runs[0].map((_, at) => median(runs.map((run) => run[at])));
    console.log(`${name.padEnd(15)}${String(speed).padStart(11)}${String(access).padStart(15)}${String(practice).padStart(16)}${String(seo).padStart(5)}` +
      `${lcp.toFixed(0).padStart(9)}${tbt.toFixed(0).padStart(9)}${cls.toFixed(3).padStart(6)}${slower.toFixed(1).padStart(9)}`);
  }
  await page.close();
}

const at = process.argv.indexOf("--measure");
const result = tap();
try {
  if (at >= 0) await measure(process.argv.slice(at + 1)); else await accessibility(result);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
if (at < 0) result.end();
