/* 單位: to which parts of the organisation letters are assigned. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { page, t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { NotLoaded } from "../parts/denied";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Chip } from "../parts/state";
import { SaveTable } from "../parts/table";

interface Unit { id: number; organisation: string; code: string; name: string; open: boolean; source: "directory" | "local" }
interface All { units: Unit[]; persons: { name: string; unit: string }[] }

const kept = keep(() => get<All>("/v1/units"));
const form = signal({ code: "", name: "" });
const put = (part: Partial<typeof form.value>) => { form.value = { ...form.value, ...part }; };
const mayChange = () => hasRole("operator", "supervisor");

async function add(event: Event): Promise<void> {
  event.preventDefault();
  const said = await kept.act<Unit>("/v1/units", { organisation: session.value?.organisations[0]?.code, code: form.value.code.trim(), name: form.value.name.trim() });
  if (!said) return;
  announce(t("unit.added", { name: said.name }));
  form.value = { code: "", name: "" };
}

async function set(one: Unit, what: "close" | "open"): Promise<void> {
  if (await kept.act(`/v1/units/${one.id}:${what}`, {})) announce(tOf("unit-did", what, { name: one.name }));
}

const Add = () => <form class="card stack" aria-labelledby="add" onSubmit={(event) => void add(event)}><h2 id="add">{t("unit.add")}</h2>
  <div class="fields">
    <div class="field"><label for="code">{t("unit.code")}</label><p class="hint" id="code-hint">{t("unit.code-hint")}</p>
      <input id="code" required maxLength={32} pattern="[A-Za-z0-9._\-]+" autocomplete="off" aria-describedby="code-hint" value={form.value.code} onInput={(event) => put({ code: event.currentTarget.value })} /></div>
    <div class="field"><label for="name">{t("unit.name")}</label><p class="hint" id="name-hint">{t("unit.name-hint")}</p>
      <input id="name" required maxLength={32} aria-describedby="name-hint" value={form.value.name} onInput={(event) => put({ name: event.currentTarget.value })} /></div></div>
  {kept.refused.value ? <Trouble error={kept.refused.value} /> : null}
  <div><button class="main" aria-disabled={kept.busy.value}>{t("unit.add-do")}</button></div></form>;

const State = ({ one }: { one: Unit }) => one.open ? <Chip tone="good" shape="done" text={t("unit.open")} /> : <Chip shape="back" text={t("unit.closed")} />;

function List({ all }: { all: All }) {
  if (all.units.length === 0) return <Empty title={t("unit.none")}><p>{t("unit.none-hint")}</p></Empty>;
  const countOf = (one: Unit) => all.persons.filter(({ unit }) => unit === one.code).length;
  return <section class="stack" aria-labelledby="list"><header class="tools"><h2 id="list">{t("unit.sum", { n: all.units.filter((one) => one.open).length })}</h2>
    <SaveTable name="units" rows={() => [[t("unit.code"), t("unit.name"), t("unit.source"), t("unit.persons"), t("col.state")],
      ...all.units.map((one) => [one.code, one.name, tOf("unit-from", one.source), countOf(one), t(one.open ? "unit.open" : "unit.closed")])]} /></header>
    <table class="list"><caption class="hidden">{t("units.title")}</caption>
      <thead><tr><th scope="col">{t("unit.name")}</th><th scope="col" class="only-wide">{t("unit.source")}</th><th scope="col" class="number">{t("unit.persons")}</th>
        <th scope="col" class="only-wide">{t("col.state")}</th>{mayChange() && <th scope="col">{t("to.change")}</th>}</tr></thead>
      <tbody>{all.units.map((one) => <tr key={one.code}>
        <th scope="row" class="wide"><span class="subject" {...zh}>{one.name}</span><span class="meta"><code>{one.code}</code><span class="only-narrow">{tOf("unit-from", one.source)}</span></span>
          <span class="only-narrow"><State one={one} /></span></th>
        <td class="only-wide">{tOf("unit-from", one.source)}</td><td class="number">{countOf(one)}</td><td class="only-wide"><State one={one} /></td>
        {mayChange() && <td>{one.source !== "local" ? <span class="small quiet">{t("unit.not-here")}</span>
          : one.open ? <AskFirst id={`close-${one.id}`} word={t("unit.close")} question={t("unit.close-ask")} sure={t("unit.close-do")} onSure={() => void set(one, "close")} />
            : <button type="button" class="plain" onClick={() => void set(one, "open")}>{t("unit.reopen")}<span class="hidden">{one.name}</span></button>}</td>}</tr>)}</tbody></table></section>;
}

function Content() {
  const all = kept.list.value;
  if (!all) return kept.failure.value ? <NotLoaded error={kept.failure.value} roles={["supervisor", "operator"]} retry={() => void kept.load()} /> : <Wait />;
  return <div class="stack-wide">{mayChange() ? <Add /> : <p class="hint">{t("unit.read-only")}</p>}<List all={all} />
    {hasRole("operator", "supervisor", "auditor") && <p><a href={page("persons")}>{t("unit.to-persons")}</a></p>}</div>;
}

start(<><Head title={t("units.title")}><p>{t("units.lead")}</p></Head><Content /></>);
void kept.load();
effect(() => { document.documentElement.dataset.ready = (kept.list.value || kept.failure.value) && session.value ? "yes" : "no"; });
