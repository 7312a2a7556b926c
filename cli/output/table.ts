/** Plain tables: columns padded with spaces, numbers to the right. */
import { escapeLine } from '../../text/controls.ts';

/** Columns by title, in order: each gives the cell of a row. */
export type TableColumns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

export function formatTable<Row>(rows: readonly Row[], columns: TableColumns<Row>): string {
  const padded = Object.entries(columns).map(([title, cellOf]) => {
    const cells = rows.map(cellOf);
    const isNumeric = cells.length > 0 && cells.every((cell) => typeof cell === 'number' || cell === null);
    const texts = [title, ...cells.map((cell) => (cell === null ? '-' : escapeLine(String(cell))))];
    const width = Math.max(...texts.map((text) => text.length));
    return texts.map((text) => (isNumeric ? text.padStart(width) : text.padEnd(width)));
  });
  return [-1, ...rows.keys()]
    .map((row) =>
      padded
        .map((column) => column[row + 1])
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** '2026-01-31 14:05:06 +01:00': local time with its zone. */
export function localTime(time: Date): string {
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  const offset = -time.getTimezoneOffset();
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${date} ${clock} ${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}
