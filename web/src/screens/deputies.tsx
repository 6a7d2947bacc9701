/* 代理人: who acts for whom, from when until when; and acting for somebody. */
import { effect, signal } from "@preact/signals";
import { get, post } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { dayOfField, isoDay, moment } from "../base/time";
import { page, t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Chip, type Tone } from "../parts/state";
import type { Shape } from "../parts/icons";
import { SaveTable } from "../parts/table";

interface Who { id: number; name: string }
interface Deputy { id: number; deputy: Who; for: Who; from: string; until: string; ended_at: string; state: "later" | "now" | "over"; by: string; reason: string }
interface Person { id: number; name: string; unit: string; role: string }

const kept = keep(async () => (await get<{ deputies: Deputy[] }>("/v1/deputies?limit=200")).deputies);
const persons = signal<Person[]>([]);
const acting = signal<unknown>(null);

const today = isoDay(Date.now());
const form = signal({ deputy: 0, of: 0, from: today, until: today, reason: "" });
const put = (part: Partial<typeof form.value>) => { form.value = { ...form.value, ...part }; };

/* A day here, from its beginning or to its end. */
const startOf = (date: string) => new Date(`${date}T00:00:00+08:00`).toISOString();
const endOf = (date: string) => new Date(`${date}T23:59:59+08:00`).toISOString();

async function add(event: Event): Promise<void> {
  event.preventDefault();
  const { deputy, of, from, until, reason } = form.value;
  const said = await kept.act("/v1/deputies", { deputy, ...(of ? { for: of } : {}), until: endOf(until), reason,
    ...(from > today ? { from: startOf(from) } : {}) });
  if (!said) return;
  announce(t("deputy.added"));
  put({ deputy: 0, reason: "" });
}

async function end(one: Deputy): Promise<void> {
  if (await kept.act(`/v1/deputies/${one.id}:end`)) announce(t("deputy.ended"));
}

/* From now on as somebody else, or as oneself again: everything is another's then. */
async function actAs(id: number): Promise<void> {
  acting.value = null;
  try {
    await post("/v1/session:act", { deputy: id });
    location.assign(page(id ? "" : "deputies"));
  } catch (error) {
    acting.value = error;
  }
}

const Day = ({ id, value }: { id: string; value: string }) => <p class="hint" id={`${id}-day`}>{dayOfField(value)}</p>;
const who = (one: Person) => <option value={String(one.id)} {...zh}>{one.name}{one.unit && ` (${one.unit})`}</option>;

function Add() {
  const desk = persons.value.filter((one) => ["clerk", "supervisor"].includes(one.role));
  const now = form.value;
  return <form class="card stack" aria-labelledby="add" onSubmit={(event) => void add(event)}><h2 id="add">{t("deputy.add")}</h2>
    <div class="fields">
      <div class="field"><label for="deputy">{t("deputy.who")}</label>
        <select id="deputy" required value={String(now.deputy || "")} onChange={(event) => put({ deputy: Number(event.currentTarget.value) })}>
          <option value="">{t("assign.choose")}</option>{desk.map(who)}</select></div>
      {hasRole("supervisor") && <div class="field"><label for="of">{t("deputy.of")}</label>
        <select id="of" value={String(now.of)} onChange={(event) => put({ of: Number(event.currentTarget.value) })}>
          <option value="0">{t("deputy.me")}</option>{desk.map(who)}</select></div>}
      <div class="field"><label for="from">{t("deputy.from")}</label><input id="from" type="date" required min={today} aria-describedby="from-day" value={now.from} onInput={(event) => put({ from: event.currentTarget.value })} /><Day id="from" value={now.from} /></div>
      <div class="field"><label for="until">{t("deputy.until")}</label><input id="until" type="date" required min={now.from} aria-describedby="until-day" value={now.until} onInput={(event) => put({ until: event.currentTarget.value })} /><Day id="until" value={now.until} /></div>
    </div>
    <div class="field"><label for="reason">{t("deputy.reason")}</label><input id="reason" maxLength={100} value={now.reason} onInput={(event) => put({ reason: event.currentTarget.value })} /></div>
    <p class="hint">{t("deputy.hint")}</p>
    {kept.refused.value ? <Trouble error={kept.refused.value} /> : null}
    <div><button class="main" aria-disabled={kept.busy.value}>{t("deputy.do")}</button></div></form>;
}

