/* 統計: how much came in and was sent, by month, 速別 and correspondent (ux.md 7, picture 15). */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { start } from "../base/start";
import { day, isoDay } from "../base/time";
import { language, page, t, tOf } from "../base/words";
import { Bars } from "../parts/bars";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Files, from, Period, until } from "../parts/period";

interface Row { by: string; key: string; name: string; in: number; in_confirmed: number; in_open: number; in_odf_percent: string; documents: number; out: number; out_confirmed: number; out_open: number; out_returned: number; out_failed: number; out_paper: number; out_electronic_percent: string; out_odf_percent: string }

const path = "/v1/statistics";
const rows = signal<Row[] | null>(null);
const failure = signal<unknown>(null);
const shownMost = 15;

async function load(): Promise<void> {
  try {
    rows.value = (await get<{ rows: Row[] }>(`${path}?from=${from}&until=${until}`)).rows;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const percent = (value: string) => value === "" ? t("none") : `${value}\u00a0%`;

const book = (name: string, more = {}) => `${page("registers")}?${new URLSearchParams({ book: name, from, until, ...more })}`;
/* Where the rows of both numbers are. */
const books = (more: object): string[] => [book("in", more), book("out", more)];

/* A month, as far as it is in the period. */
function daysOf(month: string): object {
  const last = isoDay(Date.parse(`${isoDay(Date.parse(`${month}-01`) + 31 * 86400e3).slice(0, 7)}-01`) - 86400e3);
  return { from: `${month}-01` > from ? `${month}-01` : from, until: last < until ? last : until };
}

function Sums({ all }: { all: Row }) {
  return <div class="numbers">
    <a href={book("in")}><strong>{all.in.toLocaleString()}</strong>{t("stat.in")}</a>
    <a href={book("out")}><strong>{all.documents.toLocaleString()}</strong>{t("stat.documents")}</a>
    <a href={`${page("outbox")}?age=any`}><strong>{all.out_open.toLocaleString()}</strong>{t("stat.open")}</a>
    <div><strong>{percent(all.out_electronic_percent)}</strong>{t("stat.electronic")}</div>
    <div><strong>{percent(all.out_odf_percent)}</strong>{t("stat.odf")}</div></div>;
}

/* "2026-11" as people here say it. */
const monthOf = (one: Row) => language === "en" ? day(Date.parse(`${one.key}-02`)).slice(2) : one.name || one.key;

/* The largest of the rows, for a title that says what is to be seen. */
const most = (list: readonly Row[]) => [...list].sort((a, b) => b.in + b.out - a.in - a.out)[0];

function Content() {
  const all = rows.value;
  if (!all) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  const of = (by: string) => all.filter((one) => one.by === by);
  const sum = of("all")[0];
  if (!sum || sum.in + sum.out === 0) return <Empty title={t("stat.none")} />;
  const series = [t("stat.in"), t("stat.out")];
  const months = of("month");
  const others = of("organisation");
  const speeds = of("speed");
  return <div class="stack-wide"><Sums all={sum} />
    {months.length > 0 && <Bars id="months" head={t("stat.month")} series={series} title={t("stat.by-month", { what: monthOf(most(months)!) })}
      rows={months.map((one) => ({ name: monthOf(one), values: [one.in, one.out], links: books(daysOf(one.key)), isOwnName: true }))} />}
    {speeds.length > 0 && <Bars id="speeds" head={t("col.speed")} series={series} title={t("stat.by-speed", { what: tOf("speed", most(speeds)!.key) })}
      rows={speeds.map((one) => ({ name: tOf("speed", one.key), values: [one.in, one.out], links: books({ speed: one.key }), isOwnName: true }))} />}
    {others.length > 0 && <Bars id="others" head={t("stat.organisation")} series={series} title={t("stat.by-organisation", { what: most(others)!.name || most(others)!.key })}
      rows={[...others].sort((a, b) => b.in + b.out - a.in - a.out).slice(0, shownMost).map((one) => ({ name: one.name || one.key, values: [one.in, one.out], links: books({ q: one.key }) }))} />}
    {others.length > shownMost && <p class="hint">{t("stat.most", { n: shownMost, all: others.length })}</p>}</div>;
}

start(<div class="stack"><Head title={t("statistics.title")}><p>{t("statistics.lead", { from: day(Date.parse(from)), until: day(Date.parse(until)) })}</p></Head>
  <div class="row apart"><Period /><Files path={path} /></div><Content /></div>);
void load();
effect(() => { document.documentElement.dataset.ready = rows.value || failure.value ? "yes" : "no"; });
