/* 設定: how the organisation receives and sends, and what its recipients are known to take. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { size } from "../base/time";
import { t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { heads, Letterheads, loadHeads } from "../parts/heads";
import { NotLoaded } from "../parts/denied";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { SaveTable } from "../parts/table";

interface Desk { unit_sees: "all" | "assigned"; receive_number: string; receive_times: string; urgent_at_once: boolean }
interface Sending { undo_s: number; proofreading: boolean }
interface Limit { of: string; letter_bytes: number; attachments: number; file_name: number; plain_names: boolean; note: string }

const desk = keep(() => get<Desk>("/v1/desk"));
const sending = keep(() => get<Sending>("/v1/sending"));
const limits = keep(async () => (await get<{ limits: Limit[] }>("/v1/recipient-limits")).limits);

/* ---- receiving ---- */

const receive = signal<(Desk & { isTimed: boolean }) | null>(null);
effect(() => { if (desk.list.value) receive.value = { ...desk.list.value, isTimed: desk.list.value.receive_times !== "" }; });
const putReceive = (part: Partial<Desk & { isTimed: boolean }>) => { receive.value = { ...receive.value!, ...part }; };

const times = (): string[] => receive.value!.receive_times.split(",").filter((one) => one !== "");
const putTimes = (all: string[]) => putReceive({ receive_times: all.join(",") });

/* A number as it would look, the fourth of this year. */
const example = (form: string): string => form.replace("{year}", String(new Date().getFullYear() - 1911))
  .replace(/\{serial:(\d+)\}/, (_, n: string) => "4".padStart(Number(n), "0"));

async function saveDesk(event: Event): Promise<void> {
  event.preventDefault();
  const now = receive.value!;
  if (await desk.act("/v1/desk", { unit_sees: now.unit_sees, receive_number: now.receive_number.trim(),
    receive_times: now.isTimed ? [...new Set(times())].sort().join(",") : "", urgent_at_once: now.urgent_at_once,
    organisation: session.value?.organisations[0]?.code })) announce(t("set.saved"));
}

const Choice = ({ name, value, is, onPick, title, hint, off }: { name: string; value: string; is: boolean; onPick: () => void; title: string; hint: string; off: boolean }) =>
  <label class="choice"><input type="radio" name={name} value={value} checked={is} disabled={off} onChange={onPick} /><span><strong>{title}</strong><br /><span class="hint">{hint}</span></span></label>;

/* Each time by itself, so that a picker of the browser can help. */
function Times({ off }: { off: boolean }) {
  const all = times();
  const shown = all.length > 0 ? all : ["09:00"];
  return <div class="field" role="group" aria-labelledby="times"><span class="label" id="times">{t("set.times")}</span><p class="hint">{t("set.times-hint")}</p>
    <div class="row">{shown.map((one, i) => <span class="row nowrap-row" key={i}>
      <input type="time" class="auto" required value={one} disabled={off} aria-label={t("set.time", { n: i + 1 })} onInput={(event) => putTimes(shown.map((old, at) => (at === i ? event.currentTarget.value : old)))} />
      {!off && shown.length > 1 && <button type="button" class="plain" onClick={() => putTimes(shown.filter((_, at) => at !== i))}>{t("remove")}<span class="hidden">{one}</span></button>}</span>)}
      {!off && shown.length < 8 && <button type="button" onClick={() => putTimes([...shown, "16:00"])}>{t("set.time-add")}</button>}</div></div>;
}

