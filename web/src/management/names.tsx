/* Who is meant by a code, a fingerprint or a word of the record: names, with the code beside where somebody needs it. */
import { signal } from "@preact/signals";
import { get } from "../base/api";
import { t, tOf, zh } from "../base/words";
import { brief } from "./api";

interface Person { name: string; certificate: string }
const organisations = signal<Record<string, string>>({});
const persons = signal<Record<string, string>>({});
const asked = new Set<string>();
const askedMax = 64; // what is beyond them stays a code

/* An organisation that is not in the directory, or not yet, stays its code too. */
export function askNames(codes: readonly string[]): void {
  for (const code of codes) {
    if (!code || asked.has(code) || asked.size >= askedMax) continue;
    asked.add(code);
    get<{ entry: { name: string } }>(`/v1/directory/${encodeURIComponent(code)}`)
      .then((said) => { organisations.value = { ...organisations.value, [code]: said.entry.name }; }).catch(() => undefined);
  }
}

/* Not everybody may see them; then a fingerprint stays one. */
export const askPersons = (): Promise<void> => get<{ people: Person[] }>("/v1/people")
  .then((said) => { persons.value = Object.fromEntries(said.people.map((one) => [one.certificate, one.name])); }).catch(() => undefined);

/* Of an organisation or, by the fingerprint of their card, a person. */
export const nameOf = (code: string): string => organisations.value[code] ?? persons.value[code] ?? brief(code);

/* By name, and its code small beside it. */
export const Organisation = ({ code }: { code: string }) => <><span {...zh}>{nameOf(code)}</span>{nameOf(code) !== brief(code) && <> <code class="quiet">{code}</code></>}</>;

/* "card 3f9a...", "host gateway-1", "token yzt_3f9a", "uid 0": who made a step, as the record has it. */
export function By({ text }: { text: string }) {
  const [kind = "", who = ""] = text.split(" ");
  const name = persons.value[who];
  if (kind === "card" && name) return <span {...zh}>{name}</span>;
  if (!who) return <>{t("mgby.system")}</>;
  return <>{tOf("mgby", kind)} <code class="quiet">{brief(who)}</code></>;
}

export const officesOf = (names: readonly string[]): string => names.map((one) => tOf("office", one)).join(t("list.comma"));

/* What a field of a case has, by its kind. */
export function FieldValue({ kind, value }: { kind: string | undefined; value: string }) {
  if (kind === "organisation") return <Organisation code={value} />;
  if (kind === "offices") return <>{officesOf(value.split(" ").filter(Boolean))}</>;
  if (kind === "certificate" || kind === "host" || kind === "address") return <code>{brief(value)}</code>;
  return <span {...zh}>{brief(value)}</span>;
}
