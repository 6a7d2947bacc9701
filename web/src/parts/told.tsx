/* Logs that told two stories, each with the proof that anybody can check. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole } from "../base/desk";
import { moment } from "../base/time";
import { t } from "../base/words";
import { saveFile } from "./table";

interface Conflict { origin: string; seen_at: string; proof: string }

/* For who oversees; others are told by the checks alone. */
const mayAsk = () => hasRole("supervisor", "operator", "auditor");
export const told = signal<readonly Conflict[]>([]);

/* With each load of the page, and once it is known who asks. */
export async function loadTold(): Promise<void> {
  if (mayAsk()) told.value = (await get<{ conflicts: Conflict[] }>("/v1/conflicts").catch(() => ({ conflicts: [] }))).conflicts;
}

effect(() => { if (mayAsk()) void loadTold(); });

/* An origin is "yizhan/ENVIRONMENT/HOST/EPOCH". */
function One({ origin, seen_at, proof }: Conflict) {
  const who = origin.split("/")[2] ?? origin;
  return <div class="note bad"><h2>{t("problems.conflict", { who })}</h2>
    <p>{t("problems.conflict-what", { who, when: moment(Date.parse(seen_at), Date.now()) })}</p>
    <p><em>{t("problem.do")}</em>{t("problems.conflict-do")}</p>
    <div class="row"><button type="button" onClick={() => saveFile(`conflict-${who}.txt`, new Blob([proof]))}>{t("problems.proof")}</button>
      <span class="small quiet">{t("problems.proof-hint")}</span></div></div>;
}

/* One of each log is enough. */
export const Told = () => <>{told.value.filter((one, at) => told.value.findIndex(({ origin }) => origin === one.origin) === at)
  .map((one) => <One {...one} />)}</>;
