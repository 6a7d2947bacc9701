/* 管理層: what waits for a decision, one case, organisations, holds and bulletins (docs/cases.md). */
import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { start } from "../base/start";
import { t, type Word } from "../base/words";
import { OneCase, startCase } from "../management/case";
import { Cases, startCases } from "../management/cases";
import { Head, Trouble, Wait } from "../parts/parts";

const query = new URLSearchParams(location.search);
const wanted = query.get("case");
const view = wanted ? "cases" : query.get("view") ?? "cases";
const tabs: [string, Word][] = [["cases", "mg.cases"], ["organisations", "mg.organisations"], ["state", "mg.state"], ["releases", "mg.releases"]];

/* Cases are what is looked at most; another view is loaded when it is wanted. */
const others: Record<string, () => Promise<[FunctionComponent, () => void]>> = {
  organisations: () => import("../management/organisations").then(({ Organisations, startOrganisations }) => [Organisations, startOrganisations]),
  state: () => import("../management/state").then(({ State, startState }) => [State, startState]),
  releases: () => import("../management/releases").then(({ Releases, startReleases }) => [Releases, startReleases]),
};
const other = others[view];
const shown = signal<FunctionComponent>(other ? () => <Wait /> : wanted ? OneCase : Cases);
const failure = signal<unknown>(null);

function Content() {
  const Shown = shown.value;
  return failure.value ? <Trouble error={failure.value} retry={() => location.reload()} /> : <Shown />;
}

start(<div class="stack"><Head title={t("mg.title")} />
  <nav class="tabs" aria-label={t("mg.views")}>{tabs.map(([name, word]) =>
    <a href={name === "cases" ? location.pathname : `?view=${name}`} aria-current={name === view ? "page" : undefined}>{t(word)}</a>)}</nav>
  <Content /></div>);
if (other) other().then(([Shown, begin]) => { shown.value = Shown; begin(); }, (error) => { failure.value = error; });
else if (wanted) startCase(wanted);
else startCases();
