/* From which day to which: part of the address, so that what is seen can be kept and sent on. */
import { signal } from "@preact/signals";
import { day as dayOf, isoDay } from "../base/time";
import { t, tOf } from "../base/words";

const query = new URLSearchParams(location.search);
const day = 86400e3;
export const from = query.get("from") ?? isoDay(Date.now() - 30 * day);
export const until = query.get("until") ?? isoDay(Date.now());

/* Of that period, or what was looked for in it, in a file of any length. */
export const Files = ({ path, which = {} }: { path: string; which?: Record<string, string> }) => <span class="row save">{t(Object.keys(which).length > 0 ? "period.found" : "period.whole")}
  {["csv", "ods"].map((format) => <a class="button plain" href={`${path}?${new URLSearchParams({ from, until, ...which, format })}`} download>{format.toUpperCase()}</a>)}</span>;

/* As it stands in the fields, in the calendar of the Republic. */
const chosen = signal({ from, until });
const put = (event: { currentTarget: HTMLInputElement }) => { chosen.value = { ...chosen.value, [event.currentTarget.name]: event.currentTarget.value }; };
const inWords = () => t("period.days", { from: dayOf(Date.parse(chosen.value.from)), until: dayOf(Date.parse(chosen.value.until)) });

const Field = ({ name, value }: { name: "from" | "until"; value: string }) => <span class="pair"><label for={name}>{tOf("period", name)}</label>
  <input id={name} class="auto" name={name} type="date" required aria-describedby="days" defaultValue={value} onInput={put} /></span>;

export const Days = () => <><Field name="from" value={from} /><Field name="until" value={until} /></>;
export const DaysInWords = () => <p class="hint" id="days">{inWords()}</p>;

export const Period = () => <form class="tools" method="get"><div class="row"><Days /><button>{t("period.show")}</button></div><DaysInWords /></form>;
