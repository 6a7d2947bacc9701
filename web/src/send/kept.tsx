/*
 * A draft that is kept at the gateway: opened, saved, discarded.  Each change
 * says which version it is about, so nobody writes over what another clerk wrote
 * meanwhile.
 */
import { effect, signal } from "@preact/signals";
import { ask, asProblem, get, post, postFiles } from "../base/api";
import { unbundle, type NamedFile } from "../base/bundle";
import { announce } from "../base/start";
import { moment } from "../base/time";
import { page, t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { Trouble, Wait } from "../parts/parts";
import { checked, draft, files, mode, opened, recipients, type Kept } from "./desk";
import { filesToSend, letterJson } from "./make";
import { unfinished } from "./letter";
import { keyOf } from "./leave";
import { isForm, isSame, isSameBlob, reopen } from "./reopen";

const failure = signal<unknown>(null); // why it could not be opened
const refused = signal<unknown>(null); // why it could not be changed
const now = signal<Kept | null>(null); // as it stands, where another changed it
export const isOpening = signal(false);
let stored: NamedFile[] = [];

/* ---- what was not saved yet ---- */

export const isDirty = signal(false);
let isQuiet = true; // while the page itself fills in
let isFirst = true;
effect(() => {
  void [mode.value, draft.value, recipients.value, files.value];
  if (isFirst) { isFirst = false; isQuiet = false; return; }
  if (!isQuiet) isDirty.value = true;
});
function fill(put: () => void): void {
  isQuiet = true;
  put();
  isQuiet = false;
  isDirty.value = false;
}

/* ---- opening ---- */

const pathOf = (id: string) => `/v1/drafts/${encodeURIComponent(id)}`;

/* What the host would make of what was read: the same files, or it is not opened as text. */
async function asText(all: NamedFile[]): Promise<boolean> {
  const forms = all.filter(({ name }) => isForm(name));
  const di = forms.find(({ name }) => name === "1.di");
  const sw = forms.find(({ name }) => name === "1.sw");
  if (!di || forms.length !== (sw ? 2 : 1)) return false;
  const found = reopen(await di.data.text(), sw ? await sw.data.text() : "");
  const attached = found?.attachments.map((name) => all.find((one) => one.name === name)) ?? [];
  if (!found || attached.some((one) => !one) || attached.length !== all.length - forms.length) return false;
  const made = await ask("/v1/documents:make", { method: "POST", headers: { "Content-Type": "application/json" },
    body: letterJson(...unfinished(found.draft, found.recipients), found.attachments) }).then((answer) => answer.arrayBuffer()).then(unbundle, () => []);
  if (!await isSame(made, forms)) return false;
  fill(() => {
    mode.value = "write";
    files.value = attached as NamedFile[];
    recipients.value = found.recipients;
    draft.value = found.draft;
  });
  return true;
}

export async function openDraft(id: string): Promise<void> {
  isOpening.value = true;
  failure.value = refused.value = now.value = null;
  try {
    const one = await get<Kept>(pathOf(id));
    const all = await Promise.all(one.files.map(async ({ name }, i): Promise<NamedFile> =>
      ({ name, data: await (await ask(`${pathOf(id)}/files/${i}`)).blob() })));
    if (!await asText(all)) fill(() => { mode.value = "files"; files.value = all; });
    stored = all;
    opened.value = one;
  } catch (error) {
    failure.value = error;
  }
  isOpening.value = false;
}

/* ---- saving ---- */

const titleOf = () => ((mode.value === "write" ? draft.value.subject : checked.value?.document?.subject) || opened.value?.title || "").slice(0, 80);

async function saveNew(all: NamedFile[]): Promise<Kept> {
  const answer = await postFiles(`/v1/drafts?title=${encodeURIComponent(titleOf())}`, all, { "Idempotency-Key": `draft-${await keyOf(all)}` });
  return answer.json();
}

/* What is new goes up, what is gone is removed, in one change. */
async function saveOver(one: Kept, all: NamedFile[]): Promise<Kept> {
  const fresh: NamedFile[] = [];
  for (const file of all) {
    const old = stored.find(({ name }) => name === file.name);
    if (!old || !await isSameBlob(old.data, file.data)) fresh.push(file);
  }
  const gone = stored.map(({ name }) => name).filter((name) => !all.some((file) => file.name === name));
  const title = titleOf();
  if (fresh.length === 0 && gone.length === 0 && title === one.title) return one;
  const at = `version=${one.version}`;
  if (fresh.length === 0) return post(`${pathOf(one.id)}:edit?${at}`, { title, remove: gone });
  const more = `&title=${encodeURIComponent(title)}${gone.length > 0 ? `&remove=${encodeURIComponent(gone.join("/"))}` : ""}`;
  return (await postFiles(`${pathOf(one.id)}:files?${at}${more}`, fresh)).json();
}

/* With the draft as it stands now, for whoever was refused because of it. */
async function refuse(error: unknown): Promise<void> {
  const one = opened.value;
  now.value = one && asProblem(error).status === 412 ? await get<Kept>(pathOf(one.id)).catch(() => null) : null;
  refused.value = error;
  setTimeout(() => document.getElementById("refused")?.focus());
}

/* Durable at the gateway; false after a refusal, which is shown. */
export async function save(asNew = false): Promise<boolean> {
  refused.value = now.value = null;
  try {
    const all = await filesToSend(undefined, ...unfinished(draft.value, recipients.value));
    const one = opened.value;
    const isNew = asNew || !one;
    const said = isNew ? await saveNew(all) : await saveOver(one, all);
    stored = all;
    opened.value = said;
    isDirty.value = false;
    if (isNew) history.replaceState(null, "", `${page("send")}?draft=${said.id}`);
    announce(t("draft.saved"));
    return true;
  } catch (error) {
    await refuse(error);
    return false;
  }
}

async function discard(one: Kept): Promise<void> {
  try {
    await post(`${pathOf(one.id)}:discard?version=${one.version}`, {});
    isDirty.value = false;
    location.assign(page("drafts"));
  } catch (error) {
    await refuse(error);
  }
}

/* Saved, and handed to a second person. */
export async function submit(): Promise<boolean> {
  if (!await save()) return false;
  const one = opened.value!;
  try {
    if (one.state === "draft") await post(`${pathOf(one.id)}:submit?version=${one.version}`, {});
    return true;
  } catch (error) {
    await refuse(error);
    return false;
  }
}

/* After its letter was undone it is there again, as another version. */
export async function readAgain(): Promise<void> {
  if (opened.value) opened.value = await get<Kept>(pathOf(opened.value.id)).catch(() => opened.value);
}

/* ---- what is seen ---- */

const when = (one: Kept) => moment(Date.parse(one.changed_at), Date.now());

/* Another clerk's work is never overwritten: theirs, or one's own as another draft. */
function Refused({ one }: { one: Kept }) {
  if (!refused.value) return null;
  return <div id="refused" tabindex={-1} class="stack">
    {now.value ? <div class="note bad" role="alert"><h2>{t("draft.other")}</h2>
      <p>{t("draft.other-who", { who: now.value.changed_by, when: when(now.value), n: now.value.version })}</p><p>{t("draft.other-hint")}</p></div>
      : <Trouble error={refused.value} />}
    <div class="row"><button type="button" onClick={() => void save(true)}>{t("draft.save-new")}</button>
      <button type="button" class="plain" onClick={() => void openDraft(one.id)}>{t("draft.reopen")}</button></div></div>;
}

export function KeptDraft() {
  const one = opened.value;
  if (isOpening.value) return <Wait text={t("draft.opening")} />;
  if (!one) return failure.value || refused.value ? <div class="stack"><Trouble error={failure.value ?? refused.value} /><p><a href={page("drafts")}>{t("drafts.title")}</a></p></div> : null;
  return <section class="card stack kept" aria-labelledby="kept"><div class="row apart"><h2 id="kept">{t("draft.is", { n: one.version })}{one.state !== "draft" && <>{t("list.colon")}{tOf("draft-state", one.state)}</>}</h2>
    <AskFirst id="discard" word={t("draft.discard")} question={t("draft.discard-ask")} sure={t("draft.discard-do")} onSure={() => void discard(one)} /></div>
    <p class="row small quiet"><span {...zh}>{one.changed_by}</span><span>{when(one)}</span><span>{t(isDirty.value ? "draft.unsaved" : "draft.is-saved")}</span></p>
    {mode.value === "files" && <p class="hint">{t("draft.as-files")}</p>}
    {one.state !== "draft" && <p class="note warn">{t("draft.again")}</p>}
    {one.note && <p>{t("draft.note")}{t("list.colon")}<span {...zh}>{one.note}</span></p>}
    <Refused one={one} /></section>;
}

export const wasOpened = (): boolean => failure.value === null;
