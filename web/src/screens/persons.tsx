/* 人員: who may log in here, as what, and of which unit. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { fingerprintOf } from "../base/certificate";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { clock, moment } from "../base/time";
import { page, t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { Choose } from "../parts/choose";
import { Chosen, fileField } from "../parts/chosen";
import { NotLoaded } from "../parts/denied";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { Secret, showSecret } from "../parts/secret";
import { Chip } from "../parts/state";
import { SaveTable } from "../parts/table";

interface Person { id: number; name: string; organisation: string; role: string; has_certificate: boolean; seen_at: string; enabled: boolean; sessions: number; unit: string }
interface Unit { code: string; name: string; open: boolean }
const roles = ["clerk", "supervisor", "operator", "auditor"] as const;

const query = new URLSearchParams(location.search);
const kept = keep(() => get<{ persons: Person[]; next: string }>(`/v1/persons?${new URLSearchParams({ limit: "50", cursor: query.get("cursor") ?? "" })}`));
const units = signal<Unit[]>([]);
const form = signal({ name: "", role: "clerk", unit: "" });
const card = signal<{ print: string; name: string } | null>(null);
const cardFile = signal<File | null>(null);
const isNoCard = signal(false);
const shown = signal(0); // whose particulars are open
const role = signal("");
const unit = signal("");
const link = signal<{ name: string; address: string; until: string } | null>(null);

const unitName = (code: string): string => code === "" ? t("person.desk") : units.value.find((one) => one.code === code)?.name ?? code;
const focus = (id: string) => setTimeout(() => document.getElementById(id)?.focus());

async function readCard(file: File | null): Promise<void> {
  isNoCard.value = false;
  card.value = null;
  cardFile.value = file;
  if (!file) return;
  const print = await fingerprintOf(await file.arrayBuffer());
  if (print) card.value = { print, name: file.name }; else isNoCard.value = true;
}

async function add(event: Event): Promise<void> {
  event.preventDefault();
  if (isNoCard.value) return;
  const { name, role: as, unit: of } = form.value;
  const said = await kept.act<Person>("/v1/persons", { name: name.trim(), role: as, organisation: session.value?.organisations[0]?.code,
    ...(of ? { unit: of } : {}), ...(card.value ? { certificate: card.value.print } : {}) });
  if (!said) return;
  announce(t("person.added", { name: said.name }));
  form.value = { name: "", role: "clerk", unit: "" };
  const field = fileField("card");
  if (field) field.value = "";
  void readCard(null);
  // Who has no card needs a link to log in for the first time.
  open(said);
}

function open(one: Person): void {
  shown.value = one.id;
  role.value = one.role;
  unit.value = one.unit;
  link.value = null;
  kept.refused.value = null;
  focus("shown");
}

async function act(one: Person, what: string, body: object, told: string): Promise<void> {
  if (await kept.act(`/v1/persons/${one.id}:${what}`, body)) announce(told);
}

async function makeLink(one: Person): Promise<void> {
  const said = await kept.act<{ code: string; expires_at: string }>(`/v1/persons/${one.id}:link`, {});
  if (!said) return;
  link.value = { name: one.name, address: `${location.origin}${page("login")}#code=${said.code}`, until: said.expires_at };
  announce(t("secret.title"));
  showSecret("link");
}

const RoleSelect = ({ id, value, onChange }: { id: string; value: string; onChange: (role: string) => void }) =>
  <select id={id} value={value} aria-describedby={`${id}-hint`} onChange={(event) => onChange(event.currentTarget.value)}>{roles.map((one) => <option value={one}>{tOf("role", one)}</option>)}</select>;
const UnitSelect = ({ id, value, onChange }: { id: string; value: string; onChange: (unit: string) => void }) =>
  <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}><option value="">{t("person.desk")}</option>
    {units.value.filter((one) => one.open || one.code === value).map((one) => <option value={one.code} {...zh}>{one.name}</option>)}</select>;

function Add() {
  const now = form.value;
  const put = (part: Partial<typeof now>) => { form.value = { ...now, ...part }; };
  return <form class="card stack" aria-labelledby="add" onSubmit={(event) => void add(event)}><h2 id="add">{t("person.add")}</h2>
    <div class="fields">
      <div class="field"><label for="name">{t("person.name")}</label><input id="name" required maxLength={32} autocomplete="off" value={now.name} onInput={(event) => put({ name: event.currentTarget.value })} /></div>
      <div class="field"><label for="role">{t("person.role")}</label><RoleSelect id="role" value={now.role} onChange={(role) => put({ role })} /></div>
      <div class="field"><label for="unit">{t("person.unit")}</label><UnitSelect id="unit" value={now.unit} onChange={(unit) => put({ unit })} /></div></div>
    <p class="hint" id="role-hint">{tOf("role-hint", now.role)}</p>
    <div class="field"><label for="card">{t("person.card")}</label><p class="hint" id="card-hint">{t("person.card-hint")}</p>
      <Choose id="card" word="file.choose" accept=".pem,.crt,.cer,.der" aria-describedby="card-hint" aria-invalid={isNoCard.value || undefined} onChange={(event) => void readCard(event.currentTarget.files?.[0] ?? null)} />
      <Chosen id="card" file={cardFile.value} onRemove={() => void readCard(null)} />
      {card.value && <p class="small">{t("person.print")} <code class="break">{card.value.print}</code></p>}
      {isNoCard.value && <div class="note bad" role="alert"><p>{t("person.no-card")}</p></div>}</div>
    {kept.refused.value && !shown.value ? <Trouble error={kept.refused.value} /> : null}
    <div><button class="main" aria-disabled={kept.busy.value}>{t("person.add-do")}</button></div></form>;
}

function State({ one }: { one: Person }) {
  return one.enabled ? <Chip tone="good" shape="done" text={t("person.enabled")} /> : <Chip shape="back" text={t("person.disabled")} />;
}

/* What an operator does about one person; each act by itself. */
function Shown({ one }: { one: Person }) {
  const isMe = one.name === session.value?.person;
  const mayAll = hasRole("operator");
  return <section class="card stack" aria-labelledby="shown"><header class="row apart"><h2 id="shown" tabindex={-1} {...zh}>{one.name}</h2><State one={one} /></header>
    {kept.refused.value ? <Trouble error={kept.refused.value} /> : null}
    {link.value && <Secret id="link" label={t("person.link-of", { name: link.value.name })} value={link.value.address}><p class="small">{t("person.link-until", { when: clock(Date.parse(link.value.until)) })}</p></Secret>}
    <div class="fields wide">
      {mayAll && <form class="field" onSubmit={(event) => { event.preventDefault(); void act(one, "role", { role: role.value }, t("person.role-set")); }}>
        <label for="new-role">{t("person.role")}</label><p class="hint" id="new-role-hint">{t(isMe ? "person.role-own" : "person.role-hint")}</p>
        <div class="row nowrap-row"><RoleSelect id="new-role" value={role.value} onChange={(now) => { role.value = now; }} /><button aria-disabled={kept.busy.value}>{t("person.set")}</button></div></form>}
      <form class="field" onSubmit={(event) => { event.preventDefault(); void act(one, "unit", { unit: unit.value }, t("person.unit-set")); }}>
        <label for="new-unit">{t("person.unit")}</label><p class="hint">{t("person.unit-hint")}</p>
        <div class="row nowrap-row"><UnitSelect id="new-unit" value={unit.value} onChange={(now) => { unit.value = now; }} /><button aria-disabled={kept.busy.value}>{t("person.set")}</button></div></form></div>
    {mayAll && <div class="row">{one.enabled && <button type="button" class="main" onClick={() => void makeLink(one)}>{t("person.link")}</button>}
      {one.enabled ? <AskFirst id={`end-${one.id}`} word={t("person.end")} question={t("person.end-ask")} sure={t("person.end-do")} onSure={() => void act(one, "disable", {}, t("person.ended", { name: one.name }))} />
        : <button type="button" onClick={() => void act(one, "enable", {}, t("person.again", { name: one.name }))}>{t("person.enable")}</button>}
      <button type="button" class="plain" onClick={() => { const id = shown.value; shown.value = 0; focus(`open-${id}`); }}>{t("close")}</button></div>}</section>;
}

