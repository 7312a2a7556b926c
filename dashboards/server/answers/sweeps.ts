/** What is answered about a sweep as a whole, from its row, its trials and what is stored of it. */

import {
  listChosenTrials,
  listEmulatorScores,
  listLinearBaselines,
  summariseCells,
} from '../../../db/queries/sweeps/coverage.ts';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { findComparison } from '../../../db/queries/trials/results.ts';
import { NarrowsError } from '../../../errors.ts';
import type { SplitName } from '../../../models/axes.ts';
import type { Comparison } from '../../../models/evaluation/comparison.ts';
import type { Feature } from '../../../models/evaluation/importance.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { progressByMethod, statusOf } from '../../../operations/sweeps.ts';
import { parameterWord, plannedColumns, varyingParameters } from '../../../search/columns/planned.ts';
import type { Condition } from '../../../search/columns/where.ts';
import { sweptDimension, trialCount } from '../../../search/space.ts';
import { type Dimension, PARAMETERS, type SweepSpec } from '../../../search/spec.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { formatSpec } from '../../../search/spec-text.ts';
import { isFinished, OUTCOMES } from '../../../search/states.ts';
import { type Column, type ColumnArray, encodeColumns } from '../../contract/columns.ts';
import type { Coverage, Histogram, Importance, SweepDetail } from '../../contract/sweeps.ts';
import type { TableColumn, TrialTable } from '../cache/trial-table.ts';
import { type QueryContext, runCooperatively } from '../query-context.ts';

export const datasetReference = ({ dataset, datasetVersion }: SweepRow): string => `${dataset}@${datasetVersion.slice(0, 12)}`;

/** What of a sweep is neither in its row nor in its trials. */
export interface SweepFacts extends Pick<SweepDetail, 'temporalUrl' | 'hasInterpretation'> {
  /** Trials in training just now. */
  readonly running: number;
}

export function describeSweep(row: SweepRow, table: TrialTable, { running, ...facts }: SweepFacts): SweepDetail {
  const byMethod = table.tally();
  const document = specDocument(row.spec, datasetReference(row));
  return {
    ...statusOf(row, byMethod, running),
    message: row.message,
    spec: row.spec as unknown as Record<string, unknown>,
    yaml: formatSpec(document),
    codeVersion: row.codeVersion,
    widths: [...row.spec.space.k],
    methods: progressByMethod(row, byMethod),
    parameters: PARAMETERS.map((name) => ({ name, ...describeParameter(sweptDimension(row.spec, name)) })),
    ...facts,
  };
}

function describeParameter(dimension: Dimension<unknown>): Omit<SweepDetail['parameters'][number], 'name'> {
  const plain = (value: unknown) => (typeof value === 'boolean' ? value : parameterWord(value));
  switch (dimension.kind) {
    case 'constant':
      return { kind: 'constant', values: [plain(dimension.value)] };
    case 'choice':
      return { kind: 'choice', values: dimension.values.map(plain) };
    default:
      return { kind: dimension.kind, low: dimension.low, high: dimension.high };
  }
}

/** Method, k, seed and what varies of every planned trial. */
export async function encodeConfigurations(spec: SweepSpec): Promise<Uint8Array<ArrayBuffer>> {
  const planned = await runCooperatively(plannedColumns(spec));
  const columns = planned.map(({ name, values, words }): Column => ({ name, values, ...(words && { words }) }));
  return encodeColumns({ rows: trialCount(spec), columns, about: {} });
}

