/* 新增發文: files or a text, recipients, the check, and off it goes. */
import { effect, signal } from "@preact/signals";
import { asProblem } from "../base/api";
import { announce, start } from "../base/start";
import type { Sent } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Findings } from "../parts/finding";
import { Head, Trouble, Wait } from "../parts/parts";
import { Chip } from "../parts/state";
import { heldOf, UndoBar } from "../parts/undo";
import { accepted, check, checked, draft, files, gaps, hasContent, hasErrors, keepDraft, mayGo, mode, recipients, send, sent, step, stepNames, wasUndone, type Mode, type Step } from "../send/desk";
import { missing } from "../send/draft";
import { needed } from "../send/findings";
import { badNames, isTooLarge } from "../send/limits";
import { Upload } from "../send/files";
import { Write } from "../send/write";

const failure = signal<unknown>(null);
const busy = signal(false);

/* The step of recipients is loaded while somebody writes. */
const recipientsStep = signal<typeof import("../send/recipients") | null>(null);
void import("../send/recipients").then((module) => { recipientsStep.value = module; });

function ToWhom() {
  const module = recipientsStep.value;
  return module ? <module.Recipients /> : <Wait />;
}

function go(to: Step): void {
  step.value = to;
  failure.value = null;
  gaps.value = [];
  scrollTo(0, 0);
  setTimeout(() => document.getElementById("step")?.focus({ preventScroll: true }));
  if (to === "check" && !checked.value) void runCheck();
}

async function runCheck(): Promise<void> {
  failure.value = null;
  try {
    await check();
    const n = checked.value?.findings.length ?? 0;
    announce(n === 0 ? t("check.clean") : t("check.found", { n }));
  } catch (error) {
    failure.value = error;
  }
}

function forward(): void {
  const lacks = step.value === "content" && mode.value === "write" ? missing(draft.value) : [];
  if (step.value === "content" && (isTooLarge.value || badNames.value.length > 0)) lacks.push(mode.value === "write" ? "attach" : "upload-files");
  if (lacks.length > 0) {
    gaps.value = lacks;
    setTimeout(() => document.getElementById("gaps")?.focus());
    return;
  }
  if (step.value === "recipients" && mode.value === "write" && recipients.value.length === 0) {
    gaps.value = ["to"];
    setTimeout(() => document.getElementById("gaps")?.focus());
    return;
  }
  go(stepNames[stepNames.indexOf(step.value) + 1]!);
}

async function off(): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  failure.value = null;
  try {
    isUndone.value = false;
    await send();
    held.value = sent.value ? heldOf(sent.value) : null;
    announce(held.value ? t("undo.told", { n: sent.value?.undo_s ?? 0 }) : t("send.done"));
    setTimeout(() => document.getElementById("step")?.focus());
  } catch (error) {
    failure.value = error;
  }
  busy.value = false;
}

/* For a second person to proofread, before it is sent from there. */
async function keepIt(): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  failure.value = null;
  try {
    await keepDraft();
    isKept.value = true;
    location.assign(page("drafts"));
  } catch (error) {
    failure.value = error;
  }
  busy.value = false;
}
const isKept = signal(false);

const Gaps = () => gaps.value.length === 0 ? null : <div class="note bad" role="alert" tabindex={-1} id="gaps">
  <h2>{t("gaps.title")}</h2>
  <ul>{gaps.value.map((name) => <li><a href={`#${name}`} onClick={(event) => { event.preventDefault(); document.getElementById(name)?.focus(); }}>{tOf("gap", name)}</a></li>)}</ul></div>;

function Steps() {
  const here = stepNames.indexOf(step.value);
  return <ol class="steps" aria-label={t("steps.label")}>{stepNames.map((name, i) => {
    const text = tOf("step", name);
    return <li class={i < here ? "done" : ""}>{i < here && !sent.value
      ? <button type="button" onClick={() => go(name)}>{text}<span class="hidden">{t("steps.done")}</span></button>
      : <span aria-current={i === here ? "step" : undefined}>{text}</span>}</li>;
  })}</ol>;
}

function Content() {
  return <div class="stack">
    <fieldset class="card row"><legend class="hidden">{t("mode.label")}</legend>{(["write", "files"] as Mode[]).map((one) => <label class="choice grow">
      <input type="radio" name="mode" checked={mode.value === one} onChange={() => { mode.value = one; files.value = []; }} />
      <span><strong>{tOf("mode", one)}</strong><br /><span class="hint">{tOf("mode-hint", one)}</span></span></label>)}</fieldset>
    {mode.value === "write" ? <Write /> : <Upload />}
  </div>;
}

