/** Finds rows that a program never wrote: of one value, or equal to the row before. */
import type { SourceRows } from '../files/chunks.ts';

export interface RepeatedRows {
  readonly rows: number;
  readonly first: number;
  readonly last: number;
  /** Whether each row has one value in every column; otherwise it equals the row before it. */
  readonly isUniform: boolean;
  /** The only value of all these rows; null where there are several. */
  readonly value: number | null;
}

export interface RepeatedRowsSearch {
  /** Adds rows, all of the same number of columns. */
  add(rows: SourceRows): void;
  /** Returns null where the rows look written. */
  end(): RepeatedRows | null;
}

/** Rows of fewer columns, such as counts, may be equal by chance. */
const MIN_COLUMNS = 5;
/** Equal rows of few columns, one after another, that are not by chance unless all are classes. */
const MIN_RUN = 10;

export function searchRepeatedRows(): RepeatedRowsSearch {
  const [uniform, equal] = [createCount(true), createCount(false)];
  /** Equal rows up to the current one, and the longest such run. */
  let [run, longest] = [1, { rows: 0, last: 0 }];
  let hasFractions = false;
  let before: SourceRows['data'] | null = null;
  let [row, width] = [0, 0];
  return {
    add({ columns, data }) {
      width = columns;
      for (let at = 0; at < data.length; at += columns, row++) {
        const isUniform = hasOneValue(data, at, columns);
        if (isUniform) uniform.add(row, data[at] as number);
        const isEqual =
          at > 0 ? areEqual(data, at, data, at - columns, columns) : before !== null && areEqual(data, at, before, 0, columns);
        if (isEqual && !isUniform) equal.add(row, null);
        run = isEqual ? run + 1 : 1;
        if (run > longest.rows) longest = { rows: run, last: row };
        hasFractions ||= columns < MIN_COLUMNS && data.subarray(at, at + columns).some((value) => !Number.isInteger(value));
      }
      if (data.length > 0) before = data.slice(data.length - columns);
    },
    end() {
      if (width >= MIN_COLUMNS) return uniform.end(1) ?? equal.end(2);
      const { rows, last } = longest;
      return hasFractions && rows >= MIN_RUN && rows < row
        ? { rows, first: last - rows + 1, last, isUniform: false, value: null }
        : null;
    },
  };
}

function createCount(isUniform: boolean) {
  let [rows, first, last] = [0, 0, 0];
  let value: number | null = null;
  return {
    add(row: number, common: number | null): void {
      if (rows === 0) [first, value] = [row, common];
      else if (common !== value) value = null;
      rows++;
      last = row;
    },
    end: (min: number): RepeatedRows | null => (rows < min ? null : { rows, first, last, isUniform, value }),
  };
}

function hasOneValue(data: SourceRows['data'], at: number, columns: number): boolean {
  for (let i = at + 1; i < at + columns; i++) if (data[i] !== data[at]) return false;
  return true;
}

function areEqual(a: SourceRows['data'], at: number, b: SourceRows['data'], from: number, columns: number): boolean {
  for (let i = 0; i < columns; i++) if (a[at + i] !== b[from + i]) return false;
  return true;
}
