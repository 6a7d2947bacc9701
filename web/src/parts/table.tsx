/* A table of a page as a file for a spreadsheet: CSV, or ODS. */
import type { Cell } from "../base/sheet";
import { t } from "../base/words";

export function csvOf(rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell) => {
    // A cell that begins so is a formula to a spreadsheet.
    const text = String(value).replace(/^(?=[=+\-@\t])/, "'");
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return "\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

export function saveFile(name: string, data: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/* What makes a spreadsheet is loaded when one is wanted. */
async function saveSheet(name: string, rows: Cell[][]): Promise<void> {
  const { sheetOf } = await import("../base/sheet");
  saveFile(`${name}.ods`, sheetOf(name, rows));
}

export const SaveTable = ({ name, rows }: { name: string; rows: () => Cell[][] }) =>
  <span class="row save">{t("save")}
    <button type="button" class="plain" aria-label={t("save.as", { what: "CSV" })} onClick={() =>
      saveFile(`${name}.csv`, new Blob([csvOf(rows())], { type: "text/csv" }))}>CSV</button>
    <button type="button" class="plain" aria-label={t("save.as", { what: "ODS" })} onClick={() => void saveSheet(name, rows())}>ODS</button></span>;
