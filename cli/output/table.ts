/** Plain tables: columns padded with spaces, numbers to the right. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | null;
}

export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const numeric = columns.map((_, i) => cells.length > 0 && cells.every((row) => typeof row[i] === 'number' || row[i] === null));
  const text = cells.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...text.map((row) => (row[i] as string).length)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => (numeric[i] ? part.padStart(widths[i] as number) : part.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...text.map(line)].join('\n');
}

/** 90 -> '1 min 30 s'. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** '2026-01-31 14:05:06 +01:00': local time with its zone. */
export function localTime(moment: Date): string {
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  const offset = -moment.getTimezoneOffset();
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  return `${date} ${time} ${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}
