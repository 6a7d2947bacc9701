/* Warnings that a sender has to accept, by their rules. */
import type { Finding } from "../base/types";

export const needed = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.filter((one) => one.accept === "needed").map((one) => one.rule))];
