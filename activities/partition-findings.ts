/** Findings of the partitions of a sweep, whose agreement an interpretation computes. */
import type { Sql } from '../db/client.ts';
import { loadComponents } from '../db/queries/sweeps/interpretation.ts';
import { loadLatents } from '../db/queries/trials/results.ts';
import { type Matrix, pickRows, SPLITS } from '../models/axes.ts';
import { type ComparedTrial, chooseConfigurations } from '../models/evaluation/comparison.ts';
import type { PartitionFinding } from '../models/interpretation/partitions.ts';
import type { PackData } from '../models/training/task.ts';
import { firstColumns, firstComponents } from './first-ranks.ts';

/** More partitions add pairs to compare, and no insight. */
const MOST_PARTITIONS = 10;

/**
 * Returns the findings of each cell over several partitions, by method and width ('eca/2'): of each
 * partition the first trial of its own best configuration. None for one partition. Throws
 * `latents-corrupt`.
 */
export async function partitionFindings(
  sql: Sql,
  trials: readonly ComparedTrial[],
  packOf: (partition: number) => Promise<PackData>,
): Promise<ReadonlyMap<string, readonly PartitionFinding[]>> {
  const partitions = [...Map.groupBy(trials, ({ partition = 0 }) => partition)].slice(0, MOST_PARTITIONS);
  const found = new Map<string, PartitionFinding[]>();
  if (partitions.length < 2) return found;
  const packs = [];
  for (const [partition] of partitions) {
    const { scaling, rows } = await packOf(partition);
    packs.push({ scaling: scaling.x, order: SPLITS.flatMap((split) => [...rows[split]]), test: rows.test });
  }
  // A row that some partition leaves out, as it would follow rows of several parts, is left out.
  const known = packs.map(({ order }) => new Map(order.map((row, i) => [row, i])));
  const common = [...(packs[0]?.test ?? [])].filter((row) => known.every((positions) => positions.has(row)));
  for (const [i, [, own]] of partitions.entries()) {
    const { scaling } = packs[i] as (typeof packs)[number];
    const places = Uint32Array.from(common, (row) => known[i]?.get(row) ?? 0);
    const read = new Map<string, Awaited<ReturnType<typeof loadFinding>>>();
    for (const { method, k, trials: seeds } of chooseConfigurations(own)) {
      const { trialId } = seeds[0] as ComparedTrial;
      // Ranks of ECA are of one trial.
      const { latents, all } = read.get(trialId) ?? (await loadFinding(sql, trialId));
      read.set(trialId, { latents, all });
      const finding = {
        scaling,
        components: all && firstComponents(all, latents.columns, k),
        latents: firstColumns(pickRows(latents, places), k),
      };
      const key = `${method}/${k}`;
      found.set(key, [...(found.get(key) ?? []), finding]);
    }
  }
  return found;
}

/** Returns the latents of all rows, and the components where there are any. */
const loadFinding = async (sql: Sql, trialId: string) => ({
  latents: await loadAllLatents(sql, trialId),
  all: (await loadComponents(sql, [trialId])).get(trialId) ?? null,
});

/** Returns the latents of all rows: training, validation, test. */
async function loadAllLatents(sql: Sql, trialId: string): Promise<Matrix> {
  const parts = await Promise.all(SPLITS.map((split) => loadLatents(sql, trialId, split)));
  const columns = parts.find((part) => part !== null)?.k ?? 1;
  const rows = parts.reduce((sum, part) => sum + (part?.rows ?? 0), 0);
  const data = new Float32Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    data.set(part?.data ?? [], at);
    at += part?.data.length ?? 0;
  }
  return { rows, columns, data };
}
