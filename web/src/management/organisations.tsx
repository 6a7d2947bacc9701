/* 機關: search, and an entry as it was with any directory that this host has kept. */
import { effect, signal } from "@preact/signals";
import { asProblem, get } from "../base/api";
import { announce } from "../base/start";
import { day } from "../base/time";
import { t, tOf, zh } from "../base/words";
import { search, type Entry } from "../base/directory";
import { askNames, Organisation } from "./names";
import { Empty, Trouble, Wait } from "../parts/parts";
import { Standing } from "../parts/standing";

interface Key { use: string; state: string; not_after: string }
interface Org { code: string; name: string; kind: string; status: string; center: string; supervisor: string; successor: string; host: string; keys: Key[] }
interface Version { since: number | null; until: number | null; issued?: string | null; entry: Org }

const query = new URLSearchParams(location.search);
const code = query.get("org") ?? "";
const serial = signal(query.get("serial") ?? "");
const text = signal(query.get("q") ?? "");
const list = signal<Entry[] | null>(null);
const total = signal(0);
const one = signal<(Version & { serial: number }) | null>(null);
const versions = signal<Version[]>([]);
const failure = signal<unknown>(null);
let running: AbortController | undefined;

async function find(now: string): Promise<void> {
  text.value = now;
  history.replaceState(null, "", `?view=organisations${now ? `&q=${encodeURIComponent(now)}` : ""}`);
  running?.abort();
  if (now.trim() === "") { list.value = null; return; }
  const mine = running = new AbortController();
  try {
    const said = await search(now.trim(), mine.signal, 50);
    if (mine.signal.aborted) return;
    list.value = said.entries;
    total.value = said.total;
    failure.value = null;
    announce(t("to.found", { n: said.total }));
  } catch (error) {
    if (!mine.signal.aborted) failure.value = error;
  }
}

async function show(): Promise<void> {
  try {
    const at = serial.value ? `?serial=${encodeURIComponent(serial.value)}` : "";
    const [entry, past] = await Promise.all([get<Version & { serial: number }>(`/v1/directory/${encodeURIComponent(code)}${at}`),
      get<{ versions: Version[] }>(`/v1/directory/${encodeURIComponent(code)}/history`)]);
    one.value = entry;
    askNames([entry.entry.supervisor, entry.entry.successor]);
    versions.value = past.versions;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const address = (of: string, at: number | null): string => `?view=organisations&org=${of}${at === null ? "" : `&serial=${at}`}`;

function Whole() {
  if (failure.value) return <Trouble error={asProblem(failure.value)} retry={() => void show()} />;
  if (!one.value) return <Wait />;
  const org = one.value.entry;
  const facts: [string, string][] = [[t("to.code"), org.code], [t("mg.center"), org.center], [t("mg.host"), org.host]];
  const others: [string, string][] = [[t("mg.supervisor"), org.supervisor], [t("mg.successor"), org.successor]];
  return <div class="stack"><p><a href="?view=organisations">{t("mg.back-search")}</a></p>
    <section class="card stack" aria-labelledby="org"><h2 id="org" {...zh}>{org.name}</h2><p>{t("mg.as-of", { n: one.value.serial })} <Standing status={org.status} /></p>
      <dl class="facts">{facts.filter(([, value]) => value).map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}
        {others.filter(([, value]) => value).map(([name, value]) => <><dt>{name}</dt><dd><Organisation code={value} /></dd></>)}</dl></section>
    <section class="stack" aria-labelledby="keys"><h2 id="keys">{t("mg.keys")}</h2><table><caption class="hidden">{t("mg.keys")}</caption>
      <thead><tr><th scope="col">{t("mg.use")}</th><th scope="col">{t("col.state")}</th><th scope="col">{t("col.expires")}</th></tr></thead>
      <tbody>{org.keys.map((key, n) => <tr key={n}><th scope="row">{tOf("use", key.use)}</th><td>{tOf("key", key.state)}</td><td>{day(Date.parse(key.not_after))}</td></tr>)}</tbody></table></section>
    <section class="stack" aria-labelledby="versions"><h2 id="versions">{t("mg.versions")}</h2><ul>{versions.value.map((each) => <li key={each.since}>
      <a href={address(org.code, each.since)} aria-current={each.since === one.value!.since ? "true" : undefined}>{t("mg.from-serial", { n: each.since ?? 0 })}</a>{" "}
      <span class="small quiet"><span {...zh}>{each.entry.name}</span>{each.issued ? t("list.comma") + day(Date.parse(each.issued)) : ""}</span></li>)}</ul></section></div>;
}

function Result() {
  if (failure.value) return <Trouble error={asProblem(failure.value)} retry={() => void find(text.value)} />;
  if (!list.value) return <Empty title={t("mg.search-start")} />;
  if (list.value.length === 0) return <Empty title={t("inbox.not-found", { what: text.value })} />;
  return <table><caption>{t("directory.sum", { n: total.value, shown: list.value.length })}</caption>
    <thead><tr><th scope="col">{t("to.name")}</th><th scope="col" class="only-wide">{t("to.code")}</th><th scope="col">{t("col.state")}</th></tr></thead>
    <tbody>{list.value.map((each) => <tr key={each.code}><th scope="row"><a href={address(each.code, null)} {...zh}>{each.name}</a><span class="only-narrow small quiet">{each.code}</span></th>
      <td class="only-wide">{each.code}</td><td><Standing status={each.status} /></td></tr>)}</tbody></table>;
}

export function Organisations() {
  if (code) return <Whole />;
  return <div class="stack"><div class="tools"><div class="search"><label for="q">{t("directory.find")}</label>
    <input id="q" type="search" autocomplete="off" value={text.value} onInput={(event) => void find(event.currentTarget.value)} /></div></div><Result /></div>;
}

export function startOrganisations(): void {
  if (code) void show(); else if (text.value) void find(text.value);
  effect(() => { document.documentElement.dataset.ready = (code ? one.value : !text.value || list.value) || failure.value ? "yes" : "no"; });
}
