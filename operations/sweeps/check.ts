/** Sweep specs, checked against their dataset. */
import {
  type ArrayStore,
  countColumns,
  type DatasetDescription,
  descriptorColumns,
  joinLineage,
  loadMatrix,
  sharedScales,
} from '../../datasets/description.ts';
import { loadShards, partitionRows } from '../../datasets/pack-data.ts';
import { variesOver } from '../../datasets/variation.ts';
import type { Database } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listTrainerSpeeds, listTrainers } from '../../db/queries/trainers.ts';
import type { Matrix, SplitRows } from '../../models/axes.ts';
import { findFarRows } from '../../models/far-rows.ts';
import type { DataSize } from '../../models/methods/cost.ts';
import { fitDescriptorScaling, standardize } from '../../models/standardisation.ts';
import { type BudgetPlan, planBudget } from '../../search/budget/plan.ts';
import { estimateTraining, type TrainingEstimate } from '../../search/estimate.ts';
import { type SpecFault, SpecInvalid, specFault, throwFaults } from '../../search/fault.ts';
import { limitParameters } from '../../search/layers/limit.ts';
import { planSweep, type SweepPlan } from '../../search/plan.ts';
import { completeSpec } from '../../search/recipe.ts';
import { checkDataset, checkParts } from '../../search/schemas/spec.ts';
import { partitionCount, type StatedSpec, type SweepSpec } from '../../search/spec.ts';
import { warnOfWarmUp } from '../../search/stopping/warm-up.ts';
import { describeFarRows } from '../../text/far-rows.ts';
import { checkWarmStartModels } from '../warm-models.ts';
import { startFromFindings } from './findings.ts';
import { findWaiting, type WaitingTrials } from './waiting.ts';

/** A spec with the dataset version that it will run on. */
export interface CheckedSpec {
  readonly spec: SweepSpec;
  readonly dataset: { readonly name: string; readonly version: string; readonly rows: number };
  readonly size: DataSize;
  readonly plan: SweepPlan;
  /** How long it would train, within its budget. */
  readonly estimate: TrainingEstimate;
  /** How much of it the budget buys; null: it has none. */
  readonly budget: BudgetPlan | null;
  /**
   * Sentences about networks and findings that are left out, trials that are judged too early, and
   * rows that scores may depend on too much.
   */
  readonly warnings: readonly string[];
  /** Trials that no trainer at work could train now. */
  readonly waiting: readonly WaitingTrials[];
}

/** Sources of the facts that a spec is checked against. */
export interface SpecSources {
  readonly db: Database;
  readonly blobs: ArrayStore;
}

/** A function that plans a sweep, here or in another thread. */
export type PlanSweep = (...input: Parameters<typeof planSweep>) => SweepPlan | Promise<SweepPlan>;

/**
 * Checks a spec against its dataset, the rows that it trains on, and the models that trials start
 * from. `cores` are those of this machine, which count where no trainer is at work. Throws
 * NarrowsError `dataset-missing`, `spec-invalid`, `sweep-unknown`, and those of loadModelBytes.
 */
export async function checkSpec(
  { db, blobs }: SpecSources,
  stated: StatedSpec,
  cores: number,
  plan: PlanSweep = planSweep,
): Promise<CheckedSpec> {
  const row = await findDatasetVersion(db.sql, stated.dataset);
  const { name, version } = row;
  const description = joinLineage(row);
  const { rows, targets, groups } = description;
  const trainRows = Math.round(rows * stated.split.train);
  const columns = countColumns(description, stated.target);
  const complete = completeSpec(stated, { trainRows, ...columns });
  const facts = { rows, descriptors: description.varying, targets: Object.keys(targets), groups: groups?.count ?? null };
  const faults = [...checkDataset(complete, facts)];
  // Whether models fit cannot be checked for an unknown target.
  if (facts.targets.includes(complete.target)) faults.push(...(await checkWarmStartModels(db, complete, description)));
  throwFaults(faults);
  const { faults: ofVariation, varying, warnings: ofRows } = await checkVariation(blobs, complete, description);
  throwFaults(ofVariation);
  // Over the training rows fewer descriptors may vary than over all.
  const size = { trainRows, ...columns, descriptors: varying };
  const fitted = completeSpec(stated, size);
  throwFaults([...checkDataset(fitted, { ...facts, descriptors: varying })]);
  const { spec: limited, faults: ofSize, warning } = limitParameters(fitted, size);
  throwFaults(ofSize);
  const { spec, warning: ofFindings } = stated.from
    ? await startFromFindings(db, limited, stated.from, description)
    : { spec: limited, warning: null };
  // What is left may be too little for the sampler.
  if (spec !== fitted || spec.space.auto) throwFaults(checkParts(spec));
  const warnings = [warning, ofFindings, warnOfWarmUp(spec)].filter((sentence) => sentence !== null).concat(ofRows);
  const [planned, trainers, speeds] = await Promise.all([plan(spec, size), listTrainers(db.sql), listTrainerSpeeds(db.sql)]);
  const waiting = findWaiting(spec, planned.methods, trainers);
  const whole = estimateTraining(spec, planned, speeds, cores);
  const { plan: budget, estimate } = planBudget(spec, planned, whole) ?? { plan: null, estimate: whole };
  return { spec, dataset: { name, version, rows }, size, plan: planned, estimate, budget, warnings, waiting };
}

