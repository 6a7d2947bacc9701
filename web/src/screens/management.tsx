/* 管理層: what waits for a decision, one case, organisations, holds and bulletins (docs/cases.md). */
import { start } from "../base/start";
import { t, type Word } from "../base/words";
import { OneCase, startCase } from "../management/case";
import { Cases, startCases } from "../management/cases";
import { Organisations, startOrganisations } from "../management/organisations";
import { Releases, startReleases } from "../management/releases";
import { startState, State } from "../management/state";
import { Head } from "../parts/parts";

const query = new URLSearchParams(location.search);
const wanted = query.get("case");
const view = wanted ? "cases" : query.get("view") ?? "cases";
const tabs: [string, Word][] = [["cases", "mg.cases"], ["organisations", "mg.organisations"], ["state", "mg.state"], ["releases", "mg.releases"]];

const Content = () => wanted ? <OneCase /> : view === "organisations" ? <Organisations /> : view === "state" ? <State /> : view === "releases" ? <Releases /> : <Cases />;

start(<div class="stack"><Head title={t("mg.title")} />
  <nav class="tabs" aria-label={t("mg.views")}>{tabs.map(([name, word]) =>
    <a href={name === "cases" ? location.pathname : `?view=${name}`} aria-current={name === view ? "page" : undefined}>{t(word)}</a>)}</nav>
  <Content /></div>);
if (wanted) startCase(wanted);
else if (view === "organisations") startOrganisations();
else if (view === "state") startState();
else if (view === "releases") startReleases();
else startCases();
