/* Webhooks: where events are told, how far that is, and what could not be told. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { moment } from "../base/time";
import { t } from "../base/words";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Secret, showSecret } from "../parts/secret";
import { Chip } from "../parts/state";
import { SaveTable } from "../parts/table";

interface Webhook { id: number; url: string; organisation: string; enabled: boolean; after: number; failures: number; next_try?: string; status: number; why: string }
interface Dead { event: number; at: string; status: number; why: string }

const kept = keep(async () => (await get<{ webhooks: Webhook[] }>("/v1/webhooks")).webhooks);
const dead = signal<ReadonlyMap<number, Dead[]>>(new Map());
const made = signal<{ url: string; secret: string } | null>(null);
const url = signal("");

async function loadDead(id: number): Promise<void> {
  const found = (await get<{ dead: Dead[] }>(`/v1/webhooks/${id}/dead`).catch(() => ({ dead: [] }))).dead;
  dead.value = new Map(dead.value).set(id, found);
}

const loadAll = async () => {
  await kept.load();
  await Promise.all((kept.list.value ?? []).map(({ id }) => loadDead(id)));
};

async function make(event: Event): Promise<void> {
  event.preventDefault();
  const said = await kept.act<{ url: string; secret: string }>("/v1/webhooks", { url: url.value.trim(), organisation: session.value?.organisations[0]?.code });
  if (!said) return;
  made.value = said;
  url.value = "";
  announce(t("secret.title"));
  showSecret("secret");
}

async function act(one: Webhook, what: "enable" | "disable"): Promise<void> {
  if (await kept.act(`/v1/webhooks/${one.id}:${what}`)) announce(t(what === "enable" ? "hook.enabled" : "hook.disabled"));
}

/* Told again from the event before `event` on. */
async function replay(one: Webhook, event: number): Promise<void> {
  if (!await kept.act(`/v1/webhooks/${one.id}:replay`, { after: Math.max(0, event - 1) })) return;
  announce(t("hook.replayed", { n: event }));
  await loadDead(one.id);
}

function Make() {
  return <form class="card stack" aria-labelledby="make" onSubmit={(event) => void make(event)}><h2 id="make">{t("hook.make")}</h2>
    <div class="field"><label for="url">{t("hook.url")}</label><p class="hint" id="url-hint">{t("hook.url-hint")}</p>
      <input id="url" type="url" required maxLength={200} placeholder="https://" aria-describedby="url-hint" value={url.value} onInput={(event) => { url.value = event.currentTarget.value; }} /></div>
    {kept.refused.value ? <Trouble error={kept.refused.value} /> : null}
    <div><button class="main" aria-disabled={kept.busy.value}>{t("hook.make-do")}</button></div></form>;
}

function State({ one }: { one: Webhook }) {
  return !one.enabled ? <Chip shape="ring" text={t("hook.disabled")} />
    : one.failures > 0 ? <Chip tone="bad" shape="bad" text={t("hook.failing", { n: one.failures })} />
      : (dead.value.get(one.id) ?? []).length > 0 ? <Chip tone="warn" shape="warn" text={t("hook.gaps")} />
      : <Chip tone="good" shape="done" text={t("hook.well")} />;
}

function DeadOnes({ one }: { one: Webhook }) {
  const all = dead.value.get(one.id) ?? [];
  if (all.length === 0) return <p class="quiet small">{t("hook.no-dead")}</p>;
  return <section class="stack" aria-labelledby={`dead-${one.id}`}><header class="row apart"><h4 id={`dead-${one.id}`}>{t("hook.dead", { n: all.length })}</h4>
    <SaveTable name="dead-letters" rows={() => [[t("hook.event"), t("col.since"), t("hook.status"), t("hook.why")], ...all.map((item) => [item.event, item.at, item.status, item.why])]} /></header>
    <table><caption class="hidden">{t("hook.dead", { n: all.length })}</caption><thead><tr><th scope="col" class="number">{t("hook.event")}</th><th scope="col">{t("hook.given-up")}</th>
      <th scope="col">{t("hook.why")}</th>{hasRole("operator") && <th scope="col">{t("to.change")}</th>}</tr></thead>
      <tbody>{all.slice(0, 20).map((item) => <tr key={item.event}><th scope="row" class="number">{item.event}</th><td class="nowrap">{moment(Date.parse(item.at), Date.now())}</td>
        <td>{item.status > 0 ? `HTTP ${item.status}` : ""} {item.why}</td>
        {hasRole("operator") && <td><button type="button" class="plain" onClick={() => void replay(one, item.event)}>{t("hook.from-here")}<span class="hidden">{item.event}</span></button></td>}</tr>)}</tbody></table>
    {hasRole("operator") && <p class="hint">{t("hook.replay-hint")}</p>}</section>;
}

function Hook({ one }: { one: Webhook }) {
  const last = dead.value.get(one.id)?.at(-1);
  return <li class="card stack"><header class="row apart"><h3 class="grow"><code>{one.url}</code></h3><State one={one} /></header>
    <dl class="facts"><dt>{t("hook.after")}</dt><dd>{one.after}</dd>
      {one.failures > 0 && <><dt>{t("hook.last")}</dt><dd>{one.status > 0 ? `HTTP ${one.status}` : ""} {one.why}</dd>
        {one.next_try && <><dt>{t("hook.next")}</dt><dd>{moment(Date.parse(one.next_try), Date.now())}</dd></>}</>}</dl>
    {one.failures > 0 && <p><em>{t("problem.do")}</em>{t("hook.todo")}</p>}
    <DeadOnes one={one} />
    {hasRole("operator") && <div class="row">
      <button type="button" onClick={() => void act(one, one.enabled ? "disable" : "enable")}>{t(one.enabled ? "hook.disable" : "hook.enable")}<span class="hidden">{one.url}</span></button>
      {last && <button type="button" onClick={() => void replay(one, last.event)}>{t("hook.replay-all")}</button>}</div>}</li>;
}

function Content() {
  if (!kept.list.value) return kept.failure.value ? <Trouble error={kept.failure.value} retry={() => void loadAll()} /> : <Wait />;
  const all = kept.list.value;
  const failing = all.filter((one) => one.enabled && (one.failures > 0 || (dead.value.get(one.id) ?? []).length > 0)).length;
  return <div class="stack-wide">
    {made.value && <Secret id="secret" label={t("hook.secret", { url: made.value.url })} value={made.value.secret}><p class="small">{t("hook.use")}</p></Secret>}
    {hasRole("operator") && <Make />}
    {all.length === 0 ? <Empty title={t("hook.none")}><p>{t("hook.none-hint")}</p></Empty>
      : <section class="stack" aria-labelledby="list"><h2 id="list">{failing > 0 ? t("hook.sum-failing", { n: all.length, failing }) : t("hook.sum", { n: all.length })}</h2>
        <ul class="stack">{all.map((one) => <Hook key={one.id} one={one} />)}</ul></section>}</div>;
}

start(<><Head title={t("webhooks.title")}><p>{t("webhooks.lead")}</p></Head><Content /></>);
void loadAll();
effect(() => { document.documentElement.dataset.ready = (kept.list.value?.every(({ id }) => dead.value.has(id)) || kept.failure.value) && session.value ? "yes" : "no"; });
