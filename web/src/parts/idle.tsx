/* A session ends when nobody has worked for a while; who is still there is asked first (WCAG 2.2.1). */
import { signal } from "@preact/signals";
import { get } from "../base/api";
import { session, signOut } from "../base/session";
import { t } from "../base/words";

const defaultIdle = 15 * 60_000;
const warnBefore = 2 * 60_000;
const tellEvery = 5 * 60_000;

const left = signal(0); // seconds until the end, while it is told
let usedAt = Date.now();
let toldAt = Date.now();

const used = () => { if (left.value === 0) usedAt = Date.now(); };
const stay = () => { usedAt = Date.now(); left.value = 0; };

function look(): void {
  if (!session.value?.person) return;
  const rest = usedAt + (session.value.idle ?? defaultIdle) - Date.now();
  // Who writes for a long time asks nothing of the host, whose own limit must not end that.
  if (usedAt > toldAt && Date.now() - toldAt > tellEvery) {
    toldAt = Date.now();
    void get("/v1/session").catch(() => undefined);
  }
  if (rest <= 0) void signOut();
  else left.value = rest <= warnBefore ? Math.ceil(rest / 1000) : 0;
}

export function watchIdle(): void {
  for (const name of ["keydown", "pointerdown", "input", "scroll"]) addEventListener(name, used, { passive: true });
  setInterval(look, 1000);
}

/* The seconds are told once, not each second. */
export function Idle() {
  if (left.value === 0) return null;
  return <div class="note warn idle" role="alertdialog" aria-labelledby="idle"><h2 id="idle">{t("idle.title")}</h2>
    <p aria-hidden="true">{t("idle.left", { n: left.value })}</p>
    <div class="row"><button type="button" class="main" onClick={stay}>{t("idle.stay")}</button>
      <button type="button" onClick={() => void signOut()}>{t("account.end")}</button></div></div>;
}
