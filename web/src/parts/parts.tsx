/* What several screens are made of. */
import type { ComponentChildren } from "preact";
import { asProblem, type Problem } from "../base/api";
import { t } from "../base/words";

/* What went wrong, why, and the one thing to do. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem: Problem = asProblem(error);
  return <div class="note bad" role="alert">
    <h2>{problem.title}</h2>
    {problem.cause_ && <p>{problem.cause_}</p>}
    {problem.next && <p><em>{t("problem.do")}</em>{problem.next}</p>}
    <div class="row">
      {retry && <button type="button" onClick={retry}>{t("problem.retry")}</button>}
      {problem.code && <span class="small quiet">{problem.code}</span>}
    </div>
  </div>;
}

export const Wait = ({ text = t("wait") }: { text?: string }) => <div class="wait"><p>{text}</p></div>;

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) =>
  <div class="empty"><strong>{title}</strong>{children}</div>;

export const Head = ({ title, children }: { title: string; children?: ComponentChildren }) =>
  <header class="head"><h1>{title}</h1>{children}</header>;

/* Links of a list in pages: the address has the place, so each page is a page. */
export function Pager({ next, shown, label, oldestFirst = false }: { next: string; shown: number; label: string; oldestFirst?: boolean }) {
  const here = new URLSearchParams(location.search);
  const isFirst = !here.get("cursor");
  const to = (cursor: string) => {
    const query = new URLSearchParams(here);
    if (cursor) query.set("cursor", cursor); else query.delete("cursor");
    const text = query.toString();
    return location.pathname + (text ? `?${text}` : "");
  };
  return <nav class="pager" aria-label={label}>
    <span>{t("pager.shown", { n: shown })}</span>
    <span class="row">
      {!isFirst && <a class="button" href={to("")}>{t(oldestFirst ? "pager.first" : "pager.newest")}</a>}
      {next && <a class="button" href={to(next)}>{t(oldestFirst ? "pager.next" : "pager.older")}</a>}
    </span>
  </nav>;
}