/** Trials that were written after a revision. */
export function encodeOutcomes(table: TrialTable, since: number): Uint8Array<ArrayBuffer> {
  const indices = table.writtenAfter(since);
  const rows = indices.length;
  const picked = <T extends ColumnArray>(name: TableColumn, into: T): T => {
    const { values } = table.column(name);
    for (let i = 0; i < rows; i++) into[i] = values[indices[i] as number] as number;
    return into;
  };
  return encodeColumns({
    rows,
    columns: [
      { name: 'index', values: indices },
      { name: 'outcome', values: picked('outcome', new Uint8Array(rows)), words: OUTCOMES },
      { name: 'rung', values: picked('rung', new Uint8Array(rows)) },
      { name: 'validation', values: picked('validation', new Float32Array(rows)) },
      { name: 'epochs', values: picked('epochs', new Uint32Array(rows)) },
      { name: 'seconds', values: picked('seconds', new Float32Array(rows)), unit: 's' },
      { name: 'finishedAt', values: picked('finishedAt', new Float64Array(rows)), unit: 'ms' },
    ],
    about: { revision: table.revision },
  });
}

/** Throws NarrowsError `sweep-running` where test figures are asked for before the sweep has ended, `comparison-missing` where it ended without one. */
export async function computeCoverage(query: QueryContext, row: SweepRow, split: 'validation' | 'test'): Promise<Coverage> {
  if (split === 'test' && !isFinished(row.state)) throw sweepRunningError(row);
  const { sql } = query.dependencies.db;
  const [table, baselines, emulator] = await Promise.all([
    query.table(row),
    listLinearBaselines(sql, row.id, split),
    emulatorRange(query, row, split),
  ]);
  const trials = table.tally().reduce((sum, { completed }) => sum + completed, 0);
  const base = { sweepId: row.id, revision: row.revision, split, trials, planned: row.planned, emulator, baselines };
  return { ...base, ...(split === 'test' ? await testRows(query, row) : await validationRows(query, row)) };
}

async function emulatorRange({ dependencies, compute }: QueryContext, { id }: SweepRow, split: SplitName) {
  const values = await listEmulatorScores(dependencies.db.sql, id, split);
  return values.length === 0 ? null : compute('interval', values, 'emulator');
}

async function validationRows(
  { dependencies, compute }: QueryContext,
  row: SweepRow,
): Promise<Pick<Coverage, 'rows' | 'contrasts'>> {
  const chosen = await listChosenTrials(dependencies.db.sql, row.id);
  // The comparison's own rule and intervals, with validation figures in the place of test figures.
  const trials = chosen.map((trial) => ({
    ...trial,
    sweepId: row.id,
    test: trial.validation,
    structureTest: trial.structureValidation,
  }));
  const { rows, contrasts } = await compute('comparison', comparisonSubject(row), trials, []);
  return {
    rows: rows.map(({ configurationHash, ...figures }) => {
      const own = trials.filter(({ method, k }) => method === figures.method && k === figures.k);
      const best = own.reduce((a, b) => (b.validation > a.validation ? b : a));
      return { ...figures, configurations: best.configurations, bestTrial: best.trialId };
    }),
    contrasts: [...contrasts],
  };
}

async function testRows({ dependencies }: QueryContext, row: SweepRow): Promise<Pick<Coverage, 'rows' | 'contrasts'>> {
  const stored = (await findComparison(dependencies.db.sql, row.id)) as Comparison | null;
  if (!stored) {
    throw new NarrowsError('comparison-missing', `${row.name} ended as ${row.state}, without a comparison on test rows`, {
      path: 'split',
      fix: 'ask for split=validation',
      kind: 'not-found',
    });
  }
  const facts = await summariseCells(dependencies.db.sql, row.id, stored.rows);
  return {
    rows: stored.rows.map(({ configurationHash, ...figures }) => {
      const fact = facts.find(({ method, k }) => method === figures.method && k === figures.k);
      return { ...figures, configurations: fact?.configurations ?? 0, bestTrial: fact?.bestTrial ?? '' };
    }),
    contrasts: [...stored.contrasts],
  };
}

export const comparisonSubject = (row: SweepRow) => ({ sweeps: [row.id], dataset: datasetReference(row), target: row.target });

