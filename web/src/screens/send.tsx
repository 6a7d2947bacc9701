/* 新增發文: files or a text, recipients, the check, and off it goes. */
import { effect, signal } from "@preact/signals";
import { start } from "../base/start";
import { t, tOf } from "../base/words";
import { Head, Wait } from "../parts/parts";
import { checked, fieldOf, files, gaps, hasContent, mode, opened, sent, step, stepNames, type Mode } from "../send/desk";
import { failure, go, hasGaps } from "../send/steps";
import { Upload } from "../send/files";
import { Write } from "../send/write";

/* What comes after is loaded while somebody writes; so is what opens and saves drafts. */
const recipientsStep = signal<typeof import("../send/recipients") | null>(null);
void import("../send/recipients").then((module) => { recipientsStep.value = module; });
const last = signal<typeof import("../send/finish") | null>(null);
const wanted = new URLSearchParams(location.search).get("draft");
const isOpen = signal(!wanted);
const isBegun = signal(!!wanted); // it has what each letter begins with
void import("../send/finish").then(async (module) => {
  last.value = module;
  if (wanted) await module.openDraft(wanted);
  else void module.fillHead().then(() => { isBegun.value = true; });
  isOpen.value = true;
});

function ToWhom() {
  const module = recipientsStep.value;
  return module ? <module.Recipients /> : <Wait />;
}

function forward(): void {
  if (!hasGaps(step.value)) go(stepNames[stepNames.indexOf(step.value) + 1]!);
}

const Gaps = () => gaps.value.length === 0 ? null : <div class="note bad" role="alert" tabindex={-1} id="gaps">
  <h2>{t("gaps.title")}</h2>
  <ul>{gaps.value.map((name) => <li><a href={`#${fieldOf(name)}`} onClick={(event) => { event.preventDefault(); document.getElementById(fieldOf(name))?.focus(); }}>{tOf("gap", name)}</a></li>)}</ul></div>;

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
    {!opened.value && <fieldset class="card row"><legend class="hidden">{t("mode.label")}</legend>{(["write", "files"] as Mode[]).map((one) => <label class="choice grow">
      <input type="radio" name="mode" checked={mode.value === one} onChange={() => { mode.value = one; files.value = []; }} />
      <span><strong>{tOf("mode", one)}</strong><br /><span class="hint">{tOf("mode-hint", one)}</span></span></label>)}</fieldset>}
    {mode.value === "write" ? <Write /> : <Upload />}
  </div>;
}

function Forward() {
  const here = stepNames.indexOf(step.value);
  if (sent.value) return null;
  return <div class="forward">
    {here > 0 ? <button type="button" onClick={() => go(stepNames[here - 1]!)}>{t("steps.back")}</button> : <span />}
    <span class="row">{last.value && hasContent.value && <last.value.SaveDraft />}
    {step.value !== "send" && <button type="button" class="main" onClick={forward}>
      {t("steps.next", { what: tOf("step", stepNames[here + 1]!) })}</button>}</span>
  </div>;
}

function Step() {
  const module = last.value;
  if (step.value === "content") return <Content />;
  if (step.value === "recipients" && mode.value === "write") return <ToWhom />;
  if (!module) return <Wait />;
  return step.value === "recipients" ? <module.Listed /> : step.value === "check" ? <module.Checked /> : <module.Off />;
}

function Send() {
  const module = last.value;
  const isThere = isOpen.value && (!wanted || module?.wasOpened());
  return <>
    <Head title={t(wanted ? "draft.edit-title" : "send.title")} />
    {isThere && <Steps />}
    <h2 id="step" tabindex={-1} class="hidden">{tOf("step", step.value)}</h2>
    {module && !sent.value ? <module.KeptDraft /> : wanted && !module && <Wait />}
    {isThere && <><Gaps /><Step /><Forward /></>}
  </>;
}

start(<Send />);
effect(() => { document.documentElement.dataset.ready = !isOpen.value || !isBegun.value || step.value === "check" && !checked.value && !failure.value ? "no" : "yes"; });
addEventListener("beforeunload", (event) => { if (hasContent.value && !sent.value && (last.value?.isDirty.value ?? true)) event.preventDefault(); });
