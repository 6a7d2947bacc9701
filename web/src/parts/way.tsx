/* The way of one delivery: who had the letter when, and what comes next. */
import type { Event } from "../base/types";
import { moment } from "../base/time";
import { t, tOf } from "../base/words";
import { span } from "../base/time";
import { Icon, type Shape } from "./icons";

const shapeOf = (event: string): Shape =>
  event === "returned" || event === "withdrawn" ? "back"
    : ["unreadable", "expired", "quarantined"].includes(event) ? "bad"
      : event === "suspended" || event === "notice" || event === "rewrap" ? "warn" : "done";
const isBad = (event: string) => ["returned", "unreadable", "expired", "quarantined"].includes(event);

/* What has to come after `event` until a letter is signed for; "" at its end. */
export function nextOf(events: readonly Event[]): string {
  const seen = events.map(({ event }) => event);
  if (seen.some((event) => ["confirmed", "returned", "expired", "withdrawn", "quarantined", "unreadable"].includes(event))) return "";
  if (seen.includes("opened")) return "confirmed";
  if (seen.includes("fetched")) return "opened";
  return seen.includes("accepted") ? "fetched" : "accepted";
}

/* `side`: whose words, "event" of who sent it or "came" of who got it. */
export function Way({ events, next, from, side = "event" }: {
  events: readonly Event[]; next: string; from?: string; side?: "event" | "came";
}) {
  let before = from ? Date.parse(from) : 0;
  return <ol class="way">
    {events.map((event) => {
      const at = event.time ? Date.parse(event.time) : 0;
      const took = at - before >= 1000 && before ? t("way.after", { span: span(at - before) }) : "";
      if (at) before = at;
      return <li class={isBad(event.event) ? "bad" : "done"}>
        <Icon shape={shapeOf(event.event)} />
        <span class="what">{tOf(side, event.event)}</span>
        <span class="when">{at ? <time dateTime={event.time}>{moment(at, Date.now())}</time> : <span>{t("way.soon")}</span>}
          {event.at && <span>{event.at}</span>}{took && <span>{took}</span>}</span>
      </li>;
    })}
    {next && <li class="next"><Icon shape="ring" /><span class="what">{tOf("await", next)}</span></li>}
  </ol>;
}
