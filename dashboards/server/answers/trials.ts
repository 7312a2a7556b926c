/** Descriptions of trials, their latents and spectra. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DatasetDescription, descriptorColumns, findSpectraTarget, loadList } from '../../../datasets/description.ts';
import { loadComponents } from '../../../db/queries/sweeps/interpretation.ts';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { loadModelBytes } from '../../../db/queries/trials/models.ts';
import { loadLatents } from '../../../db/queries/trials/results.ts';
import { figuresOf, type ListedTrial, type TrialFacts } from '../../../db/queries/trials/trial-pages.ts';
import { NarrowsError } from '../../../errors.ts';
import { type Matrix, pickRows, SPLITS, type SplitName } from '../../../models/axes.ts';
import { coveredVariance, coveredVarianceByColumn } from '../../../models/evaluation/covered-variance.ts';
import { describeRanks, ranksOf } from '../../../models/methods/catalogue.ts';
import { inUnitsOfScore, unstandardize } from '../../../models/standardisation.ts';
import { loadModel } from '../../../models/stored/model.ts';
import type { PackData } from '../../../models/training/task.ts';
import { rowOf, rowsOf } from '../../../models/vectors.ts';
import type { SweepData } from '../../../operations/sweep-data.ts';
import { trialDocument } from '../../../search/spec-document.ts';
import { formatSpec } from '../../../search/spec-text.ts';
import { isFinished } from '../../../search/states.ts';
import { type Column, encodeColumns } from '../../contract/columns.ts';
import type { Spectra, TrialDetail } from '../../contract/trials.ts';
import type { QueryContext } from '../query-context.ts';
import { datasetReference, sweepRunningError } from './sweeps.ts';

export function formatTrial<Trial extends ListedTrial>({ startedAt, finishedAt, config, ...trial }: Trial) {
  return {
    ...trial,
    config: { ...config, hidden: [...config.hidden] },
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
  };
}

export async function describeTrial(query: QueryContext, sweep: SweepRow, trial: TrialFacts): Promise<TrialDetail> {
  const { sql } = query.db;
  const [figures, components, { description, pack }] = await Promise.all([
    figuresOf(sql, trial.trialId, isFinished(sweep.state) ? SPLITS : ['train', 'validation']),
    loadComponents(sql, [trial.trialId]),
    query.data(sweep, trial.partition),
  ]);
  const { kept, constants } = pack.scaling.x;
  const described = descriptorColumns(description);
  const flat = components.get(trial.trialId);
  const document = trialDocument(sweep.spec, datasetReference(sweep), {
    name: `${sweep.name.slice(0, 60)}-${trial.index}`,
    configuration: trial.config,
    seed: trial.seed,
    partition: trial.partition,
  });
  return {
    ...formatTrial(trial),
    sweepName: sweep.name,
    dataset: { name: sweep.dataset, version: sweep.datasetVersion },
    target: sweep.target,
    figures: [...figures],
    components: flat ? rowsOf(flat, kept.length).map((row) => [...row]) : null,
    descriptors: Array.from(kept, (column) => nameAndUnit(described, column)),
    dropped: constants.map(({ column }) => nameAndUnit(described, column).name),
    reproduce: formatSpec(document),
  };
}

const nameAndUnit = (described: readonly { readonly name: string; readonly unit: string }[], column: number) => {
  const { name, unit } = described[column] ?? { name: String(column), unit: '' };
  return { name, unit };
};

/** Returns the requested split; default: test if the sweep has finished. Throws `sweep-running`. */
export function resolveSplit(sweep: SweepRow, requested: SplitName | undefined): SplitName {
  if (requested === 'test' && !isFinished(sweep.state)) throw sweepRunningError(sweep);
  return requested ?? (isFinished(sweep.state) ? 'test' : 'validation');
}

