/* One letter that was sent: its way to each recipient, as it happens. */
import { effect, signal } from "@preact/signals";
import { get, post } from "../base/api";
import { watch } from "../base/live";
import { announce, start } from "../base/start";
import { clock, day } from "../base/time";
import { hasTrouble, isOpen, totalsOf } from "../base/sent";
import type { Delivery, Sent } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Findings } from "../parts/finding";
import { Trouble, Wait } from "../parts/parts";
import { Said } from "../parts/said";
import { SentState } from "../parts/state";
import { Bar, Told } from "../parts/totals";
import { heldOf, UndoBar } from "../parts/undo";
import { nextOf, Way } from "../parts/way";

const id = new URLSearchParams(location.search).get("id") ?? "";
const path = `/v1/outbox/${encodeURIComponent(id)}`;
const shownAtOnce = 24;

const letter = signal<Sent | null>(null);
const failure = signal<unknown>(null);
const refused = signal<unknown>(null);
const asked = signal<{ code: string; act: "withdraw" | "paper" } | null>(null);
const showAll = signal(false);
const held = signal<ReturnType<typeof heldOf>>(null);

/* What changed since the page last looked, in words. */
function tellChanges(before: Sent, now: Sent): void {
  const was = new Map(before.deliveries.map((one) => [one.recipient, one.state]));
  const changed = now.deliveries.filter((one) => was.get(one.recipient) !== one.state);
  if (changed.length > 0) announce(changed.slice(0, 3).map((one) =>
    `${one.name}${t("list.colon")}${tOf("out", one.state)}`).join(t("list.comma")));
}

async function load(): Promise<void> {
  try {
    const found = await get<Sent>(path);
    if (JSON.stringify(found) !== JSON.stringify(letter.value)) {
      if (letter.value) tellChanges(letter.value, found);
      letter.value = found;
      held.value = heldOf(found);
    }
    failure.value = null;
  } catch (error) {
    if (!letter.value) failure.value = error;
  }
}

async function act(): Promise<void> {
  const what = asked.value;
  if (!what) return;
  refused.value = null;
  try {
    letter.value = await post<Sent>(`${path}/${what.code}:${what.act}`);
    announce(tOf("told", what.act));
  } catch (error) {
    refused.value = error;
  }
  asked.value = null;
}

function Act({ one }: { one: Delivery }) {
  if (asked.value?.code === one.recipient) return <div class="stack">
    <p><em>{tOf("ask", asked.value.act, { name: one.name })}</em></p>
    <div class="row"><button type="button" class="bad" onClick={() => void act()}>{tOf("do", asked.value.act)}</button>
      <button type="button" class="plain" onClick={() => { asked.value = null; }}>{t("cancel")}</button></div></div>;
  if (!isOpen(one) || one.flags.includes("withdrawing")) return null;
  const canWithdraw = ["queued", "accepted", "relayed"].includes(one.state);
  return <div class="row">
    {canWithdraw && <button type="button" class="plain" onClick={() => { asked.value = { code: one.recipient, act: "withdraw" }; }}>{t("do.withdraw")}
      <span class="hidden">{one.name}</span></button>}
    <button type="button" class="plain" onClick={() => { asked.value = { code: one.recipient, act: "paper" }; }}>{t("do.paper")}
      <span class="hidden">{one.name}</span></button>
  </div>;
}

function Lane({ one, from }: { one: Delivery; from: string }) {
  return <li class="lane">
    <header><h3 {...zh}>{one.name || one.recipient}</h3><SentState state={one.state} flags={one.flags} />
      <span class="small quiet">{t(one.copy ? "copy" : "original")}{!one.with_attachments && <>{t("list.comma")}{t("without-attachments")}</>}</span></header>
    {one.reason && <p class="note bad">{t("letter.reason")}{t("list.colon")}{tOf("reason", one.reason)}{one.words && <><br /><Said words={one.words} /></>}</p>}
    {one.flags.filter((flag) => flag !== "overdue").map((flag) => <p class="note warn">{tOf("flag", flag)}</p>)}
    {one.flags.includes("overdue") && isOpen(one) && <p class="note warn">{t("flag.overdue")}</p>}
    {one.waits_for && <p class="note warn">{t("sent.waits", { code: one.waits_for })}</p>}
    <Way events={one.events} next={isOpen(one) ? nextOf(one.events) : ""} from={from} />
    <footer class="row apart"><Act one={one} />
      {one.events.length > 0 && <a class="small" href={`${path}/evidence?recipient=${one.recipient}`} download>{t("letter.evidence")}
        <span class="hidden">{one.name}</span></a>}</footer>
  </li>;
}

function Page({ one }: { one: Sent }) {
  const totals = totalsOf(one);
  // What needs somebody stands first.
  const lanes = [...one.deliveries].sort((a, b) => Number(hasTrouble(b)) - Number(hasTrouble(a)));
  const shown = showAll.value ? lanes : lanes.slice(0, shownAtOnce);
  const at = Date.parse(one.created_at);
  return <>
    <header class="head"><div class="grow stack"><p><a href={page("outbox")}>{t("outbox.title")}</a></p>
      <h1 {...zh}>{one.subject || t("letter.no-subject")}</h1>
      <p class="row"><span {...zh}>{one.reference}</span><span class="nowrap">{t("sent.at", { when: `${day(at)} ${clock(at)}` })}</span></p></div></header>
    <div class="stack-wide">
      <section class="card stack" aria-labelledby="sum">
        <div class="row apart"><h2 id="sum">{t("sent.sum", { n: totals.all })}</h2><Told totals={totals} /></div>
        <Bar totals={totals} />
        <div class="row">
          <a class="button" href={`${path}/print`} target="_blank" rel="noopener">{t("sent.print")}</a>
          <a class="button" href={`${path}/view`} target="_blank" rel="noopener">{t("letter.view")}</a></div>
      </section>
      {one.superseded && <div class="note warn"><p>{tOf("superseded", one.superseded)}</p></div>}
      {refused.value ? <Trouble error={refused.value} /> : null}
      {held.value && <UndoBar path={`/v1/outbox/${one.id}`} held={held.value} onOver={() => { held.value = null; void load(); }}
        onUndone={(now) => { held.value = null; letter.value = now; }} />}
      {one.state === "undone" && <div class="note warn"><p>{t("undo.was")}</p></div>}
      <section aria-labelledby="lanes" class="stack"><h2 id="lanes">{t("sent.way")}</h2>
        <ul class="lanes">{shown.map((delivery) => <Lane key={delivery.recipient} one={delivery} from={one.created_at} />)}</ul>
        {shown.length < lanes.length && <button type="button" onClick={() => { showAll.value = true; }}>{t("sent.all", { n: lanes.length })}</button>}
      </section>
      {one.findings.length > 0 && <section class="card" aria-labelledby="found"><h2 id="found">{t("sent.findings")}</h2>
        <Findings findings={one.findings} /></section>}
    </div>
  </>;
}

function Letter() {
  if (letter.value) return <Page one={letter.value} />;
  return <><header class="head"><div class="stack"><p><a href={page("outbox")}>{t("outbox.title")}</a></p><h1>{t("sent.title")}</h1></div></header>
    {failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />}</>;
}

start(<Letter />);
watch(load);
void load();
effect(() => {
  const one = letter.value;
  if (one) document.title = `${one.subject} - ${t("brand")}`;
  document.documentElement.dataset.ready = one || failure.value ? "yes" : "no";
});
