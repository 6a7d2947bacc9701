/* From which day to which: part of the address, so that what is seen can be kept and sent on. */
import { isoDay } from "../base/time";
import { t } from "../base/words";

const query = new URLSearchParams(location.search);
const day = 86400e3;
export const from = query.get("from") ?? isoDay(Date.now() - 30 * day);
export const until = query.get("until") ?? isoDay(Date.now());

/* Of that period, or what was looked for in it, in a file of any length. */
export const Files = ({ path, which = {} }: { path: string; which?: Record<string, string> }) => <span class="row save">{t(Object.keys(which).length > 0 ? "period.found" : "period.whole")}
  {["csv", "ods"].map((format) => <a class="button plain" href={`${path}?${new URLSearchParams({ from, until, ...which, format })}`} download>{format.toUpperCase()}</a>)}</span>;

export const Days = () => <>
  <span class="pair"><label for="from">{t("period.from")}</label><input id="from" class="auto" name="from" type="date" required defaultValue={from} /></span>
  <span class="pair"><label for="until">{t("period.until")}</label><input id="until" class="auto" name="until" type="date" required defaultValue={until} /></span></>;

export const Period = () => <form class="tools" method="get"><div class="row"><Days /><button>{t("period.show")}</button></div></form>;