/** Returns the requested rank or width; default: the trial's own. Throws `k-not-in-model`. */
export function resolveWidth({ method, k }: Pick<ListedTrial, 'method' | 'k'>, requested: number | undefined): number {
  if (requested === undefined || ranksOf({ method, k }).includes(requested)) return requested ?? k;
  const message = `this ${method} trial has ${describeRanks({ method, k })}, not ${requested}`;
  throw new NarrowsError('k-not-in-model', message, { path: 'k' });
}

export interface LatentsRequest {
  readonly split: SplitName;
  readonly k: number;
  /** Names of varying descriptors, or '*' for all. */
  readonly descriptors: readonly string[];
}

/** Throws NarrowsError `latents-missing`, `descriptor-unknown`. */
export async function encodeLatents(
  query: QueryContext,
  sweep: SweepRow,
  trial: TrialFacts,
  { split, k, descriptors }: LatentsRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const [latents, data] = await Promise.all([
    loadLatents(query.db.sql, trial.trialId, split),
    query.data(sweep, trial.partition),
  ]);
  if (!latents) {
    throw latentsMissingError(trial);
  }
  const rows = data.pack.rows[split];
  const matrix: Matrix = { rows: latents.rows, columns: latents.k, data: latents.data };
  const all = Uint32Array.from({ length: latents.rows }, (_, row) => row);
  const t = Array.from({ length: k }, (_, j): Column => ({ name: `t${j + 1}`, values: columnOf(matrix, j, all) }));
  const columns = [{ name: 'row', values: Uint32Array.from(rows) }, ...t, ...descriptorColumnsFor(data, rows, descriptors)];
  return encodeColumns({ rows: latents.rows, columns, about: { trialId: trial.trialId, split, k } });
}

function latentsMissingError({ trialId, outcome, hasModel }: TrialFacts): NarrowsError {
  const why = outcome === 'completed' ? 'its sweep keeps latents of its best trials or of none' : `it ended as ${outcome}`;
  const again = 'train it again from its spec, with "latents: all"';
  const fix =
    outcome === 'completed'
      ? hasModel
        ? `compute them with "narrows encode --trial ${trialId}", or ${again}`
        : again
      : undefined;
  return new NarrowsError('latents-missing', `trial "${trialId}" has no latents: ${why}`, {
    path: 'trial',
    kind: 'not-found',
    ...(fix !== undefined && { fix }),
  });
}

/** Returns descriptors of the rows in physical units. Throws NarrowsError `descriptor-unknown`. */
function descriptorColumnsFor({ description, pack }: SweepData, rows: Uint32Array, wanted: readonly string[]): Column[] {
  const { x, scaling } = pack;
  const described = descriptorColumns(description);
  const varying = Array.from(scaling.x.kept, (column) => nameAndUnit(described, column));
  const chosen = wanted.includes('*') ? varying.map(({ name }) => name) : wanted;
  return chosen.map((name) => {
    const at = varying.findIndex((one) => one.name === name);
    if (at < 0) {
      const some = varying.slice(0, 20).map((one) => one.name);
      throw new NarrowsError('descriptor-unknown', `unknown or constant descriptor "${name}"`, {
        path: 'descriptors',
        fix: `the dataset has ${some.join(', ')}`,
      });
    }
    const mean = scaling.x.mean[at] ?? 0;
    const deviation = scaling.x.deviation[at] ?? 1;
    const values = columnOf(x, at, rows).map((value) => value * deviation + mean);
    return { name, values, unit: varying[at]?.unit ?? '' };
  });
}

/** Number of structures that are predicted before the event loop gets a turn. */
const BATCH_ROWS = 128;

export interface SpectraRequest {
  readonly split: SplitName;
  readonly k: number;
  /** An additional row of the dataset to show; null for none. */
  readonly row: number | null;
}

