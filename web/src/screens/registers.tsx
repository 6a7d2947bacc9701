/* 登記簿: what came in and what was sent in a time, as an office has to keep it; all of it, or what is looked for. */
import { computed, effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { announce, start } from "../base/start";
import { moment } from "../base/time";
import { page, t, tOf, zh } from "../base/words";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { Days, DaysInWords, Files, from, until } from "../parts/period";
import { ReceivedState, Speed } from "../parts/state";

interface In { receive_number: string; received_at: string; sender_name: string; sender: string; reference: string; subject: string; speed: string; recipient: string; attachments: number; state: string; answered_at: string; unit: string; person: string; waybill_id: string }
interface Out { sent_at: string; reference: string; subject: string; speed: string; attachments: number; recipients: number; confirmed: number; open: number; returned: number; paper: number; withdrawn: number; failed: number; document_id: string }

interface Unit { code: string; name: string }
interface Page { rows: (In & Out)[]; next: string }

const query = new URLSearchParams(location.search);
const book = query.get("book") === "out" ? "out" : "in";
const path = `/v1/registers/${book}`;
const words = query.get("q")?.trim() ?? "";
const state = query.get("state") ?? "";
const unit = query.get("unit") ?? "";
const speed = query.get("speed") ?? "";
const isFiltered = (words || state || unit || speed) !== "";
/* Which rows, for the list and for its files. */
const which = { ...(words && { q: words }), ...(state && { state }), ...(unit && { unit }), ...(speed && { speed }) };
const states = book === "in" ? ["opened", "confirmed", "returned", "unreadable"] : ["open", "confirmed", "returned", "failed", "paper", "withdrawn"];

const list = signal<Page | null>(null);
const failure = signal<unknown>(null);
const units = signal<Unit[] | null>(null);
/* Letters are sent by units that have a code of the directory, and assigned to any. */
const shownUnits = computed(() => (units.value ?? []).filter(({ code }) => book === "in" || code.length === 17));
const unitName = (code: string): string => units.value?.find((one) => one.code === code)?.name ?? code;

const rowsOfPage = 50;

/* The host looks at so many letters at once: what is rare is asked for until a page is full. */
async function load(): Promise<void> {
  failure.value = null;
  const rows: Page["rows"] = [];
  let next = query.get("cursor") ?? "";
  try {
    do {
      const ask = new URLSearchParams({ from, until, ...which, limit: String(rowsOfPage - rows.length), cursor: next });
      const found = await get<Page>(`${path}?${ask}`);
      rows.push(...found.rows);
      next = found.next;
    } while (next && rows.length < rowsOfPage);
    list.value = { rows, next };
    if (isFiltered) announce(t("register.found", { n: rows.length }));
  } catch (error) {
    failure.value = error;
  }
}

async function loadUnits(): Promise<void> {
  units.value = (await get<{ units: Unit[] }>("/v1/units").catch(() => ({ units: [] }))).units;
}

const InRow = ({ one }: { one: In }) => <tr><td class="only-wide nowrap">{one.receive_number}</td>
  <th scope="row" class="wide"><a class="subject" {...zh} href={`${page("letter")}?id=${encodeURIComponent(`${one.waybill_id}/${one.recipient}`)}`}>{one.subject || t("letter.no-subject")}</a>
    <span class="meta"><span {...zh}>{one.sender_name || one.sender}</span><span {...zh}>{one.reference}</span>{one.attachments > 0 && <span>{t("inbox.files", { n: one.attachments })}</span>}
      {(one.unit || one.person) && <span {...zh}>{t("assign.at", { whom: [unitName(one.unit), one.person].filter(Boolean).join(" ") })}</span>}<span class="only-narrow">{one.receive_number}</span></span></th>
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
  if (all.rows.length === 0) return <Empty title={t(isFiltered ? "find.none" : "register.none")} />;
  return <div class="stack"><table class="list"><caption class="hidden">{tOf("register", book)}</caption>
    <thead>{book === "in" ? <tr><th scope="col" class="only-wide">{t("col.number")}</th><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.speed")}</th><th scope="col" class="only-wide">{t("col.received")}</th><th scope="col">{t("col.state")}</th></tr>
      : <tr><th scope="col" class="only-wide">{t("col.sent")}</th><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.speed")}</th><th scope="col" class="number">{t("register.signed")}</th><th scope="col" class="only-wide">{t("register.rest")}</th></tr>}</thead>
    <tbody>{all.rows.map((one) => book === "in" ? <InRow key={one.waybill_id + one.recipient} one={one} /> : <OutRow key={one.document_id} one={one} />)}</tbody></table>
    <Pager next={all.next} shown={all.rows.length} label={t("pager.label")} oldestFirst /></div>;
}

const here = (one: string): string => `${page("registers")}?${new URLSearchParams({ book: one, from, until, ...(words && { q: words }) })}`;

const Search = () => <form class="card stack" role="search" method="get">
  <div class="fields wide">
    <div class="field"><label for="find">{t("register.find")}</label><input id="find" name="q" type="search" maxLength={100} aria-describedby="find-hint" defaultValue={words} /></div>
    <div class="fields">
      <div class="field"><label for="state">{t("col.state")}</label><select id="state" name="state"><option value="">{t("register.any")}</option>
        {states.map((one) => <option value={one} selected={one === state}>{tOf(book === "in" ? "in" : "standing", one)}</option>)}</select></div>
      <div class="field"><label for="unit">{t(book === "in" ? "assign.unit" : "register.by")}</label><select id="unit" name="unit"><option value="">{t("register.any")}</option>
        <option value="none" selected={unit === "none"}>{t(book === "in" ? "register.desk" : "register.itself")}</option>
        {shownUnits.value.map((one) => <option value={one.code} selected={one.code === unit} {...zh}>{one.name}</option>)}</select></div>
      <div class="field"><label for="speed">{t("col.speed")}</label><select id="speed" name="speed"><option value="">{t("register.any")}</option>
        {["normal", "fast", "fastest"].map((one) => <option value={one} selected={one === speed}>{tOf("speed", one)}</option>)}</select></div></div></div>
  <p class="hint" id="find-hint">{t(book === "in" ? "find.in" : "find.out")}</p>
  <div class="row"><input type="hidden" name="book" value={book} /><Days /><button class="main">{t("find.do")}</button>{isFiltered && <a href={`${page("registers")}?${new URLSearchParams({ book, from, until })}`}>{t("register.all")}</a>}</div><DaysInWords /></form>;

start(<div class="stack"><Head title={t("registers.title")}><p>{t("registers.lead")}</p></Head>
  <nav class="tabs" aria-label={t("registers.title")}>{["in", "out"].map((one) => <a href={here(one)} aria-current={one === book ? "page" : undefined}>{tOf("register", one)}</a>)}</nav>
  <Search /><div class="row apart"><p class="quiet">{isFiltered && t("register.filtered")}</p><Files path={path} which={which} /></div><Content /></div>);
void load();
void loadUnits();
effect(() => { document.documentElement.dataset.ready = (list.value || failure.value) && units.value ? "yes" : "no"; });
