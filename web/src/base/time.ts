/* Times as people here read them: the calendar of the Republic, Taipei time. */
import { language, t } from "./words";

const zone = "Asia/Taipei";
const locale = language === "en" ? "en-GB" : "zh-Hant-TW-u-ca-roc";

const dayFormat = new Intl.DateTimeFormat(locale, language === "en"
  ? { timeZone: zone, day: "numeric", month: "short", year: "numeric" }
  : { timeZone: zone, year: "numeric", month: "long", day: "numeric" });
const weekdayFormat = new Intl.DateTimeFormat(
  language === "en" ? "en-GB" : "zh-Hant-TW", { timeZone: zone, weekday: "short" });
const clockFormat = new Intl.DateTimeFormat("en-GB",
  { timeZone: zone, hour: "2-digit", minute: "2-digit" });
const secondFormat = new Intl.DateTimeFormat("en-GB",
  { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const isoFormat = new Intl.DateTimeFormat("en-CA", { timeZone: zone });

export const day = (at: number): string => Number.isNaN(at) ? "" : dayFormat.format(at).replace(/^民國/, "");
export const longDay = (at: number): string =>
  language === "en" ? `${weekdayFormat.format(at)} ${dayFormat.format(at)}` : `${dayFormat.format(at)}（${weekdayFormat.format(at)}）`;
export const clock = (at: number): string => clockFormat.format(at);
export const clockSeconds = (at: number): string => secondFormat.format(at);
/* The day that a date field has, in the calendar of the Republic: it stands after the field. */
export const dayOfField = (value: string): string => value && t("date.day", { day: day(Date.parse(value)) });
/* The date in Taipei, as 2026-11-26. */
export const isoDay = (at: number): string => isoFormat.format(at);

/* Time of today, otherwise the day too. */
export function moment(at: number, now: number): string {
  return isoDay(at) === isoDay(now) ? `${t("time.today")} ${clock(at)}` : `${day(at)} ${clock(at)}`;
}

/* "3 分", "2 小時", "4 日": a span of milliseconds in one unit. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return t("span.s", { n: s });
  if (s < 3600) return t("span.min", { n: Math.floor(s / 60) });
  if (s < 86400) return t("span.h", { n: Math.floor(s / 3600) });
  return t("span.d", { n: Math.floor(s / 86400) });
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < 2) { value /= 1024; unit++; }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
