/** pandas reads Parquet and csv bit for bit. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { csvWriter } from '../../export/csv.ts';
import { parquetWriter } from '../../export/parquet.ts';
import type { Column, Row, TableWriter } from '../../export/table.ts';
import { stream } from '../../models/random.ts';
import { temporaryFolder } from '../infra/folders.ts';
import { pythonEnvironment, runPython } from '../support/python.ts';

const { python, skip } = await pythonEnvironment();

const COLUMNS: readonly Column[] = [
  { name: 'trial', type: 'text' },
  { name: 'row', type: 'integer' },
  { name: 'kept', type: 'boolean' },
  { name: 'figure', type: 'float64' },
  { name: 'latent', type: 'float32' },
  { name: 'at', type: 'moment' },
  { name: 'perhaps', type: 'float32' },
  { name: 'message', type: 'text' },
];

/** More than one row group, in uneven batches. */
const ROWS = 70_000;

function rowsOf(): Row[] {
  const { uniform, normal } = stream(7, 'parquet');
  const special = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42, 3.4e38];
  return Array.from({ length: ROWS }, (_, i) => [
    `s1-${Math.floor(i / 100)}`,
    i % 2 === 0 ? i : 2 ** 53 - i,
    uniform() < 0.5,
    i < special.length ? (special[i] as number) : normal(),
    Math.fround(i < special.length ? (special[i] as number) : 11093 + normal()),
    `2026-01-31T14:05:${String(i % 60).padStart(2, '0')}.${String(i).padStart(6, '0')}Z`,
    // Few distinct values, for which a dictionary is used: it must not take -0 for 0.
    i % 3 === 0 ? null : ([-0, 0, 0.5][i % 7] ?? 1),
    i % 5 === 0 ? null : `line, "${i}"\nß`,
  ]);
}

function bytesOf(writer: TableWriter, rows: readonly Row[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < rows.length; at += 4999) pieces.push(writer.write(rows.slice(at, at + 4999)));
  pieces.push(writer.finish());
  return new Uint8Array(Buffer.concat(pieces));
}

const READ = `
import hashlib, json, sys
import numpy as np, pandas as pd
parquet, csv = sys.argv[1:]
table = pd.read_parquet(parquet)
def sha(bytes_): return hashlib.sha256(bytes_).hexdigest()
print(json.dumps({
    "types": {name: str(dtype) for name, dtype in table.dtypes.items()},
    "rows": len(table),
    "row": sha(table["row"].to_numpy().tobytes()),
    "figure": sha(table["figure"].to_numpy().tobytes()),
    "latent": sha(table["latent"].to_numpy().tobytes()),
    "kept": int(table["kept"].sum()),
    "at": sha(table["at"].astype("int64").to_numpy().tobytes()),
    "perhaps": sha(table["perhaps"].dropna().to_numpy().tobytes()),
    "nulls": [int(table[name].isna().sum()) for name in ("perhaps", "message")],
    "message": table["message"][7],
    "trial": sha("".join(table["trial"]).encode()),
}))
again = pd.read_csv(csv, dtype={"latent": "float32", "perhaps": "float32"}, float_precision="round_trip", parse_dates=["at"])
for name in ("row", "figure", "latent", "perhaps"):
    assert again[name].to_numpy().tobytes() == table[name].to_numpy().tobytes(), name
for name in ("trial", "kept", "at", "message"):
    left, right = again[name], table[name]
    assert ((left == right) | (left.isna() & right.isna())).all(), name
`;

const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const raw = (data: Float32Array | Float64Array | BigInt64Array) => new Uint8Array(data.buffer);

test('pandas reads types, bits, nulls, text and times as written; csv agrees', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const rows = rowsOf();
  const files = [join(folder, 'table.parquet'), join(folder, 'table.csv')] as const;
  writeFileSync(files[0], bytesOf(parquetWriter(COLUMNS, 'narrows 0'), rows));
  writeFileSync(files[1], bytesOf(csvWriter(COLUMNS), rows));
  const read = JSON.parse(await runPython(python as string, READ, { args: files }));
  const column = (name: string) => rows.map((row) => row[COLUMNS.findIndex((one) => one.name === name)] ?? null);
  assert.deepEqual(read, {
    types: {
      trial: 'str',
      row: 'int64',
      kept: 'bool',
      figure: 'float64',
      latent: 'float32',
      at: 'datetime64[us, UTC]',
      perhaps: 'float32',
      message: 'str',
    },
    rows: ROWS,
    row: sha(raw(BigInt64Array.from(column('row'), (value) => BigInt(value as number)))),
    figure: sha(raw(Float64Array.from(column('figure') as number[]))),
    latent: sha(raw(Float32Array.from(column('latent') as number[]))),
    kept: column('kept').filter(Boolean).length,
    at: sha(
      raw(
        BigInt64Array.from(
          column('at') as string[],
          (at) => BigInt(Date.parse(`${at.slice(0, 19)}Z`)) * 1000n + BigInt(at.slice(20, 26)),
        ),
      ),
    ),
    perhaps: sha(raw(Float32Array.from(column('perhaps').filter((value) => value !== null) as number[]))),
    nulls: [column('perhaps').filter((value) => value === null).length, ROWS / 5],
    message: 'line, "7"\nß',
    trial: sha(column('trial').join('')),
  });
});

const EMPTY = `
import sys
import pandas as pd
for name in sys.argv[1:]:
    table = pd.read_parquet(name) if name.endswith(".parquet") else pd.read_csv(name)
    assert len(table) == 0 and "latent" in table, name
`;

test('a table without rows has its columns', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const files = [join(folder, 'empty.parquet'), join(folder, 'empty.csv')];
  writeFileSync(files[0] as string, bytesOf(parquetWriter(COLUMNS, 'narrows 0'), []));
  writeFileSync(files[1] as string, bytesOf(csvWriter(COLUMNS), []));
  await runPython(python as string, EMPTY, { args: files });
});

test('written bytes are released: memory stays at one row group', () => {
  const writer = parquetWriter([{ name: 'latent', type: 'float32' }], 'narrows 0');
  const rows: Row[] = Array.from({ length: 65_536 }, (_, i) => [Math.fround(Math.sin(i))]);
  const sizes = Array.from({ length: 4 }, () => writer.write(rows).length);
  for (const size of sizes) assert.ok(size > 200_000 && size < 300_000, `a piece of ${size} bytes`);
  assert.ok(writer.finish().length < 10_000);
});
