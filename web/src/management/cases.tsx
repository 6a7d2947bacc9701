/* 待決定: the cases that wait for somebody, the nearest deadline first. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { day } from "../base/time";
import { t, zh } from "../base/words";
import { Empty, Trouble, Wait } from "../parts/parts";
import { Chip } from "../parts/state";
import { SaveTable } from "../parts/table";
import { say, type Line } from "./api";
import { askNames, askPersons, nameOf } from "./names";

const lines = signal<Line[] | null>(null);
const failure = signal<unknown>(null);

async function load(): Promise<void> {
  try {
    const said = await get<{ cases: Line[] }>("/v1/cases?open=1&limit=500");
    const at = (one: Line) => (one.due ? Date.parse(one.due) : Infinity);
    lines.value = said.cases.sort((a, b) => at(a) - at(b));
    askNames(lines.value.map((one) => one.organisation));
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

/* A deadline as people ask for it: over, today or tomorrow, later. */
export function Due({ one }: { one: Line }) {
  if (!one.open) return <Chip shape="done" text={t("mg.over")} />;
  if (!one.due) return <span class="quiet">{t("mg.no-deadline")}</span>;
  const at = Date.parse(one.due);
  const text = t("mg.until", { when: day(at - 1) });
  return one.overdue ? <Chip tone="bad" shape="bad" text={t("mg.overdue", { when: day(at - 1) })} />
    : at - Date.now() < 2 * 86400e3 ? <Chip tone="warn" shape="warn" text={text} /> : <Chip shape="ring" text={text} />;
}

export const caseAddress = (id: string): string => `?case=${encodeURIComponent(id)}`;

export function Cases() {
  const all = lines.value;
  if (failure.value) return <Trouble error={failure.value} retry={() => void load()} />;
  if (!all) return <Wait />;
  if (all.length === 0) return <Empty title={t("mg.none")}><p>{t("mg.none-hint")}</p></Empty>;
  const late = all.filter((one) => one.overdue).length;
  return <section class="stack" aria-labelledby="waiting"><header class="tools"><h2 id="waiting">{t("mg.sum", { n: all.length, late })}</h2>
    <SaveTable name="cases" rows={() => [[t("mg.number"), t("mg.kind"), t("mg.subject"), t("col.state"), t("mg.deadline")],
      ...all.map((one) => [one.id, say(one.title, one.definition), nameOf(one.subject), say(one.state_title, one.state), one.due])]} /></header>
    <table class="list"><caption class="hidden">{t("mg.cases")}</caption>
      <thead><tr><th scope="col">{t("mg.case")}</th><th scope="col" class="only-wide">{t("col.state")}</th><th scope="col" class="only-wide">{t("mg.deadline")}</th></tr></thead>
      <tbody>{all.map((one) => <tr key={one.id} class={one.overdue ? "open" : ""}>
        <th scope="row" class="wide"><a class="subject" href={caseAddress(one.id)}>{say(one.title, one.definition)}<span {...zh}>{t("list.colon")}{nameOf(one.subject)}</span></a>
          <span class="meta"><code>{one.id}</code>{nameOf(one.organisation) !== one.organisation && <code>{one.organisation}</code>}<span>{t("mg.opened", { when: day(Date.parse(one.opened)) })}</span></span>
          <span class="only-narrow small">{say(one.state_title, one.state)}</span><span class="only-narrow"><Due one={one} /></span></th>
        <td class="only-wide">{say(one.state_title, one.state)}</td><td class="only-wide"><Due one={one} /></td></tr>)}</tbody></table></section>;
}

export function startCases(): void {
  void load();
  void askPersons();
  effect(() => { document.documentElement.dataset.ready = lines.value || failure.value ? "yes" : "no"; });
}
