/* 收文匣: what came in, what waits to be signed for, urgent first. */
import { computed, effect, signal } from "@preact/signals";
import { answerAll, keyOf, returnReasons, why, type ManyAct } from "../base/answer";
import { asProblem, get } from "../base/api";
import { watch } from "../base/live";
import { announce, start } from "../base/start";
import { moment } from "../base/time";
import { receivedOf } from "../base/sent";
import type { List, Overview, Received } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Find, Found, question } from "../parts/find";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { SaveTable } from "../parts/table";
import { Assign, bodyOf, isSomebody, loadUnits, type Target } from "../parts/assign";
import { Reasons } from "../parts/reasons";
import { Said, SayMore } from "../parts/said";
import { ReceivedState, Speed } from "../parts/state";

const query = new URLSearchParams(location.search);
/* What is looked for is looked for everywhere. */
const state = question ? "found" : query.get("state") ?? "opened";
const speed = state === "opened" ? query.get("speed") ?? "" : "";
const views = ["opened", "confirmed", "returned", "all"];

const list = signal<List<Received> | null>(null);
const sums = signal<Overview | null>(null);
const failure = signal<unknown>(null);
const picked = signal<ReadonlySet<string>>(new Set());
const reason = signal("");
const words = signal("");
const asking = signal<"" | "return" | "assign">("");
const target = signal<Target>({ unit: "", person: 0, note: "" });
const working = signal("");
const result = signal<{ text: string; failed: { key: string; error: unknown }[] } | null>(null);

const rows = computed(() => list.value?.documents ?? []);
const waiting = computed(() => rows.value.filter((letter) => letter.state === "opened"));

