/* The last steps of 新增發文: who gets it, what the check says, and off it goes; or it is kept as a draft. */
import { signal } from "@preact/signals";
import { asProblem } from "../base/api";
import { announce } from "../base/start";
import type { Sent } from "../base/types";
import { page, t, zh } from "../base/words";
import { Findings } from "../parts/finding";
import { Trouble, Wait } from "../parts/parts";
import { Chip } from "../parts/state";
import { heldOf, UndoBar } from "../parts/undo";
import { series } from "./apart";
import { accepted, checked, gaps, hasErrors, held, isApart, opened, recipients, sent } from "./desk";
import { needed } from "./findings";
import { fillHead, rememberHead } from "./head";
import { send, wasUndone } from "./leave";
import { isDirty, KeptDraft, openDraft, readAgain, save, submit, wasOpened } from "./kept";
import { failure, hasBadFiles, runCheck } from "./steps";

export { fillHead, isDirty, KeptDraft, openDraft, wasOpened };

const busy = signal(false);
const isUndone = signal(false);

/* One thing at a time; what goes wrong is shown where it was asked for. */
async function once(act: () => Promise<void>): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  failure.value = null;
  try {
    await act();
  } catch (error) {
    failure.value = error;
  }
  busy.value = false;
}

/* A draft leaves as it is kept: what was changed is saved first. */
const off = (): Promise<void> => once(async () => {
  isUndone.value = false;
  if (opened.value && isDirty.value && !isApart.value && !await save()) return;
  await send();
  void rememberHead();
  held.value = sent.value ? heldOf(sent.value) : null;
  announce(held.value ? t("undo.told", { n: sent.value?.undo_s ?? 0 }) : t("send.done"));
  setTimeout(() => document.getElementById("step")?.focus());
});

/* For a second person to proofread, before it is sent from there. */
const keepIt = (): Promise<void> => once(async () => {
  if (!await (opened.value ? submit() : save())) return;
  await rememberHead();
  location.assign(page("drafts"));
});

export function SaveDraft() {
  return <button type="button" aria-disabled={busy.value} onClick={() => { if (!hasBadFiles()) void once(async () => { if (await save()) void rememberHead(); }); }}>{t("draft.save")}</button>;
}

/* Of files that were uploaded the rosters say who gets them. */
export function Listed() {
  if (!checked.value && !failure.value) { void runCheck(); return <Wait text={t("check.working")} />; }
  const found = checked.value?.document;
  if (!found) return <Checked />;
  const list = (word: Parameters<typeof t>[0], readers: { name: string; with_attachments: boolean }[]) => readers.length > 0 &&
    <><h3>{t(word)}</h3><ul>{readers.map((one) => <li>{one.name}{one.with_attachments && <span class="small quiet"> {t("with-attachments")}</span>}</li>)}</ul></>;
  return <section class="card stack" aria-labelledby="listed"><h2 id="listed">{t("to.listed")}</h2>
    <p class="hint">{t("to.listed-hint")}</p>
    {list("original", found.originals)}{list("copy", found.copies)}
    <p>{found.rosters.map((one) => <span>{t("to.roster", { file: one.file, n: one.recipients })} </span>)}</p></section>;
}

export function Checked() {
  const said = checked.value;
  if (failure.value) {
    const problem = asProblem(failure.value);
    return problem.findings.length > 0 ? <div class="card"><h2>{problem.title}</h2><Findings findings={problem.findings} /></div>
      : <Trouble error={problem} retry={() => void runCheck()} />;
  }
  if (!said) return <Wait text={t("check.working")} />;
  const ask = needed(said.findings);
  const put = (rule: string, yes: boolean) => { const now = new Set(accepted.value); if (yes) now.add(rule); else now.delete(rule); accepted.value = now; gaps.value = []; };
  return <div class="stack">
    <div class={`note ${hasErrors.value ? "bad" : ask.length > 0 ? "warn" : "good"}`}>
      <h2 id="check-errors" tabindex={-1}>{hasErrors.value ? t("check.errors") : ask.length > 0 ? t("check.ask") : t("check.good")}</h2>
      <p>{hasErrors.value ? t("check.errors-hint") : ask.length > 0 ? t("check.ask-hint") : t("check.good-hint")}</p></div>
    {said.findings.length > 0 && <section class="card" aria-labelledby="found"><h2 id="found">{t("check.found", { n: said.findings.length })}</h2>
      <Findings findings={said.findings} accepted={accepted.value} onAccept={put} /></section>}
    <Summary />
  </div>;
}

