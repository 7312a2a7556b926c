/** Cells of text in CSV (RFC 4180) that a spreadsheet shows instead of running. */

/** Begins a formula, also after blanks and quotes, which spreadsheets skip. */
const FORMULA = /^['"\s]*[=+\-@\t\r＝＋－＠]/;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/**
 * Returns a cell of text, quoted where needed. One that a spreadsheet would run as a formula starts
 * with one apostrophe more; numbers stay. Readers get the text back by leaving that apostrophe out.
 */
export function csvCell(text: string): string {
  const inert = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  // Semicolons and tabs too: where they separate, a spreadsheet would run what follows them.
  return /[",;\t\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
