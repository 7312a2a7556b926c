/** What is answered about one trial. */

import { setImmediate as turn } from 'node:timers/promises';
import { type DatasetDescription, descriptorColumns, findSpectraTarget, loadList } from '../../../datasets/description.ts';
import { loadComponents } from '../../../db/queries/sweeps/interpretation.ts';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { loadLatents, loadModelBytes } from '../../../db/queries/trials/results.ts';
import { figuresOf, type ListedTrial, type TrialFacts } from '../../../db/queries/trials/trial-pages.ts';
import { NarrowsError } from '../../../errors.ts';
import { type Matrix, pickRows, SPLITS, type SplitName } from '../../../models/axes.ts';
import { coveredVariance, coveredVarianceByColumn } from '../../../models/evaluation/covered-variance.ts';
import { describeRanks, ranksOf } from '../../../models/methods/catalogue.ts';
import { unstandardize } from '../../../models/scaling-fit.ts';
import { loadModel } from '../../../models/stored/predict.ts';
import type { PackData } from '../../../models/training/task.ts';
import type { SweepData } from '../../../operations/sweep-data.ts';
import { trialDocument } from '../../../search/spec-document.ts';
import { formatSpec } from '../../../search/spec-text.ts';
import { isFinished } from '../../../search/states.ts';
import { type Column, encodeColumns } from '../../contract/columns.ts';
import type { Spectra, TrialDetail, TrialRow } from '../../contract/trials.ts';
import type { QueryContext } from '../query-context.ts';
import { datasetReference, sweepRunningError } from './sweeps.ts';

export function formatTrial({ startedAt, finishedAt, config, ...trial }: ListedTrial): TrialRow {
  return {
    ...trial,
    config: { ...config, hidden: [...config.hidden] },
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
  };
}

export async function describeTrial(query: QueryContext, sweep: SweepRow, trial: TrialFacts): Promise<TrialDetail> {
  const { sql } = query.dependencies.db;
  const [figures, components, { description, pack }] = await Promise.all([
    figuresOf(sql, trial.trialId, isFinished(sweep.state) ? SPLITS : ['train', 'validation']),
    loadComponents(sql, [trial.trialId]),
    query.data(sweep),
  ]);
  const { kept, constants } = pack.scaling.x;
  const described = descriptorColumns(description);
  const flat = components.get(trial.trialId);
  const { configurationHash, failureCode, engine, engineBuild, codeVersion, host, hasModel, hasCurve, ...listed } = trial;
  const { sweepId, ...row } = listed;
  const document = trialDocument(sweep.spec, datasetReference(sweep), {
    name: `${sweep.name.slice(0, 60)}-${trial.index}`,
    configuration: trial.config,
    seed: trial.seed,
  });
  return {
    ...formatTrial(row),
    sweepId,
    sweepName: sweep.name,
    dataset: { name: sweep.dataset, version: sweep.datasetVersion },
    target: sweep.target,
    configurationHash,
    failureCode,
    engine,
    engineBuild,
    codeVersion,
    host,
    hasModel,
    hasCurve,
    figures: [...figures],
    components: flat ? rowsOf(flat, kept.length) : null,
    descriptors: Array.from(kept, (column) => nameAndUnit(described, column)),
    dropped: constants.map(({ column }) => nameAndUnit(described, column).name),
    reproduce: formatSpec(document),
  };
}

const nameAndUnit = (described: readonly { readonly name: string; readonly unit: string }[], column: number) => {
  const { name, unit } = described[column] ?? { name: String(column), unit: '' };
  return { name, unit };
};

function rowsOf(flat: Float32Array, columns: number): number[][] {
  return Array.from({ length: flat.length / columns }, (_, row) => [...flat.subarray(row * columns, (row + 1) * columns)]);
}

/** The split that is meant: the test rows where they may be looked at. Throws NarrowsError `sweep-running`. */
export function resolveSplit(sweep: SweepRow, asked: SplitName | undefined): SplitName {
  if (asked === 'test' && !isFinished(sweep.state)) throw sweepRunningError(sweep);
  return asked ?? (isFinished(sweep.state) ? 'test' : 'validation');
}

/** The rank or width asked for, by default the trial's own. Throws NarrowsError `k-not-in-model`. */
export function resolveWidth({ method, k }: Pick<ListedTrial, 'method' | 'k'>, asked: number | undefined): number {
  if (asked === undefined || ranksOf({ method, k }).includes(asked)) return asked ?? k;
  const has = describeRanks({ method, k });
  throw new NarrowsError('k-not-in-model', `this ${method} trial has ${has}, not ${asked}`, { path: 'k' });
}

export interface LatentsRequest {
  readonly split: SplitName;
  readonly k: number;
  /** Names, or '*' for all that vary. */
  readonly descriptors: readonly string[];
}

