/* Where somebody is in 新增發文, and what went wrong there. */
import { signal } from "@preact/signals";
import { announce } from "../base/start";
import { t } from "../base/words";
import { checked, draft, fieldOf, files, gaps, hasErrors, mayGo, mode, recipients, step, type Step } from "./desk";
import { missing } from "./draft";
import { badNames, isTooLarge } from "./limits";

export const failure = signal<unknown>(null);

export async function runCheck(): Promise<void> {
  failure.value = null;
  try {
    await (await import("./make")).check();
    const n = checked.value?.findings.length ?? 0;
    announce(n === 0 ? t("check.clean") : t("check.found", { n }));
  } catch (error) {
    failure.value = error;
  }
}

export function go(to: Step): void {
  step.value = to;
  failure.value = null;
  gaps.value = [];
  scrollTo(0, 0);
  setTimeout(() => document.getElementById("step")?.focus({ preventScroll: true }));
  if (to === "check" && !checked.value) void runCheck();
}

/* What has to be seen to first, if there is any: told above, and the first of it has the focus. */
function tell(lacks: string[]): boolean {
  gaps.value = lacks;
  if (lacks.length > 0) setTimeout(() => (document.getElementById(fieldOf(lacks[0]!)) ?? document.getElementById("gaps"))?.focus());
  return lacks.length > 0;
}
const badFiles = (): string[] => {
  const id = mode.value === "write" ? "attach" : "upload-files";
  return isTooLarge.value || badNames.value.length > 0 ? [id] : mode.value === "files" && files.value.length === 0 ? [`${id}-none`] : [];
};
export const hasBadFiles = (): boolean => tell(badFiles());
export function hasGaps(of: Step): boolean {
  if (of === "content") return tell([...(mode.value === "write" ? missing(draft.value) : []), ...badFiles()]);
  if (of === "check") return tell(mayGo.value ? [] : [hasErrors.value || !checked.value ? "check-errors" : "check-accept"]);
  return tell(of === "recipients" && mode.value === "write" && recipients.value.length === 0 ? ["to"] : []);
}
