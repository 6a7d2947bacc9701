/* Which reason: a list to choose one from. */
import { tOf } from "../base/words";

export function Reasons({ legend, name, reasons, value, onChoose }: {
  legend: string; name: string; reasons: readonly string[]; value: string; onChoose: (reason: string) => void;
}) {
  return <fieldset>
    <legend class="label">{legend}</legend>
    {reasons.map((reason) => <label class="choice">
      <input type="radio" name={name} value={reason} checked={value === reason} onChange={() => onChoose(reason)} />
      <span>{tOf("reason", reason)}</span>
    </label>)}
  </fieldset>;
}
