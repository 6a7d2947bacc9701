/* One case: what it asks for, its evidence and history, and the moves that this person may make. */
import { effect, signal } from "@preact/signals";
import { asProblem, get, post } from "../base/api";
import { session } from "../base/session";
import { announce } from "../base/start";
import { clock, day, size } from "../base/time";
import { t, tOf, zh } from "../base/words";
import { Choose } from "../parts/choose";
import { Chosen } from "../parts/chosen";
import { Empty, Trouble, Wait } from "../parts/parts";
import { attach, say, titleOf, type Case, type Definition, type Move } from "./api";
import { Due } from "./cases";
import { askNames, askPersons, By, FieldValue, nameOf, officesOf } from "./names";

const found = signal<Case | null>(null);
const definition = signal<Definition | undefined>(undefined);
const failure = signal<unknown>(null);
const refused = signal<unknown>(null);
const busy = signal(false);
const chosen = signal<File | null>(null);
let id = "";

async function load(): Promise<void> {
  try {
    const [one, all] = await Promise.all([get<Case>(`/v1/cases/${encodeURIComponent(id)}`),
      get<{ definitions: Definition[] }>("/v1/case-definitions")]);
    definition.value = all.definitions.find((each) => each.name === one.definition);
    found.value = one;
    askNames([one.organisation, ...(definition.value?.fields ?? []).filter(({ kind }) => kind === "organisation").map(({ name }) => one.fields[name] ?? "")]);
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

/* What changes the case; what came of it is announced, or said where it was asked. */
async function change(act: () => Promise<unknown>, told: string): Promise<boolean> {
  if (busy.value) return false;
  busy.value = true;
  refused.value = null;
  try {
    await act();
    await load();
    announce(told);
  } catch (error) {
    refused.value = error;
  }
  busy.value = false;
  return refused.value === null;
}

const moment = (text: string) => `${day(Date.parse(text))} ${clock(Date.parse(text))}`;

/* Who two persons are told apart by is their keys, which are not in a browser. */
function Signed({ one, move }: { one: Case; move: Move }) {
  return <div class="note"><h3>{say(move.title, move.name)}</h3>
    <p>{t("mg.signed", { n: move.persons_missing })}</p><pre class="small"><code>{`yizhan case move ${one.id} ${move.name} --key `}</code></pre></div>;
}

function MoveForm({ one, move, isFirst }: { one: Case; move: Move; isFirst: boolean }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = Object.fromEntries([...form].filter(([, value]) => value !== ""));
    void change(() => post(`/v1/cases/${encodeURIComponent(one.id)}:move`, { move: move.name, ...said }), t("mg.made", { what: say(move.title, move.name) }));
  };
  const field = (name: string, label: string, required: boolean) => <div class="field"><label for={`${move.name}-${name}`}>{label}</label>
    <input id={`${move.name}-${name}`} name={name} required={required} autocomplete="off" maxLength={500} /></div>;
  const missing = move.missing.map((name) => titleOf(definition.value?.evidence, name));
  return <form class="card stack" onSubmit={submit} aria-labelledby={`move-${move.name}`}><h3 id={`move-${move.name}`}>{say(move.title, move.name)}</h3>
    {missing.length > 0 && <p class="hint">{t("mg.missing", { what: missing.join(t("list.comma")) })}</p>}
    {move.code && <>{field("code", t("mg.code"), true)}{field("fingerprint", t("mg.fingerprint"), true)}</>}
    {move.note && field("note", t("mg.note"), true)}
    <div><button class={isFirst ? "main" : ""} aria-disabled={busy.value || missing.length > 0}
      onClick={(event) => { if (missing.length > 0) event.preventDefault(); }}>{say(move.title, move.name)}</button></div></form>;
}

function Moves({ one }: { one: Case }) {
  const roles = session.value?.roles ?? [];
  const mine = one.moves.filter((move) => move.offices.some((office) => roles.includes(office)));
  const others = one.moves.filter((move) => !mine.includes(move));
  return <section class="stack" aria-labelledby="moves"><h2 id="moves">{t("mg.moves")}</h2>
    {refused.value ? <Trouble error={asProblem(refused.value)} /> : null}
    {mine.length === 0 && <p class="quiet">{t("mg.no-moves")}</p>}
    {mine.map((move, i) => move.signed ? <Signed key={move.name} one={one} move={move} /> : <MoveForm key={move.name} one={one} move={move} isFirst={i === 0} />)}
    {others.length > 0 && <p class="hint">{t("mg.others", { what: others.map((move) => t("mg.other", { what: say(move.title, move.name), who: officesOf(move.offices) || t("mgby.system") })).join(t("list.comma")) })}</p>}</section>;
}

function Evidence({ one }: { one: Case }) {
  const may = one.open && (session.value?.roles ?? []).some((role) => ["clerk", "duty", "applicant"].includes(role));
  const known = definition.value?.evidence ?? [];
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const said = new FormData(form);
    const file = said.get("file");
    if (file instanceof File && file.size > 0)
      void change(() => attach(one.id, String(said.get("evidence")), file), t("mg.attached", { what: file.name })).then((isDone) => { if (isDone) { form.reset(); chosen.value = null; } });
  };
  return <section class="stack" aria-labelledby="evidence"><h2 id="evidence">{t("mg.evidence")}</h2>
    {one.attachments.length === 0 ? <p class="quiet">{t("mg.no-evidence")}</p>
      : <ul>{one.attachments.map((each) => <li key={each.number}>
        <a download={each.name} href={`/v1/cases/${encodeURIComponent(one.id)}/attachments/${each.number}`} {...zh}>{each.name}</a>{" "}
        <span class="small quiet">{titleOf(known, each.evidence)}{t("list.comma")}{size(each.length)}</span></li>)}</ul>}
    {may && known.length > 0 && <form class="card stack" onSubmit={send} aria-label={t("mg.attach")}><div class="fields wide">
      <div class="field"><label for="as">{t("mg.as")}</label><select id="as" name="evidence">{known.map((each) => <option value={each.name}>{say(each.title, each.name)}</option>)}</select></div>
      <div class="field"><label for="file">{t("mg.file")}</label><Choose id="file" name="file" word="file.choose" required onChange={(event) => { chosen.value = event.currentTarget.files?.[0] ?? null; }} />
        <Chosen id="file" file={chosen.value} onRemove={() => { chosen.value = null; }} /></div></div>
      <div><button aria-disabled={busy.value}>{t("mg.attach")}</button></div></form>}</section>;
}