interface Variation {
  /** Sides of the data that are constant over a part. */
  readonly faults: SpecFault[];
  /** Number of descriptors that vary over the training rows; of several partitions, the fewest. */
  readonly varying: number;
  /** Those of the first partition that has any. */
  readonly warnings: readonly string[];
}

/** Reads the data of every partition as training does. Throws `spec-invalid`. */
async function checkVariation(blobs: ArrayStore, spec: SweepSpec, description: DatasetDescription): Promise<Variation> {
  const shards = await loadShards(blobs, description);
  const x = await loadMatrix(blobs, description.x);
  const found: Variation[] = [];
  for (let partition = 0; partition < partitionCount(spec); partition++) {
    found.push(await checkPartition(blobs, spec, description, x, partitionRows(shards, spec.split, partition)));
    // Other partitions mostly have the same faults.
    if (found.at(-1)?.faults.length !== 0) break;
  }
  return {
    faults: found.flatMap(({ faults }) => faults),
    varying: Math.min(...found.map(({ varying }) => varying)),
    warnings: found.find(({ warnings }) => warnings.length > 0)?.warnings ?? [],
  };
}

async function checkPartition(
  blobs: ArrayStore,
  spec: SweepSpec,
  description: DatasetDescription,
  x: Matrix,
  parts: SplitRows,
): Promise<Variation> {
  const { train } = parts;
  const target = description.targets[spec.target];
  const faults: SpecFault[] = [];
  if (target && !(await variesOver(blobs, target.y, train))) {
    const message = `the target "${spec.target}" does not vary over the ${train.length} training rows: it has no variance to cover`;
    faults.push(specFault('target', message, 'use another target or another split, or check the file of the target'));
  }
  for (const part of ['validation', 'test'] as const) {
    if (!target || faults.length > 0 || (await variesOver(blobs, target.y, parts[part]))) continue;
    const rows = parts[part].length === 1 ? 'the only row' : `the ${parts[part].length} rows`;
    const message = `the target "${spec.target}" does not vary over ${rows} of ${part}: a score compares rows that differ`;
    faults.push(specFault(`split.${part}`, message, 'give it a larger share'));
  }
  const scaling = fitDescriptorScaling(x, train, sharedScales(description));
  const varying = scaling.kept.length;
  if (varying === 0) {
    const message = `no descriptor varies over the ${train.length} training rows`;
    faults.push(specFault('dataset', message, 'use another split, or check the file of the descriptors'));
  }
  const z = standardize(x, scaling);
  const names = descriptorColumns(description);
  const warnings = (['validation', 'test'] as const).flatMap((part) => {
    const far = findFarRows(z, scaling, parts, part);
    return far ? [describeFarRows(far, part, names[far.worst.column]?.name ?? `column ${far.worst.column}`)] : [];
  });
  return { faults, varying, warnings };
}

/** Checks the specs of one document and reports the faults of all together. Throws as checkSpec. */
export async function checkSpecs(
  sources: SpecSources,
  specs: readonly StatedSpec[],
  cores: number,
  plan?: PlanSweep,
): Promise<CheckedSpec[]> {
  const looked = await Promise.allSettled(specs.map((spec) => checkSpec(sources, spec, cores, plan)));
  const failures = looked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const other = failures.find((failure) => !(failure instanceof SpecInvalid));
  if (other !== undefined) throw other;
  throwFaults((failures as SpecInvalid[]).flatMap(({ faults }) => faults));
  return looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
