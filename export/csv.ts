/** Tables as csv (UTF-8, line feeds): a header, and empty cells for missing values. */
import { csvCell } from '../text/csv.ts';
import type { Cell, CellType, Column, Row, TableWriter } from './table.ts';

export function csvWriter(columns: readonly Column[]): TableWriter {
  const encoder = new TextEncoder();
  const line = (cells: readonly string[]) => `${cells.join(',')}\n`;
  let header = line(columns.map(({ name }) => csvCell(name)));
  /** The header precedes the first piece. */
  const bytes = (text: string) => {
    const whole = encoder.encode(header + text);
    header = '';
    return whole;
  };
  const text = (row: Row) => line(columns.map(({ type }, i) => formatCell(type, row[i] ?? null)));
  return { write: (rows) => bytes(rows.map(text).join('')), finish: () => bytes('') };
}

function formatCell(type: CellType, cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return csvCell(cell);
  if (typeof cell === 'boolean') return cell ? 'True' : 'False';
  // The spelling that pandas, numpy and R read.
  if (!Number.isFinite(cell)) return Number.isNaN(cell) ? 'NaN' : cell > 0 ? 'inf' : '-inf';
  if (Object.is(cell, -0)) return '-0.0';
  return type === 'float32' ? shortestFloat32(cell) : String(cell);
}

/** The fewest digits that read back as the same float32; nine always do. */
export function shortestFloat32(value: number): string {
  const rounded = Math.fround(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = rounded.toPrecision(digits);
    if (Math.fround(Number(text)) === rounded) return String(Number(text));
  }
  return String(Number(rounded.toPrecision(9)));
}
