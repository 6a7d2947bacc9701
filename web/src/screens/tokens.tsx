/* 介接權杖: the secrets by which document systems ask this gateway (docs/api.md). */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce, start } from "../base/start";
import { day } from "../base/time";
import { t, tOf, zh } from "../base/words";
import { AskFirst } from "../parts/ask";
import { Empty, Head, Trouble, Wait } from "../parts/parts";
import { Secret, showSecret } from "../parts/secret";
import { Chip } from "../parts/state";
import { SaveTable } from "../parts/table";

interface Token { id: number; name: string; organisation: string; prefix: string; scopes: string[]; created_at: string; expires_at: string; revoked: boolean }
const scopes = ["read", "send", "receive", "events", "webhooks", "metrics"] as const;

const kept = keep(async () => (await get<{ tokens: Token[] }>("/v1/tokens?limit=200")).tokens);
const made = signal<{ name: string; token: string; prefix: string } | null>(null);
const name = signal("");
const picked = signal<ReadonlySet<string>>(new Set(["read"]));
const days = signal("365");

async function make(event: Event): Promise<void> {
  event.preventDefault();
  const own = session.value?.organisations[0]?.code;
  const said = await kept.act<{ name: string; token: string; prefix: string }>("/v1/tokens", {
    name: name.value.trim(), organisation: own, scopes: scopes.filter((one) => picked.value.has(one)), days: Number(days.value) });
  if (!said) return;
  made.value = said;
  name.value = "";
  announce(t("secret.title"));
  showSecret("token");
}

async function revoke(one: Token): Promise<void> {
  if (await kept.act(`/v1/tokens/${one.id}:revoke`)) announce(t("token.revoked-one", { name: one.name }));
}

function Make() {
  return <form class="card stack" aria-labelledby="make" onSubmit={(event) => void make(event)}>
    <h2 id="make">{t("token.make")}</h2>
    <div class="fields">
      <div class="field"><label for="name">{t("token.name")}</label><p class="hint" id="name-hint">{t("token.name-hint")}</p>
        <input id="name" required maxLength={60} aria-describedby="name-hint" value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }} /></div>
      <div class="field"><label for="days">{t("token.days")}</label><p class="hint" id="days-hint">{t("token.days-hint")}</p>
        <select id="days" aria-describedby="days-hint" value={days.value} onChange={(event) => { days.value = event.currentTarget.value; }}>
          {["30", "90", "180", "365"].map((n) => <option value={n}>{t("token.for-days", { n: Number(n) })}</option>)}</select></div>
    </div>
    <fieldset><legend class="label">{t("token.scopes")}</legend><p class="hint">{t("token.scopes-hint")}</p>
      <div class="choices">{scopes.map((one) => <label class="choice"><input type="checkbox" name="scope" value={one} checked={picked.value.has(one)}
        onChange={(event) => { const now = new Set(picked.value); if (event.currentTarget.checked) now.add(one); else now.delete(one); picked.value = now; }} />
        <span><strong>{one}</strong> {tOf("scope", one)}</span></label>)}</div></fieldset>
    {kept.refused.value ? <Trouble error={kept.refused.value} /> : null}
    <div><button class="main" aria-disabled={kept.busy.value || picked.value.size === 0}>{t("token.make-do")}</button></div></form>;
}

/* How long it lets somebody in; warned like certificates. */
function Life({ one }: { one: Token }) {
  const left = Math.floor((Date.parse(one.expires_at) - Date.now()) / 86400e3);
  return one.revoked ? <Chip shape="back" text={t("token.revoked")} />
    : left < 0 ? <Chip tone="bad" shape="bad" text={t("token.over")} />
      : left <= 30 ? <Chip tone="warn" shape="warn" text={t("token.left", { n: left })} />
        : <Chip tone="good" shape="done" text={t("token.left", { n: left })} />;
}

function List({ all }: { all: Token[] }) {
  if (all.length === 0) return <Empty title={t("token.none")}><p>{t("token.none-hint")}</p></Empty>;
  return <section class="stack" aria-labelledby="list"><header class="tools"><h2 id="list">{t("token.sum", { n: all.filter((one) => !one.revoked).length })}</h2>
    <SaveTable name="tokens" rows={() => [[t("token.name"), t("token.prefix"), t("token.scopes"), t("token.created"), t("col.expires"), t("col.state")],
      ...all.map((one) => [one.name, one.prefix, one.scopes.join(" "), one.created_at, one.expires_at, t(one.revoked ? "token.revoked" : "token.valid")])]} /></header>
    <table class="list"><caption class="hidden">{t("token.caption")}</caption>
      <thead><tr><th scope="col">{t("token.name")}</th><th scope="col" class="only-wide">{t("token.scopes")}</th>
        <th scope="col" class="only-wide">{t("col.expires")}</th><th scope="col" class="only-wide">{t("col.state")}</th>
        {hasRole("operator") && <th scope="col">{t("to.change")}</th>}</tr></thead>
      <tbody>{all.map((one) => <tr key={one.id}>
        <th scope="row" class="wide"><span class="subject" {...zh}>{one.name}</span><span class="meta"><code>{one.prefix}…</code><span>{one.organisation}</span>
          <span>{t("token.made", { when: day(Date.parse(one.created_at)) })}</span></span>
          <span class="only-narrow small">{one.scopes.join(t("list.comma"))}</span><span class="only-narrow"><Life one={one} /></span></th>
        <td class="only-wide">{one.scopes.join(t("list.comma"))}</td>
        <td class="only-wide nowrap">{day(Date.parse(one.expires_at))}</td>
        <td class="only-wide"><Life one={one} /></td>
        {hasRole("operator") && <td>{!one.revoked && <AskFirst id={String(one.id)} word={t("token.revoke")} question={t("token.revoke-ask")} sure={t("token.revoke-do")} onSure={() => void revoke(one)} />}</td>}
      </tr>)}</tbody></table></section>;
}

function Content() {
  if (!kept.list.value) return kept.failure.value ? <Trouble error={kept.failure.value} retry={() => void kept.load()} /> : <Wait />;
  return <div class="stack-wide">
    {made.value && <Secret id="token" label={t("token.secret", { name: made.value.name })} value={made.value.token}>
      <p class="small">{t("token.use")} <code>Authorization: Bearer {made.value.prefix}…</code></p></Secret>}
    {hasRole("operator") && <Make />}
    <List all={kept.list.value} /></div>;
}

start(<><Head title={t("tokens.title")}><p>{t("tokens.lead")} <a href="/api.html">{t("tokens.api")}</a></p></Head><Content /></>);
void kept.load();
effect(() => { document.documentElement.dataset.ready = (kept.list.value || kept.failure.value) && session.value ? "yes" : "no"; });