function Summary() {
  const found = checked.value?.document;
  if (isApart.value && checked.value) return <section class="card" aria-labelledby="summary"><h2 id="summary">{t("apart.summary", { n: recipients.value.length })}</h2>
    <ul {...zh}>{recipients.value.map(({ name }) => <li>{name}</li>)}</ul></section>;
  if (!found) return null;
  const readers = [...found.originals, ...found.copies];
  return <section class="card" aria-labelledby="summary"><h2 id="summary">{t("send.summary")}</h2>
    <dl class="facts"><dt>{t("col.kind")}</dt><dd {...zh}>{found.class || found.kind}</dd>
      <dt>{t("col.subject")}</dt><dd {...zh}>{found.subject}</dd>
      <dt>{t("col.reference")}</dt><dd {...zh}>{found.references.join(t("list.comma"))}</dd>
      <dt>{t("col.sender")}</dt><dd {...zh}>{found.senders.map(({ name }) => name).join(t("list.comma"))}</dd>
      <dt>{t("col.recipient")}</dt><dd {...zh}>{readers.map(({ name }) => name).join(t("list.comma"))}</dd>
      <dt>{t("write.attachments")}</dt><dd>{found.attachments.length > 0 ? found.attachments.join(t("list.comma")) : t("none")}</dd></dl></section>;
}

function Gone({ letter }: { letter: Sent }) {
  const isHeld = held.value !== null;
  const all = series.value;
  return <div class="stack"><div class="note good stack"><h2>{t(isHeld ? "send.held" : "send.done")}</h2><p>{t("send.done-hint")}</p>
    {all && <><p>{t("apart.sent", { n: all.letters.length })}</p><ul>{all.letters.map((one) => <li><a {...zh} href={`${page("sent")}?id=${one.document_id}`}>{one.name}</a></li>)}</ul></>}
    <div class="row">{!all && <a class="button main" href={`${page("sent")}?id=${letter.id}`}>{t("send.follow")}</a>}
      <a class="button" href={page("send")}>{t("send.another")}</a></div></div>
    {held.value && <UndoBar path={all ? `/v1/series/${all.id}` : `/v1/outbox/${letter.id}`} held={held.value} onOver={() => { held.value = null; announce(t("send.done")); }}
      onUndone={() => { held.value = null; wasUndone(); isUndone.value = true; void readAgain(); setTimeout(() => document.getElementById("step")?.focus()); }} />}</div>;
}
export function Off() {
  if (sent.value) return <Gone letter={sent.value} />;
  return <div class="stack">
    {isUndone.value && <div class="note warn"><h2>{t("undo.done")}</h2><p>{t("undo.done-hint")}</p></div>}
    {failure.value ? <Trouble error={failure.value} /> : null}
    <Summary />
    <p class="row">{[...accepted.value].map((rule) => <Chip tone="warn" shape="warn" text={t("send.accepted", { rule })} />)}</p>
    <div class="act"><button type="button" class="main" aria-disabled={busy.value} onClick={() => void off()}>{busy.value ? t("send.working") : t("send.do")}</button>
      <button type="button" aria-disabled={busy.value} onClick={() => void keepIt()}>{t(opened.value ? "draft.keep-again" : "draft.keep")}</button>
      <p class="hint">{t("send.hint")}</p></div>
  </div>;
}
