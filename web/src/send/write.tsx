/* 線上擬文: the letter's fields, with the page that becomes of them beside. */
import { effect, signal } from "@preact/signals";
import { asProblem } from "../base/api";
import { session } from "../base/session";
import { dayOfField } from "../base/time";
import { t, zh } from "../base/words";
import { Findings } from "../parts/finding";
import { Trouble } from "../parts/parts";
import { change, draft, files, gaps, hasContent, mode, recipients, step } from "./desk";
import { Attachments } from "./files";
import { marksOf, otherWays, wayOf, ways, withOtherWays, withWay, type Item } from "./draft";

const shown = signal("");
const failure = signal<unknown>(null);

/* The page follows what is written, when nobody typed for a moment. */
let timer: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;
effect(() => {
  void [draft.value, recipients.value, files.value];
  if (mode.value !== "write" || step.value !== "content") return;
  clearTimeout(timer);
  timer = setTimeout(() => void show(), 500);
});

async function show(): Promise<void> {
  if (!hasContent.value) return;
  running?.abort();
  const mine = running = new AbortController();
  try {
    const html = await (await import("./make")).preview(mine.signal);
    if (mine.signal.aborted) return;
    shown.value = html;
    failure.value = null;
  } catch (error) {
    if (!mine.signal.aborted) failure.value = error;
  }
}

/* The organisation of the session is the sender until somebody says otherwise. */
effect(() => {
  const own = session.value?.organisations[0];
  if (own && draft.peek().sender.code === "") change({ sender: own });
});

function Field({ id, word, value, onInput, hint, after, rows, ...more }: {
  id: string; word: Parameters<typeof t>[0]; value: string; onInput: (value: string) => void; hint?: string; after?: string;
  rows?: number; required?: boolean; inputMode?: "numeric" | "tel" | "email"; maxLength?: number; type?: string; lang?: string;
}) {
  const isGap = gaps.value.includes(id) && value.trim() === "" || undefined;
  const told = [isGap && `${id}-gap`, hint && `${id}-hint`, after !== undefined && `${id}-after`].filter(Boolean).join(" ") || undefined;
  const all = { id, "aria-describedby": told, "aria-invalid": isGap, ...more, value,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value) };
  return <div class="field"><label for={id}>{t(word)}</label>
    {isGap && <p class="gap" id={`${id}-gap`}>{t("gap.empty")}</p>}
    {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    {rows ? <textarea rows={rows} {...all} /> : <input {...all} />}
    {after !== undefined && <p class="hint" id={`${id}-after`}>{after}</p>}
  </div>;
}

/* Items of 說明 or 辦法: Enter makes the next, Tab is left to the browser. */
function Items({ id, word, items, onChange }: {
  id: string; word: Parameters<typeof t>[0]; items: readonly Item[]; onChange: (items: Item[]) => void;
}) {
  const marks = marksOf(items);
  const put = (at: number, part: Partial<Item>) => onChange(items.map((one, i) => (i === at ? { ...one, ...part } : one)));
  const add = (after: number) => {
    const next = [...items];
    next.splice(after + 1, 0, { text: "", level: items[after]?.level ?? 0 });
    onChange(next);
    setTimeout(() => document.getElementById(`${id}-${after + 1}`)?.focus());
  };
  return <fieldset class="field"><legend class="label">{t(word)}</legend>
    <ol class="items">{items.map((item, at) => <li key={at}>
      <span class="mark" aria-hidden="true">{items.length > 1 ? marks[at] : ""}</span>
      <div class={item.level > 0 ? "deep" : ""}>
        <textarea id={`${id}-${at}`} rows={1} aria-label={t("write.item", { what: t(word), mark: marks[at] ?? "" })} value={item.text}
          onInput={(event) => put(at, { text: event.currentTarget.value.replace(/\n/g, "") })}
          onKeyDown={(event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); add(at); } }} />
      </div>
      <span class="row">
        {at > 0 && item.level === 0 && <button type="button" class="plain" onClick={() => put(at, { level: 1 })}>{t("write.deeper")}</button>}
        {item.level > 0 && <button type="button" class="plain" onClick={() => put(at, { level: 0 })}>{t("write.higher")}</button>}
        <button type="button" class="plain" onClick={() => onChange(items.filter((_, i) => i !== at))}>{t("remove")}<span class="hidden">{marks[at]}</span></button>
      </span></li>)}</ol>
    <button type="button" onClick={() => add(items.length - 1)}>{t("write.add", { what: t(word) })}</button>
  </fieldset>;
}