/** Throws NarrowsError `latents-missing`, `descriptor-unknown`. */
export async function encodeLatents(
  query: QueryContext,
  sweep: SweepRow,
  trial: TrialFacts,
  request: LatentsRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const { split, k, descriptors } = request;
  const [latents, data] = await Promise.all([loadLatents(query.dependencies.db.sql, trial.trialId, split), query.data(sweep)]);
  if (!latents) {
    throw new NarrowsError('latents-missing', `trial "${trial.trialId}" has no latents: it ended as ${trial.outcome}`, {
      path: 'trial',
      kind: 'not-found',
    });
  }
  const rows = data.pack.rows[split];
  const t = Array.from(
    { length: k },
    (_, j): Column => ({
      name: `t${j + 1}`,
      values: Float32Array.from({ length: latents.rows }, (_, row) => latents.data[row * latents.k + j] as number),
    }),
  );
  return encodeColumns({
    rows: latents.rows,
    columns: [{ name: 'row', values: Uint32Array.from(rows) }, ...t, ...descriptorColumnsFor(data, rows, descriptors)],
    about: { trialId: trial.trialId, split, k },
  });
}

/** Columns of X that vary, in physical units. Throws NarrowsError `descriptor-unknown`. */
function descriptorColumnsFor({ description, pack }: SweepData, rows: Uint32Array, wanted: readonly string[]): Column[] {
  const { x, scaling } = pack;
  const described = descriptorColumns(description);
  const varying = Array.from(scaling.x.kept, (column) => nameAndUnit(described, column));
  const chosen = wanted.includes('*') ? varying.map(({ name }) => name) : wanted;
  return chosen.map((name) => {
    const at = varying.findIndex((one) => one.name === name);
    if (at < 0) {
      throw new NarrowsError('descriptor-unknown', `no descriptor that varies is called "${name}"`, {
        path: 'descriptors',
        fix: `it has ${varying
          .slice(0, 20)
          .map((one) => one.name)
          .join(', ')}`,
        kind: 'invalid',
      });
    }
    const [mean, deviation] = [scaling.x.mean[at] as number, scaling.x.deviation[at] as number];
    const values = Float32Array.from(rows, (row) => (x.data[row * x.columns + at] as number) * deviation + mean);
    return { name, values, unit: (varying[at] as { unit: string }).unit };
  });
}

/** Structures that are predicted between two turns of others. */
const ROWS_AT_ONCE = 128;

export interface SpectraRequest {
  readonly split: SplitName;
  readonly k: number;
  /** A row of the dataset that is shown beside the others; null for none. */
  readonly row: number | null;
}

/** Throws NarrowsError `weights-dropped`, `row-not-in-split`. */
export async function computeSpectra(
  query: QueryContext,
  sweep: SweepRow,
  trial: TrialFacts,
  { split, k, row: asked }: SpectraRequest,
): Promise<Spectra> {
  const { db, blobs } = query.dependencies;
  const bytes = await loadModelBytes(db.sql, trial.trialId);
  const { description, pack } = await query.data(sweep);
  const model = loadModel(bytes, { k });
  const rows = pack.rows[split];
  const askedAt = asked === null ? null : indexOfRow(rows, asked, split);
  const known = physical(pack, 'y', rows);
  const predicted: Matrix = { rows: known.rows, columns: known.columns, data: new Float32Array(known.data.length) };
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.subarray(from, from + ROWS_AT_ONCE);
    predicted.data.set(model.predict(physical(pack, 'x', some)).data, from * known.columns);
    await turn();
  }
  const errors = Float64Array.from(rows, (_, i) => rowError(known, predicted, i));
  const order = Array.from(errors.keys()).sort((a, b) => (errors[a] as number) - (errors[b] as number) || a - b);
  const ids = description.ids === null ? null : await loadList(blobs, description.ids);
  const places = [
    ['best', order[0]],
    ['median', order[Math.floor((order.length - 1) / 2)]],
    ['worst', order.at(-1)],
    ...(askedAt === null ? [] : [['row', askedAt] as const]),
  ] as const;
  return {
    trialId: trial.trialId,
    k,
    split,
    rows: rows.length,
    ...describeTarget(description, sweep.target),
    coveredVariance: coveredVariance(known, predicted),
    coveredVarianceByEnergy: Array.from(coveredVarianceByColumn(known, predicted), (value) =>
      Number.isFinite(value) ? value : null,
    ),
    shown: places.map(([which, at]) => {
      const place = at as number;
      const row = rows[place] as number;
      return {
        which,
        row,
        id: ids?.[row] ?? null,
        known: [...rowOf(known, place)],
        predicted: [...rowOf(predicted, place)],
        error: errors[place] as number,
      };
    }),
  };
}

function indexOfRow(rows: Uint32Array, row: number, split: SplitName): number {
  const place = rows.indexOf(row);
  if (place >= 0) return place;
  throw new NarrowsError('row-not-in-split', `row ${row} is none of the ${rows.length} ${split} rows`, {
    path: 'row',
    fix: `ask for one of them, such as ${rows.subarray(0, 3).join(', ')}`,
    kind: 'invalid',
  });
}

const physical = (pack: PackData, side: 'x' | 'y', rows: Uint32Array): Matrix =>
  unstandardize(pickRows(pack[side], rows), pack.scaling[side]);

const rowOf = ({ data, columns }: Matrix, row: number) => data.subarray(row * columns, (row + 1) * columns);

/** Root mean square over the columns. */
function rowError(known: Matrix, predicted: Matrix, row: number): number {
  const [a, b] = [rowOf(known, row), rowOf(predicted, row)];
  let sum = 0;
  for (let column = 0; column < a.length; column++) sum += ((a[column] as number) - (b[column] as number)) ** 2;
  return Math.sqrt(sum / a.length);
}

/** What the values of a target are over, and their unit. */
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
