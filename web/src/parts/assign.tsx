/* 分文: which unit, or who of it, works on letters that came in. */
import { signal } from "@preact/signals";
import { get } from "../base/api";
import { t, zh } from "../base/words";

export interface Target { unit: string; person: number; note: string }
interface Units { units: { code: string; name: string; open: boolean }[]; persons: { id: number; name: string; unit: string; role: string }[] }

const known = signal<Units | null>(null);
const isMissing = signal(false);

export async function loadUnits(): Promise<void> {
  if (known.value) return;
  const said = await get<Units>("/v1/units").catch(() => null);
  known.value = said;
  isMissing.value = said === null;
}

export const isSomebody = (to: Target): boolean => to.unit !== "" || to.person > 0;
export const bodyOf = (to: Target): object => ({ ...(to.unit ? { unit: to.unit } : {}), ...(to.person ? { person: to.person } : {}), note: to.note });

export function Assign({ value, onChange }: { value: Target; onChange: (to: Target) => void }) {
  const all = known.value;
  if (!all) return <span>{isMissing.value ? t("assign.none") : t("wait")}</span>;
  const persons = all.persons.filter((one) => ["clerk", "supervisor"].includes(one.role) && (!value.unit || one.unit === value.unit));
  return <div class="fields grow">
    <div class="field"><label for="unit">{t("assign.unit")}</label>
      <select id="unit" value={value.unit} onChange={(event) => onChange({ ...value, unit: event.currentTarget.value, person: 0 })}>
        <option value="">{t("assign.choose")}</option>
        {all.units.filter((one) => one.open).map((one) => <option value={one.code} {...zh}>{one.name}</option>)}</select></div>
    <div class="field"><label for="whom">{t("assign.person")}</label>
      <select id="whom" value={String(value.person)} onChange={(event) => onChange({ ...value, person: Number(event.currentTarget.value) })}>
        <option value="0">{t("assign.nobody")}</option>
        {persons.map((one) => <option value={String(one.id)} {...zh}>{one.name}</option>)}</select></div>
    <div class="field"><label for="assign-note">{t("review.note")}</label>
      <input id="assign-note" maxLength={160} value={value.note} onInput={(event) => onChange({ ...value, note: event.currentTarget.value })} /></div></div>;
}
