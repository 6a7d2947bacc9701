/* 地址簿: who can be written to, and how. */
import { effect, signal } from "@preact/signals";
import { asProblem } from "../base/api";
import { announce, start } from "../base/start";
import { t, zh } from "../base/words";
import { Empty, Head, Trouble } from "../parts/parts";
import { SaveTable } from "../parts/table";
import { search, type Entry } from "../base/directory";
import { Standing } from "../parts/standing";

const query = new URLSearchParams(location.search);
const text = signal(query.get("q") ?? "");
const found = signal<Entry[] | null>(null);
const total = signal(0);
const failure = signal<unknown>(null);
/* The next fifty, behind those that are shown. */
async function more(): Promise<void> {
  const now = found.value ?? [];
  try {
    found.value = [...now, ...(await search(text.value.trim(), undefined, 50, now.length)).entries];
  } catch (error) {
    failure.value = error;
  }
}

let running: AbortController | undefined;

async function look(now: string): Promise<void> {
  text.value = now;
  // The address follows, so that what was found can be kept and sent on.
  history.replaceState(null, "", now ? `?q=${encodeURIComponent(now)}` : location.pathname);
  running?.abort();
  if (now.trim() === "") { found.value = null; return; }
  const mine = running = new AbortController();
  try {
    const said = await search(now.trim(), mine.signal, 50);
    if (mine.signal.aborted) return;
    found.value = said.entries;
    total.value = said.total;
    failure.value = null;
    announce(t("to.found", { n: said.total }));
  } catch (error) {
    if (!mine.signal.aborted) failure.value = error;
  }
}

function Result() {
  if (failure.value) return <Trouble error={asProblem(failure.value)} retry={() => void look(text.value)} />;
  if (!found.value) return <Empty title={t("directory.start")}><p>{t("directory.start-hint")}</p></Empty>;
  if (found.value.length === 0) return <Empty title={t("inbox.not-found", { what: text.value })}><p>{t("directory.none-hint")}</p></Empty>;
  return <div class="stack"><table><caption>{t("directory.sum", { n: total.value, shown: found.value.length })}</caption>
    <thead><tr><th scope="col">{t("to.name")}</th><th scope="col" class="only-wide">{t("to.code")}</th><th scope="col">{t("col.state")}</th></tr></thead>
    <tbody>{found.value.map((one) => <tr key={one.code}><th scope="row"><span {...zh}>{one.name}</span><span class="only-narrow small quiet">{one.code}</span></th>
      <td class="only-wide">{one.code}</td><td><Standing status={one.status} /></td></tr>)}</tbody></table>
    {found.value.length < total.value && <button type="button" onClick={() => void more()}>{t("directory.more")}</button>}</div>;
}

function Directory() {
  return <div class="stack"><Head title={t("directory.title")}><p>{t("directory.lead")}</p></Head>
    <div class="tools"><div class="search"><label for="q">{t("directory.find")}</label>
      <input id="q" type="search" autocomplete="off" value={text.value} onInput={(event) => void look(event.currentTarget.value)} /></div>
      {found.value && found.value.length > 0 && <SaveTable name="directory" rows={() => [[t("to.code"), t("to.name")], ...(found.value ?? []).map((one) => [one.code, one.name])]} />}</div>
    <Result /></div>;
}

start(<Directory />);
if (text.value) void look(text.value);
effect(() => { document.documentElement.dataset.ready = !text.value || found.value || failure.value ? "yes" : "no"; });
