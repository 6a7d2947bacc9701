/* What a host says of itself: one check of GET /v1/health, and what to do. */
import type { Health } from "../base/types";
import { language, t, tOf } from "../base/words";
import type { Shape } from "./icons";
import { Chip, type Tone } from "./state";

export type Checked = Health["checks"][number];

const looks: Record<string, [Tone, Shape]> = { ok: ["good", "done"], warning: ["warn", "warn"], failed: ["bad", "bad"] };

/* Its name in our words: "link center-a" is the connection with center-a. */
export const probeOf = (name: string) => name.startsWith("link ") ? t("probe.link", { who: name.slice(5) }) : tOf("probe", name.replaceAll(" ", "-"));

/* One that is good says so in our words, if it has some. */
const fineOf = (one: Checked) => {
  const name = one.name.startsWith("link ") ? "link" : one.name.replaceAll(" ", "-");
  const said = tOf("fine", name);
  return said === name ? one.text : said;
};

export function CheckChip({ one, text }: { one: Checked; text: string }) {
  const [tone, shape] = looks[one.state] ?? ["", "ring"];
  return <Chip tone={tone} shape={shape} text={text} />;
}

/* What is so, why, and what to do; the host's own words are for who looks after it. */
export function CheckText({ one }: { one: Checked }) {
  if (one.state === "ok") return <p>{fineOf(one)}</p>;
  return <><p>{one.title ? <><strong>{one.title}</strong> {one.cause}</> : one.text}</p>
    {one.next && <p><em>{t("problem.do")}</em>{one.next}</p>}
    {one.title && one.text && <p class="small quiet" lang={language === "en" ? undefined : "en"}>{one.code} {one.text}</p>}</>;
}

/* One that is not good, on a page about something else. */
export const CheckNote = ({ one }: { one: Checked }) => <div class="stack-close"><CheckChip one={one} text={probeOf(one.name)} /><CheckText one={one} /></div>;
