/* Lists of what an operator keeps: loaded whole, one act at a time, each failure told. */
import { signal, type Signal } from "@preact/signals";
import { post } from "./api";
import { session } from "./session";

export interface Kept<T> {
  list: Signal<T | null>;
  failure: Signal<unknown>;
  refused: Signal<unknown>;
  busy: Signal<boolean>;
  load(): Promise<void>;
  /* POST, then the list anew; undefined after a refusal, which `refused` has. */
  act<R>(path: string, body?: unknown): Promise<R | undefined>;
}

export function keep<T>(ask: () => Promise<T>): Kept<T> {
  const list = signal<T | null>(null);
  const failure = signal<unknown>(null);
  const refused = signal<unknown>(null);
  const busy = signal(false);
  const load = async () => {
    try {
      list.value = await ask();
      failure.value = null;
    } catch (error) {
      failure.value = error;
    }
  };
  const act = async <R>(path: string, body: unknown = {}): Promise<R | undefined> => {
    if (busy.value) return undefined;
    busy.value = true;
    refused.value = null;
    let said: R | undefined;
    try {
      said = await post<R>(path, body);
      await load();
    } catch (error) {
      refused.value = error;
    }
    busy.value = false;
    return said;
  };
  return { list, failure, refused, busy, load, act };
}

export const hasRole = (...roles: string[]): boolean =>
  session.value?.roles.some((role) => roles.includes(role)) ?? false;
