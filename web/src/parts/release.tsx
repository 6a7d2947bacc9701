/* Which release this host runs, beside the one in force, and what was refused last (docs/releases.md). */
import { signal } from "@preact/signals";
import { get } from "../base/api";
import { moment } from "../base/time";
import { language, t, tOf } from "../base/words";
import type { Shape } from "./icons";
import { Chip, type Tone } from "./state";

export interface Release {
  running: string;
  standing: "current" | "behind" | "barred" | "ahead" | "none";
  release: { version: string; least: string; code: string; serial: number; issued: string } | null;
  refused: { at: string; version: string; text: string } | null;
}

/* NULL also for whom it does not concern. */
export const release = signal<Release | null>(null);
export const loadRelease = () => get<Release>("/v1/release").then((said) => { release.value = said; });

const looks: Record<Release["standing"], [Tone, Shape]> = { current: ["good", "done"], behind: ["warn", "warn"], barred: ["bad", "bad"], ahead: ["", "ring"], none: ["", "ring"] };
const when = (text: string) => moment(Date.parse(text), Date.now());

export function ReleaseHere() {
  const said = release.value;
  if (!said) return null;
  const [tone, shape] = looks[said.standing];
  const must = said.standing === "behind" || said.standing === "barred";
  return <section class="card stack" aria-labelledby="release"><h2 id="release">{t("rel.title")}</h2>
    <dl class="facts"><dt>{t("rel.running")}</dt><dd>{said.running} <Chip tone={tone} shape={shape} text={tOf("rel-is", said.standing)} /></dd>
      {said.release && <><dt>{t("rel.in-force")}</dt><dd>{said.release.version} <span class="small quiet">{when(said.release.issued)}</span></dd>
        <dt>{t("rel.code")}</dt><dd><code>{said.release.code}</code></dd></>}
      {said.release?.least && <><dt>{t("rel.least")}</dt><dd>{said.release.least}</dd></>}
      <dt>{t("rel.refused")}</dt><dd>{said.refused
        ? <><Chip tone="bad" shape="bad" text={said.refused.version} /> <span class="small quiet">{when(said.refused.at)}</span> <span class="small quiet" lang={language === "en" ? undefined : "en"}>{said.refused.text}</span></>
        : t("rel.nothing")}</dd></dl>
    {must && <p><em>{t("problem.do")}</em>{tOf("rel-do", said.standing)}</p>}</section>;
}
