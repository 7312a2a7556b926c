/** Storage of sweeps in Postgres, with the dataset readers. */
import { joinLineage } from '../datasets/description.ts';
import { loadMetadata } from '../datasets/metadata.ts';
import { buildPackData, loadPackSource, loadShards, type PackSource } from '../datasets/pack-data.ts';
import { testUnits } from '../datasets/test-units.ts';
import type { BlobStore } from '../db/blobs.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { saveBaselines, saveComparison } from '../db/queries/sweeps/comparison.ts';
import { type StoredField, saveInterpretation } from '../db/queries/sweeps/interpretation.ts';
import { findLimits, leaveOutCells } from '../db/queries/sweeps/limits.ts';
import { findSpending, spendOnPoints } from '../db/queries/sweeps/spending.ts';
import { countOutcomes, findFailureReason, findSweep, setSweepState } from '../db/queries/sweeps/sweeps.ts';
import { loadComparisonScores, saveTestRows } from '../db/queries/sweeps/test-errors.ts';
import { countByCell, listWidthScores } from '../db/queries/sweeps/widths.ts';
import { adoptTrials } from '../db/queries/trials/adoption.ts';
import * as checkpoints from '../db/queries/trials/checkpoints.ts';
import { dropWorseModels, loadModelBytes } from '../db/queries/trials/models.ts';
import { extendProposals, findPoints } from '../db/queries/trials/proposals.ts';
import * as trials from '../db/queries/trials/trials.ts';
import { testSpreads } from '../models/evaluation/test-errors.ts';
import { hasFields } from '../models/interpretation/interpretation.ts';
import type { PackData } from '../models/training/task.ts';
import { sweepOfTrial } from '../search/space.ts';
import { partitionCount, testToTraining } from '../search/spec.ts';
import { sumCounts } from '../search/states.ts';
import { compute } from './compute.ts';
import { interpretedCells } from './interpreted-cells.ts';
import type { NamedEngine, SweepRecord, SweepStore } from './ports.ts';

/** Prepared data and specs in memory: sweeps on one dataset follow one another. */
const KEPT = 4;
/** Arrays before their standardisation: those of the sweep at work. */
const KEPT_SOURCES = 1;
/** Partitions known to be stored. */
const KEPT_PARTITIONS = 4096;

export interface StorageOptions {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly codeVersion: string;
  readonly host: string;
}

