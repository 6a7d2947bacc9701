/* Debian's Chromium under Playwright, and what every page must hold. */
import { chromium } from "playwright-core";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/* How long anything may take: a machine with much else to do may be slow. */
export const patience = 120000;

/* Of Chromium: nothing but what a page asks for leaves it. */
export const arguments_ = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

export function launch(more = []) {
  // It does not always take away what it leaves in the folder for such things.
  const home = mkdtempSync(join(tmpdir(), "browser-"));
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...arguments_, ...more],
    timeout: patience, env: { ...process.env, TMPDIR: home } });
}

const contextOf = (browser, options) => browser.newContext({
  locale: "zh-TW", timezoneId: "Asia/Taipei", ignoreHTTPSErrors: true, viewport: { width: 1280, height: 860 }, ...options });

/* A page in a context of its own. */
export const open = async (browser, base, options = {}) => openIn(await contextOf(browser, options), base);

/*
 * Contexts that are kept: a page in one has what others fetched before, and is
 * the first one to its scripts.  Returns one that opens.
 */
export function keepContexts(browser, base) {
  const kept = new Map();
  return async (options) => {
    const key = JSON.stringify([options.viewport, options.storageState?.cookies]);
    if (!kept.has(key)) kept.set(key, contextOf(browser, options));
    const page = await openIn(await kept.get(key), base);
    await page.addInitScript(() => { if (globalThis === top && location.protocol === "https:") { localStorage.clear(); sessionStorage.clear(); } });
    return page;
  };
}

/* Each of a list, two at once: while one waits for the host, another goes on. */
export async function inTurns(list, act) {
  let begun = 0;
  const worker = async () => { while (begun < list.length) { const number = begun++; await act(list[number], number); } };
  await Promise.all([worker(), worker()]);
}

/*
 * A page that remembers what must not happen: errors, and requests that leave
 * the host.
 */
async function openIn(context, base) {
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // What the host refuses is told by the page; the browser says so as well.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) page.wrong.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !/^(blob|data|about):/.test(request.url())) page.wrong.push(`left the host: ${request.url()}`);
  });
  return page;
}

/* In the page: everything is on it, and it knows who looks; `left` is one that is left (below). */
export function isReady() {
  const { ready: is, left } = document.documentElement.dataset;
  if (document.readyState !== "complete" || left) return false;
  if (!document.getElementById("app")) return true;
  return is === "yes" && (/\/login(\.html)?$/.test(location.pathname) || document.getElementById("account").childElementCount > 0);
}
export const ready = (page) => page.waitForFunction(isReady, null, { timeout: patience });

/* An act that leads to another page, until that is there: the one before looks ready, too. */
export async function follow(page, act) {
  await page.evaluate(() => { document.documentElement.dataset.left = "yes"; });
  await act();
  await ready(page);
}

/* What the page does right after an act, such as moving the focus, is done. */
export const settled = (page) => page.evaluate(() => new Promise((done) => { setTimeout(done); }));

/* The page has announced this. */
export const announced = (page, text) => page.waitForFunction((wanted) => document.getElementById("status").textContent.includes(wanted), text);

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

/* axe in the page itself: the policy forbids scripts from elsewhere, not the debugger's. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document,
    { runOnly: { type: "tag", values }, resultTypes: ["violations"], iframes: false }), tags);
  return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/* Nothing is wider than the window. */
export const overflow = (page) => page.evaluate(() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth + 1;
  if (!wide) return "";
  const found = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 4);
  return `wider than the window: ${found.map((one) => one.outerHTML.slice(0, 90)).join(" | ")}`;
});

/* Sessions of all who work at the first gateway, by role. */
export async function logInAll(browser, world) {
  const base = world.bases["gateway-1"];
  return { clerk: await logIn(browser, base, world.codes["gateway-1"]), operator: await logIn(browser, base, world.codes.operator) };
}

/* Log in by the code of a link; what a page needs to go on as that person. */
export async function logIn(browser, base, code) {
  const page = await open(browser, base);
  await page.goto(`${base}/login.html#code=${code}`);
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await ready(page);
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}

/* Tab until the focus is on what `selector` says, as somebody without a mouse does. */
export async function tabTo(page, selector, most = 80) {
  await settled(page);
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) {
      const seen = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      });
      if (!seen) throw new Error(`no focus to be seen on ${selector}`);
      return;
    }
  }
  throw new Error(`no way to ${selector} by keyboard`);
}

/* Results as TAP: `ok`, a journey of which each failure is one, and the end. */
export function tap() {
  let count = 0;
  let failed = 0;
  const ok = (good, name, detail = "") => {
    count++;
    if (!good) failed++;
    console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
    if (!good && detail) console.log(`# ${String(detail).replace(/\n/g, "\n# ")}`);
  };
  return {
    ok,
    journey: async (name, act) => {
      try {
        await act();
      } catch (error) {
        ok(false, name, error.stack);
      }
    },
    end: () => {
      console.log(`1..${count}`);
      process.exit(failed > 0 ? 1 : 0);
    },
  };
}
