/* 受文者: found in the address book with the keys that clerks know. */
import { signal } from "@preact/signals";
import { asProblem } from "../base/api";
import { group, groups, type Group } from "../base/groups";
import { search, type Entry } from "../base/directory";
import { size } from "../base/time";
import { announce } from "../base/start";
import { t, tOf, zh } from "../base/words";
import { Empty, Trouble } from "../parts/parts";
import { Chip } from "../parts/state";
import { Standing } from "../parts/standing";
import { files, recipients, wantsApart } from "./desk";
import { mostRecipients, totalBytes } from "./limits";
import { judged, wayOf } from "./way";

const text = signal("");
const found = signal<Entry[]>([]);
const at = signal(0);
const isOpen = signal(false);
const asCopy = signal(false);
const failure = signal<unknown>(null);
const unknown_ = signal<string[]>([]);
let running: AbortController | undefined;

function add(entry: Entry): void {
  if (recipients.value.some((one) => one.code === entry.code)) { announce(t("to.twice", { name: entry.name })); return; }
  recipients.value = [...recipients.value, { code: entry.code, name: entry.name, copy: asCopy.value, withAttachments: true, status: entry.status, limit: entry.limit }];
  announce(t("to.added", { name: entry.name, n: recipients.value.length }));
}

/* What was looked for has been found: an answer that is late opens the list no more. */
const close = () => { running?.abort(); isOpen.value = false; found.value = []; at.value = 0; };

async function look(now: string): Promise<void> {
  text.value = now;
  running?.abort();
  if (now.trim() === "") { close(); return; }
  const mine = running = new AbortController();
  try {
    const { entries, total } = await search(now.trim(), mine.signal);
    if (mine.signal.aborted) return;
    found.value = entries;
    at.value = 0;
    isOpen.value = true;
    failure.value = null;
    announce(t("to.found", { n: total }));
  } catch (error) {
    if (!mine.signal.aborted) failure.value = error;
  }
}

/* Several names at once, separated as clerks write them: each must be found exactly. */
async function addNames(names: readonly string[]): Promise<void> {
  const missed: string[] = [];
  for (const name of names) {
    const entries = (await search(name).catch(() => ({ entries: [] }))).entries;
    const fold = (word: string) => word.replace(/台/g, "臺");
    const exact = entries.find((one) => fold(one.name) === fold(name) || one.code === name) ?? (entries.length === 1 ? entries[0] : undefined);
    if (exact) add(exact); else missed.push(name);
  }
  unknown_.value = missed;
  text.value = "";
  close();
}

function press(event: KeyboardEvent): void {
  if (event.isComposing) return;
  const n = found.value.length;
  if (event.key === "ArrowDown" && n > 0) at.value = (at.value + 1) % n;
  else if (event.key === "ArrowUp" && n > 0) at.value = (at.value + n - 1) % n;
  else if (event.key === "Escape") close();
  else if (event.key === "Enter") {
    const names = text.value.split(/[、,;\n]/).map((name) => name.trim()).filter(Boolean);
    const entry = found.value[at.value];
    if (names.length > 1) void addNames(names);
    else if (entry) { add(entry); text.value = ""; close(); }
  } else return;
  event.preventDefault();
}

function Search() {
  const open = isOpen.value;
  return <div class="field"><label for="to">{t("to.find")}</label><p class="hint" id="to-hint">{t("to.hint")}</p>
    <input id="to" role="combobox" autocomplete="off" aria-expanded={open && found.value.length > 0} aria-controls="to-list" aria-autocomplete="list" aria-describedby="to-hint"
      aria-activedescendant={open && found.value.length > 0 ? `to-${at.value}` : undefined} value={text.value}
      onInput={(event) => void look(event.currentTarget.value)} onKeyDown={press} />
    <ul id="to-list" role="listbox" aria-label={t("to.found-list")} class={open && found.value.length > 0 ? "found" : "hidden"}>
      {found.value.map((entry, i) => <li id={`to-${i}`} role="option" aria-selected={i === at.value}
        onMouseDown={(event) => { event.preventDefault(); add(entry); text.value = ""; close(); }}>
        <span><span {...zh}>{entry.name}</span> <span class="small quiet">{entry.code}</span></span><Standing status={entry.status} /></li>)}
    </ul>
    {open && found.value.length === 0 && <p class="hint">{t("to.none")}</p>}
    {unknown_.value.length > 0 && <div class="note warn" role="alert"><p>{t("to.unknown", { names: unknown_.value.join(t("list.comma")) })}</p></div>}
    {failure.value && asProblem(failure.value).status !== 404 ? <Trouble error={failure.value} /> : null}
  </div>;
}

/* A group adds all of its members, each of which can be taken out again. */
const known = signal<Group[]>([]);
const chosen = signal("");
void groups().then((all) => { known.value = all; }).catch(() => undefined);