export function sweepRunningError({ name, state }: SweepRow): NarrowsError {
  return new NarrowsError('sweep-running', `${name} is ${state}: its test figures are read once, when it has ended`, {
    path: 'split',
    fix: 'ask for split=validation until then',
    kind: 'failure',
  });
}

/** Trials that a forest is grown on, at most: more would cost time and tell the same. */
const FOREST_TRIALS = 2000;

/** On completed trials, of one method or of all. */
export async function computeImportance(
  { compute }: QueryContext,
  row: SweepRow,
  table: TrialTable,
  method: Method | null,
): Promise<Importance> {
  const where: Condition[] = [
    { column: 'outcome', op: '=', values: ['completed'] },
    { column: 'validation', op: '!=', values: [null] },
    ...(method === null ? [] : [{ column: 'method', op: '=', values: [method] } as const]),
  ];
  const indices = table.matching(where);
  const sampled = sampleIndices(indices, FOREST_TRIALS);
  const names = [
    ...(method === null && row.spec.methods.length > 1 ? ['method' as const] : []),
    'k' as const,
    ...varyingParameters(row.spec),
  ];
  const features = names.map((name): Feature => {
    const { values, words } = table.column(name);
    return { name, values: Float64Array.from(sampled, (index) => values[index] as number), ordered: words === null };
  });
  const { values: validation } = table.column('validation');
  const target = Float64Array.from(sampled, (index) => validation[index] as number);
  const { r2, parameters } = await compute('importance', features, target);
  return {
    sweepId: row.id,
    revision: table.revision,
    method,
    trials: sampled.length,
    matched: indices.length,
    r2,
    parameters: [...parameters],
  };
}

/** About `most` of the numbers, the same ones each time, whatever pattern configurations follow along them. */
function sampleIndices(indices: Uint32Array, most: number): Uint32Array {
  if (indices.length <= most) return indices;
  const below = (most / indices.length) * 2 ** 32;
  return indices.filter((index) => hash32(index) < below).subarray(0, most);
}

/** A bijection of 32-bit words whose results look random: the finaliser of MurmurHash3 (Appleby, public domain). */
function hash32(word: number): number {
  let bits = word + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Of a column of numbers bins of equal width, in the logarithm where the space draws them so; of words their counts. */
export function computeHistogram(
  row: SweepRow,
  table: TrialTable,
  { column, where, bins }: { readonly column: TableColumn; readonly where: readonly Condition[]; readonly bins: number },
): Histogram {
  const { values, words } = table.column(column);
  const indices = table.matching(where);
  const base = { sweepId: row.id, revision: table.revision, column, matched: indices.length };
  if (words) {
    const counts = words.map(() => 0);
    for (const index of indices) {
      const place = values[index] as number;
      counts[place] = (counts[place] as number) + 1;
    }
    return { ...base, missing: 0, bins: null, words: words.map((word, i) => ({ word, count: counts[i] as number })) };
  }
  const held = Float64Array.from(indices, (index) => values[index] as number).filter((value) => !Number.isNaN(value));
  const parameter = PARAMETERS.find((name) => name === column);
  const logarithmic = parameter !== undefined && sweptDimension(row.spec, parameter).kind === 'log';
  return { ...base, missing: indices.length - held.length, bins: countBins(held, bins, logarithmic), words: null };
}

function countBins(values: Float64Array, count: number, logarithmic: boolean) {
  if (values.length === 0) return [];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) return [{ from: low, to: high, count: values.length }];
  const scaled = (value: number) => (logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
  const edge = (i: number) => {
    if (i === count) return high;
    return logarithmic ? low * (high / low) ** (i / count) : low + ((high - low) * i) / count;
  };
  const counts = new Uint32Array(count);
  for (const value of values) {
    const bin = Math.min(count - 1, Math.max(0, Math.floor(scaled(value) * count)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return Array.from(counts, (own, i) => ({ from: edge(i), to: edge(i + 1), count: own }));
}
