/* How far a letter is at all its recipients: a bar, and the same in words. */
import { t } from "../base/words";
import type { Totals } from "../base/sent";
import { Chip } from "./state";

export function Told({ totals }: { totals: Totals }) {
  return <span class="row">
    {totals.failed > 0 && <Chip tone="bad" shape="bad" text={t("total.failed", { n: totals.failed })} />}
    {totals.overdue > 0 && <Chip tone="warn" shape="warn" text={t("total.overdue", { n: totals.overdue })} />}
    {totals.moving > 0 && <Chip tone="now" shape="half" text={t("total.moving", { n: totals.moving })} />}
    {totals.other > 0 && <Chip shape="sheet" text={t("total.other", { n: totals.other })} />}
    {totals.confirmed > 0 && <Chip tone="good" shape="done" text={totals.confirmed === totals.all
      ? t("total.all", { n: totals.all }) : t("total.confirmed", { n: totals.confirmed, all: totals.all })} />}
  </span>;
}

export function Bar({ totals }: { totals: Totals }) {
  const parts: [string, number][] = [["good", totals.confirmed], ["now", totals.moving],
    ["warn", totals.overdue], ["bad", totals.failed], ["", totals.other]];
  return <div class="bar" aria-hidden="true">{parts.map(([tone, n]) => n > 0 &&
    <i class={tone} style={{ width: `${(100 * n) / totals.all}%` }} />)}</div>;
}