const looks: Record<string, [Tone, Shape]> = { now: ["good", "done"], later: ["now", "ring"], over: ["", "back"] };
function State({ state }: { state: string }) {
  const [tone, shape] = looks[state] ?? ["", "ring"];
  return <Chip tone={tone} shape={shape} text={tOf("deputy-state", state)} />;
}

/* From when until when; each stays on one line. */
const Time = ({ one }: { one: Deputy }) => <><span class="nowrap">{moment(Date.parse(one.from), Date.now())}</span>–<span class="nowrap">{moment(Date.parse(one.ended_at || one.until), Date.now())}</span></>;

function List({ all }: { all: Deputy[] }) {
  if (all.length === 0) return <Empty title={t("deputy.none")}><p>{t("deputy.none-hint")}</p></Empty>;
  const mine = session.value?.person;
  const isFree = !session.value?.deputy;
  return <section class="stack" aria-labelledby="list"><header class="tools"><h2 id="list">{t("deputy.sum", { n: all.filter((one) => one.state === "now").length })}</h2>
    <SaveTable name="deputies" rows={() => [[t("deputy.who"), t("deputy.of"), t("deputy.from"), t("deputy.until"), t("col.state"), t("deputy.reason"), t("deputy.by")],
      ...all.map((one) => [one.deputy.name, one.for.name, one.from, one.until, tOf("deputy-state", one.state), one.reason, one.by])]} /></header>
    <table class="list stacked"><caption class="hidden">{t("deputies.title")}</caption><thead><tr><th scope="col">{t("deputy.who")}</th><th scope="col" class="only-wide">{t("deputy.time")}</th>
      <th scope="col" class="only-wide">{t("col.state")}</th><th scope="col">{t("to.change")}</th></tr></thead>
      <tbody>{all.map((one) => <tr key={one.id}><th scope="row" class="wide"><span class="subject">{t("deputy.line", { who: one.deputy.name, whom: one.for.name })}</span>
        <span class="meta">{one.reason && <span {...zh}>{one.reason}</span>}<span>{t("deputy.by-whom", { who: one.by })}</span>
          <span class="only-narrow"><Time one={one} /></span></span><span class="only-narrow"><State state={one.state} /></span></th>
        <td class="only-wide"><Time one={one} /></td>
        <td class="only-wide"><State state={one.state} /></td>
        <td><div class="row">{one.state === "now" && one.deputy.name === mine && isFree && <button type="button" onClick={() => void actAs(one.id)}>{t("deputy.act", { whom: one.for.name })}</button>}
          {one.state !== "over" && isFree && <AskFirst id={String(one.id)} word={t("deputy.end")} question={t("deputy.end-ask")} sure={t("deputy.end-do")} onSure={() => void end(one)} />}</div></td></tr>)}</tbody></table></section>;
}

function Acting() {
  const now = session.value;
  if (!now?.deputy) return null;
  return <div class="note warn"><h2>{t("deputy.acting", { who: now.person, whom: now.actsFor ?? "" })}</h2><p>{t("deputy.acting-hint")}</p>
    <div class="row"><button type="button" onClick={() => void actAs(0)}>{t("deputy.stop")}</button></div></div>;
}

function Content() {
  if (!kept.list.value) return kept.failure.value ? <><Acting /><Trouble error={kept.failure.value} retry={() => void kept.load()} /></> : <Wait />;
  return <div class="stack-wide"><Acting />{acting.value ? <Trouble error={acting.value} /> : null}
    {!session.value?.deputy && hasRole("clerk", "supervisor") && <Add />}<List all={kept.list.value} /></div>;
}

start(<><Head title={t("deputies.title")}><p>{t("deputies.lead")}</p></Head><Content /></>);
void kept.load();
void get<{ persons: Person[] }>("/v1/units").then((said) => { persons.value = said.persons; }).catch(() => undefined);
effect(() => { document.documentElement.dataset.ready = (kept.list.value || kept.failure.value) && session.value ? "yes" : "no"; });
