/* 公文: read a letter that came in, and answer it. */
import { effect, signal } from "@preact/signals";
import { answer, noticeReasons, returnReasons, why as whyOf, type Act } from "../base/answer";
import { get, post } from "../base/api";
import { hasRole } from "../base/desk";
import { watch } from "../base/live";
import { announce, start } from "../base/start";
import { clock, day, moment, size } from "../base/time";
import type { Received } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Assign, bodyOf, isSomebody, loadUnits, type Target } from "../parts/assign";
import { Trouble, Wait } from "../parts/parts";
import { Reasons } from "../parts/reasons";
import { Said, SayMore } from "../parts/said";
import { ReceivedState, Speed } from "../parts/state";
import { nextOf, Way } from "../parts/way";

const id = new URLSearchParams(location.search).get("id") ?? "";
const path = `/v1/inbox/${id.split("/").map(encodeURIComponent).join("/")}`;

const letter = signal<Received | null>(null);
const failure = signal<unknown>(null);
const refused = signal<unknown>(null);
const asking = signal<"" | "return" | "notice">("");
const reason = signal("");
const words = signal("");
const busy = signal(false);

async function load(): Promise<void> {
  try {
    const found = await get<Received>(path);
    if (JSON.stringify(found) !== JSON.stringify(letter.value)) letter.value = found;
    failure.value = null;
  } catch (error) {
    if (!letter.value) failure.value = error;
  }
}

async function act(what: Act): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  refused.value = null;
  try {
    letter.value = await answer(id, what, what === "confirm" ? undefined : whyOf(reason.value, words.value));
    asking.value = "";
    reason.value = "";
    words.value = "";
    announce(tOf("told", what));
  } catch (error) {
    refused.value = error;
    await load();
  }
  busy.value = false;
}

function Ask({ what }: { what: "return" | "notice" }) {
  const reasons = what === "return" ? returnReasons : noticeReasons;
  return <div class="stack">
    <Reasons legend={t(what === "return" ? "letter.why" : "letter.why-notice")} name="reason" reasons={reasons}
      value={reason.value} onChoose={(chosen) => { reason.value = chosen; }} />
    <SayMore id="words" value={words.value} onInput={(text) => { words.value = text; }} />
    <p class="hint">{t(what === "return" ? "letter.return-hint" : "letter.notice-hint")}</p>
    <div class="act">
      <button type="button" class="bad" aria-disabled={!reason.value || busy.value}
        onClick={() => { if (reason.value) void act(what); }}>{t(what === "return" ? "letter.return-do" : "letter.notice-do")}</button>
      <button type="button" class="plain" onClick={() => { asking.value = ""; }}>{t("cancel")}</button>
    </div>
  </div>;
}

function Answer({ one }: { one: Received }) {
  return <section class="card first stack" aria-labelledby="answer">
    <h2 id="answer" class="row apart">{t("letter.state")} <ReceivedState state={one.state} /></h2>
    {one.superseded && <div class="note warn"><p><em>{tOf("superseded", one.superseded)}</em></p></div>}
    {one.doubt && <div class="note warn"><p><em>{tOf("doubt", one.doubt)}</em></p></div>}
    {one.reason && <p>{t("letter.reason")}{t("list.colon")}{tOf("reason", one.reason)}</p>}
    {one.notice && <p>{t("letter.noticed")}{t("list.colon")}{tOf("reason", one.notice)}</p>}
    {one.words && <p><Said words={one.words} ours /></p>}
    {refused.value ? <Trouble error={refused.value} /> : null}
    {asking.value ? <Ask what={asking.value} />
      : one.state === "opened" ? <div class="act">
        <button type="button" class="main" aria-disabled={busy.value} onClick={() => void act("confirm")}>{t("letter.confirm")}</button>
        <button type="button" onClick={() => { asking.value = "return"; }}>{t("letter.to-return")}</button>
        <p class="hint">{t("letter.confirm-hint")}</p>
      </div>
        : one.state === "confirmed" && !one.notice ? <div class="act">
          <p>{t("letter.confirmed-hint")} <a href={page("inbox")}>{t("letter.next")}</a></p>
          <button type="button" class="plain" onClick={() => { asking.value = "notice"; }}>{t("letter.to-notice")}</button>
        </div> : null}
  </section>;
}

function Facts({ one }: { one: Received }) {
  const at = Date.parse(one.received_at);
  return <section class="card" aria-labelledby="facts">
    <h2 id="facts">{t("letter.facts")}</h2>
    <dl class="facts">
      <dt>{t("col.sender")}</dt><dd {...zh}>{one.sender_name || one.sender}</dd>
      <dt>{t("col.reference")}</dt><dd {...zh}>{one.reference}</dd>
      <dt>{t("col.number")}</dt><dd>{one.receive_number || t("none")}</dd>
      <dt>{t("col.received")}</dt><dd>{day(at)} {clock(at)}</dd>
      <dt>{t("col.to")}</dt><dd {...zh}>{one.recipient_name || one.recipient}</dd>
    </dl>
  </section>;
}

/* To whom it is assigned, and who did what with it. */
const target = signal<Target>({ unit: "", person: 0, note: "" });
const moving = signal<"" | "assign" | "hand-back">("");
const why = signal("");

async function move(what: "assign" | "hand-back"): Promise<void> {
  refused.value = null;
  try {
    letter.value = await post<Received>(`/v1/inbox/${id}:${what}`, what === "assign" ? bodyOf(target.value) : { reason: why.value });
    announce(tOf("did", what, { n: 1 }));
    moving.value = "";
    why.value = "";
  } catch (error) {
    refused.value = error;
    await load();
  }
}

