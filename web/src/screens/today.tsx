/*
 * 今日: what the law asks for today (art. 7-6: look at the result by the next
 * day), what came in and how urgent it is, and whether the host is well.
 */
import { computed, effect, signal } from "@preact/signals";
import { get, post } from "../base/api";
import { keyOf } from "../base/answer";
import { watch } from "../base/live";
import { announce, start } from "../base/start";
import { session } from "../base/session";
import { moment, span } from "../base/time";
import { lateOf, receivedOf, unconfirmedOf } from "../base/sent";
import type { Due, Health, List, Overview, Received } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Ages } from "../parts/ages";
import { CheckNote } from "../parts/check";
import { SaveTable } from "../parts/table";
import { Said } from "../parts/said";
import { SentState, Speed } from "../parts/state";

interface Part<T> { value: T | null; error: unknown }
const part = <T,>() => signal<Part<T>>({ value: null, error: null });
const inbox = part<List<Received>>();
const overview = part<Overview>();
const due = part<{ deliveries: Due[]; next: string }>();
const health = part<Health>();

/* Each part by itself: one that fails hides no other. */
async function fill<T>(into: { value: Part<T> }, path: string): Promise<void> {
  try {
    into.value = { value: await get<T>(path), error: null };
  } catch (error) {
    into.value = { value: into.value.value, error };
  }
}

const load = async () => {
  await Promise.all([
    fill(inbox, "/v1/inbox?order=urgent&limit=6"), fill(overview, "/v1/overview"),
    fill(due, "/v1/review?limit=50"), fill(health, "/v1/health")]);
};

/* ---- what came in ---- */

const speeds = ["fastest", "fast", "normal"] as const;

function CameIn() {
  const { value, error } = inbox.value;
  const sums = overview.value.value;
  return <section class="card stack" aria-labelledby="in">
    <header class="row apart"><h2 id="in">{sums ? t("today.in", { n: receivedOf(sums) }) : t("in.opened")}</h2>
      <a href={page("inbox")}>{t("today.to-inbox")}</a></header>
    {error ? <Trouble error={error} retry={() => void load()} /> : !value || !sums ? <p>{t("wait")}</p>
      : value.documents.length === 0 ? <p class="quiet">{t("inbox.none-open")}</p> : <>
        <p class="row">{speeds.filter((speed) => sums.received[speed] > 0).map((speed) =>
          <a class="sum" href={`${page("inbox")}?speed=${speed}`}><Speed speed={speed} /> {t("today.letters", { n: sums.received[speed] })}</a>)}</p>
        <table class="list"><caption class="hidden">{t("today.in-caption")}</caption>
          <thead class="hidden"><tr><th scope="col" class="only-wide">{t("col.speed")}</th><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.received")}</th></tr></thead>
          <tbody>{value.documents.map((one) => <tr>
            <td class="only-wide"><Speed speed={one.speed} /></td>
            <th scope="row" class="wide"><span class="only-narrow"><Speed speed={one.speed} /></span><a class="subject" {...zh} href={`${page("letter")}?id=${encodeURIComponent(keyOf(one))}`}>{one.subject}</a>
              <span class="meta"><span {...zh}>{one.sender_name}</span><span>{t("today.waits", { span: span(Date.now() - Date.parse(one.received_at)) })}</span></span></th>
            <td class="only-wide nowrap small quiet">{moment(Date.parse(one.received_at), Date.now())}</td></tr>)}</tbody></table>
        {receivedOf(sums) > value.documents.length && <p><a href={page("inbox")}>{t("today.all-in", { n: receivedOf(sums) })}</a></p>}
      </>}
  </section>;
}

/* ---- what was sent and is not signed for ---- */

/* The states between sending and signing, as far as there are any. */
function States({ sums }: { sums: Overview }) {
  const there = Object.entries(sums.sent).filter(([, n]) => n > 0);
  return there.length === 0 ? null : <p class="row states">{there.map(([state, n]) =>
    <a class="sum" href={`${page("outbox")}?state=${state}`}><SentState state={state} /> {t("today.letters", { n })}</a>)}</p>;
}

function Unconfirmed() {
  const { value, error } = overview.value;
  const n = value ? unconfirmedOf(value) : 0;
  const late = value ? lateOf(value) : 0;
  return <section class="stack" aria-labelledby="ages"><h2 id="ages">{!value ? t("today.unconfirmed") : n === 0 ? t("today.all-signed")
    : late > 0 ? t("today.late", { n, late }) : t("today.moving", { n })}</h2>
    {error ? <Trouble error={error} retry={() => void load()} /> : <Ages sums={value} here="" />}
    {value && <States sums={value} />}</section>;
}

const picked = signal<ReadonlySet<string>>(new Set());
const action = signal("wait");
const note = signal("");
const reviewer = signal("");
const refused = signal<unknown>(null);
const done = signal("");

const dueKey = (one: Due) => `${one.document_id}/${one.recipient}`;
const who = computed(() => session.value?.person || reviewer.value);

async function review(event: Event): Promise<void> {
  event.preventDefault();
  refused.value = null;
  try {
    const said = await post<{ reviewed: number }>("/v1/review", {
      reviewer: who.value, action: action.value, note: note.value, deliveries: [...picked.value] });
    done.value = t("review.done", { n: said.reviewed });
    announce(done.value);
    picked.value = new Set();
    note.value = "";
    await load();
  } catch (error) {
    refused.value = error;
  }
}

