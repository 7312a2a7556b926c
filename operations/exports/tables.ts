/** Exports as tables: rows of trials, scores, curves, components, latents and the comparison. */
import { listBaselineScores, listComparisonTrials } from '../../db/queries/sweeps/comparison.ts';
import { findInterpretation } from '../../db/queries/sweeps/interpretation.ts';
import { attachBaselineErrors, attachTestErrors, loadTestRows } from '../../db/queries/sweeps/test-errors.ts';
import {
  findLatentWidth,
  listTestScores,
  streamBaselines,
  streamComponents,
  streamCurves,
  streamLatentBlocks,
  streamScores,
  streamTrials,
} from '../../db/queries/trials/export.ts';
import { NarrowsError } from '../../errors.ts';
import { type ColumnOf, rowOf, type TableWriter } from '../../export/table.ts';
import {
  BASELINES,
  COMPARISON_BASELINES,
  COMPARISON_CONTRASTS,
  COMPARISON_ROWS,
  COMPONENTS,
  COVERED_VARIANCES,
  epochsOf,
  FIELDS,
  fieldRecords,
  type LatentRecord,
  LEARNING_CURVES,
  latentColumns,
  TEST_ERRORS,
  type TestErrorRecord,
  TRIALS,
  testErrorRecords,
} from '../../export/tables.ts';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import type { Interpretation } from '../../models/interpretation/interpretation.ts';
import { compareSweeps } from '../compare.ts';
import type { OutputFolder } from '../output-folder.ts';
import { descriptorNames, type ExportSource, latentChoice, partitionsOf, type WrittenFile } from './source.ts';

/** Writes every table of the sweep, or of one trial, with this writer of files. */
export async function writeTables(
  source: ExportSource,
  folder: OutputFolder,
  extension: string,
  createWriter: (columns: readonly ColumnOf<never>[]) => TableWriter,
): Promise<WrittenFile[]> {
  const { sql, sweep, trial, signal } = source;
  const files: WrittenFile[] = [];
  const write = async <Record>(name: string, columns: readonly ColumnOf<Record>[], records: Blocks<Record>) => {
    const file = `${name}.${extension}`;
    const writer = createWriter(columns);
    let rows = 0;
    const bytes = await folder.write(file, async (append) => {
      for await (const block of records) {
        signal.throwIfAborted();
        rows += block.length;
        await append(writer.write(block.map((record) => rowOf(columns, record))));
      }
      await append(writer.finish());
    });
    files.push({ file, bytes, rows });
  };
  await write('trials', TRIALS, streamTrials(sql, sweep.id, trial));
  await write('covered_variances', COVERED_VARIANCES, streamScores(sql, sweep.id, trial));
  await write('learning_curves', LEARNING_CURVES, blocksOf(streamCurves(sql, sweep.id, trial), epochsOf));
  const interpreted = await findInterpretation(sql, sweep.id);
  const namesOf = await descriptorNames(source, interpreted?.result as Interpretation | undefined);
  await write(
    'components',
    COMPONENTS,
    blocksOf(streamComponents(sql, sweep.id, trial), ({ coefficients, partition, ...which }) => {
      const names = namesOf(partition);
      return coefficients.map((coefficient, place) => ({ ...which, place, descriptor: names[place] ?? null, coefficient }));
    }),
  );
  await write('latents', latentColumns(await findLatentWidth(sql, sweep.id, latentChoice(source))), latentRecords(source));
  await write('test_errors', TEST_ERRORS, testErrorRecordsOf(source));
  // Tables about the sweep as a whole are left out for one trial.
  if (trial === null) {
    await write('baselines', BASELINES, streamBaselines(sql, sweep.id));
    const comparison = await comparisonOf(source);
    await write('comparison_rows', COMPARISON_ROWS, [comparison.rows]);
    await write('comparison_contrasts', COMPARISON_CONTRASTS, [comparison.contrasts]);
    await write('comparison_baselines', COMPARISON_BASELINES, [comparison.baselines]);
    await write('fields', FIELDS, blocksOf([interpreted?.fields ?? []], fieldRecords));
  }
  return files;
}

type Blocks<Record> = AsyncIterable<readonly Record[]> | Iterable<readonly Record[]>;

async function* blocksOf<From, To>(blocks: Blocks<From>, each: (from: From) => readonly To[]): AsyncIterable<To[]> {
  for await (const block of blocks) yield block.flatMap(each);
}

async function* latentRecords(source: ExportSource): AsyncIterable<LatentRecord[]> {
  const { sql, sweep } = source;
  const rowsOf = await partitionsOf(source);
  yield* blocksOf(
    streamLatentBlocks(sql, sweep.id, latentChoice(source)),
    ({ trial, partition, split, firstRow, rows, k, data }) => {
      const numbers = rowsOf(partition)[split];
      return Array.from({ length: rows }, (_, i) => ({
        trial,
        split,
        row: numbers[firstRow + i] as number,
        latents: data.subarray(i * k, (i + 1) * k),
      }));
    },
  );
}

/** Trials, at a width or rank, whose errors of test rows are in memory at once. */
const TRIALS_AT_ONCE = 32;

/** Yields errors of test rows of the compared trials or, where chosen, of others; and baselines. */
async function* testErrorRecordsOf(source: ExportSource): AsyncIterable<TestErrorRecord[]> {
  const { sql, sweep, trial, all } = source;
  const partitions = await partitionsOf(source);
  const compared = trial === null && !all;
  const chosen = compared ? await listComparisonTrials(sql, [sweep.id]) : await listTestScores(sql, sweep.id, trial);
  const rows = await loadTestRows(sql, [sweep.id]);
  for (let from = 0; from < chosen.length; from += TRIALS_AT_ONCE) {
    const some = await attachTestErrors(sql, rows, chosen.slice(from, from + TRIALS_AT_ONCE));
    yield some.flatMap(({ trialId, method, k, seed, partition = 0, rows }) =>
      rows ? testErrorRecords({ trial: trialId, method, k, seed, partition }, rows, partitions(partition).test) : [],
    );
  }
  const baselines = trial === null ? await listBaselineScores(sql, [sweep.id]) : [];
  yield (await attachBaselineErrors(sql, rows, baselines)).flatMap(({ name, k, seed, partition, rows }) =>
    rows ? testErrorRecords({ trial: null, method: name, k, seed, partition }, rows, partitions(partition).test) : [],
  );
}

/** Returns the comparison; no rows while no trial has completed. */
async function comparisonOf({ sql, sweep }: ExportSource): Promise<Pick<Comparison, 'rows' | 'contrasts' | 'baselines'>> {
  try {
    return await compareSweeps({ sql }, [sweep.id]);
  } catch (error) {
    if (error instanceof NarrowsError && error.code === 'nothing-to-compare') return { rows: [], contrasts: [], baselines: [] };
    throw error;
  }
}
