/* What a check found: where, what, and how to mend it. */
import type { Finding } from "../base/types";
import { t } from "../base/words";
import { Chip } from "./state";

function Place({ finding }: { finding: Finding }) {
  const parts = [finding.file];
  if (finding.line > 0) parts.push(t("finding.place", { line: finding.line, column: finding.column }));
  return <p class="small quiet">{parts.filter(Boolean).join(t("list.comma"))}
    {finding.element && <> <code>{finding.element}</code></>}</p>;
}

export function Findings({ findings, accepted, onAccept }: {
  findings: readonly Finding[]; accepted?: ReadonlySet<string>; onAccept?: (rule: string, yes: boolean) => void;
}) {
  const first = findings.find((one) => one.accept === "needed" && !accepted?.has(one.rule));
  return <ol>
    {findings.map((finding) => {
      const isError = finding.severity === "error";
      return <li class="finding">
        <Chip tone={isError ? "bad" : "warn"} shape={isError ? "bad" : "warn"}
          text={t(isError ? "finding.error" : "finding.warning")} />
        <p class="what">{finding.title}{finding.text && <>{t("list.colon")}{finding.text}</>}</p>
        <Place finding={finding} />
        {finding.remedy && <p>{finding.remedy}</p>}
        {finding.accept === "needed" && onAccept &&
          <label class="choice"><input type="checkbox" id={finding === first ? "check-accept" : undefined} checked={accepted?.has(finding.rule) ?? false}
            onChange={(event) => onAccept(finding.rule, event.currentTarget.checked)} />
            <span>{t("finding.accept")}</span></label>}
      </li>;
    })}
  </ol>;
}