/* Of files that were uploaded the rosters say who gets them. */
function Listed() {
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

function Checked() {
  const said = checked.value;
  if (failure.value) {
    const problem = asProblem(failure.value);
    return problem.findings.length > 0 ? <div class="card"><h2>{problem.title}</h2><Findings findings={problem.findings} /></div>
      : <Trouble error={problem} retry={() => void runCheck()} />;
  }
  if (!said) return <Wait text={t("check.working")} />;
  const ask = needed(said.findings);
  const put = (rule: string, yes: boolean) => { const now = new Set(accepted.value); if (yes) now.add(rule); else now.delete(rule); accepted.value = now; };
  return <div class="stack">
    <div class={`note ${hasErrors.value ? "bad" : ask.length > 0 ? "warn" : "good"}`}>
      <h2>{hasErrors.value ? t("check.errors") : ask.length > 0 ? t("check.ask") : t("check.good")}</h2>
      <p>{hasErrors.value ? t("check.errors-hint") : ask.length > 0 ? t("check.ask-hint") : t("check.good-hint")}</p></div>
    {said.findings.length > 0 && <section class="card" aria-labelledby="found"><h2 id="found">{t("check.found", { n: said.findings.length })}</h2>
      <Findings findings={said.findings} accepted={accepted.value} onAccept={put} /></section>}
    <Summary />
  </div>;
}

function Summary() {
  const found = checked.value?.document;
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

const held = signal<ReturnType<typeof heldOf>>(null);

function Gone({ letter }: { letter: Sent }) {
  const isHeld = held.value !== null;
  return <div class="stack"><div class="note good stack"><h2>{t(isHeld ? "send.held" : "send.done")}</h2><p>{t("send.done-hint")}</p>
    <div class="row"><a class="button main" href={`${page("sent")}?id=${letter.id}`}>{t("send.follow")}</a>
      <a class="button" href={page("send")}>{t("send.another")}</a></div></div>
    {held.value && <UndoBar letter={letter} held={held.value} onOver={() => { held.value = null; announce(t("send.done")); }}
      onUndone={() => { held.value = null; wasUndone(); isUndone.value = true; setTimeout(() => document.getElementById("step")?.focus()); }} />}</div>;
}
const isUndone = signal(false);

function Off() {
  if (sent.value) return <Gone letter={sent.value} />;
  return <div class="stack">
    {isUndone.value && <div class="note warn"><h2>{t("undo.done")}</h2><p>{t("undo.done-hint")}</p></div>}
    {failure.value ? <Trouble error={failure.value} /> : null}
    <Summary />
    <p class="row">{[...accepted.value].map((rule) => <Chip tone="warn" shape="warn" text={t("send.accepted", { rule })} />)}</p>
    <div class="act"><button type="button" class="main" aria-disabled={busy.value} onClick={() => void off()}>{busy.value ? t("send.working") : t("send.do")}</button>
      <button type="button" aria-disabled={busy.value} onClick={() => void keepIt()}>{t("draft.keep")}</button>
      <p class="hint">{t("send.hint")}</p></div>
  </div>;
}

function Forward() {
  const here = stepNames.indexOf(step.value);
  if (sent.value) return null;
  const mayGoOn = step.value === "check" ? mayGo.value : step.value !== "content" || hasContent.value;
  return <div class="forward">
    {here > 0 ? <button type="button" onClick={() => go(stepNames[here - 1]!)}>{t("steps.back")}</button> : <span />}
    {step.value !== "send" && <button type="button" class="main" aria-disabled={!mayGoOn} onClick={() => { if (mayGoOn) forward(); }}>
      {t("steps.next", { what: tOf("step", stepNames[here + 1]!) })}</button>}
  </div>;
}

function Send() {
  return <>
    <Head title={t("send.title")} />
    <Steps />
    <h2 id="step" tabindex={-1} class="hidden">{tOf("step", step.value)}</h2>
    <Gaps />
    {step.value === "content" ? <Content /> : step.value === "recipients" ? (mode.value === "write" ? <ToWhom /> : <Listed />)
      : step.value === "check" ? <Checked /> : <Off />}
    <Forward />
  </>;
}

start(<Send />);
effect(() => { document.documentElement.dataset.ready = step.value === "check" && !checked.value && !failure.value ? "no" : "yes"; });
addEventListener("beforeunload", (event) => { if (hasContent.value && !sent.value && !isKept.value) event.preventDefault(); });
