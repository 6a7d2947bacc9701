/* 登記簿: what came in and what was sent in a time, as an office has to keep it. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { start } from "../base/start";
import { moment } from "../base/time";
import { page, t, tOf, zh } from "../base/words";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { Files, from, Period, until } from "../parts/period";
import { ReceivedState, Speed } from "../parts/state";

interface In { receive_number: string; received_at: string; sender_name: string; sender: string; reference: string; subject: string; speed: string; recipient: string; attachments: number; state: string; answered_at: string; unit: string; person: string; waybill_id: string }
interface Out { sent_at: string; reference: string; subject: string; speed: string; attachments: number; recipients: number; confirmed: number; open: number; returned: number; paper: number; withdrawn: number; failed: number; document_id: string }

const query = new URLSearchParams(location.search);
const book = query.get("book") === "out" ? "out" : "in";
const path = `/v1/registers/${book}`;
const list = signal<{ rows: (In & Out)[]; next: string } | null>(null);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  const ask = new URLSearchParams({ from, until, limit: "50", cursor: query.get("cursor") ?? "" });
  try {
    list.value = await get(`${path}?${ask}`);
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const InRow = ({ one }: { one: In }) => <tr><td class="only-wide nowrap">{one.receive_number}</td>
  <th scope="row" class="wide"><a class="subject" {...zh} href={`${page("letter")}?id=${encodeURIComponent(`${one.waybill_id}/${one.recipient}`)}`}>{one.subject || t("letter.no-subject")}</a>
    <span class="meta"><span {...zh}>{one.sender_name || one.sender}</span><span {...zh}>{one.reference}</span>{one.attachments > 0 && <span>{t("inbox.files", { n: one.attachments })}</span>}
      {(one.unit || one.person) && <span {...zh}>{t("assign.at", { whom: [one.unit, one.person].filter(Boolean).join(" ") })}</span>}<span class="only-narrow">{one.receive_number}</span></span></th>
  <td class="only-wide"><Speed speed={one.speed} /></td><td class="only-wide nowrap">{moment(Date.parse(one.received_at), Date.now())}</td>
  <td><ReceivedState state={one.state} />{one.answered_at && <div class="small quiet">{moment(Date.parse(one.answered_at), Date.now())}</div>}</td></tr>;

const OutRow = ({ one }: { one: Out }) => <tr><td class="only-wide nowrap">{moment(Date.parse(one.sent_at), Date.now())}</td>
  <th scope="row" class="wide"><a class="subject" {...zh} href={`${page("sent")}?id=${one.document_id}`}>{one.subject || t("letter.no-subject")}</a>
    <span class="meta"><span {...zh}>{one.reference}</span>{one.attachments > 0 && <span>{t("inbox.files", { n: one.attachments })}</span>}
      <span class="only-narrow">{moment(Date.parse(one.sent_at), Date.now())}</span></span></th>
  <td class="only-wide"><Speed speed={one.speed} /></td><td class="number">{one.confirmed}/{one.recipients}</td>
  <td class="only-wide small">{(["open", "returned", "failed", "paper", "withdrawn"] as const).filter((name) => one[name] > 0).map((name) => tOf("register", name, { n: one[name] })).join(t("list.comma"))}</td></tr>;

function Content() {
  const all = list.value;
  if (!all) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  if (all.rows.length === 0) return <Empty title={t("register.none")} />;
  return <div class="stack"><table class="list"><caption class="hidden">{tOf("register", book)}</caption>
    <thead>{book === "in" ? <tr><th scope="col" class="only-wide">{t("col.number")}</th><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.speed")}</th><th scope="col" class="only-wide">{t("col.received")}</th><th scope="col">{t("col.state")}</th></tr>
      : <tr><th scope="col" class="only-wide">{t("col.sent")}</th><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.speed")}</th><th scope="col" class="number">{t("register.signed")}</th><th scope="col" class="only-wide">{t("register.rest")}</th></tr>}</thead>
    <tbody>{all.rows.map((one) => book === "in" ? <InRow key={one.waybill_id + one.recipient} one={one} /> : <OutRow key={one.document_id} one={one} />)}</tbody></table>
    <Pager next={all.next} shown={all.rows.length} label={t("pager.label")} oldestFirst /></div>;
}

start(<div class="stack"><Head title={t("registers.title")}><p>{t("registers.lead")}</p></Head>
  <nav class="tabs" aria-label={t("registers.title")}>{["in", "out"].map((one) => <a href={`${page("registers")}?book=${one}&from=${from}&until=${until}`} aria-current={one === book ? "page" : undefined}>{tOf("register", one)}</a>)}</nav>
  <div class="row apart"><Period keep={{ book }} /><Files path={path} /></div><Content /></div>);
void load();
effect(() => { document.documentElement.dataset.ready = list.value || failure.value ? "yes" : "no"; });