const words = { contact: "write.contact", phone: "write.phone", fax: "write.fax", email: "write.email" } as const;

/* 聯絡方式: each way by itself, as the head of the letter has them. */
function Contacts() {
  const { contacts } = draft.value;
  const put = (text: string) => change({ contacts: text });
  const others = otherWays(contacts);
  return <><div class="fields wide">{ways.map(([way]) => {
    const isFirst = way === "contact";
    return <Field id={isFirst ? "contacts" : way} word={words[way]} required={isFirst} value={wayOf(contacts, way)}
      onInput={(value) => put(withWay(contacts, way, value))} {...(way === "email" ? { inputMode: "email" as const } : isFirst ? {} : { inputMode: "tel" as const })} />;
  })}</div>
    {!others && !hasOthers.value ? <p><button type="button" class="plain" onClick={() => { hasOthers.value = true; }}>{t("write.others-add")}</button></p> : <Field id="others" word="write.others" rows={2} value={others} onInput={(value) => { hasOthers.value = true; put(withOtherWays(contacts, value)); }} />}</>;
}
const hasOthers = signal(false); // its field stays while somebody empties it

function Preview() {
  const problem = failure.value ? asProblem(failure.value) : null;
  return <section class="stack" aria-labelledby="preview"><h2 id="preview">{t("write.preview")}</h2>
    {problem && (problem.findings.length > 0 ? <div class="note warn"><h3>{t("write.not-yet")}</h3><Findings findings={problem.findings} /></div>
      : <Trouble error={problem} />)}
    {shown.value ? <iframe class="paper" sandbox="" srcDoc={shown.value} title={t("write.preview")} {...zh} />
      : <div class="wait"><p>{t("write.preview-hint")}</p></div>}
  </section>;
}

export function Write() {
  const d = draft.value;
  return <div class="writing">
    <div class="stack">
      <section class="card" aria-labelledby="text"><h2 id="text">{t("write.text")}</h2>
        <Field id="subject" word="write.subject" hint={t("write.subject-hint")} rows={3} required value={d.subject} onInput={(subject) => change({ subject })} />
        <Items id="explanation" word="write.explanation" items={d.explanation} onChange={(explanation) => change({ explanation })} />
        <Items id="measures" word="write.measures" items={d.measures} onChange={(measures) => change({ measures })} />
      </section>
      <section class="card" aria-labelledby="head"><h2 id="head">{t("write.head")}</h2>
        <div class="fields">
          <div class="field"><label for="class">{t("write.class")}</label>
            <select id="class" value={d.class} onChange={(event) => change({ class: event.currentTarget.value })}>
              {["函", "書函"].map((name) => <option value={name} lang="zh-TW">{name}</option>)}</select></div>
          <div class="field"><label for="speed">{t("col.speed")}</label>
            <select id="speed" value={d.speed} onChange={(event) => change({ speed: event.currentTarget.value })}>
              <option value="normal">{t("speed.normal")}</option><option value="fast">{t("speed.fast")}</option><option value="fastest">{t("speed.fastest")}</option></select></div>
          <Field id="date" word="write.date" after={dayOfField(d.date)} type="date" value={d.date} onInput={(date) => change({ date })} /></div>
        <div class="fields">
          <Field id="prefix" word="write.prefix" required value={d.prefix} onInput={(prefix) => change({ prefix })} />
          <Field id="year" word="write.year" inputMode="numeric" maxLength={3} value={d.year} onInput={(year) => change({ year })} />
          <Field id="seq" word="write.seq" required inputMode="numeric" maxLength={7} value={d.seq} onInput={(seq) => change({ seq })} /></div>
        <div class="fields">
          <Field id="sender-name" word="write.sender" required value={d.sender.name} onInput={(name) => change({ sender: { ...d.sender, name } })} />
          <Field id="sender-code" word="write.sender-code" required maxLength={17} value={d.sender.code} onInput={(code) => change({ sender: { ...d.sender, code } })} /></div>
        <Field id="address" word="write.address" required value={d.address} onInput={(address) => change({ address })} />
        <Contacts />
        <Field id="signature" word="write.signature" value={d.signature} onInput={(signature) => change({ signature })} />
      </section>
      <Attachments />
    </div>
    <Preview />
  </div>;
}
