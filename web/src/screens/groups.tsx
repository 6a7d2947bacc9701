/* 群組: recipients that are written to together, as the address book has them now. */
import { effect, signal } from "@preact/signals";
import { asProblem } from "../base/api";
import { hasRole } from "../base/desk";
import { group, groups, lookUp, removeGroup, saveGroup, type Asked, type Group, type WholeGroup } from "../base/groups";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { moment } from "../base/time";
import { t, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Standing } from "../parts/standing";
import { Chip } from "../parts/state";
import { SaveTable } from "../parts/table";

const list = signal<Group[] | null>(null);
const failure = signal<unknown>(null);
const refused = signal<unknown>(null);
const shown = signal<WholeGroup | null>(null);
const form = signal<{ old: Group | null; code: string; title: string; names: string } | null>(null);
const unclear = signal<Asked[]>([]);

async function load(): Promise<void> {
  try {
    list.value = await groups();
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

async function show(code: string): Promise<void> {
  try {
    shown.value = await group(code);
    refused.value = null;
  } catch (error) {
    refused.value = error;
  }
}

const edit = (old: WholeGroup | null) => {
  form.value = { old, code: old?.code ?? "", title: old?.title ?? "", names: old?.members.map(({ name_now, name }) => name_now || name).join("、") ?? "" };
  unclear.value = [];
  refused.value = null;
  setTimeout(() => document.getElementById(old ? "title" : "code")?.focus());
};

async function save(event: Event): Promise<void> {
  event.preventDefault();
  const now = form.value;
  if (!now) return;
  refused.value = null;
  try {
    const asked = await lookUp(now.names.split(/[、,;\n]/).map((name) => name.trim()).filter(Boolean));
    unclear.value = asked.filter((one) => one.code === "");
    if (unclear.value.length > 0) { setTimeout(() => document.getElementById("unclear")?.focus()); return; }
    await saveGroup(now.old, now.code.trim(), now.title.trim(), asked.map(({ code }) => code));
    form.value = null;
    announce(t("group.saved", { what: now.title }));
    await load();
    await show(now.code.trim());
  } catch (error) {
    refused.value = error;
  }
}

async function remove(one: Group): Promise<void> {
  try {
    await removeGroup(one);
    shown.value = null;
    announce(t("group.removed", { what: one.title }));
    await load();
  } catch (error) {
    refused.value = error;
  }
}

/* The name that was meant takes the place of what was written. */
const mean = (wrong: string, right: string) => {
  if (form.value) form.value = { ...form.value, names: form.value.names.split("、").map((name) => (name.trim() === wrong ? right : name)).join("、") };
  unclear.value = unclear.value.filter((one) => one.asked !== wrong);
};

function Form() {
  const now = form.value!;
  const put = (part: Partial<typeof now>) => { form.value = { ...now, ...part }; };
  return <form class="card stack" aria-labelledby="form" onSubmit={(event) => void save(event)}><h2 id="form">{t(now.old ? "group.edit" : "group.make")}</h2>
    <div class="fields"><div class="field"><label for="code">{t("group.code")}</label><input id="code" required maxLength={16} pattern="[0-9A-Za-z_\-]+" readOnly={now.old !== null} value={now.code} onInput={(event) => put({ code: event.currentTarget.value })} /></div>
      <div class="field"><label for="title">{t("group.title")}</label><input id="title" required maxLength={60} value={now.title} onInput={(event) => put({ title: event.currentTarget.value })} /></div></div>
    <div class="field"><label for="names">{t("group.members")}</label><p class="hint" id="names-hint">{t("group.members-hint")}</p>
      <textarea id="names" rows={4} required aria-describedby="names-hint" value={now.names} onInput={(event) => put({ names: event.currentTarget.value })} /></div>
    {unclear.value.length > 0 && <div class="note bad stack" role="alert" tabindex={-1} id="unclear"><h3>{t("group.unclear")}</h3>
      {unclear.value.map((one) => <div class="row"><strong {...zh}>{one.asked}</strong>{one.candidates.length === 0 ? <span>{t("group.unknown")}</span>
        : one.candidates.slice(0, 6).map((other) => <button type="button" {...zh} onClick={() => mean(one.asked, other.name)}>{other.name}</button>)}</div>)}</div>}
    {refused.value ? <Trouble error={refused.value} /> : null}
    <div class="row"><button class="main">{t("group.save")}</button><button type="button" class="plain" onClick={() => { form.value = null; }}>{t("cancel")}</button></div></form>;
}

function Shown({ one }: { one: WholeGroup }) {
  return <section class="card stack" aria-labelledby="shown"><header class="row apart"><h2 id="shown" {...zh}>{one.title}</h2>
    <SaveTable name={one.code} rows={() => [[t("to.code"), t("to.name"), t("col.state")], ...one.members.map((member) => [member.code, member.name_now || member.name, member.status])]} /></header>
    <table><caption>{t("group.count", { n: one.members.length })}</caption><thead><tr><th scope="col">{t("to.name")}</th><th scope="col">{t("col.state")}</th></tr></thead>
      <tbody>{one.members.map((member) => <tr><th scope="row"><span {...zh}>{member.name_now || member.name}</span> <span class="small quiet">{member.code}</span>
        {member.name_now && member.name_now !== member.name && <div class="small">{t("group.renamed", { was: member.name })}</div>}
        {member.successor && <div class="small">{t("group.successor", { who: member.successor.name })}</div>}</th><td><Standing status={member.status} /></td></tr>)}</tbody></table>
    {hasRole("clerk", "supervisor") && <div class="row"><button type="button" onClick={() => edit(one)}>{t("group.edit")}</button>
      <AskFirst id={one.code} word={t("group.remove")} question={t("group.remove-ask")} sure={t("remove")} onSure={() => void remove(one)} /></div>}</section>;
}

function Content() {
  const all = list.value;
  if (!all) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  return <div class="stack-wide">
    {form.value ? <Form /> : hasRole("clerk", "supervisor") && <div class="row"><button type="button" class="main" onClick={() => edit(null)}>{t("group.make")}</button></div>}
    {!form.value && refused.value ? <Trouble error={asProblem(refused.value)} /> : null}
    {all.length === 0 ? <Empty title={t("group.none")}><p>{t("group.none-hint")}</p></Empty>
      : <table class="list"><caption class="hidden">{t("groups.title")}</caption><thead><tr><th scope="col">{t("group.title")}</th><th scope="col" class="number">{t("group.members-n")}</th><th scope="col" class="only-wide">{t("group.changed")}</th></tr></thead>
        <tbody>{all.map((one) => <tr key={one.code}><th scope="row" class="wide"><button type="button" class="plain" {...zh} onClick={() => void show(one.code)}>{one.title}</button>
          <span class="meta"><code>{one.code}</code>{one.changed > 0 && <Chip tone="warn" shape="warn" text={t("group.stale", { n: one.changed })} />}</span></th>
          <td class="number">{one.count}</td><td class="only-wide"><span {...zh}>{one.changed_by}</span> {moment(Date.parse(one.changed_at), Date.now())}</td></tr>)}</tbody></table>}
    {shown.value && !form.value && <Shown one={shown.value} />}</div>;
}

start(<><Head title={t("groups.title")}><p>{t("groups.lead")}</p></Head><Content /></>);
void load();
effect(() => { document.documentElement.dataset.ready = (list.value || failure.value) && session.value ? "yes" : "no"; });