function History({ one }: { one: Case }) {
  const what = (step: Case["steps"][number]) => step.move ? titleOf(definition.value?.moves, step.move)
    : step.evidence ? titleOf(definition.value?.evidence, step.evidence) : "";
  return <section class="stack" aria-labelledby="history"><h2 id="history">{t("mg.history")}</h2>
    <table class="list"><caption class="hidden">{t("mg.history")}</caption><thead><tr><th scope="col">{t("mg.step")}</th><th scope="col" class="only-wide">{t("mg.by")}</th></tr></thead>
      <tbody>{one.steps.map((step) => <tr key={step.sequence}><th scope="row" class="wide">{tOf("mgstep", step.kind)}{what(step) && t("list.colon") + what(step)}
        <span class="meta"><span>{moment(step.at)}</span>{step.signed && <span>{t("mg.with-key")}</span>}<span>{step.entry === null ? t("mg.not-logged") : t("mg.logged", { n: step.entry })}</span></span>
        {step.note && <span class="small" {...zh}>{step.note}</span>}<span class="only-narrow small"><By text={step.by} /></span></th>
        <td class="only-wide"><By text={step.by} /></td></tr>)}</tbody></table>
    {one.notices.length > 0 && <><h3>{t("mg.notices")}</h3><ul>{one.notices.map((each) => <li key={each.name + each.at}>{say(each.text, each.name)}{" "}
      <span class="small quiet">{moment(each.at)}{t("list.comma")}{each.to.map((to) => tOf("mgto", to)).join(t("list.comma"))}</span></li>)}</ul></>}</section>;
}

export function OneCase() {
  const one = found.value;
  if (failure.value) return <Trouble error={failure.value} retry={() => void load()} />;
  if (!one) return <Wait />;
  const fields = Object.entries(one.fields);
  return <div class="stack-wide"><p><a href={location.pathname}>{t("mg.back")}</a></p>
    <section class="card" aria-labelledby="about"><h2 id="about">{say(one.title, one.definition)}<span {...zh}>{t("list.colon")}{nameOf(one.subject)}</span></h2>
      <dl class="facts"><dt>{t("mg.number")}</dt><dd><code>{one.id}</code></dd><dt>{t("col.state")}</dt><dd>{say(one.state_title, one.state)}</dd>
        <dt>{t("mg.deadline")}</dt><dd><Due one={one} /></dd><dt>{t("mg.since")}</dt><dd>{moment(one.since)}</dd>
        {fields.map(([name, value]) => <><dt>{titleOf(definition.value?.fields, name)}</dt><dd><FieldValue kind={definition.value?.fields.find((each) => each.name === name)?.kind} value={value} /></dd></>)}</dl></section>
    {one.open ? <Moves one={one} /> : <Empty title={t("mg.over")} />}
    <Evidence one={one} /><History one={one} /></div>;
}

export function startCase(wanted: string): void {
  id = wanted;
  void load();
  void askPersons();
  effect(() => { document.documentElement.dataset.ready = found.value || failure.value ? "yes" : "no"; });
}