async function load(): Promise<void> {
  const ask = new URLSearchParams({ limit: "50" });
  // What waits stands by urgency; the rest as it came.
  if (state === "opened") ask.set("order", "urgent");
  else if (question) ask.set("q", question);
  else if (state !== "all") ask.set("state", state);
  if (speed) ask.set("speed", speed);
  const cursor = query.get("cursor");
  if (cursor) ask.set("cursor", cursor);
  try {
    const counted = get<Overview>("/v1/overview");
    const found = await get<List<Received>>(`/v1/inbox?${ask}`);
    const all = await counted;
    // What somebody has picked stays picked only while it waits.
    const open = new Set(found.documents.filter((one) => one.state === "opened").map(keyOf));
    if ([...picked.value].some((key) => !open.has(key)))
      picked.value = new Set([...picked.value].filter((key) => open.has(key)));
    if (sums.value && receivedOf(all) > receivedOf(sums.value))
      announce(t("inbox.new", { n: receivedOf(all) - receivedOf(sums.value) }));
    list.value = found;
    sums.value = all;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

function pick(keys: readonly string[], yes: boolean): void {
  const now = new Set(picked.value);
  for (const key of keys) { if (yes) now.add(key); else now.delete(key); }
  picked.value = now;
  result.value = null;
  if (now.size === 0) asking.value = "";
}

async function act(what: ManyAct): Promise<void> {
  const keys = [...picked.value];
  working.value = t("bulk.working", { done: 0, n: keys.length });
  const outcome = await answerAll(keys, what, what === "return" ? why(reason.value, words.value) : what === "assign" ? bodyOf(target.value) : {},
    (done) => { working.value = t("bulk.working", { done, n: keys.length }); });
  working.value = "";
  asking.value = "";
  reason.value = "";
  words.value = "";
  picked.value = new Set(outcome.failed.map(({ key }) => key));
  const text = tOf("did", what, { n: outcome.done.length });
  result.value = { text, failed: outcome.failed };
  announce(text);
  await load();
}

const linkOf = (letter: Received) => `${page("letter")}?id=${encodeURIComponent(keyOf(letter))}`;
const subjectOf = (letter: Received) => letter.subject || t("letter.no-subject");

function Row({ letter }: { letter: Received }) {
  const key = keyOf(letter);
  const isOpen = letter.state === "opened";
  return <tr class={isOpen ? "open" : ""}>
    <td class="pick">{isOpen && <label><input type="checkbox" checked={picked.value.has(key)}
      aria-label={t("inbox.pick", { what: subjectOf(letter) })}
      onChange={(event) => pick([key], event.currentTarget.checked)} /></label>}</td>
    <td class="only-wide"><Speed speed={letter.speed} /></td>
    <th scope="row" class="wide">
      <span class="row only-narrow"><Speed speed={letter.speed} /> <ReceivedState state={letter.state} /></span>
      <a class="subject" {...zh} href={linkOf(letter)}>{subjectOf(letter)}</a>
      <span class="meta"><span {...zh}>{letter.sender_name || letter.sender}</span><span {...zh}>{letter.reference}</span>
        {letter.files.length > 2 && <span>{t("inbox.files", { n: letter.files.length - 2 })}</span>}
        {letter.assigned && (letter.assigned.unit_name || letter.assigned.name) && <span {...zh}>{t("assign.at", { whom: [letter.assigned.unit_name, letter.assigned.name].filter(Boolean).join(" ") })}</span>}
        <Said words={letter.words ?? ""} ours />
        {letter.doubt && <em class="doubt">{tOf("doubt-short", letter.doubt)}</em>}
        {letter.superseded && <em>{tOf("superseded", letter.superseded)}</em>}
        <span class="only-narrow">{moment(Date.parse(letter.received_at), Date.now())}</span></span>
    </th>
    <td class="only-wide nowrap">{letter.receive_number}</td>
    <td class="only-wide nowrap">{moment(Date.parse(letter.received_at), Date.now())}</td>
    <td class="only-wide"><ReceivedState state={letter.state} /></td>
  </tr>;
}

function Bulk() {
  const n = picked.value.size;
  if (n === 0) return null;
  return <div class="bulk" role="region" aria-label={t("bulk.label")}>
    <strong>{t("bulk.picked", { n })}</strong>
    {working.value ? <span>{working.value}</span>
      : asking.value === "assign" ? <>
        <Assign value={target.value} onChange={(to) => { target.value = to; }} />
        <button type="button" class="main" aria-disabled={!isSomebody(target.value)} onClick={() => { if (isSomebody(target.value)) void act("assign"); }}>{t("assign.do", { n })}</button>
        <button type="button" class="plain" onClick={() => { asking.value = ""; }}>{t("cancel")}</button>
      </> : asking.value === "return" ? <>
        <Reasons legend={t("letter.why")} name="reason" reasons={returnReasons} value={reason.value}
          onChoose={(chosen) => { reason.value = chosen; }} />
        <SayMore id="words" value={words.value} onInput={(text) => { words.value = text; }} />
        <button type="button" class="bad" aria-disabled={!reason.value} onClick={() => { if (reason.value) void act("return"); }}>{t("bulk.return", { n })}</button>
        <button type="button" class="plain" onClick={() => { asking.value = ""; }}>{t("cancel")}</button>
      </> : <>
        <button type="button" class="main" onClick={() => void act("confirm")}>{t("bulk.confirm", { n })}</button>
        <button type="button" onClick={() => { asking.value = "return"; }}>{t("bulk.to-return")}</button>
        <button type="button" onClick={() => { asking.value = "assign"; void loadUnits(); }}>{t("assign.to")}</button>
        <button type="button" class="plain" onClick={() => pick([...picked.value], false)}>{t("bulk.none")}</button>
      </>}
  </div>;
}

function Result() {
  const said = result.value;
  if (!said) return null;
  return <div class={`note ${said.failed.length ? "warn" : "good"}`}>
    <h2>{said.text}</h2>
    {said.failed.map(({ error }) => { const problem = asProblem(error); return <p>{problem.title}{t("list.colon")}{problem.next}</p>; })}
  </div>;
}

function Table() {
  const open = waiting.value.map(keyOf);
  return <table class="list">
    <caption class="hidden">{t("inbox.caption")}</caption>
    <thead><tr>
      <td class="pick">{open.length > 0 && <label><input type="checkbox" aria-label={t("inbox.pick-all")}
        checked={open.every((key) => picked.value.has(key))}
        onChange={(event) => pick(open, event.currentTarget.checked)} /></label>}</td>
      <th scope="col" class="only-wide">{t("col.speed")}</th>
      <th scope="col">{t("col.letter")}</th>
      <th scope="col" class="only-wide">{t("col.number")}</th>
      <th scope="col" class="only-wide">{t("col.received")}</th>
      <th scope="col" class="only-wide">{t("col.state")}</th>
    </tr></thead>
    <tbody>{rows.value.map((letter) => <Row key={keyOf(letter)} letter={letter} />)}</tbody>
  </table>;
}

/* What waits, by urgency: each number leads to its letters. */
function Speeds() {
  const to = (one: string) => page("inbox") + (one ? `?speed=${one}` : "");
  const here = (one: string) => one === speed ? "page" as const : undefined;
  return <nav class="row speeds" aria-label={t("col.speed")}>
    <a class="sum" href={to("")} aria-current={here("")}>{t("view.all")} {sums.value && t("today.letters", { n: receivedOf(sums.value) })}</a>
    {(["fastest", "fast", "normal"] as const).map((one) => <a class="sum" href={to(one)} aria-current={here(one)}>
      <Speed speed={one} /> {sums.value && t("today.letters", { n: sums.value.received[one] })}</a>)}</nav>;
}

function Tools() {
  return <>
    <nav class="tabs" aria-label={t("inbox.views")}>{views.map((view) =>
      <a href={`${page("inbox")}${view === "opened" ? "" : `?state=${view}`}`} aria-current={view === state ? "page" : undefined}>{tOf("view", view)}
        {view === "opened" && sums.value && <span class="small">{receivedOf(sums.value).toLocaleString()}</span>}</a>)}</nav>
    {state === "opened" && <Speeds />}
    <div class="tools">
      <Find hint={t("find.in")} />
      <SaveTable name="inbox" rows={() => [
        [t("col.speed"), t("col.subject"), t("col.sender"), t("col.reference"), t("col.number"), t("col.received"), t("col.state")],
        ...rows.value.map((one) => [tOf("speed", one.speed), one.subject, one.sender_name, one.reference,
          one.receive_number, one.received_at, tOf("in", one.state)])]} />
    </div></>;
}

function Content() {
  if (!list.value) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  if (question && list.value.documents.length === 0) return <Found n={0} isMore={false} />;
  if (list.value.documents.length === 0)
    return <Empty title={state === "opened" ? t("inbox.none-open") : t("inbox.none")}>
      {state === "opened" && <p>{t("inbox.none-open.hint")}</p>}</Empty>;
  return <div class="stack">
    {failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : null}
    {question && <Found n={rows.value.length} isMore={list.value.next !== ""} />}
    <Table />
    <Bulk />
    <Pager next={list.value.next} shown={rows.value.length} label={t("pager.label")} oldestFirst={state === "opened"} />
  </div>;
}

function Inbox() {
  return <div class="stack">
    <Head title={t("inbox.title")}><p>{t("inbox.lead")}</p></Head>
    <Tools />
    <Result />
    <Content />
  </div>;
}

start(<Inbox />);
watch(load, 4000);
void load();
effect(() => { document.documentElement.dataset.ready = list.value || failure.value ? "yes" : "no"; });
