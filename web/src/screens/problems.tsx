/* 異常: what failed, and the one thing to do about each. */
import { computed, effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { watch } from "../base/live";
import { start } from "../base/start";
import { moment } from "../base/time";
import { hasTrouble } from "../base/sent";
import type { Delivery, Health, List, Received, Sent } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Chip, ReceivedState, SentState } from "../parts/state";

const outbox = signal<List<Sent> | null>(null);
const unreadable = signal<List<Received> | null>(null);
const health = signal<Health | null>(null);
const conflicts = signal<{ origin: string; seen_at: string }[]>([]);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  try {
    const [sent, received, checks, told] = await Promise.all([
      get<List<Sent>>("/v1/outbox?limit=200"), get<List<Received>>("/v1/inbox?state=unreadable&limit=50"),
      get<Health>("/v1/health"), 
      // For supervisors and auditors alone.
      get<{ conflicts: { origin: string; seen_at: string }[] }>("/v1/conflicts").catch(() => ({ conflicts: [] }))]);
    outbox.value = sent;
    unreadable.value = received;
    health.value = checks;
    conflicts.value = told.conflicts;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const sending = computed(() => (outbox.value?.documents ?? []).flatMap((letter) =>
  letter.deliveries.filter(hasTrouble).map((one) => ({ letter, one }))));
const checks = computed(() => (health.value?.checks ?? []).filter((one) => one.state !== "ok"));

/* The first that applies decides what to do. */
const todoOf = (one: Delivery): string => {
  const flag = one.flags.find((name) => ["suspended", "unreadable", "notice"].includes(name));
  return flag ? tOf("todo", flag) : one.flags.includes("overdue") && one.state !== "returned" ? t("todo.overdue") : tOf("todo", one.state);
};

function Sending() {
  return <section class="stack" aria-labelledby="out"><h2 id="out">{t("problems.out", { n: sending.value.length })}</h2>
    {sending.value.length === 0 ? <Empty title={t("problems.none-out")} /> : <table class="list">
      <caption class="hidden">{t("problems.out-caption")}</caption>
      <thead><tr><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.since")}</th>
        <th scope="col" class="only-wide">{t("col.state")}</th><th scope="col" class="only-wide">{t("col.todo")}</th></tr></thead>
      <tbody>{sending.value.map(({ letter, one }) => <tr>
        <th scope="row"><a class="subject" {...zh} href={`${page("sent")}?id=${letter.id}`}>{letter.subject}</a>
          <span class="meta"><span {...zh}>{one.name}</span><span {...zh}>{letter.reference}</span>{one.reason && <span>{tOf("reason", one.reason)}</span>}</span>
          <span class="row only-narrow"><SentState state={one.state} flags={one.flags} /><span class="small">{todoOf(one)}</span></span></th>
        <td class="only-wide nowrap">{moment(Date.parse(one.since), Date.now())}</td>
        <td class="only-wide"><SentState state={one.state} flags={one.flags} /></td>
        <td class="only-wide">{todoOf(one)}</td></tr>)}</tbody></table>}
  </section>;
}

function Received_() {
  const all = unreadable.value?.documents ?? [];
  if (all.length === 0) return null;
  return <section class="stack" aria-labelledby="in"><h2 id="in">{t("problems.in", { n: all.length })}</h2>
    <table class="list"><caption class="hidden">{t("problems.in-caption")}</caption>
      <thead><tr><th scope="col">{t("col.letter")}</th><th scope="col">{t("col.state")}</th></tr></thead>
      <tbody>{all.map((one) => <tr><th scope="row"><span class="subject">{one.subject || t("letter.no-subject")}</span>
        <span class="meta"><span>{one.sender_name || one.sender}</span><span>{tOf("reason", one.reason)}</span></span></th>
        <td><ReceivedState state={one.state} /></td></tr>)}</tbody></table></section>;
}

function Host() {
  if (checks.value.length === 0 && conflicts.value.length === 0) return null;
  return <section class="card stack" aria-labelledby="host"><h2 id="host">{t("problems.host")}</h2>
    {conflicts.value.map((one) => <div class="note bad"><h3>{t("problems.conflict")}</h3><p>{t("problems.conflict-what", { who: one.origin })}</p></div>)}
    {checks.value.map((one) => <div><Chip tone={one.state === "failed" ? "bad" : "warn"} shape={one.state === "failed" ? "bad" : "warn"} text={tOf("probe", one.name)} />
      <p>{one.text}</p>{one.next && <p><em>{t("problem.do")}</em>{one.next}</p>}</div>)}</section>;
}

function Content() {
  if (!outbox.value) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  return <div class="stack-wide"><Host /><Sending /><Received_ /></div>;
}

start(<><Head title={t("problems.title")}><p>{t("problems.lead")}</p></Head><Content /></>);
watch(load, 5000);
void load();
effect(() => { document.documentElement.dataset.ready = outbox.value || failure.value ? "yes" : "no"; });
