/** Descriptions of sweeps and aggregates over their trials. */
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import type { Feature } from '../../../models/evaluation/forest.ts';
import { centreWithin } from '../../../models/evaluation/importance.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { progressByMethod, statusOf, type Training, withLoss } from '../../../operations/sweeps/status.ts';
import { COLUMN_ARRAYS, gather, missingIn } from '../../../search/columns/column.ts';
import { parameterValue, plannedColumns, varyingParameters } from '../../../search/columns/planned.ts';
import { type ColumnName, columnOf, OUTCOME_COLUMNS, trialColumn } from '../../../search/columns/trial-columns.ts';
import type { Condition } from '../../../search/columns/where.ts';
import { trainedPointsPerCell } from '../../../search/limits/limits.ts';
import { type Dimension, isAbsent, PARAMETERS, valuesOf } from '../../../search/parameters.ts';
import { isAdaptiveSweep } from '../../../search/proposals.ts';
import type { TrainerGroup } from '../../../search/routes.ts';
import { cellsOf, configurationsPerCell, mostEpochs, numberTrials, sweptDimension, trialCount } from '../../../search/space.ts';
import { partitionCount, type SweepSpec } from '../../../search/spec.ts';
import { specDocument } from '../../../search/spec-document.ts';
import { formatSpec } from '../../../search/spec-text.ts';
import { OUTCOMES } from '../../../search/states.ts';
import { rungEnds } from '../../../search/stopping/table.ts';
import { formatVersion } from '../../../text/format.ts';
import { type Column, encodeColumns } from '../../contract/columns.ts';
import type { Histogram, Importance, RungCounts, SweepDetail } from '../../contract/sweeps.ts';
import type { TrialTable } from '../cache/trial-table.ts';
import { type QueryContext, runCooperatively } from '../query-context.ts';
import { effortOf } from './effort.ts';

export const datasetReference = ({ dataset, datasetVersion }: SweepRow): string => formatVersion(dataset, datasetVersion);

/** Facts about a sweep that neither its row nor its trials hold. */
export interface SweepFacts extends Pick<SweepDetail, 'temporalUrl' | 'hasInterpretation' | 'sufficientWidths'> {
  readonly inTraining: Training;
  /** Why no workflow works on an unfinished sweep; null where one does. */
  readonly loss: string | null;
  readonly trainers: readonly TrainerGroup[];
}

export function describeSweep(
  row: SweepRow,
  table: TrialTable,
  { inTraining, loss, trainers, ...facts }: SweepFacts,
): SweepDetail {
  const { spec, codeVersion } = row;
  const byMethod = table.tally();
  return {
    ...withLoss(statusOf(row, byMethod, inTraining, trainers), loss),
    spec: spec as unknown as Record<string, unknown>,
    yaml: formatSpec(specDocument(spec, datasetReference(row))),
    codeVersion,
    widths: [...spec.space.k],
    methods: progressByMethod(row, byMethod),
    limits: limitedCells(row),
    effort: effortOf(table, spec),
    parameters: PARAMETERS.flatMap((name) => {
      const dimension = sweptDimension(spec, name);
      return isAbsent(dimension) ? [] : [{ name, ...describeParameter(dimension) }];
    }),
    ...facts,
  };
}

/** Returns the cells that leave trials out, with the trials that they train on each partition. */
function limitedCells({ spec, limits }: SweepRow): SweepDetail['limits'] {
  const [planned, trained] = [configurationsPerCell(spec), trainedPointsPerCell(spec, limits)];
  return cellsOf(spec).flatMap((cell, i) => {
    const points = trained[i] ?? 0;
    return points === planned[i] ? [] : [{ ...cell, trials: points * spec.seeds.length }];
  });
}

function describeParameter(dimension: Dimension<unknown>): Omit<SweepDetail['parameters'][number], 'name'> {
  const plain = (value: unknown) => (typeof value === 'boolean' ? value : parameterValue(value));
  const { kind } = dimension;
  if (kind === 'log' || kind === 'uniform') return { kind, low: dimension.low, high: dimension.high };
  return { kind, values: valuesOf(dimension).map(plain) };
}

/**
 * Encodes method, k, seed and every parameter that varies, of all planned trials; parameters that
 * are proposed are missing, and come with the outcomes.
 */