function Receiving() {
  const now = receive.value;
  if (!now) return desk.failure.value ? <NotLoaded error={desk.failure.value} roles={["supervisor", "operator", "auditor", "clerk"]} retry={() => void desk.load()} /> : <Wait />;
  const off = !hasRole("supervisor", "operator");
  return <form class="card stack" aria-labelledby="receiving" onSubmit={(event) => void saveDesk(event)}><h2 id="receiving">{t("set.receiving")}</h2>
    {off && <p class="hint">{t("set.not-yours", { roles: [tOf("role", "supervisor"), tOf("role", "operator")].join(t("list.comma")) })}</p>}
    <fieldset><legend class="label">{t("set.mode")}</legend>
      <Choice name="mode" value="now" is={!now.isTimed} off={off} onPick={() => putReceive({ isTimed: false })} title={t("set.mode-now")} hint={t("set.mode-now-hint")} />
      <Choice name="mode" value="times" is={now.isTimed} off={off} onPick={() => putReceive({ isTimed: true, receive_times: now.receive_times || "09:00,13:30" })} title={t("set.mode-times")} hint={t("set.mode-times-hint")} /></fieldset>
    {now.isTimed && <><Times off={off} />
      <label class="choice"><input type="checkbox" id="urgent" checked={now.urgent_at_once} disabled={off} onChange={(event) => putReceive({ urgent_at_once: event.currentTarget.checked })} /><span>{t("set.urgent")}</span></label></>}
    <fieldset><legend class="label">{t("set.sees")}</legend>
      <Choice name="sees" value="all" is={now.unit_sees === "all"} off={off} onPick={() => putReceive({ unit_sees: "all" })} title={t("set.sees-all")} hint={t("set.sees-all-hint")} />
      <Choice name="sees" value="assigned" is={now.unit_sees === "assigned"} off={off} onPick={() => putReceive({ unit_sees: "assigned" })} title={t("set.sees-own")} hint={t("set.sees-own-hint")} /></fieldset>
    <div class="field narrow"><label for="number">{t("set.number")}</label><p class="hint" id="number-hint">{t("set.number-hint", { year: "{year}" })}</p>
      <input id="number" required maxLength={40} class="mono" aria-describedby="number-hint number-example" value={now.receive_number} readOnly={off} onInput={(event) => putReceive({ receive_number: event.currentTarget.value })} />
      <p class="small" id="number-example">{t("set.number-example", { number: example(now.receive_number) })}</p></div>
    {desk.refused.value ? <Trouble error={desk.refused.value} /> : null}
    {!off && <div><button class="main" aria-disabled={desk.busy.value}>{t("set.save")}</button></div>}</form>;
}

/* ---- sending ---- */

const leave = signal<Sending | null>(null);
effect(() => { if (sending.list.value) leave.value = { undo_s: sending.list.value.undo_s, proofreading: sending.list.value.proofreading }; });

async function saveSending(event: Event): Promise<void> {
  event.preventDefault();
  if (await sending.act("/v1/sending", { ...leave.value, organisation: session.value?.organisations[0]?.code })) announce(t("set.saved"));
}

function Leaving() {
  const now = leave.value;
  if (!now) return sending.failure.value ? <NotLoaded error={sending.failure.value} roles={["supervisor"]} retry={() => void sending.load()} /> : null;
  const off = !hasRole("supervisor");
  return <form class="card stack" aria-labelledby="leaving" onSubmit={(event) => void saveSending(event)}><h2 id="leaving">{t("set.sending")}</h2>
    {off && <p class="hint">{t("set.not-yours", { roles: tOf("role", "supervisor") })}</p>}
    <div class="field narrow"><label for="undo">{t("set.undo")}</label><p class="hint" id="undo-hint">{t("set.undo-hint")}</p>
      <input id="undo" type="number" class="auto" min={0} max={600} required aria-describedby="undo-hint" readOnly={off} value={now.undo_s} onInput={(event) => { leave.value = { ...now, undo_s: Number(event.currentTarget.value) }; }} /></div>
    <label class="choice"><input type="checkbox" id="proofreading" checked={now.proofreading} disabled={off} onChange={(event) => { leave.value = { ...now, proofreading: event.currentTarget.checked }; }} />
      <span><strong>{t("set.proofreading")}</strong><br /><span class="hint">{t("set.proofreading-hint")}</span></span></label>
    {sending.refused.value ? <Trouble error={sending.refused.value} /> : null}
    {!off && <div><button class="main" aria-disabled={sending.busy.value}>{t("set.save")}</button></div>}</form>;
}

/* ---- what recipients take ---- */

const empty = { of: "", mb: "", attachments: "", name: "", plain: false, note: "" };
const limit = signal(empty);
const putLimit = (part: Partial<typeof empty>) => { limit.value = { ...limit.value, ...part }; };

async function addLimit(event: Event): Promise<void> {
  event.preventDefault();
  const now = limit.value;
  if (await limits.act("/v1/recipient-limits", { of: now.of.trim() || "*", letter_bytes: Math.round(Number(now.mb) * 1024 * 1024), attachments: Number(now.attachments), file_name: Number(now.name), plain_names: now.plain, note: now.note.trim() })) {
    announce(t("set.saved"));
    limit.value = empty;
  }
}
async function forget(one: Limit): Promise<void> {
  if (await limits.act("/v1/recipient-limits", { of: one.of, letter_bytes: 0, attachments: 0, file_name: 0, plain_names: false, note: "" })) announce(t("limits.forgotten", { of: one.of }));
}

