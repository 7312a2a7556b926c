/** Findings of the partitions of a sweep, whose agreement an interpretation computes. */
import type { Sql } from '../db/client.ts';
import { loadComponents } from '../db/queries/sweeps/interpretation.ts';
import { type Matrix, pickRows, SPLITS } from '../models/axes.ts';
import { type ComparedTrial, chooseConfigurations } from '../models/evaluation/comparison.ts';
import type { PartitionFinding } from '../models/interpretation/partitions.ts';
import type { PackData } from '../models/training/task.ts';
import { firstColumns, firstComponents } from './first-ranks.ts';
import { readTrialLatents } from './trial-latents.ts';

/** More partitions add pairs to compare, and no insight. */
const MOST_PARTITIONS = 10;

/**
 * Returns the findings of each cell over several partitions, by method and width ('eca/2'): of each
 * partition the first trial of its own best configuration, where its latents can be read. None for
 * one partition. Throws `latents-corrupt`, `weights-corrupt`.
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
    const pack = await packOf(partition);
    packs.push({ pack, order: SPLITS.flatMap((split) => [...pack.rows[split]]), test: pack.rows.test });
  }
  // A row that some partition leaves out, as it would follow rows of several parts, is left out.
  const known = packs.map(({ order }) => new Map(order.map((row, i) => [row, i])));
  const common = [...(packs[0]?.test ?? [])].filter((row) => known.every((positions) => positions.has(row)));
  for (const [i, [, own]] of partitions.entries()) {
    const { pack } = packs[i] as (typeof packs)[number];
    const places = Uint32Array.from(common, (row) => known[i]?.get(row) ?? 0);
    const packOf = () => Promise.resolve(pack);
    const read = new Map<string, Awaited<ReturnType<typeof loadFinding>>>();
    for (const { method, k, trials: seeds } of chooseConfigurations(own)) {
      const { trialId } = seeds[0] as ComparedTrial;
      // Ranks of ECA are of one trial.
      const { latents, all } = read.get(trialId) ?? (await loadFinding(sql, trialId, packOf));
      read.set(trialId, { latents, all });
      if (!latents) continue;
      const finding = {
        scaling: pack.scaling.x,
        components: all && firstComponents(all, latents.columns, k),
        latents: firstColumns(pickRows(latents, places), k),
      };
      const key = `${method}/${k}`;
      found.set(key, [...(found.get(key) ?? []), finding]);
    }
  }
  return found;
}

/** Returns the latents of all rows, null without them, and the components where there are any. */
async function loadFinding(sql: Sql, trialId: string, packOf: () => Promise<PackData>) {
  const all = (await loadComponents(sql, [trialId])).get(trialId) ?? null;
  const parts: Matrix[] = [];
  for (const split of SPLITS) {
    const part = await readTrialLatents(sql, trialId, split, all, packOf);
    if (!part) return { latents: null, all };
    parts.push(part);
  }
  return { latents: joinRows(parts), all };
}

/** Joins the rows of matrices of equal width: training, validation, test. */
function joinRows(parts: readonly Matrix[]): Matrix {
  const columns = parts[0]?.columns ?? 1;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float32Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, columns, data };
}
