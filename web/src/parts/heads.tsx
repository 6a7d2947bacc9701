/* 信頭 of the organisation and its units, which new letters begin with. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { hasRole, keep } from "../base/desk";
import { session } from "../base/session";
import { announce } from "../base/start";
import { t, tOf, zh } from "../base/words";
import { NotLoaded } from "./denied";
import { Trouble } from "./parts";

const fields = [["address", "write.address"], ["contact", "write.contact"], ["phone", "write.phone"], ["fax", "write.fax"], ["email", "write.email"],
  ["prefix", "write.prefix"], ["signature", "write.signature"]] as const;
type Head = Record<typeof fields[number][0], string>;
interface Heads { unit_code: string; organisation: Head; unit: Head }

const unit = signal("");
const units = signal<{ code: string; name: string; open: boolean }[]>([]);
const shown = signal<Head | null>(null);

export const heads = keep(() => get<Heads>(`/v1/letterhead${unit.value && `?unit=${encodeURIComponent(unit.value)}`}`));
effect(() => { if (heads.list.value) shown.value = unit.value ? heads.list.value.unit : heads.list.value.organisation; });

export async function loadHeads(): Promise<void> {
  units.value = (await get<{ units: typeof units.value }>("/v1/units").catch(() => ({ units: [] }))).units.filter(({ open }) => open);
  await heads.load();
}

async function saveHead(event: Event): Promise<void> {
  event.preventDefault();
  if (await heads.act("/v1/letterhead", { ...shown.value, unit: unit.value, organisation: session.value?.organisations[0]?.code })) announce(t("set.saved"));
}

export function Letterheads() {
  const now = shown.value;
  if (!now) return heads.failure.value ? <NotLoaded error={heads.failure.value} roles={["supervisor"]} retry={() => void heads.load()} /> : null;
  const off = !hasRole("supervisor");
  const inherited = unit.value ? heads.list.value!.organisation : null;
  return <form class="card stack" aria-labelledby="heads" onSubmit={(event) => void saveHead(event)}><h2 id="heads">{t("head.title")}</h2>
    <p class="hint">{t("head.lead")}</p>
    {off && <p class="hint">{t("set.not-yours", { roles: tOf("role", "supervisor") })}</p>}
    <div class="field narrow"><label for="head-unit">{t("head.whose")}</label><select id="head-unit" value={unit.value} onChange={(event) => { unit.value = event.currentTarget.value; void heads.load(); }}>
      <option value="">{t("head.all")}</option>{units.value.map((one) => <option value={one.code} {...zh}>{one.name}</option>)}</select></div>
    <div class="fields wide">{fields.map(([name, word]) => <div class="field"><label for={`head-${name}`}>{t(word)}</label>
      <input id={`head-${name}`} maxLength={100} readOnly={off} value={now[name]} placeholder={inherited?.[name]} onInput={(event) => { shown.value = { ...now, [name]: event.currentTarget.value }; }} /></div>)}</div>
    {heads.refused.value ? <Trouble error={heads.refused.value} /> : null}
    {!off && <div><button class="main" aria-disabled={heads.busy.value}>{t("set.save")}</button></div>}</form>;
}