function List({ all, next }: { all: Person[]; next: string }) {
  if (all.length === 0) return <Empty title={t("person.none")} />;
  const mayChange = hasRole("operator", "supervisor");
  return <section class="stack" aria-labelledby="list"><header class="tools"><h2 id="list">{t("person.sum", { n: all.filter((one) => one.enabled).length })}</h2>
    <SaveTable name="persons" rows={() => [[t("person.name"), t("person.role"), t("person.unit"), t("person.seen"), t("col.state")],
      ...all.map((one) => [one.name, tOf("role", one.role), unitName(one.unit), one.seen_at, t(one.enabled ? "person.enabled" : "person.disabled")])]} /></header>
    <table class="list"><caption class="hidden">{t("persons.title")}</caption>
      <thead><tr><th scope="col">{t("person.name")}</th><th scope="col" class="only-wide">{t("person.role")}</th><th scope="col" class="only-wide">{t("person.unit")}</th>
        <th scope="col" class="only-wide">{t("col.state")}</th>{mayChange && <th scope="col">{t("to.change")}</th>}</tr></thead>
      <tbody>{all.map((one) => <tr key={one.id}>
        <th scope="row" class="wide"><span class="subject" {...zh}>{one.name}</span><span class="meta"><span>{t(one.has_certificate ? "person.by-card" : "person.by-link")}</span>
          <span>{t("person.seen-at", { when: moment(Date.parse(one.seen_at), Date.now()) })}</span><span class="only-narrow">{tOf("role", one.role)}{t("list.comma")}<span {...zh}>{unitName(one.unit)}</span></span></span>
          <span class="only-narrow"><State one={one} /></span></th>
        <td class="only-wide nowrap">{tOf("role", one.role)}</td><td class="only-wide" {...(one.unit ? zh : {})}>{unitName(one.unit)}</td><td class="only-wide"><State one={one} /></td>
        {mayChange && <td class="nowrap"><button type="button" id={`open-${one.id}`} class="plain" aria-expanded={shown.value === one.id} onClick={() => open(one)}>{t("to.change")}<span class="hidden">{one.name}</span></button></td>}</tr>)}</tbody></table>
    {(next || query.get("cursor")) && <Pager next={next} shown={all.length} label={t("pager.label")} />}</section>;
}

function Content() {
  const all = kept.list.value;
  if (!all) return kept.failure.value ? <NotLoaded error={kept.failure.value} roles={["operator", "supervisor", "auditor"]} retry={() => void kept.load()} /> : <Wait />;
  const one = all.persons.find(({ id }) => id === shown.value);
  return <div class="stack-wide">{hasRole("operator") && <Add />}{one && <Shown key={one.id} one={one} />}<List all={all.persons} next={all.next} /></div>;
}

start(<><Head title={t("persons.title")}><p>{t("persons.lead")}</p></Head><Content /></>);
void kept.load();
void get<{ units: Unit[] }>("/v1/units").then((said) => { units.value = said.units; }).catch(() => undefined);
effect(() => { document.documentElement.dataset.ready = (kept.list.value || kept.failure.value) && session.value ? "yes" : "no"; });
