/** Datasets as a Parquet table with list columns, as pandas and polars write them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer, type SchemaElement } from 'hyparquet-writer';
import type { Matrix } from '../../../models/axes.ts';
import { readFolder } from './text.ts';

/** Writes the water of a folder: table.parquet with a list in each cell. */
export function writeLists(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const { x, y, energies } = readFolder(from);
  const columns = {
    geometry: rowsOf(x),
    xes: rowsOf(y),
    energy: Array.from({ length: x.rows }, () => energies),
  };
  const names = Object.keys(columns);
  const list = (name: string): SchemaElement[] => [
    { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', type: 'DOUBLE' },
  ];
  const bytes = parquetWriteBuffer({
    schema: [{ name: 'root', num_children: names.length }, ...names.flatMap(list)],
    columnData: Object.entries(columns).map(([name, data]) => ({ name, data })),
  });
  writeFileSync(join(to, 'table.parquet'), new Uint8Array(bytes));
}

const rowsOf = ({ rows, columns, data }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
