/* A picture of numbers: its title says what is to be seen, bars, and the same as a table. */
import { t, zh } from "../base/words";

export interface BarRow { name: string; values: readonly number[]; links?: readonly string[]; isOwnName?: boolean }

/* `series`: what each value of a row is; the first is the darkest, also on paper. */
export function Bars({ id, title, head, series, rows }: {
  id: string; title: string; head: string; series: readonly string[]; rows: readonly BarRow[];
}) {
  const most = Math.max(1, ...rows.flatMap(({ values }) => values));
  return <figure class="card stack" aria-labelledby={id}><figcaption><h2 id={id}>{title}</h2></figcaption>
    <table class="bars"><caption class="hidden">{title}</caption>
      <thead><tr><th scope="col">{head}</th><th class="picture" scope="col"><span class="hidden">{t("stat.picture")}</span></th>
        {series.map((name, i) => <th scope="col" class="number"><span class="key"><i class={`tone-${i}`} aria-hidden="true" />{name}</span></th>)}</tr></thead>
      <tbody>{rows.map((row) => <tr><th scope="row" {...(row.isOwnName ? {} : zh)}>{row.name}</th>
        <td class="picture"><div role="img" aria-label={series.map((name, i) => `${name} ${row.values[i]}`).join(t("list.comma"))}>{row.values.map((value, i) =>
          <i class={`tone-${i}`} style={{ width: `${(100 * value) / most}%` }} />)}</div></td>
        {row.values.map((value, i) => <td class="number">{value > 0 && row.links ? <a href={row.links[i]}>{value.toLocaleString()}</a> : value.toLocaleString()}</td>)}</tr>)}</tbody></table></figure>;
}
