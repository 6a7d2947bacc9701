/* 草稿: letters before they are sent: proofread by a second person, then sent once (art. 7-1). */
import { effect, signal } from "@preact/signals";
import { asProblem, get } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { moment } from "../base/time";
import type { Sent } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { Findings } from "../parts/finding";
import type { Shape } from "../parts/icons";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { Chip, type Tone } from "../parts/state";
import type { Kept as Draft } from "../send/desk";
import { needed } from "../send/findings";


const query = new URLSearchParams(location.search);
const kept = keep(() => get<{ drafts: Draft[]; next: string }>(`/v1/drafts?${new URLSearchParams({ limit: "50", cursor: query.get("cursor") ?? "" })}`));
const about = signal(""); // the draft that was refused
const note = signal("");

async function act<R>(one: Draft, what: string, body: unknown = {}, more = ""): Promise<R | undefined> {
  about.value = one.id;
  const said = await kept.act<R>(`/v1/drafts/${one.id}:${what}?version=${one.version}${more}`, body);
  // What another clerk changed meanwhile is shown as it is now.
  if (!said && asProblem(kept.refused.value).status === 412) await kept.load();
  if (said) { about.value = ""; note.value = ""; announce(tOf("draft-did", what)); }
  return said;
}

async function send(one: Draft, accept = ""): Promise<void> {
  const sent = await act<Sent>(one, "send", {}, accept ? `&accept=${accept}` : "");
  if (sent) location.assign(`${page("sent")}?id=${sent.id}`);
}

/* What a refusal says; warnings that the sender may accept go with a second press. */
function Refused({ one }: { one: Draft }) {
  if (about.value !== one.id || !kept.refused.value) return null;
  const problem = asProblem(kept.refused.value);
  const rules = needed(problem.findings);
  return <div class="stack"><Trouble error={problem} />{problem.findings.length > 0 && <Findings findings={problem.findings} />}
    {rules.length > 0 && <button type="button" onClick={() => void send(one, rules.join(","))}>{t("finding.accept")}</button>}</div>;
}

const looks: Record<Draft["state"], [Tone, Shape]> = { draft: ["", "ring"], proofreading: ["now", "half"], proofread: ["good", "done"], sent: ["good", "sheet"] };

function Acts({ one }: { one: Draft }) {
  if (!hasRole("clerk", "supervisor")) return null;
  return <div class="row">
    {one.state !== "sent" && <a class="button" href={`${page("send")}?draft=${one.id}`}>{t("draft.edit")}<span class="hidden">{one.title}</span></a>}
    {one.state === "draft" && <button type="button" onClick={() => void act(one, "submit", { note: note.value })}>{t("draft.submit")}</button>}
    {one.state === "proofreading" && <><button type="button" class="main" onClick={() => void act(one, "proofread", { passed: true, note: note.value })}>{t("draft.pass")}</button>
      <button type="button" onClick={() => void act(one, "proofread", { passed: false, note: note.value })}>{t("draft.fail")}</button></>}
    {(one.state === "draft" || one.state === "proofread") && <button type="button" class={one.state === "proofread" ? "main" : ""} onClick={() => void send(one)}>{t("draft.send")}</button>}
    {one.state === "sent" ? <a href={`${page("sent")}?id=${one.document_id}`}>{t("send.follow")}</a>
      : <AskFirst id={one.id} word={t("draft.discard")} question={t("draft.discard-ask")} sure={t("draft.discard-do")} onSure={() => void act(one, "discard")} />}</div>;
}

function Card({ one }: { one: Draft }) {
  const [tone, shape] = looks[one.state];
  const path = `/v1/drafts/${one.id}`;
  return <li class="card stack"><header class="row apart"><h2 class="grow" {...zh}>{one.title || t("letter.no-subject")}</h2><Chip tone={tone} shape={shape} text={tOf("draft-state", one.state)} /></header>
    <p class="row small quiet"><span>{t("draft.changed", { who: one.changed_by, when: moment(Date.parse(one.changed_at), Date.now()) })}</span><span>{t("draft.files", { n: one.files.length })}</span>
      <a href={`${path}/view`} target="_blank" rel="noopener">{t("letter.view")}</a><a href={`${path}/print`} target="_blank" rel="noopener">{t("letter.print")}</a></p>
    {one.note && <p>{t("draft.note")}{t("list.colon")}<span {...zh}>{one.note}</span></p>}
    <Refused one={one} /><Acts one={one} /></li>;
}

function Content() {
  const all = kept.list.value;
  if (!all) return kept.failure.value ? <Trouble error={kept.failure.value} retry={() => void kept.load()} /> : <Wait />;
  if (all.drafts.length === 0) return <Empty title={t("draft.none")}><p>{t("draft.none-hint")} <a href={page("send")}>{t("nav.send")}</a></p></Empty>;
  return <div class="stack"><div class="field narrow"><label for="draft-note">{t("draft.note-for")}</label><input id="draft-note" maxLength={160} value={note.value} onInput={(event) => { note.value = event.currentTarget.value; }} /></div>
    <ul class="stack">{all.drafts.map((one) => <Card key={one.id} one={one} />)}</ul><Pager next={all.next} shown={all.drafts.length} label={t("pager.label")} /></div>;
}

start(<><Head title={t("drafts.title")}><p>{t("drafts.lead")}</p></Head><Content /></>);
void kept.load();
effect(() => { document.documentElement.dataset.ready = (kept.list.value || kept.failure.value) && session.value ? "yes" : "no"; });
