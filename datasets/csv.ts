/** Comma-separated tables with one header line; quoted fields as in RFC 4180. */
import type { Matrix } from '../models/axes.ts';
import { invalid } from './npy.ts';

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Throws NarrowsError `array-invalid` with the line where a row has other columns than the header. */
export function readTable(text: string, name: string): Table {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const [first, ...rest] = lines;
  if (first === undefined) throw invalid(name, 'the file is empty');
  const header = fields(first);
  const rows = rest.map((line, i) => {
    const row = fields(line);
    if (row.length !== header.length)
      throw invalid(name, `line ${i + 2} has ${row.length} columns, the header has ${header.length}`);
    return row;
  });
  return { header, rows };
}

/** All columns as numbers, [rows, columns]. Throws NarrowsError `array-invalid` with line and column. */
export function readCsv(text: string, name: string): Matrix {
  const { header, rows } = readTable(text, name);
  const data = new Float32Array(rows.length * header.length);
  rows.forEach((row, i) => {
    row.forEach((field, column) => {
      const value = field.trim() === '' ? Number.NaN : Number(field);
      if (Number.isNaN(value) && field.trim().toLowerCase() !== 'nan') {
        throw invalid(name, `line ${i + 2}, column "${header[column]}": "${field}" is no number`);
      }
      data[i * header.length + column] = value;
    });
  });
  return { rows: rows.length, columns: header.length, data };
}

/** One column as text; the only column where `column` is left out. */
export function readColumn(text: string, name: string, column?: string): string[] {
  const { header, rows } = readTable(text, name);
  const at = column === undefined && header.length === 1 ? 0 : header.indexOf(column ?? 'id');
  if (at < 0) throw invalid(name, `it has no column "${column ?? 'id'}"`, `its columns are ${header.join(', ')}`);
  return rows.map((row) => row[at] as string);
}

function fields(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const parts: string[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;
  for (const match of line.matchAll(pattern))
    parts.push(match[1] === undefined ? (match[2] as string) : match[1].replaceAll('""', '"'));
  return parts;
}