export async function encodeConfigurations(spec: SweepSpec): Promise<Uint8Array<ArrayBuffer>> {
  const columns = await runCooperatively(plannedColumns(spec));
  return encodeColumns({ rows: trialCount(spec), columns, about: {} });
}

/**
 * Encodes the outcomes of trials that were written after a revision, and their parameters where
 * these are proposed.
 */
export function encodeOutcomes({ spec }: SweepRow, table: TrialTable, since: number): Uint8Array<ArrayBuffer> {
  const indices = table.writtenAfter(since);
  const proposed = isAdaptiveSweep(spec) ? varyingParameters(spec) : [];
  const parameters = proposed.map((name): Column => {
    const { values, categories } = table.column(columnOf(name));
    return { name: columnOf(name), values: gather({ values, categories }, indices, values.slice(0, indices.length)), categories };
  });
  const outcomes = OUTCOME_COLUMNS.flatMap((name): Column[] => {
    const about = trialColumn(name);
    if (about.source !== 'outcome' || about.wire === null) return [];
    const column = table.column(name);
    const values = gather(column, indices, new COLUMN_ARRAYS[about.wire](indices.length));
    return [{ name, values, categories: column.categories, ...(about.unit !== undefined && { unit: about.unit }) }];
  });
  const columns = [{ name: 'index', values: indices }, ...parameters, ...outcomes];
  return encodeColumns({ rows: indices.length, columns, about: { revision: table.revision } });
}

export const sweepRunningError = ({ name, state }: SweepRow): NarrowsError =>
  new NarrowsError('sweep-running', `${name} is ${state}: its test scores are read once, when it has finished`, {
    path: 'split',
    fix: 'request split=validation until then',
    kind: 'failure',
  });

/** Computes hyperparameter importance from the completed trials of one method, or of all (null). */
export async function computeImportance(query: QueryContext, row: SweepRow, method: Method | null): Promise<Importance> {
  const table = await query.table(row);
  const { matched, sample } = table.sampleScored(method);
  const names = [
    ...(method === null && row.spec.methods.length > 1 ? ['method' as const] : []),
    'k' as const,
    ...varyingParameters(row.spec).map(columnOf),
  ];
  const features = names.map((name): Feature => {
    const { values, categories } = table.column(name);
    const missing = missingIn(values);
    const own = pick(values, sample).map((value) => (value === missing ? Number.NaN : value));
    return { name, values: own, ordered: categories === null };
  });
  const scores = pick(table.column('validation').values, sample);
  const partitions = pick(table.column('partition').values, sample);
  const target = partitionCount(row.spec) === 1 ? scores : centreWithin(scores, partitions);
  const { revision } = table;
  const { r2, parameters } = await query.compute('importance', features, target);
  return { sweepId: row.id, revision, method, trials: sample.length, matched, r2, parameters: [...parameters] };
}

const pick = (values: ArrayLike<number>, indices: Uint32Array): Float64Array =>
  Float64Array.from(indices, (index) => values[index] ?? Number.NaN);

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
  const parameter = PARAMETERS.find((name) => columnOf(name) === column);
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

/** Counts the trials of each method and width by the last rung that they reached. */
export function countRungs({ id, name, spec }: SweepRow, table: TrialTable): RungCounts {
  const epochs = rungEnds(spec, mostEpochs(spec));
  const cells = cellsOf(spec).map((cell) => {
    const counts = epochs.map(() => ({ reached: 0, pruned: 0, diverged: 0, failed: 0 }));
    return { ...cell, rungs: counts };
  });
  const { positionOf } = numberTrials(spec);
  const [rung, outcome] = [table.column('rung').values, table.column('outcome').values];
  for (const index of table.matching([])) {
    const counts = cells[positionOf(index).cell]?.rungs ?? [];
    const [last, end] = [rung[index] ?? 0, OUTCOMES[outcome[index] ?? 0]];
    for (const one of counts.slice(0, last + 1)) one.reached++;
    const own = counts[last];
    if (own && (end === 'pruned' || end === 'diverged' || end === 'failed')) own[end]++;
  }
  return { sweepId: id, name, revision: table.revision, epochs, cells };
}
