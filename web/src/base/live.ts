/*
 * Keeping a page up to date.  The host tells by server-sent events that
 * something has changed; where there are none, the page asks again by itself
 * while somebody looks at it.
 */
/* How often, where nobody tells: within the two seconds of ux.md 8.1. */
const often = 1500;

/*
 * Call `refresh` whenever something may have changed, never twice at a time.
 * Returns what ends it.
 */
export function watch(refresh: () => Promise<void>, every = often): () => void {
  let busy = false;
  let again = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  let source: EventSource | undefined;

  const act = async () => {
    if (document.hidden) return;
    if (busy) { again = true; return; }
    busy = true;
    try { await refresh(); } finally {
      busy = false;
      if (again) { again = false; void act(); }
    }
  };
  const poll = () => { timer ??= setInterval(() => void act(), every); };
  const seen = () => { if (!document.hidden) void act(); };

  source = new EventSource("/v1/events");
  source.onmessage = () => void act();
  source.onopen = () => { clearInterval(timer); timer = undefined; void act(); };
  source.onerror = () => { poll(); if (source?.readyState === EventSource.CLOSED) source = undefined; };
  document.addEventListener("visibilitychange", seen);
  return () => {
    source?.close();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", seen);
  };
}
