/* Letters of which a restored gateway has only receipts: what came of each, and what is decided about it. */
import { computed, signal } from "@preact/signals";
import { get, post } from "../base/api";
import { hasRole } from "../base/desk";
import { session } from "../base/session";
import { announce } from "../base/start";
import { moment } from "../base/time";
import type { Lost, LostLetter } from "../base/types";
import { t, tOf, zh } from "../base/words";
import { Trouble } from "./parts";

const actions = ["resent", "paper", "not_needed"] as const;

export const lost = signal<Lost | null>(null);
const picked = signal<ReadonlySet<string>>(new Set());
const action = signal("");
const note = signal("");
const reviewer = signal("");
const refused = signal<unknown>(null);
const done = signal("");

/* Whoever reads letters sees them; without sessions the host's own user decides. */
const mayDecide = computed(() => !session.value?.roles.length || hasRole("clerk", "supervisor"));

export async function loadLost(): Promise<void> { lost.value = await get<Lost>("/v1/lost?open=1"); }

/* As POST /v1/lost names it. */
const keyOf = (one: LostLetter) => one.recipient ? `${one.waybill_id}/${one.recipient}` : one.waybill_id;

/* How it ended with each recipient; what is of all of them says nothing of one. */
function endsOf({ events }: LostLetter) {
  const ends = new Map<string, LostLetter["events"][number]>();
  for (const one of events) if (one.recipient) ends.set(one.recipient, one);
  return [...ends.values()];
}

const whoOf = (one: LostLetter) => one.direction === "received" ? t("lost.from", { who: one.sender_name || one.sender })
  : t("lost.to", { who: endsOf(one).map(({ name, recipient }) => name || recipient).join("、") || t("lost.nobody") });

async function decide(event: Event): Promise<void> {
  event.preventDefault();
  refused.value = null;
  try {
    const said = await post<{ decided: number }>("/v1/lost", {
      reviewer: session.value?.person || reviewer.value, action: action.value, note: note.value, letters: [...picked.value] });
    done.value = t("lost.done", { n: said.decided });
    announce(done.value);
    picked.value = new Set();
    action.value = note.value = "";
    await loadLost();
  } catch (error) {
    refused.value = error;
  }
}

function Form() {
  const n = picked.value.size;
  if (n === 0) return null;
  return <form class="bulk" onSubmit={(event) => void decide(event)} aria-label={t("lost.form")}>
    <strong>{t("bulk.picked", { n })}</strong>
    <div class="fields grow">
      <div class="field"><label for="lost-action">{t("lost.action")}</label>
        <select id="lost-action" required value={action.value} onChange={(event) => { action.value = event.currentTarget.value; }}>
          <option value="">{t("lost.choose")}</option>
          {actions.map((name) => <option value={name}>{tOf("lost-action", name)}</option>)}</select></div>
      <div class="field"><label for="lost-note">{t("review.note")}</label>
        <input id="lost-note" maxLength={160} value={note.value} onInput={(event) => { note.value = event.currentTarget.value; }} /></div>
      {!session.value?.person && <div class="field"><label for="lost-by">{t("lost.by")}</label>
        <input id="lost-by" required maxLength={40} autocomplete="name" value={reviewer.value} onInput={(event) => { reviewer.value = event.currentTarget.value; }} /></div>}
    </div>
    <button class="main">{t("review.do", { n })}</button>
    {refused.value ? <Trouble error={refused.value} /> : null}
  </form>;
}

function Row({ one }: { one: LostLetter }) {
  const key = keyOf(one);
  const first = one.events[0];
  const last = one.decisions[one.decisions.length - 1];
  const todo = t(one.direction === "sent" ? "lost.todo-sent" : "lost.todo-received");
  const ends = <>{endsOf(one).map((end) => <span class="small"><span {...zh}>{end.name || end.recipient}</span> {tOf("event", end.event)}</span>)}</>;
  return <tr>
    {mayDecide.value && <td class="pick"><label><input type="checkbox" checked={picked.value.has(key)} aria-label={t("inbox.pick", { what: `${whoOf(one)} ${one.waybill_id}` })}
      onChange={(event) => { const now = new Set(picked.value); if (event.currentTarget.checked) now.add(key); else now.delete(key); picked.value = now; done.value = ""; }} /></label></td>}
    <th scope="row" class="wide"><span class="subject">{whoOf(one)}</span>
      <span class="meta">{first && <span>{moment(Date.parse(first.time), Date.now())}</span>}<span>{t("lost.waybill", { id: one.waybill_id })}</span>
        {last && <span>{t("review.last", { who: last.reviewer, what: tOf("lost-action", last.action) })}</span>}</span>
      <span class="row only-narrow">{ends}<span class="small">{todo}</span></span></th>
    <td class="only-wide"><span class="stack-close">{ends}</span></td>
    <td class="only-wide small">{todo}</td></tr>;
}

export function LostLetters() {
  const all = lost.value?.letters ?? [];
  if (all.length === 0) return done.value ? <div class="note good"><p>{done.value}</p></div> : null;
  return <section class="stack" aria-labelledby="lost"><h2 id="lost">{t("lost.title", { n: lost.value!.open })}</h2>
    {done.value && <div class="note good"><p>{done.value}</p></div>}
    <p class="hint">{t("lost.what", { when: lost.value!.backup_at ? moment(Date.parse(lost.value!.backup_at), Date.now()) : "" })}</p>
    <p><em>{t("problem.do")}</em>{t(mayDecide.value ? "lost.do" : "lost.who")}</p>
    <table class="list"><caption class="hidden">{t("lost.caption")}</caption>
      <thead><tr>{mayDecide.value && <td class="pick"><label><input type="checkbox" aria-label={t("review.pick-all")} checked={all.every((one) => picked.value.has(keyOf(one)))}
        onChange={(event) => { picked.value = new Set(event.currentTarget.checked ? all.map(keyOf) : []); }} /></label></td>}
        <th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.state")}</th><th scope="col" class="only-wide">{t("col.todo")}</th></tr></thead>
      <tbody>{all.map((one) => <Row key={keyOf(one)} one={one} />)}</tbody></table>
    <Form /></section>;
}