function ReviewForm() {
  const n = picked.value.size;
  if (n === 0) return null;
  return <form class="bulk" onSubmit={(event) => void review(event)} aria-label={t("review.form")}>
    <strong>{t("bulk.picked", { n })}</strong>
    <div class="fields grow">
      <div class="field"><label for="action">{t("review.action")}</label>
        <select id="action" value={action.value} onChange={(event) => { action.value = event.currentTarget.value; }}>
          {["wait", "chase", "resend", "paper", "other"].map((name) => <option value={name}>{tOf("action", name)}</option>)}</select></div>
      <div class="field"><label for="note">{t("review.note")}</label>
        <input id="note" maxLength={160} value={note.value} onInput={(event) => { note.value = event.currentTarget.value; }} /></div>
      {!session.value?.person && <div class="field"><label for="by">{t("review.by")}</label>
        <input id="by" required maxLength={40} autocomplete="name" value={reviewer.value} onInput={(event) => { reviewer.value = event.currentTarget.value; }} /></div>}
    </div>
    <button class="main">{t("review.do", { n })}</button>
    {refused.value ? <Trouble error={refused.value} /> : null}
  </form>;
}

function DueRow({ one }: { one: Due }) {
  const key = dueKey(one);
  const last = one.reviews[one.reviews.length - 1];
  return <tr>
    <td class="pick"><label><input type="checkbox" checked={picked.value.has(key)} aria-label={t("inbox.pick", { what: `${one.subject} ${one.name}` })}
      onChange={(event) => { const now = new Set(picked.value); if (event.currentTarget.checked) now.add(key); else now.delete(key); picked.value = now; done.value = ""; }} /></label></td>
    <th scope="row" class="wide"><a class="subject" {...zh} href={`${page("sent")}?id=${one.document_id}`}>{one.subject}</a>
      <span class="meta"><span {...zh}>{one.name}</span><span {...zh}>{one.reference}</span>
        {one.reason && <span>{tOf("reason", one.reason)}</span>}<Said words={one.words ?? ""} />
        {last && <span>{t("review.last", { who: last.reviewer, what: tOf("action", last.action) })}</span>}</span>
      <span class="only-narrow"><SentState state={one.state} flags={["overdue"]} /></span></th>
    <td class="only-wide nowrap">{moment(Date.parse(one.sent_at), Date.now())}</td>
    <td class="only-wide"><SentState state={one.state} flags={["overdue"]} /></td>
    <td class="only-wide small">{tOf("advice", one.state)}</td>
  </tr>;
}

function DueList() {
  const { value, error } = due.value;
  const all = value?.deliveries ?? [];
  return <section class="stack" aria-labelledby="due">
    <header class="row apart"><h2 id="due">{value ? t("today.due", { n: overview.value.value?.review ?? all.length }) : t("today.due-title")}</h2>
      {all.length > 0 && <SaveTable name="review" rows={() => [[t("col.subject"), t("col.reference"), t("col.recipient"), t("col.sent"), t("col.state")],
        ...all.map((one) => [one.subject, one.reference, one.name, one.sent_at, tOf("out", one.state)])]} />}</header>
    {done.value && <div class="note good"><p>{done.value}</p></div>}
    {error ? <Trouble error={error} retry={() => void load()} /> : !value ? <Wait />
      : all.length === 0 ? <Empty title={t("today.none-due")}><p>{t("today.none-due.hint")}</p></Empty>
        : <><p class="hint">{t("today.due-hint")}</p><table class="list"><caption class="hidden">{t("today.due-caption")}</caption>
          <thead><tr><td class="pick"><label><input type="checkbox" aria-label={t("review.pick-all")} checked={all.every((one) => picked.value.has(dueKey(one)))}
            onChange={(event) => { picked.value = new Set(event.currentTarget.checked ? all.map(dueKey) : []); }} /></label></td>
          <th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.sent")}</th>
          <th scope="col" class="only-wide">{t("col.state")}</th><th scope="col" class="only-wide">{t("col.todo")}</th></tr></thead>
          <tbody>{all.map((one) => <DueRow key={dueKey(one)} one={one} />)}</tbody></table>
          {value.next && <p class="hint">{t("today.due-more", { n: all.length })}</p>}</>}
    <ReviewForm />
  </section>;
}

/* ---- the host ---- */

function Host() {
  const { value, error } = health.value;
  const trouble = value?.checks.filter((check) => check.state !== "ok") ?? [];
  if (error) return <Trouble error={error} />;
  if (trouble.length === 0) return null;
  return <section class="card stack" aria-labelledby="host"><header class="row apart"><h2 id="host">{t("today.host")}</h2>
    <a href={page("health")}>{t("nav.health")}</a></header>
    {trouble.map((one) => <CheckNote one={one} />)}</section>;
}

function Today() {
  // What stands below a list comes after it: nothing is pushed away under somebody's finger.
  const known = [inbox.value, overview.value].every((one) => one.value || one.error);
  return <div class="stack-wide">
    <Head title={t("today.title")} />
    <Host />
    <CameIn />
    {known && <><Unconfirmed /><DueList /></>}
  </div>;
}

start(<Today />);
watch(load, 4000);
void load();
effect(() => {
  const parts = [inbox.value, overview.value, due.value, health.value];
  document.documentElement.dataset.ready = parts.every((one) => one.value || one.error) ? "yes" : "no";
});
