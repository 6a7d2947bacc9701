/* 發文匣: what was sent, and how far each letter is. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { watch } from "../base/live";
import { start } from "../base/start";
import { moment } from "../base/time";
import { totalsOf } from "../base/sent";
import type { List, Sent } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Empty, Head, Pager, SaveCsv, Trouble, Wait } from "../parts/parts";
import { Bar, Told } from "../parts/totals";

const list = signal<List<Sent> | null>(null);
const failure = signal<unknown>(null);
const wanted = signal("");

async function load(): Promise<void> {
  const ask = new URLSearchParams({ limit: "50" });
  const cursor = new URLSearchParams(location.search).get("cursor");
  if (cursor) ask.set("cursor", cursor);
  try {
    list.value = await get<List<Sent>>(`/v1/outbox?${ask}`);
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
        {letter.message > 0 && <em>{tOf("message", String(letter.message))}</em>}
        <span class="only-narrow">{moment(Date.parse(letter.created_at), Date.now())}</span></span>
      <span class="only-narrow"><Told totals={totals} /></span>
    </th>
    <td class="only-wide nowrap">{moment(Date.parse(letter.created_at), Date.now())}</td>
    <td class="only-wide progress"><Told totals={totals} /><Bar totals={totals} /></td>
  </tr>;
}

function Content() {
  if (!list.value) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  if (list.value.documents.length === 0)
    return <Empty title={t("outbox.none")}><p><a href={page("send")}>{t("nav.send")}</a></p></Empty>;
  const text = wanted.value.trim().toLowerCase();
  const rows = list.value.documents.filter((one) => !text ||
    `${one.subject} ${one.reference} ${one.deliveries.map(({ name }) => name).join(" ")}`.toLowerCase().includes(text));
  return <div class="stack">
    {failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : null}
    <div class="tools"><div class="search"><label for="find">{t("inbox.find")}</label>
      <input id="find" type="search" value={wanted.value} onInput={(event) => { wanted.value = event.currentTarget.value; }} /></div>
      <SaveCsv name="outbox" rows={() => [[t("col.subject"), t("col.reference"), t("col.sent"), t("col.recipient"), t("col.state"), t("col.since")],
        ...rows.flatMap((one) => one.deliveries.map((delivery) => [one.subject, one.reference, one.created_at,
          delivery.name, tOf("out", delivery.state), delivery.since]))]} /></div>
    {rows.length === 0 ? <Empty title={t("inbox.not-found", { what: wanted.value })} /> : <table class="list">
      <caption class="hidden">{t("outbox.caption")}</caption>
      <thead><tr><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.sent")}</th>
        <th scope="col" class="only-wide">{t("col.progress")}</th></tr></thead>
      <tbody>{rows.map((letter) => <Row key={letter.id} letter={letter} />)}</tbody></table>}
    <Pager next={list.value.next} shown={rows.length} label={t("pager.label")} />
  </div>;
}

start(<div class="stack"><Head title={t("outbox.title")}><p>{t("outbox.lead")}</p></Head><Content /></div>);
watch(load, 4000);
void load();
effect(() => { document.documentElement.dataset.ready = list.value || failure.value ? "yes" : "no"; });
