/* 系統狀況: each check by name, with what to do. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole } from "../base/desk";
import { watch } from "../base/live";
import { start } from "../base/start";
import { clockSeconds, moment } from "../base/time";
import type { Health } from "../base/types";
import { t, tOf } from "../base/words";
import { CheckChip, CheckText, probeOf } from "../parts/check";
import { Head, Trouble, Wait } from "../parts/parts";
import { loadRelease, ReleaseHere } from "../parts/release";
import { loadTold, Told } from "../parts/told";

interface Bulletin { type: string; name: string; serial: number; issued: string; expires: string; grade: string }

const health = signal<Health | null>(null);
const bulletins = signal<Bulletin[]>([]);
const failure = signal<unknown>(null);
const seenAt = signal(0);

/* With each load of the page, and once it is known who asks. */
const mayAsk = () => hasRole("supervisor", "operator", "auditor");
effect(() => { if (mayAsk()) void loadRelease().catch(() => undefined); });

async function load(): Promise<void> {
  try {
    const [said, told] = await Promise.all([get<Health>("/v1/health"),
      get<{ bulletins: Bulletin[] }>("/v1/bulletins").catch(() => ({ bulletins: [] }))]);
    void loadTold();
    if (mayAsk()) void loadRelease().catch(() => undefined);
    health.value = said;
    bulletins.value = told.bulletins;
    seenAt.value = Date.now();
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

function Checks({ said }: { said: Health }) {
  const bad = said.checks.filter((one) => one.state !== "ok").length;
  return <section class="card" aria-labelledby="checks"><h2 id="checks">{bad === 0 ? t("health.good", { n: said.checks.length }) : t("health.bad", { n: bad, all: said.checks.length })}</h2>
    <ol class="checks">{said.checks.map((one) => <li><CheckChip one={one} text={tOf("health", one.state)} /><strong>{probeOf(one.name)}</strong><div><CheckText one={one} /></div></li>)}</ol></section>;
}

function Bulletins() {
  if (bulletins.value.length === 0) return null;
  return <section class="stack" aria-labelledby="bulletins"><h2 id="bulletins">{t("health.bulletins")}</h2>
    <table><caption class="hidden">{t("health.bulletins")}</caption><thead><tr><th scope="col">{t("col.kind")}</th><th scope="col" class="number">{t("col.serial")}</th>
      <th scope="col" class="only-wide">{t("col.issued")}</th><th scope="col">{t("col.expires")}</th></tr></thead>
      <tbody>{bulletins.value.map((one) => <tr><th scope="row">{tOf("bulletin", one.type)} {one.name && <span class="small quiet">{one.name}</span>}</th><td class="number">{one.serial}</td>
        <td class="only-wide nowrap">{moment(Date.parse(one.issued), Date.now())}</td><td>{moment(Date.parse(one.expires), Date.now())}</td></tr>)}</tbody></table></section>;
}

function Content() {
  const said = health.value;
  if (!said) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  return <div class="stack-wide">{failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : null}
    <Told /><Checks said={said} /><ReleaseHere /><Bulletins /></div>;
}

start(<><Head title={t("health.title")}>{seenAt.value > 0 && <p>{t("health.seen", { when: clockSeconds(seenAt.value) })}</p>}</Head><Content /></>);
watch(load, 5000);
void load();
effect(() => { document.documentElement.dataset.ready = health.value || failure.value ? "yes" : "no"; });
