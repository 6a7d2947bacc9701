/* 發行版本: which release this host runs, and how far it has come to the others. */
import { effect, signal } from "@preact/signals";
import { get } from "../base/api";
import { moment } from "../base/time";
import { t, zh } from "../base/words";
import { Empty, Trouble, Wait } from "../parts/parts";
import { loadRelease, release, ReleaseHere } from "../parts/release";
import { Chip } from "../parts/state";

interface Report { host: string; version: string; code: string; by: string; reported: string | null }

const reports = signal<Report[] | null>(null);
const failure = signal<unknown>(null);

const load = () => Promise.all([loadRelease(), get<{ hosts: Report[] }>("/v1/release-reports")]).then(([, said]) => {
  reports.value = said.hosts;
  failure.value = null;
}, (error) => { failure.value = error; });

/* The check code counts, not the name alone. */
const hasIt = (one: Report) => release.value?.release?.code === one.code;

const Standing = ({ one }: { one: Report }) => hasIt(one) ? <Chip tone="good" shape="done" text={t("rel.done")} />
  : <Chip tone="warn" shape="warn" text={t(one.reported ? "rel.waits" : "rel.never")} />;

function Rollout({ all }: { all: readonly Report[] }) {
  const done = all.filter(hasIt).length;
  const says = release.value?.release ? t("rel.rollout", { n: done, all: all.length, version: release.value.release.version }) : t("rel.hosts");
  if (all.length === 0) return <Empty title={t("rel.no-hosts")} />;
  return <section class="stack" aria-labelledby="rollout"><h2 id="rollout">{says}</h2>
    {release.value?.release && <progress value={done} max={all.length} aria-labelledby="rollout" />}
    <table class="list"><caption class="hidden">{t("rel.hosts")}</caption><thead><tr><th scope="col">{t("rel.host")}</th><th scope="col" class="nowrap">{t("rel.version")}</th>
      <th scope="col">{t("col.state")}</th><th scope="col" class="only-wide">{t("rel.reported")}</th></tr></thead>
      <tbody>{[...all].sort((a, b) => Number(hasIt(a)) - Number(hasIt(b))).map((one) => <tr key={one.host}><th scope="row">{one.host}{one.by && <span class="meta"><span {...zh}>{one.by}</span></span>}</th>
        <td>{one.version || "—"}</td><td>{release.value?.release ? <Standing one={one} /> : ""}</td>
        <td class="only-wide nowrap">{one.reported ? moment(Date.parse(one.reported), Date.now()) : ""}</td></tr>)}</tbody></table></section>;
}

export function Releases() {
  if (failure.value) return <Trouble error={failure.value} retry={() => void load()} />;
  if (!reports.value) return <Wait />;
  return <div class="stack-wide"><ReleaseHere /><Rollout all={reports.value} /></div>;
}

export function startReleases(): void {
  void load();
  effect(() => { document.documentElement.dataset.ready = reports.value || failure.value ? "yes" : "no"; });
}