export function createStorage({ db, blobs, codeVersion, host }: StorageOptions): SweepStore {
  const { sql } = db;
  const sweeps = createCache<SweepRecord>(KEPT);
  const sweepOf = (sweepId: string): Promise<SweepRecord> =>
    sweeps(sweepId, async () => {
      const { spec, datasetVersion } = await findSweep(sql, sweepId);
      return { sweepId, spec, datasetVersion };
    });
  const datasetOf = ({ spec, datasetVersion }: SweepRecord) =>
    findDatasetVersion(sql, `${spec.dataset.split('@')[0]}@${datasetVersion}`);
  const loadSource = async (sweep: SweepRecord): Promise<PackSource> =>
    loadPackSource(blobs, joinLineage(await datasetOf(sweep)), sweep.spec.target);
  const sources = createCache<PackSource>(KEPT_SOURCES);
  const packs = createCache<PackData>(KEPT);
  // Sweeps that differ only in their space share the data.
  const packData = (sweep: SweepRecord, partition: number): Promise<PackData> => {
    const { spec, datasetVersion } = sweep;
    const { dataset, target, split, scale } = spec;
    return packs(JSON.stringify([dataset, datasetVersion, target, split, scale, partition]), async () => {
      const load = () => loadSource(sweep);
      // Partitions share the arrays that they are built from; one alone does not keep them.
      const source =
        partitionCount(spec) === 1 ? await load() : await sources(JSON.stringify([dataset, datasetVersion, target]), load);
      return buildPackData(source, split, scale, partition);
    });
  };
  const savedRows = createCache<void>(KEPT_PARTITIONS);
  /** Stores the test rows of a partition once per process, before the first errors of theirs. */
  const saveRowsOnce = (sweepId: string, partition: number): Promise<void> =>
    savedRows(`${sweepId} ${partition}`, async () => {
      const sweep = await sweepOf(sweepId);
      const pack = await packData(sweep, partition);
      const shards = await loadShards(blobs, joinLineage(await datasetOf(sweep)));
      const rows = { ...testSpreads(pack), ...testUnits(shards, sweep.spec.split, pack.rows.test) };
      await saveTestRows(sql, sweepId, partition, rows);
    });
  const provenance = async (sweepId: string, { name, build }: NamedEngine): Promise<trials.Provenance> => {
    const { datasetVersion } = await sweepOf(sweepId);
    return { datasetVersion, engine: name, engineBuild: build, codeVersion, host };
  };

  return {
    sweep: sweepOf,
    limits: (sweepId) => findLimits(sql, sweepId),
    spentMethods: async (sweepId) => (await findSpending(sql, sweepId)).spending.spent,
    spendOnPoints: (sweepId, points) => spendOnPoints(sql, sweepId, points),
    leaveOut: (sweepId, cells) => leaveOutCells(sql, sweepId, cells),
    trialsByCell: (sweepId) => countByCell(sql, sweepId),
    widthScores: (sweepId) => listWidthScores(sql, sweepId),
    setState: (sweepId, state, message) => setSweepState(sql, sweepId, state, message),
    counts: async (sweepId) => sumCounts(await countOutcomes(sql, sweepId)),
    failureReason: (sweepId) => findFailureReason(sql, sweepId),
    points: (sweepId, points) => findPoints(sql, sweepId, points),
    extendProposals: async (sweepId, wanted, propose) =>
      extendProposals(sql, { id: sweepId, spec: (await sweepOf(sweepId)).spec }, wanted, propose),
    async adoptTrials({ sweepId, spec }, pending) {
      if (spec.extends === undefined || pending.length === 0) return new Set();
      for (const partition of new Set(pending.map((trial) => trial.partition))) await saveRowsOnce(sweepId, partition);
      return new Set(await adoptTrials(sql, { sweepId, parentId: spec.extends }, pending));
    },
    trialStates: (sweepId, indices) => trials.findTrialStates(sql, sweepId, indices),
    survivors: (sweepId, rung, part) => trials.listSurvivors(sql, sweepId, rung, part),
    survivorCount: (sweepId, rung, methods) => trials.countSurvivors(sql, sweepId, rung, methods),
    scoresAtRung: (sweepId, rung) => trials.listRungScores(sql, sweepId, rung),
    curvesAtRung: (sweepId, rung, epochs) => trials.listRungCurves(sql, sweepId, rung, epochs),
    entrants: (sweepId, rung, methods) => trials.listEntrants(sql, sweepId, rung, methods),
    decideRung: (sweepId, rung, decision, order) => trials.decideRung(sql, sweepId, rung, decision, order),
    async recordReports(sweepId, engine, entries) {
      const completed = entries.filter(({ report }) => report.outcome === 'completed');
      for (const partition of new Set(completed.map(({ trial }) => trial.partition))) await saveRowsOnce(sweepId, partition);
      const { spec } = await sweepOf(sweepId);
      return trials.recordReports(sql, sweepId, await provenance(sweepId, engine), entries, spec.latents);
    },
    saveCheckpoint: (trialId, epoch, bytes) => checkpoints.saveCheckpoint(sql, sweepOfTrial(trialId), trialId, epoch, bytes),
    loadCheckpoints: (trialIds) => checkpoints.loadCheckpoints(sql, trialIds),
    sumCheckpoints: (trialIds) => checkpoints.sumCheckpoints(sql, trialIds),
    loadModel: (trialId) => loadModelBytes(sql, trialId),
    packData,
    async baselines(sweep, signal) {
      for (let partition = 0; partition < partitionCount(sweep.spec); partition++) {
        const data = await packData(sweep, partition);
        const scores = await compute('baselines', { data, components: sweep.spec.space.k }, signal);
        const rows = scores.map((score) => ({ ...score, seed: null, configurationHash: null, partition }));
        await saveBaselines(sql, sweep.sweepId, rows);
      }
    },
    keepBestModels: (sweepId) => dropWorseModels(sql, sweepId),
    async compare(sweepId, signal) {
      const sweep = await findSweep(sql, sweepId);
      const dataset = `${sweep.dataset}@${sweep.datasetVersion.slice(0, 12)}`;
      const about = { sweeps: [sweepId], dataset, target: sweep.target, testToTraining: testToTraining(sweep.spec) };
      const scores = await loadComparisonScores(sql, [sweepId]);
      await saveComparison(sql, sweepId, await compute('comparison', { about, ...scores }, signal));
    },
    async interpret(sweepId, signal) {
      const sweep = await sweepOf(sweepId);
      const description = joinLineage(await datasetOf(sweep));
      const structure = await loadMetadata(blobs, description);
      // Rows of a group are resampled together where the split keeps them together.
      const groups = sweep.spec.split.by === 'group' ? structure.groups : null;
      const pack = await packData(sweep, 0);
      const cells = await interpretedCells(sql, sweepId, (partition) => packData(sweep, partition));
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const [interpretation, fields] = await Promise.all([
        compute('interpretation', { data: { ...structure, groups, pack }, cells }, either),
        hasFields(pack) ? compute('fields', { pack, cells }, either) : null,
      ]).catch((error: unknown) => {
        failed.abort();
        throw error;
      });
      await saveInterpretation(sql, sweepId, {
        result: interpretation,
        codeVersion,
        fields: Object.entries(fields ?? {}).map(([name, { axes, values }]) => ({
          name,
          axes: axes.map((axis, i) => {
            const { name: descriptor, unit } = interpretation.descriptors[i] as { name: string; unit: string };
            return { name: descriptor, unit, ...axis };
          }) as unknown as StoredField['axes'],
          values,
        })),
      });
    },
  };
}

/** Caches the last few results by key; rejections are not cached. */
function createCache<T>(most: number): (key: string, load: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, load) => {
    const found = kept.get(key) ?? load();
    kept.delete(key);
    kept.set(key, found);
    if (kept.size > most) kept.delete(kept.keys().next().value as string);
    found.catch(() => kept.delete(key));
    return found;
  };
}
