/* 異常: what failed, and the one thing to do about each. */
import { computed, effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { watch } from "../base/live";
import { start } from "../base/start";
import type { Health, List, OpenDeliveries, Overview, Received } from "../base/types";
import { page, t, tOf } from "../base/words";
import { CheckNote } from "../parts/check";
import { Deliveries, SaveDeliveries } from "../parts/deliveries";
import { Empty, Head, Pager, Trouble, Wait } from "../parts/parts";
import { ReceivedState } from "../parts/state";
import { loadLost, LostLetters } from "../parts/lost";
import { loadTold, Told, told } from "../parts/told";

const query = new URLSearchParams(location.search);

const trouble = signal<OpenDeliveries | null>(null);
const sums = signal<Overview | null>(null);
const unreadable = signal<List<Received> | null>(null);
const health = signal<Health | null>(null);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  try {
    const ask = new URLSearchParams({ trouble: "1", limit: "50", cursor: query.get("cursor") ?? "" });
    const [open, counted, received, checks] = await Promise.all([
      get<OpenDeliveries>(`/v1/deliveries?${ask}`), get<Overview>("/v1/overview"),
      get<List<Received>>("/v1/inbox?state=unreadable&limit=50"),
      get<Health>("/v1/health"), loadLost()]);
    void loadTold();
    trouble.value = open;
    sums.value = counted;
    unreadable.value = received;
    health.value = checks;
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

const checks = computed(() => (health.value?.checks ?? []).filter((one) => one.state !== "ok"));

function Sending() {
  const all = trouble.value?.deliveries ?? [];
  return <section class="stack" aria-labelledby="out">
    <header class="tools"><h2 id="out">{t("problems.out", { n: sums.value?.trouble ?? all.length })}</h2>
      {all.length > 0 && <SaveDeliveries name="problems" all={all} />}</header>
    {all.length === 0 ? <Empty title={t("problems.none-out")} /> : <>
      <p class="hint">{t("problems.out-hint")} <a href={`${page("")}#due`}>{t("today.due-title")}</a></p>
      <Deliveries all={all} caption={t("problems.out-caption")} />
      <Pager next={trouble.value?.next ?? ""} shown={all.length} label={t("pager.label")} oldestFirst /></>}
  </section>;
}

function Received_() {
  const all = unreadable.value?.documents ?? [];
  if (all.length === 0) return null;
  return <section class="stack" aria-labelledby="in"><h2 id="in">{t("problems.in", { n: sums.value?.unreadable ?? all.length })}</h2>
    <table class="list"><caption class="hidden">{t("problems.in-caption")}</caption>
      <thead><tr><th scope="col">{t("col.letter")}</th><th scope="col">{t("col.state")}</th></tr></thead>
      <tbody>{all.map((one) => <tr><th scope="row"><span class="subject">{one.subject || t("letter.no-subject")}</span>
        <span class="meta"><span>{one.sender_name || one.sender}</span><span>{tOf("reason", one.reason)}</span></span></th>
        <td><ReceivedState state={one.state} /></td></tr>)}</tbody></table></section>;
}

function Host() {
  if (checks.value.length === 0 && told.value.length === 0) return null;
  return <section class="card stack" aria-labelledby="host"><h2 id="host">{t("problems.host")}</h2>
    <Told />
    {checks.value.map((one) => <CheckNote one={one} />)}</section>;
}

function Content() {
  if (!trouble.value) return failure.value ? <Trouble error={failure.value} retry={() => void load()} /> : <Wait />;
  return <div class="stack-wide"><Host /><LostLetters /><Sending /><Received_ /></div>;
}

start(<><Head title={t("problems.title")}><p>{t("problems.lead")}</p></Head><Content /></>);
watch(load, 5000);
void load();
effect(() => { document.documentElement.dataset.ready = trouble.value || failure.value ? "yes" : "no"; });