async function addGroup(): Promise<void> {
  if (!chosen.value) return;
  try {
    const { members, title } = await group(chosen.value);
    const there = new Set(recipients.value.map((one) => one.code));
    const fresh = members.filter((one) => !there.has(one.code)).map((one) => ({ code: one.code, name: one.name_now || one.name,
      copy: one.copy || asCopy.value, withAttachments: one.with_attachments, status: one.status, limit: 0 }));
    recipients.value = [...recipients.value, ...fresh];
    announce(t("to.added", { name: title, n: recipients.value.length }));
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const Groups = () => known.value.length === 0 ? null : <div class="field"><label for="group">{t("to.group")}</label>
  <div class="row"><select id="group" class="auto grow" value={chosen.value} onChange={(event) => { chosen.value = event.currentTarget.value; }}>
    <option value="">{t("assign.choose")}</option>{known.value.map((one) => <option value={one.code} {...zh}>{one.title}（{one.count}）</option>)}</select>
    <button type="button" aria-disabled={!chosen.value} onClick={() => void addGroup()}>{t("to.add-group")}</button></div></div>;

const tones = { electronic: ["good", "done"], paper: ["warn", "sheet"], suspended: ["warn", "warn"], dissolved: ["bad", "bad"], unknown: ["bad", "bad"] } as const;

/* By which way it would reach them now; why not by the exchange, and what to do. */
function Way({ code }: { code: string }) {
  const said = wayOf(code);
  if (!said) return null;
  const [tone, shape] = tones[said.way];
  return <div><Chip tone={tone} shape={shape} text={tOf("way", said.way)} />{said.rule && <span class="small"> {said.title}{t("list.colon")}{said.remedy}</span>}</div>;
}

/* Art. 7-4: who gets it electronically and who does not, before it is sent. */
function Ways() {
  const counts = judged.value?.counts;
  if (!counts) return null;
  const others = recipients.value.length - counts.electronic;
  return <div class={`note ${others > 0 ? "warn" : "good"}`}><p>{t(others > 0 ? "way.some-paper" : "way.all-electronic", { n: counts.electronic, others })}</p></div>;
}

const code = signal("");
const name = signal("");
function ByHand() {
  return <details><summary>{t("to.by-hand")}</summary>
    <form class="fields" onSubmit={(event) => { event.preventDefault(); add({ code: code.value.trim(), name: name.value.trim(), status: "", limit: 0 }); code.value = name.value = ""; }}>
      <div class="field"><label for="hand-code">{t("to.code")}</label><input id="hand-code" required pattern="[0-9A-Z]{10}|[0-9A-Z]{17}" maxLength={17} value={code.value} onInput={(event) => { code.value = event.currentTarget.value; }} /></div>
      <div class="field"><label for="hand-name">{t("to.name")}</label><input id="hand-name" required value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }} /></div>
      <div class="field"><span class="label">&nbsp;</span><button>{t("to.add")}</button></div></form></details>;
}

function List() {
  const all = recipients.value;
  if (all.length === 0) return <Empty title={t("to.nobody")} />;
  const put = (at_: number, part: object) => { recipients.value = all.map((one, i) => (i === at_ ? { ...one, ...part } : one)); };
  return <table class="stacked"><caption>{t("to.sum", { n: all.length })}</caption>
    <thead><tr><th scope="col">{t("to.name")}</th><th scope="col">{t("to.kind")}</th>{files.value.length > 0 && <th scope="col">{t("with-attachments")}</th>}<th scope="col">{t("to.change")}</th></tr></thead>
    <tbody>{all.map((one, i) => <tr key={one.code}>
      <th scope="row"><span {...zh}>{one.name}</span> <span class="small quiet">{one.code}</span>{!wayOf(one.code) && one.status && one.status !== "active" && <> <Standing status={one.status} /></>}
        <Way code={one.code} />
        {one.withAttachments && one.limit > 0 && totalBytes.value > one.limit && <> <Chip tone="warn" shape="warn" text={t("limit.over", { size: size(one.limit) })} /></>}</th>
      <td><select aria-label={t("to.kind-of", { name: one.name })} value={one.copy ? "copy" : "original"} onChange={(event) => put(i, { copy: event.currentTarget.value === "copy" })}>
        <option value="original">{t("original")}</option><option value="copy">{t("copy")}</option></select></td>
      {files.value.length > 0 && <td><label class="choice"><input type="checkbox" aria-label={`${t("with-attachments")} ${one.name}`} checked={one.withAttachments} onChange={(event) => put(i, { withAttachments: event.currentTarget.checked })} /><span class="only-narrow">{t("with-attachments")}</span></label></td>}
      <td><button type="button" class="plain" onClick={() => { recipients.value = all.filter((_, at_) => at_ !== i); }}>{t("remove")}<span class="hidden">{one.name}</span></button></td>
    </tr>)}</tbody></table>;
}

export const Recipients = () => <div class="stack">
  <section class="card stack" aria-labelledby="find-to"><h2 id="find-to">{t("to.title")}</h2>
    <fieldset class="row"><legend class="hidden">{t("to.kind")}</legend>{[false, true].map((copy) => <label class="choice">
      <input type="radio" name="kind" checked={asCopy.value === copy} onChange={() => { asCopy.value = copy; }} /><span>{t(copy ? "to.as-copy" : "to.as-original")}</span></label>)}</fieldset>
    <Search /><Groups /><ByHand /></section>
  {mostRecipients.value > 0 && recipients.value.length > mostRecipients.value &&
    <div class="note bad" role="alert"><p>{t("limit.recipients", { n: recipients.value.length, most: mostRecipients.value })}</p></div>}
  <Ways /><List />
  {recipients.value.length > 1 && <label class="choice"><input type="checkbox" id="apart" checked={wantsApart.value} onChange={(event) => { wantsApart.value = event.currentTarget.checked; }} />
    <span><strong>{t("apart.do")}</strong><br /><span class="hint">{t("apart.hint")}</span></span></label>}</div>;