function Handling({ one }: { one: Received }) {
  const at = one.assigned;
  if (!at) return null;
  const whom = [at.unit_name || at.unit, at.name].filter(Boolean).join(" ");
  return <section class="card stack" aria-labelledby="handling"><h2 id="handling">{t("assign.title")}</h2>
    <p>{whom ? <strong {...zh}>{whom}</strong> : t("assign.desk")}</p>
    {moving.value === "assign" ? <div class="stack"><Assign value={target.value} onChange={(to) => { target.value = to; }} />
      <div class="row"><button type="button" class="main" aria-disabled={!isSomebody(target.value)} onClick={() => { if (isSomebody(target.value)) void move("assign"); }}>{t("assign.do-one")}</button>
        <button type="button" class="plain" onClick={() => { moving.value = ""; }}>{t("cancel")}</button></div></div>
      : moving.value === "hand-back" ? <form class="stack" onSubmit={(event) => { event.preventDefault(); void move("hand-back"); }}>
        <div class="field"><label for="why">{t("assign.back-why")}</label><input id="why" required maxLength={160} value={why.value} onInput={(event) => { why.value = event.currentTarget.value; }} /></div>
        <div class="row"><button class="bad">{t("assign.back-do")}</button><button type="button" class="plain" onClick={() => { moving.value = ""; }}>{t("cancel")}</button></div></form>
        : hasRole("clerk", "supervisor") && <div class="row"><button type="button" onClick={() => { moving.value = "assign"; void loadUnits(); }}>{t("assign.to")}</button>
          {whom && <button type="button" class="plain" onClick={() => { moving.value = "hand-back"; }}>{t("assign.back")}</button>}</div>}
    {(one.history ?? []).length > 0 && <details><summary class="small">{t("assign.history")}</summary><ol class="history">{one.history!.map((entry) =>
      <li class="small"><span class="quiet">{moment(Date.parse(entry.at), Date.now())}</span> <span {...zh}>{entry.for ? t("history.by", { who: entry.by, whom: entry.for }) : entry.by}</span>{" "}
        {tOf("history", entry.act, { whom: [entry.unit_name || entry.unit, entry.name].filter(Boolean).join(" ") })}{entry.note && <span {...zh}>{t("list.colon")}{entry.note}</span>}</li>)}</ol></details>}
  </section>;
}

/* DI and roster are what the page shows; the rest are attachments. */
/* A long name goes on after a part of it. */
const breakable = (name: string) => name.split(/(?<=[_.])/).map((part) => <>{part}<wbr /></>);
const isForm = (name: string) => /\.(di|sw|dm)$/i.test(name);

function Files({ one }: { one: Received }) {
  const all = one.files.map((file, index) => ({ ...file, index }));
  const attachments = all.filter(({ name }) => !isForm(name));
  const forms = all.filter(({ name }) => isForm(name));
  const line = (file: typeof all[number]) => <li>
    <a href={`${path}/files/${file.index}`} download={file.name} {...zh}>{breakable(file.name)}</a>
    <span class="small quiet nowrap">{size(file.length)}</span></li>;
  return <section class="card" aria-labelledby="files">
    <h2 id="files">{t("letter.attachments", { n: attachments.length })}</h2>
    {attachments.length === 0 ? <p class="quiet">{t("letter.no-attachments")}</p>
      : <ul class="files">{attachments.map(line)}</ul>}
    <details><summary class="small">{t("letter.forms")}</summary>
      <ul class="files">{forms.map(line)}
        <li><a href={`${path}/package`} download>{t("letter.package")}</a><span class="small quiet nowrap">{size(one.package_length)}</span></li>
        <li><a href={`${path}/evidence`} download>{t("letter.evidence")}</a></li></ul></details>
  </section>;
}

function Letter() {
  const one = letter.value;
  if (!one) return <><header class="head"><div class="stack"><p><a href={page("inbox")}>{t("inbox.title")}</a></p><h1>{t("letter.title")}</h1></div></header>
    {failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />}</>;
  return <>
    <header class="head"><div class="grow stack">
      <p class="row"><a href={page("inbox")}>{t("inbox.title")}</a> <Speed speed={one.speed} /></p>
      <h1 {...zh}>{one.subject || t("letter.no-subject")}</h1></div></header>
    <div class="reading">
      <div class="stack">
        <div class="row">
          <a class="button" href={`${path}/print`} target="_blank" rel="noopener">{t("letter.print")}</a>
          <a class="button" href={`${path}/view`} target="_blank" rel="noopener">{t("letter.view")}</a>
        </div>
        <iframe class="paper" src={`${path}/view`} title={t("letter.frame", { what: one.subject })} {...zh} />
      </div>
      <div class="beside">
        <Answer one={one} />
        <Handling one={one} />
        <Facts one={one} />
        <Files one={one} />
        <section class="card" aria-labelledby="way"><h2 id="way">{t("letter.way")}</h2>
          <Way events={one.events} next={nextOf(one.events)} side="came" /></section>
      </div>
    </div>
  </>;
}

start(<Letter />);
watch(load);
void load();
effect(() => {
  const one = letter.value;
  if (one) document.title = `${one.subject} - ${t("brand")}`;
  document.documentElement.dataset.ready = one || failure.value ? "yes" : "no";
});
