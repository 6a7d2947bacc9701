/* Logs that told two stories, each with the proof that anybody can check. */
import { get } from "../base/api";
import { moment } from "../base/time";
import { t } from "../base/words";
import { saveFile } from "./table";

export interface Conflict { origin: string; seen_at: string; proof: string }

/* For who oversees; others are told by the checks alone. */
export const loadTold = async () => (await get<{ conflicts: Conflict[] }>("/v1/conflicts").catch(() => ({ conflicts: [] }))).conflicts;

/* An origin is "yizhan/ENVIRONMENT/HOST/EPOCH". */
function One({ origin, seen_at, proof }: Conflict) {
  const who = origin.split("/")[2] ?? origin;
  return <div class="note bad"><h3>{t("problems.conflict", { who })}</h3>
    <p>{t("problems.conflict-what", { who, when: moment(Date.parse(seen_at), Date.now()) })}</p>
    <p><em>{t("problem.do")}</em>{t("problems.conflict-do")}</p>
    <div class="row"><button type="button" onClick={() => saveFile(`conflict-${who}.txt`, new Blob([proof]))}>{t("problems.proof")}</button>
      <span class="small quiet">{t("problems.proof-hint")}</span></div></div>;
}

/* One of each log is enough. */
export const Told = ({ list }: { list: readonly Conflict[] }) => <>{list.filter((one, at) => list.findIndex(({ origin }) => origin === one.origin) === at)
  .map((one) => <One {...one} />)}</>;
