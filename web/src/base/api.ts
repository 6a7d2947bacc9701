/*
 * The host's API (docs/api.md).  Every failure is a Problem in the language of
 * the page, with what to do next.
 */
import { bundle, bundleType, type NamedFile } from "./bundle";
import type { Finding } from "./types";
import { language, t } from "./words";

export class Problem extends Error {
  constructor(readonly title: string, readonly cause_: string,
      readonly next: string, readonly code: string, readonly status: number,
      readonly findings: Finding[] = [], readonly detail = "") {
    super(title);
  }
}

const unreachable = () =>
  new Problem(t("problem.unreachable"), t("problem.unreachable.cause"),
    t("problem.unreachable.next"), "", 0);

/* What a host says of a failure (RFC 9457), as it stands in an answer. */
export function problemFrom(said: Partial<Record<"title" | "cause" | "next" | "code" | "detail", string>> & { errors?: Finding[] }, status: number): Problem {
  return new Problem(said.title ?? t("problem.odd", { n: status }), said.cause ?? "",
    said.next ?? "", said.code ?? "", status, said.errors ?? [], said.detail ?? "");
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return problemFrom(await answer.json(), answer.status);
  } catch {
    return new Problem(t("problem.odd", { n: answer.status }), "",
      t("problem.odd.next"), "", answer.status);
  }
}

/* What a request that changes something carries, so that no other site can make it. */
let guard: Record<string, string> = {};
export function setGuard(fields: Record<string, string>): void { guard = fields; }
let whenSignedOut: () => void = () => undefined;
export function onSignedOut(act: () => void): void { whenSignedOut = act; }

export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  headers.set("Accept-Language", language);
  if (options.method === "POST")
    for (const [name, value] of Object.entries(guard)) headers.set(name, value);
  let answer: Response;
  try {
    answer = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  if (answer.ok) return answer;
  if (answer.status === 401) whenSignedOut();
  throw await problemOf(answer);
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await ask(path, signal ? { signal } : {})).json();

export const post = async <T>(path: string, body?: unknown): Promise<T> =>
  (await ask(path, {
    method: "POST",
    ...(body === undefined ? {} : {
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    }),
  })).json();

export const postFiles = (path: string, files: readonly NamedFile[],
    headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> =>
  ask(path, {
    method: "POST", body: bundle(files),
    headers: { "Content-Type": bundleType, ...headers },
    ...(signal ? { signal } : {}),
  });

/* As a Problem, whatever it was. */
export const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error
    : new Problem(t("problem.page"), String(error), t("problem.page.next"), "", 0);
