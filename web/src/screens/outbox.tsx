/* 發文匣: what was sent, and how far each letter is. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { watch } from "../base/live";
import { start } from "../base/start";
import { moment } from "../base/time";
import { ages, totalsOf, unconfirmedOf, type Age } from "../base/sent";
import type { List, OpenDeliveries, Overview, Sent } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Find, Found, question } from "../parts/find";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { SaveTable } from "../parts/table";
import { Deliveries, SaveDeliveries } from "../parts/deliveries";
import { Said } from "../parts/said";
import { Bar, Told } from "../parts/totals";

const query = new URLSearchParams(location.search);
const age = query.get("age") ?? "";
const state = query.get("state") ?? "";
/* Deliveries behind a number of 今日; else whole letters. */
const isOpenView = age !== "" || state !== "";

const list = signal<List<Sent> | null>(null);
const open = signal<OpenDeliveries | null>(null);
const sums = signal<Overview | null>(null);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  const ask = new URLSearchParams({ limit: "50" });
  for (const name of ["cursor", "age", "state", "q"]) {
    const value = query.get(name);
    if (value) ask.set(name, value);
  }
  try {
    const counted = get<Overview>("/v1/overview");
    if (isOpenView) open.value = await get<OpenDeliveries>(`/v1/deliveries?${ask}`);
    else list.value = await get<List<Sent>>(`/v1/outbox?${ask}`);
    sums.value = await counted;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const namesOf = (letter: Sent): string => {
  const names = letter.deliveries.slice(0, 3).map((one) => one.name || one.recipient).join(t("list.comma"));
  return letter.deliveries.length > 3 ? t("outbox.and-others", { names, n: letter.deliveries.length }) : names;
};

function Row({ letter }: { letter: Sent }) {
  const totals = totalsOf(letter);
  return <tr>
    <th scope="row" class="wide">
      <a class="subject" {...zh} href={`${page("sent")}?id=${letter.id}`}>{letter.subject || t("letter.no-subject")}</a>
      <span class="meta"><span {...zh}>{letter.reference}</span><span>{namesOf(letter)}</span>
        {letter.deliveries.filter((one) => one.words).slice(0, 3).map((one) => <Said words={one.words ?? ""} who={one.name} />)}
        {letter.message > 0 && <em>{tOf("message", String(letter.message))}</em>}
        <span class="only-narrow">{moment(Date.parse(letter.created_at), Date.now())}</span></span>
      <span class="only-narrow"><Told totals={totals} /></span>
    </th>
    <td class="only-wide nowrap">{moment(Date.parse(letter.created_at), Date.now())}</td>
    <td class="only-wide progress"><Told totals={totals} /><Bar totals={totals} /></td>
  </tr>;
}

function Letters({ all }: { all: List<Sent> }) {
  if (question && all.documents.length === 0) return <div class="stack"><div class="tools"><Find hint={t("find.out")} /></div><Found n={0} isMore={false} /></div>;
  if (all.documents.length === 0)
    return <Empty title={t("outbox.none")}><p><a href={page("send")}>{t("nav.send")}</a></p></Empty>;
  const rows = all.documents;
  return <div class="stack">
    <div class="tools"><Find hint={t("find.out")} />
      <SaveTable name="outbox" rows={() => [[t("col.subject"), t("col.reference"), t("col.sent"), t("col.recipient"), t("col.state"), t("col.since")],
        ...rows.flatMap((one) => one.deliveries.map((delivery) => [one.subject, one.reference, one.created_at,
          delivery.name, tOf("out", delivery.state), delivery.since]))]} /></div>
    {question && <Found n={rows.length} isMore={all.next !== ""} />}
    <table class="list">
      <caption class="hidden">{t("outbox.caption")}</caption>
      <thead><tr><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.sent")}</th>
        <th scope="col" class="only-wide">{t("col.progress")}</th></tr></thead>
      <tbody>{rows.map((letter) => <Row key={letter.id} letter={letter} />)}</tbody></table>
    <Pager next={all.next} shown={rows.length} label={t("pager.label")} />
  </div>;
}

/* How many there are in all, whatever is on this page. */
const countOf = (all: Overview, of = age): number => of === "any" ? unconfirmedOf(all)
  : of ? all.unconfirmed[of as Age] ?? 0 : all.sent[state] ?? 0;

function Open({ all }: { all: OpenDeliveries }) {
  const what = age ? tOf("age", age) : tOf("out", state);
  return <div class="stack">
    <div class="tools"><h2>{t(age === "any" ? "outbox.open-any" : "outbox.open", { what, n: sums.value ? countOf(sums.value) : all.deliveries.length })}</h2>
      {all.deliveries.length > 0 && <SaveDeliveries name="unconfirmed" all={all.deliveries} />}</div>
    {all.deliveries.length === 0 ? <Empty title={t("outbox.none-open", { what })} />
      : <Deliveries all={all.deliveries} caption={what} />}
    <Pager next={all.next} shown={all.deliveries.length} label={t("pager.label")} oldestFirst />
  </div>;
}

function Content() {
  const all = isOpenView ? open.value : list.value;
  if (!all) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  return <div class="stack">
    {failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : null}
    {"deliveries" in all ? <Open all={all} /> : <Letters all={all} />}</div>;
}

/* What is not signed for, by age: each number leads to its rows. */
const Waiting = ({ all }: { all: Overview }) => <nav class="row speeds" aria-label={t("outbox.ages")}>{["any", ...ages].map((one) =>
  <a class="sum" href={`${page("outbox")}?age=${one}`} aria-current={one === age ? "page" : undefined}>
    {tOf("age", one)} {t("today.letters", { n: countOf(all, one) })}</a>)}</nav>;

function Tabs() {
  const all = sums.value;
  return <><nav class="tabs" aria-label={t("outbox.views")}>
    <a href={page("outbox")} aria-current={isOpenView ? undefined : "page"}>{t("outbox.letters")}</a>
    <a href={`${page("outbox")}?age=any`} aria-current={age ? "page" : undefined}>{t("outbox.unsigned")}
      {all && <span class="small">{unconfirmedOf(all).toLocaleString()}</span>}</a>
    {state && <a href={`${page("outbox")}?state=${state}`} aria-current="page">{tOf("out", state)}</a>}</nav>
    {age && all && <Waiting all={all} />}</>;
}

start(<div class="stack"><Head title={t("outbox.title")}><p>{t("outbox.lead")}</p></Head><Tabs /><Content /></div>);
watch(load, 4000);
void load();
effect(() => { document.documentElement.dataset.ready = (isOpenView ? open.value : list.value) || failure.value ? "yes" : "no"; });
