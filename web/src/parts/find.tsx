/* Search over all letters, by an address of its own; the host looks (GET ...?q=). */
import { t } from "../base/words";

export const question = new URLSearchParams(location.search).get("q")?.trim() ?? "";

export const Find = ({ hint }: { hint: string }) => <form class="search" role="search" method="get" action={location.pathname}>
  <label for="find">{t("find.label")}</label><input id="find" name="q" type="search" maxLength={100} aria-describedby="find-hint" defaultValue={question} />
  <button>{t("find.do")}</button><p class="hint" id="find-hint">{hint}</p></form>;

/* What was looked for, and the way back to everything. */
export const Found = ({ n, isMore }: { n: number; isMore: boolean }) => n === 0
  ? <div class="empty"><strong id="found">{t("inbox.not-found", { what: question })}</strong><p>{t("find.none-hint")} <a href={location.pathname}>{t("find.clear")}</a></p></div>
  : <div class="row apart"><h2 id="found">{t(isMore ? "find.some" : "find.all", { what: question, n })}</h2>
    <a href={location.pathname}>{t("find.clear")}</a></div>;
