/* Since when deliveries wait to be signed for: four numbers, each the way to its rows. */
import { ages, type Age } from "../base/sent";
import type { Overview } from "../base/types";
import { page, t, tOf } from "../base/words";

const looks: Record<Age, string> = { hour: "", day: "", days: "some", older: "urgent" };

export function Ages({ sums, here }: { sums: Overview | null; here: string }) {
  return <div class="numbers">{ages.map((age) =>
    <a href={`${page("outbox")}?age=${age}`} class={sums && sums.unconfirmed[age] > 0 ? looks[age] : ""}
      aria-current={age === here ? "page" : undefined}>
      <strong>{sums ? sums.unconfirmed[age].toLocaleString() : t("dots")}</strong>{tOf("age", age)}</a>)}</div>;
}
