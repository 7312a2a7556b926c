/** Warnings about the values of arrays that were read from files. */
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { type ColumnStatistics, varies } from '../column-statistics.ts';
import { formatList } from '../formats/column-selection.ts';
import type { Manifest } from '../manifest.ts';
import { losePrecisionTogether, losesPrecision } from './precision.ts';
import type { RepeatedRows } from './repeated-rows.ts';
import { MIN_COUNTED_ROWS } from './row-numbers.ts';
import type { SpooledMatrix } from './spool.ts';
import type { CheckedTarget } from './targets.ts';
import type { Warning } from './warning.ts';

interface ReadArrays {
  readonly manifest: Manifest;
  readonly columns: readonly DescriptorColumn[];
  readonly x: SpooledMatrix;
  readonly targets: Readonly<Record<string, CheckedTarget>>;
}

export function findValueWarnings({ manifest, columns, x, targets }: ReadArrays): Warning[] {
  const { descriptors } = manifest;
  return [
    ...('file' in descriptors ? warnOfDescriptors(descriptors.file, x, columns) : []),
    ...Object.entries(manifest.targets).flatMap(([target, about]) => {
      const checked = targets[target];
      return checked && 'file' in about ? warnOfTarget(about.file, checked, `targets.${target}`) : [];
    }),
  ];
}

/** Their columns are chosen and named by the manifest: one that counts the rows is meant. */
const warnOfDescriptors = (file: string, { statistics, repeatedRows }: SpooledMatrix, columns: Names): Warning[] => [
  ...warnOfPrecision(statistics, columns, 'descriptors'),
  ...warnOfRepeatedRows(file, repeatedRows, 'descriptors'),
];

function warnOfTarget(file: string, { y, energies }: CheckedTarget, path: string): Warning[] {
  const columns = Array.from({ length: y.columns }, (_, column) => ({ name: `column ${column}` }));
  return [
    ...(energies === null ? warnOfPrecision(y.statistics, columns, path) : warnOfSpectraPrecision(file, y, path)),
    ...warnOfRowNumbers(file, y, columns, path),
    ...warnOfRepeatedRows(file, y.repeatedRows, path),
  ];
}

type Names = readonly { readonly name: string }[];

/** Columns of a spectrum are scaled together, others may be scaled one by one. */
const warnOfSpectraPrecision = (file: string, { statistics }: SpooledMatrix, path: string): Warning[] =>
  losePrecisionTogether(statistics)
    ? [precisionWarning(`the spectra of ${file}`, 'subtract their mean before you save them', path)]
    : [];

function warnOfPrecision(statistics: readonly ColumnStatistics[], names: Names, path: string): Warning[] {
  const lossy = [...statistics.entries()].filter(([, column]) => losesPrecision(column));
  if (lossy.length === 0) return [];
  const describe = ([at, column]: [number, ColumnStatistics]) => {
    const [mean, deviation] = [Number(column.mean.toPrecision(7)), Number(column.deviation.toPrecision(2))];
    return `${names[at]?.name} (mean ${mean}, deviation ${deviation}${varies(column) ? '' : ': counts as constant'})`;
  };
  return [precisionWarning(formatList(lossy.map(describe)), 'subtract a constant, such as the mean, before you save it', path)];
}

const precisionWarning = (what: string, fix: string, path: string): Warning => ({
  code: 'precision-lost',
  message: `rounding to float32 costs more than a hundredth of the spread of ${what}: ${fix}`,
  path,
});

/** A column that counts the rows, even in another order, is often an index. */
function warnOfRowNumbers(file: string, { rows, statistics, rowNumbers }: SpooledMatrix, names: Names, path: string): Warning[] {
  const total = statistics.reduce((sum, { deviation }) => sum + deviation ** 2, 0);
  return statistics.flatMap(({ mean, deviation }, at) => {
    if (!rowNumbers.includes(at) && !hasEveryNumber(mean, deviation, rows)) return [];
    const share = Number(((100 * deviation ** 2) / total).toPrecision(3));
    const message = `${names[at]?.name} of ${file} counts the rows, and has ${share} % of the variance: if it is an index, leave it out`;
    return [{ code: 'column-counts-rows', message, path }];
  });
}

/** Compares with the mean and deviation of n numbers in steps of 1, from 0 or 1, in any order. */
function hasEveryNumber(mean: number, deviation: number, rows: number): boolean {
  if (rows < MIN_COUNTED_ROWS) return false;
  const first = mean - (rows - 1) / 2;
  const isClose = (value: number, wanted: number) => Math.abs(value - wanted) < 1e-6 * rows;
  return (isClose(first, 0) || isClose(first, 1)) && isClose(deviation, Math.sqrt((rows ** 2 - 1) / 12));
}

/** Rows of an array that a program reserved, and ended before it wrote them. */
function warnOfRepeatedRows(file: string, repeated: RepeatedRows | null, path: string): Warning[] {
  if (repeated === null) return [];
  const { rows, first, last, isUniform, value } = repeated;
  const what = isUniform ? `${value ?? 'the same'} in every column` : 'equal to the row before';
  const where = rows === 1 ? `row ${first}` : `${rows} rows from row ${first} to ${last}`;
  const message = `${where} of ${file} ${rows === 1 ? 'is' : 'are'} ${what}: were they ever written?`;
  return [{ code: 'rows-repeated', message, path }];
}
