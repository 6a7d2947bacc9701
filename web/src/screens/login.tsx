/* 登入: with the certificate of the browser, or a one-time code. */
import { effect, signal } from "@preact/signals";
import { asProblem, get, post } from "../base/api";
import { keyOf } from "../base/answer";
import { start } from "../base/start";
import type { List, Received } from "../base/types";
import { page, t } from "../base/words";
import { Head, Trouble } from "../parts/parts";

/* Behind the #, where no log of any server has it; older links have it before. */
const query = new URLSearchParams(location.search);
const given = new URLSearchParams(location.hash.slice(1)).get("code") ?? query.get("code") ?? "";

const code = signal(given);
const busy = signal(given !== "");
const failure = signal<unknown>(null);

/* Where they wanted to go, if that is a page of ours; else the letter that waits. */
async function destination(): Promise<string> {
  const back = query.get("back") ?? "";
  if (/^\/(?![/\\])/.test(back)) return back;
  // Who keeps the system reads no letters.
  const who = await get<{ roles: string[] }>("/v1/session").catch(() => null);
  if (who && who.roles.every((role) => role === "operator")) return page("health");
  const waiting = await get<List<Received>>("/v1/inbox?state=opened&limit=1").catch(() => null);
  const first = waiting?.documents[0];
  return first ? `${page("letter")}?id=${encodeURIComponent(keyOf(first))}` : page("");
}

async function enter(body: { code?: string }): Promise<void> {
  busy.value = true;
  failure.value = null;
  try {
    await post("/v1/session", body);
    location.replace(await destination());
  } catch (error) {
    failure.value = error;
    busy.value = false;
  }
}

function Login() {
  if (busy.value && !failure.value) return <><Head title={t("login.title")} /><div class="wait"><p>{t("login.working")}</p></div></>;
  return <div class="stack narrow"><Head title={t("login.title")} />
    {failure.value ? <Trouble error={asProblem(failure.value)} /> : null}
    {query.has("back") && !failure.value && <div class="note"><p>{t("login.again")}</p></div>}
    <section class="card stack" aria-labelledby="by-card"><h2 id="by-card">{t("login.card")}</h2><p class="hint">{t("login.card-hint")}</p>
      <button type="button" class="main" onClick={() => void enter({})}>{t("login.card-do")}</button></section>
    <form class="card stack" aria-labelledby="by-code" onSubmit={(event) => { event.preventDefault(); void enter({ code: code.value.trim() }); }}>
      <h2 id="by-code">{t("login.code")}</h2>
      <div class="field"><label for="code">{t("login.code-label")}</label><p class="hint" id="code-hint">{t("login.code-hint")}</p>
        <input id="code" required autocomplete="one-time-code" spellcheck={false} aria-describedby="code-hint" value={code.value} onInput={(event) => { code.value = event.currentTarget.value; }} /></div>
      <button>{t("login.code-do")}</button></form>
  </div>;
}

start(<Login />, false);
if (given) {
  history.replaceState(null, "", location.pathname + (query.get("back") ? `?back=${encodeURIComponent(query.get("back")!)}` : ""));
  void enter({ code: given });
}
effect(() => { document.documentElement.dataset.ready = busy.value ? "no" : "yes"; });