/** Throws NarrowsError `weights-dropped`, `row-not-in-split`. */
export async function computeSpectra(
  query: QueryContext,
  sweep: SweepRow,
  trial: TrialFacts,
  { split, k, row }: SpectraRequest,
): Promise<Spectra> {
  const { db, blobs } = query;
  const bytes = await loadModelBytes(db.sql, trial.trialId);
  const { description, pack } = await query.data(sweep, trial.partition);
  const model = loadModel(bytes, { k });
  const rows = pack.rows[split];
  const ownIndex = row === null ? null : indexOfRow(rows, row, split);
  const known = physical(pack, 'y', rows);
  const predicted: Matrix = { rows: known.rows, columns: known.columns, data: new Float32Array(known.data.length) };
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    const some = rows.subarray(from, from + BATCH_ROWS);
    predicted.data.set(model.predict(physical(pack, 'x', some)).data, from * known.columns);
    await nextTurn();
  }
  const errors = Array.from(rows, (_, i) => rowError(known, predicted, i));
  // Indices within the split, by rising error.
  const order = [...errors.entries()].sort(([i, a], [j, b]) => a - b || i - j).map(([i]) => i);
  const ids = description.ids === null ? null : await loadList(blobs, description.ids);
  const shown = [
    ['best', order[0]],
    ['median', order[Math.floor((order.length - 1) / 2)]],
    ['worst', order.at(-1)],
    ['row', ownIndex],
  ] as const;
  return {
    trialId: trial.trialId,
    k,
    split,
    rows: rows.length,
    ...describeTarget(description, sweep.target),
    coveredVariance: coveredVariance(inUnitsOfScore(known, pack.scaling), inUnitsOfScore(predicted, pack.scaling)),
    coveredVarianceByEnergy: Array.from(coveredVarianceByColumn(known, predicted), (value) =>
      Number.isFinite(value) ? value : null,
    ),
    shown: shown.flatMap(([which, i]) => {
      const { [i ?? -1]: row } = rows;
      const { [i ?? -1]: error } = errors;
      if (typeof i !== 'number' || row === undefined || error === undefined) return [];
      const spectra = { known: [...rowOf(known, i)], predicted: [...rowOf(predicted, i)] };
      return [{ which, row, id: ids?.[row] ?? null, ...spectra, error }];
    }),
  };
}

function indexOfRow(rows: Uint32Array, row: number, split: SplitName): number {
  const index = rows.indexOf(row);
  if (index >= 0) return index;
  throw new NarrowsError('row-not-in-split', `row ${row} is not one of the ${rows.length} ${split} rows`, {
    path: 'row',
    fix: `request one of them, such as ${rows.subarray(0, 3).join(', ')}`,
  });
}

const physical = (pack: PackData, side: 'x' | 'y', rows: Uint32Array): Matrix =>
  unstandardize(pickRows(pack[side], rows), pack.scaling[side]);

/** Returns one column of a matrix, at the given rows. */
const columnOf = ({ data, columns }: Matrix, column: number, rows: Uint32Array): Float32Array<ArrayBuffer> =>
  Float32Array.from(rows, (row) => data[row * columns + column] ?? Number.NaN);

/** Returns the root mean square of the residual over the columns of a row. */
function rowError(known: Matrix, predicted: Matrix, row: number): number {
  const values = rowOf(known, row);
  const predictions = rowOf(predicted, row);
  const sum = values.reduce((total, value, column) => total + (value - (predictions[column] ?? Number.NaN)) ** 2, 0);
  return Math.sqrt(sum / values.length);
}

/** Returns the axis of a target and the units of axis and values. */
function describeTarget(
  description: DatasetDescription,
  target: string,
): Pick<Spectra, 'energies' | 'energyUnit' | 'unit' | 'columns'> {
  const stored = description.targets[target];
  const about = findSpectraTarget(description, target);
  const energies = stored?.energies ?? null;
  const units = new Set(stored?.columns?.map(({ unit }) => unit));
  return {
    energies: energies && [...energies],
    energyUnit: energies ? (about?.energyUnit ?? 'eV') : null,
    unit: about?.unit ?? (units.size === 1 ? ([...units][0] as string) : ''),
    columns: stored?.columns?.map(({ name, unit }) => (units.size > 1 && unit !== '' ? `${name} (${unit})` : name)) ?? null,
  };
}