const takes = (one: Limit): string => [one.letter_bytes > 0 && t("limits.size", { size: size(one.letter_bytes) }), one.attachments > 0 && t("limits.count", { n: one.attachments }),
  one.file_name > 0 && t("limits.name", { n: one.file_name }), one.plain_names && t("limits.plain")].filter(Boolean).join(t("list.comma"));
const whose = (of: string): string => of === "*" ? t("limits.all") : of.startsWith("center:") ? t("limits.center", { name: of.slice(7) }) : of;

function Known() {
  const all = limits.list.value;
  // An operator reads no letters, nor what they may be like.
  if (!all) return limits.failure.value && !hasRole("operator") ? <NotLoaded error={limits.failure.value} roles={["clerk", "supervisor"]} retry={() => void limits.load()} /> : null;
  const may = hasRole("clerk", "supervisor");
  const now = limit.value;
  return <section class="card stack" aria-labelledby="limits"><header class="row apart"><h2 id="limits">{t("limits.title")}</h2>{all.length > 0 && <SaveTable name="limits" rows={() => [[t("limits.of"), t("limits.takes"), t("review.note")], ...all.map((one) => [whose(one.of), takes(one), one.note])]} />}</header><p class="hint">{t("limits.lead")}</p>
    {all.length === 0 ? <Empty title={t("limits.none")} /> : <table class="list"><caption class="hidden">{t("limits.title")}</caption>
      <thead><tr><th scope="col">{t("limits.of")}</th><th scope="col" class="only-wide">{t("limits.takes")}</th>{may && <th scope="col">{t("to.change")}</th>}</tr></thead>
      <tbody>{all.map((one) => <tr key={one.of}><th scope="row" class="wide"><span class="subject">{whose(one.of)}</span><span class="meta"><span class="only-narrow">{takes(one)}</span>{one.note && <span {...zh}>{one.note}</span>}</span></th><td class="only-wide">{takes(one)}</td>
        {may && <td class="nowrap"><AskFirst id={`limit-${one.of}`} word={t("remove")} question={t("limits.ask")} sure={t("remove")} onSure={() => void forget(one)} /></td>}</tr>)}</tbody></table>}
    {may && <form class="stack" onSubmit={(event) => void addLimit(event)}><h3>{t("limits.add")}</h3>
      <div class="fields">
        <div class="field"><label for="of">{t("limits.of")}</label><input id="of" maxLength={40} aria-describedby="of-hint" value={now.of} onInput={(event) => putLimit({ of: event.currentTarget.value })} /></div>
        <div class="field"><label for="mb">{t("limits.mb")}</label><input id="mb" type="number" min={0} max={2048} step={0.5} value={now.mb} onInput={(event) => putLimit({ mb: event.currentTarget.value })} /></div>
        <div class="field"><label for="count">{t("limits.attachments")}</label><input id="count" type="number" min={0} max={999} value={now.attachments} onInput={(event) => putLimit({ attachments: event.currentTarget.value })} /></div>
        <div class="field"><label for="chars">{t("limits.chars")}</label><input id="chars" type="number" min={0} max={255} value={now.name} onInput={(event) => putLimit({ name: event.currentTarget.value })} /></div></div>
      <p class="hint" id="of-hint">{t("limits.of-hint")}</p>
      <label class="choice"><input type="checkbox" checked={now.plain} onChange={(event) => putLimit({ plain: event.currentTarget.checked })} /><span>{t("limits.plain-hint")}</span></label>
      <div class="field"><label for="note">{t("review.note")}</label><input id="note" maxLength={100} value={now.note} onInput={(event) => putLimit({ note: event.currentTarget.value })} /></div>
      {limits.refused.value ? <Trouble error={limits.refused.value} /> : null}
      <div><button class="main" aria-disabled={limits.busy.value}>{t("limits.add-do")}</button></div></form>}</section>;
}

start(<><Head title={t("settings.title")}><p>{t("settings.lead")}</p></Head><div class="stack-wide"><Receiving /><Leaving /><Letterheads /><Known /></div></>);
void desk.load();
void sending.load();
void limits.load();
void loadHeads();
effect(() => { document.documentElement.dataset.ready = [desk, sending, limits, heads].every((one) => one.list.value || one.failure.value) && session.value ? "yes" : "no"; });
