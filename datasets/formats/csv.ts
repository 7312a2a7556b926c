/** Tables of text: .csv, .tsv, and what numpy.savetxt and other programs write (.txt, .dat). */
import { CHUNK_BYTES, type SourceRows } from '../files/chunks.ts';
import { type ArrayInput, type ArrayReader, type ArraySource, arrayInvalid } from './array-format.ts';
import { formatList, selectColumns } from './column-selection.ts';
import { findDialect } from './text-detection.ts';
import type { TextKind } from './text-dialect.ts';
import { notUtf8Error, REPLACEMENT } from './text-encoding.ts';
import { parseNumber, shorten } from './text-numbers.ts';
import { readRecords } from './text-records.ts';

const textReader = (kind: TextKind): ArrayReader => ({ open: (input) => openTable(input, kind) });

export const csv = textReader('csv');
export const tsv = textReader('tsv');
export const txt = textReader('txt');

const describe = (row: number, column: number, names: readonly string[]): string =>
  `row ${row}, column ${column} ("${shorten(names[column] ?? '')}")`;

async function isSingleRow(batches: AsyncIterable<Iterable<unknown>>): Promise<boolean> {
  let rows = 0;
  for await (const batch of batches) for (const _ of batch) if (++rows > 1) return false;
  return rows === 1;
}

/** Rows count from 0, after the header. Throws NarrowsError `array-invalid` with row and column. */
function openTable({ bytes, reference, member: selection, file }: ArrayInput, kind: TextKind): ArraySource {
  // The start of the file is read twice: by then its dialect is known.
  const dialectOf = () => findDialect(bytes(), kind, reference);
  /** Yields rows of numbers in float64. */
  const readBlocks = async function* () {
    const dialect = await dialectOf();
    const { names } = dialect;
    const chosen = selectColumns(names, selection, reference);
    const block = new Float64Array(Math.max(1, Math.floor(CHUNK_BYTES / 8 / chosen.length)) * chosen.length);
    let [at, row] = [0, 0];
    for await (const batch of readRecords(bytes(), reference, dialect)) {
      for (const record of batch) {
        for (const column of chosen) {
          const describePosition = () => describe(row, column, names);
          block[at++] = parseNumber(record[column] ?? '', dialect, describePosition, reference);
        }
        row++;
        if (at < block.length) continue;
        yield { columns: chosen.length, data: block };
        at = 0;
      }
    }
    if (at > 0 || row === 0) yield { columns: chosen.length, data: block.subarray(0, at) };
  };
  return {
    async *rows(): AsyncGenerator<SourceRows> {
      for await (const { columns, data } of readBlocks()) yield { rows: data.length / columns, columns, data };
    },
    async *numbers() {
      const dialect = await dialectOf();
      const { names, isNamed } = dialect;
      const [column, ...others] = selectColumns(names, selection, reference);
      if (others.length > 0 && (isNamed || !(await isSingleRow(readRecords(bytes(), reference, dialect))))) {
        const fix = `name it after a #: ${file}#${names[column ?? 0]}; its columns are ${formatList(names)}`;
        throw arrayInvalid(reference, `it has ${1 + others.length} columns; one is needed`, fix);
      }
      for await (const { data } of readBlocks()) yield data;
    },
    async header() {
      const { names, isNamed } = await dialectOf();
      return isNamed ? selectColumns(names, selection, reference).map((column) => names[column] ?? '') : null;
    },
    async *column(name = selection) {
      const dialect = await dialectOf();
      const { names } = dialect;
      const isOnly = name === undefined && names.length === 1;
      const [at = 0] = isOnly ? [0] : selectColumns(names, name ?? 'id', reference, 'one');
      let row = 0;
      for await (const batch of readRecords(bytes(), reference, dialect)) {
        const values: string[] = [];
        for (const record of batch) {
          const value = (record[at] ?? '').trim();
          if (value.includes(REPLACEMENT)) throw notUtf8Error(value, describe(row, at, names), reference);
          values.push(value);
          row++;
        }
        yield values;
      }
    },
  };
}
