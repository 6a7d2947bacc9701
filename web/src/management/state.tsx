/* 暫停與公報: holds and suspensions in force, and how fresh the bulletins are. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { clock, day } from "../base/time";
import { t, tOf, zh } from "../base/words";
import { brief } from "./api";
import { askNames, Organisation } from "./names";
import { Empty, Trouble, Wait } from "../parts/parts";
import { Chip, type Tone } from "../parts/state";
import type { Shape } from "../parts/icons";

interface Measure { kind: string; case: string; authority: string; subject: string; name: string; direction: string; ground: number; reason: string; from: string; until: string }
interface Bulletin { type: string; name: string; serial: number; issued: string; expires: string }

const measures = signal<Measure[] | null>(null);
const bulletins = signal<{ grade: string; bulletins: Bulletin[] } | null>(null);
const noMeasures = signal<unknown>(null);
const noBulletins = signal<unknown>(null);

const moment = (text: string) => `${day(Date.parse(text))} ${clock(Date.parse(text))}`;
const isOrganisation = (one: Measure): boolean => ["organisation", "unit"].includes(one.subject);
/* Each part may fail alone. */
const loadMeasures = () => get<{ measures: Measure[] }>("/v1/measures").then((said) => { measures.value = said.measures; askNames(said.measures.filter(isOrganisation).map((one) => one.name)); noMeasures.value = null; }, (error) => { noMeasures.value = error; });
const loadBulletins = () => get<{ grade: string; bulletins: Bulletin[] }>("/v1/bulletins").then((said) => { bulletins.value = said; noBulletins.value = null; }, (error) => { noBulletins.value = error; });

const grades: Record<string, [Tone, Shape]> = { fresh: ["good", "done"], late: ["warn", "warn"], stale: ["bad", "warn"], expired: ["bad", "bad"] };

const until = (one: Measure): string => one.until ? moment(one.until) : t("mg.until-restored");

function Measures() {
  if (noMeasures.value) return <Trouble error={noMeasures.value} retry={() => void loadMeasures()} />;
  if (!measures.value) return <Wait />;
  if (measures.value.length === 0) return <Empty title={t("mg.no-measures")} />;
  return <table class="list"><caption class="hidden">{t("mg.measures")}</caption><thead><tr><th scope="col">{t("mg.whom")}</th><th scope="col" class="only-wide">{t("mg.until-when")}</th></tr></thead>
    <tbody>{measures.value.map((one) => <tr key={one.kind + one.case}><th scope="row" class="wide">{tOf("mgkind", one.kind)}{t("list.colon")}{tOf("mgsubject", one.subject)} {isOrganisation(one) ? <Organisation code={one.name} /> : <code>{brief(one.name)}</code>}
      <span class="meta"><span>{tOf("mgdirection", one.direction)}</span><code>{one.case}</code>{one.authority && <span>{t("mg.authority", { who: one.authority })}</span>}<span class="only-narrow">{until(one)}</span></span>
      <span class="small">{t("mg.ground", { n: one.ground })} {tOf("ground", String(one.ground))}{one.reason && <span {...zh}>{t("list.colon")}{one.reason}</span>}</span></th>
      <td class="only-wide">{until(one)}</td></tr>)}</tbody></table>;
}

function Bulletins() {
  if (noBulletins.value) return <Trouble error={noBulletins.value} retry={() => void loadBulletins()} />;
  if (!bulletins.value) return <Wait />;
  const [tone, shape] = grades[bulletins.value.grade] ?? ["bad", "bad"];
  return <><p><Chip tone={tone} shape={shape} text={tOf("mggrade", bulletins.value.grade)} /></p>
    <table><caption class="hidden">{t("mg.bulletins")}</caption><thead><tr><th scope="col">{t("mg.type")}</th><th scope="col">{t("mg.serial")}</th><th scope="col">{t("mg.issued")}</th><th scope="col" class="only-wide">{t("col.expires")}</th></tr></thead>
      <tbody>{bulletins.value.bulletins.map((one) => <tr key={one.type + one.name}><th scope="row">{tOf("bulletin", one.type)}{one.name && ` ${one.name}`}</th><td>{one.serial}</td><td>{moment(one.issued)}</td>
        <td class="only-wide">{Date.parse(one.expires) < Date.now() ? <Chip tone="bad" shape="bad" text={day(Date.parse(one.expires))} /> : day(Date.parse(one.expires))}</td></tr>)}</tbody></table></>;
}

export function State() {
  return <div class="stack-wide"><section class="stack" aria-labelledby="measures"><h2 id="measures">{t("mg.measures")}</h2><Measures /></section>
    <section class="stack" aria-labelledby="bulletins"><h2 id="bulletins">{t("mg.bulletins")}</h2><Bulletins /></section></div>;
}

export function startState(): void {
  void loadMeasures();
  void loadBulletins();
  effect(() => { document.documentElement.dataset.ready = (measures.value || noMeasures.value) && (bulletins.value || noBulletins.value) ? "yes" : "no"; });
}
