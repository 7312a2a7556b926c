/** Descriptions of sweeps and aggregates over their trials. */
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import type { Feature } from '../../../models/evaluation/forest.ts';
import { centreWithin } from '../../../models/evaluation/importance.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { progressByMethod, statusOf, withLoss } from '../../../operations/sweeps/status.ts';
import { COLUMN_ARRAYS, gather } from '../../../search/columns/column.ts';
import { parameterValue, plannedColumns, varyingParameters } from '../../../search/columns/planned.ts';
import { type ColumnName, OUTCOME_COLUMNS, trialColumn } from '../../../search/columns/trial-columns.ts';
import type { Condition } from '../../../search/columns/where.ts';
import { type Dimension, PARAMETERS, valuesOf } from '../../../search/parameters.ts';
import { sweptDimension, trialCount } from '../../../search/space.ts';
import { partitionCount, type SweepSpec } from '../../../search/spec.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { formatSpec } from '../../../search/spec-text.ts';
import { formatVersion } from '../../../text/format.ts';
import { type Column, encodeColumns } from '../../contract/columns.ts';
import type { Histogram, Importance, SweepDetail } from '../../contract/sweeps.ts';
import type { TrialTable } from '../cache/trial-table.ts';
import { type QueryContext, runCooperatively } from '../query-context.ts';

export const datasetReference = ({ dataset, datasetVersion }: SweepRow): string => formatVersion(dataset, datasetVersion);

/** Facts about a sweep that neither its row nor its trials hold. */
export interface SweepFacts extends Pick<SweepDetail, 'temporalUrl' | 'hasInterpretation'> {
  /** Number of trials in training. */
  readonly running: number;
  /** Why no workflow works on an unfinished sweep; null where one does. */
  readonly loss: string | null;
}

export function describeSweep(row: SweepRow, table: TrialTable, { running, loss, ...facts }: SweepFacts): SweepDetail {
  const { spec, codeVersion } = row;
  const byMethod = table.tally();
  return {
    ...withLoss(statusOf(row, byMethod, running), loss),
    spec: spec as unknown as Record<string, unknown>,
    yaml: formatSpec(specDocument(spec, datasetReference(row))),
    codeVersion,
    widths: [...spec.space.k],
    methods: progressByMethod(row, byMethod),
    parameters: PARAMETERS.map((name) => ({ name, ...describeParameter(sweptDimension(spec, name)) })),
    ...facts,
  };
}

function describeParameter(dimension: Dimension<unknown>): Omit<SweepDetail['parameters'][number], 'name'> {
  const plain = (value: unknown) => (typeof value === 'boolean' ? value : parameterValue(value));
  const { kind } = dimension;
  if (kind === 'log' || kind === 'uniform') return { kind, low: dimension.low, high: dimension.high };
  return { kind, values: valuesOf(dimension).map(plain) };
}

/** Encodes method, k, seed and every parameter that varies, of all planned trials. */
export async function encodeConfigurations(spec: SweepSpec): Promise<Uint8Array<ArrayBuffer>> {
  const columns = await runCooperatively(plannedColumns(spec));
  return encodeColumns({ rows: trialCount(spec), columns, about: {} });
}

/** Encodes the outcomes of trials that were written after a revision. */
export function encodeOutcomes(table: TrialTable, since: number): Uint8Array<ArrayBuffer> {
  const indices = table.writtenAfter(since);
  const outcomes = OUTCOME_COLUMNS.flatMap((name): Column[] => {
    const about = trialColumn(name);
    if (about.source !== 'outcome' || about.wire === null) return [];
    const column = table.column(name);
    const values = gather(column, indices, new COLUMN_ARRAYS[about.wire](indices.length));
    return [{ name, values, categories: column.categories, ...(about.unit !== undefined && { unit: about.unit }) }];
  });
  const columns = [{ name: 'index', values: indices }, ...outcomes];
  return encodeColumns({ rows: indices.length, columns, about: { revision: table.revision } });
}

export const sweepRunningError = ({ name, state }: SweepRow): NarrowsError =>
  new NarrowsError('sweep-running', `${name} is ${state}: its test scores are read once, when it has finished`, {
    path: 'split',
    fix: 'request split=validation until then',
    kind: 'failure',
  });

/** Maximum trials that the forest is fitted to: more hardly change the result. */
const MAX_FOREST_TRIALS = 2000;

/** Computes hyperparameter importance from the completed trials of one method, or of all (null). */
export async function computeImportance(query: QueryContext, row: SweepRow, method: Method | null): Promise<Importance> {
  const table = await query.table(row);
  const where: Condition[] = [
    { column: 'outcome', op: '=', values: ['completed'] },
    { column: 'validation', op: '!=', values: [null] },
    ...(method === null ? [] : [{ column: 'method', op: '=', values: [method] } as const]),
  ];
  const indices = table.matching(where);
  const sampled = sampleIndices(indices, MAX_FOREST_TRIALS);
  const names = [
    ...(method === null && row.spec.methods.length > 1 ? ['method' as const] : []),
    'k' as const,
    ...varyingParameters(row.spec),
  ];
  const features = names.map((name): Feature => {
    const { values, categories } = table.column(name);
    return { name, values: pick(values, sampled), ordered: categories === null };
  });
  const scores = pick(table.column('validation').values, sampled);
  const partitions = pick(table.column('partition').values, sampled);
  const target = partitionCount(row.spec) === 1 ? scores : centreWithin(scores, partitions);
  const { r2, parameters } = await query.compute('importance', features, target);
  const size = { trials: sampled.length, matched: indices.length };
  return { sweepId: row.id, revision: table.revision, method, ...size, r2, parameters: [...parameters] };
}

const pick = (values: ArrayLike<number>, indices: Uint32Array): Float64Array =>
  Float64Array.from(indices, (index) => values[index] ?? Number.NaN);

/** Returns about `size` of the indices: always the same, independent of patterns in their order. */
function sampleIndices(indices: Uint32Array, size: number): Uint32Array {
  if (indices.length <= size) return indices;
  const below = (size / indices.length) * 2 ** 32;
  return indices.filter((index) => hash32(index) < below).subarray(0, size);
}

/** Mixes the bits of a 32-bit integer, by the finaliser of MurmurHash3 (Appleby, public domain). */
function hash32(integer: number): number {
  let bits = integer + 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Counts categories, or bins numbers evenly: in the logarithm for a log-uniform parameter. */
export function computeHistogram(
  row: SweepRow,
  table: TrialTable,
  { column, where, bins }: { readonly column: ColumnName; readonly where: readonly Condition[]; readonly bins: number },
): Histogram {
  const { values, categories } = table.column(column);
  const indices = table.matching(where);
  const base = { sweepId: row.id, revision: table.revision, column, matched: indices.length };
  if (categories) {
    const counts = categories.map(() => 0);
    for (const category of pick(values, indices)) if (category in counts) counts[category] = (counts[category] ?? 0) + 1;
    const words = categories.map((word, i) => ({ word, count: counts[i] ?? 0 }));
    return { ...base, missing: indices.length - counts.reduce((sum, count) => sum + count, 0), bins: null, words };
  }
  const known = pick(values, indices).filter((value) => !Number.isNaN(value));
  const parameter = PARAMETERS.find((name) => name === column);
  const logarithmic = parameter !== undefined && sweptDimension(row.spec, parameter).kind === 'log';
  return { ...base, missing: indices.length - known.length, bins: countBins(known, bins, logarithmic), words: null };
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
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return Array.from(counts, (own, i) => ({ from: edge(i), to: edge(i + 1), count: own }));
}
