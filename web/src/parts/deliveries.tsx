/* Deliveries that are not signed for: whose, since when, and what to do about each. */
import { moment } from "../base/time";
import type { OpenDelivery } from "../base/types";
import { page, t, tOf, zh } from "../base/words";
import { Said } from "./said";
import { SaveTable } from "./table";
import { hasEnded, SentState } from "./state";

/* The first that applies decides what to do; nothing, where it is only on its way. */
export function todoOf(one: OpenDelivery): string {
  const flag = one.flags.find((name) => ["suspended", "unreadable", "notice"].includes(name));
  if (flag) return tOf("todo", flag);
  if (one.flags.includes("overdue") && !hasEnded(one.state)) return t("todo.overdue");
  return hasEnded(one.state) ? tOf("todo", one.state) : "";
}

export function Deliveries({ all, caption }: { all: readonly OpenDelivery[]; caption: string }) {
  return <table class="list"><caption class="hidden">{caption}</caption>
    <thead><tr><th scope="col">{t("col.letter")}</th><th scope="col" class="only-wide">{t("col.sent")}</th>
      <th scope="col" class="only-wide">{t("col.state")}</th><th scope="col" class="only-wide">{t("col.todo")}</th></tr></thead>
    <tbody>{all.map((one) => <tr key={`${one.document_id}/${one.recipient}`}>
      <th scope="row" class="wide"><a class="subject" {...zh} href={`${page("sent")}?id=${one.document_id}`}>{one.subject || t("letter.no-subject")}</a>
        <span class="meta"><span {...zh}>{one.name}</span><span {...zh}>{one.reference}</span>
          {one.reason && <span>{tOf("reason", one.reason)}</span>}<Said words={one.words ?? ""} />
          <span class="only-narrow">{moment(Date.parse(one.sent_at), Date.now())}</span></span>
        <span class="row only-narrow"><SentState state={one.state} flags={one.flags} /><span class="small">{todoOf(one)}</span></span></th>
      <td class="only-wide nowrap">{moment(Date.parse(one.sent_at), Date.now())}</td>
      <td class="only-wide"><SentState state={one.state} flags={one.flags} /></td>
      <td class="only-wide small">{todoOf(one)}</td></tr>)}</tbody></table>;
}

export const SaveDeliveries = ({ name, all }: { name: string; all: readonly OpenDelivery[] }) =>
  <SaveTable name={name} rows={() => [
    [t("col.subject"), t("col.reference"), t("col.recipient"), t("to.code"), t("col.sent"), t("col.state"), t("col.since"), t("col.todo")],
    ...all.map((one) => [one.subject, one.reference, one.name, one.recipient, one.sent_at, tOf("out", one.state), one.since, todoOf(one)])]} />;
