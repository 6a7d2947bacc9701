/* A page that is not for the role of who opened it: whose it is, and what to do. */
import { asProblem } from "../base/api";
import { session } from "../base/session";
import { t, tOf } from "../base/words";
import { Empty, Trouble } from "./parts";

/* What kept a page from being loaded; `roles` says who may. */
export function NotLoaded({ error, roles, retry }: { error: unknown; roles: readonly string[]; retry: () => void }) {
  const named = (list: readonly string[]) => list.map((role) => tOf("role", role)).join(t("list.comma"));
  if (asProblem(error).status !== 403) return <Trouble error={error} retry={retry} />;
  return <Empty title={t("denied.title")}><p>{t("denied.who", { roles: named(roles), mine: named(session.value?.roles ?? []) })}</p><p>{t("denied.next")}</p></Empty>;
}
