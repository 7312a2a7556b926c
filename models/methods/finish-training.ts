/** How a training ends, by method: covered variances, latents and components. */
import { SPLITS, type SplitName } from '../axes.ts';
import { coveredVarianceFromSums, type SplitScore, sharedTotalSquares, splitScore } from '../evaluation/covered-variance.ts';
import type { NetworkShape, Parameters } from '../networks/network.ts';
import { type Computation, call } from '../training/network-calls.ts';
import type { CoveredVarianceRow, LatentBlock } from '../training/report.ts';
import type { PackData } from '../training/task.ts';
import { rowOf } from '../vectors.ts';
import type { Method } from './catalogue.ts';
import { type ComponentSearch, findComponents, project, projectionErrors } from './components.ts';
import { bottleneckOf } from './ednn.ts';
import { basisOf } from './method.ts';
import { LATENT_LAYER, nnca } from './nnca.ts';
import { orthonormaliseEncoder } from './orthonormal-encoder.ts';
import { projectRow } from './projection.ts';

/** Trained weights, and what an earlier start or an earlier model adds. */
export interface Trained extends ComponentSearch {
  readonly shape: NetworkShape;
  /** The best weights on validation rows. */
  readonly parameters: Parameters;
  /** [found, D]: components from before an interruption. */
  readonly found: Float32Array;
  /** [r, D]: components of the model that a warm start begins from. */
  readonly warm: Float32Array;
  readonly k: number;
}

export interface Finished {
  readonly parameters: Parameters;
  readonly scores: readonly CoveredVarianceRow[];
  /** Scores of the full emulator; empty where the network has a bottleneck. */
  readonly emulator: readonly SplitScore[];
  readonly latents: readonly LatentBlock[];
  /** [k, D]: components that the model file keeps apart from the network. */
  readonly components: Float32Array;
  /** V [k, D]; null where the encoder is not a projection. */
  readonly basis: Float32Array | null;
}

const NO_COMPONENTS = new Float32Array(0);

export const FINISHERS: Readonly<Record<Method, (trained: Trained) => Computation<Finished>>> = {
  ednn: ({ data, k, parameters, shape }) => finishBottleneck(data, k, parameters, bottleneckOf(shape), null),
  *nnca(trained) {
    const { data, k, parameters, shape } = trained;
    const orthonormal = yield* orthonormaliseEncoder(shape, parameters, trained);
    const encoder = nnca.encoder({ shape, parameters: orthonormal, components: NO_COMPONENTS }, k);
    return yield* finishBottleneck(data, k, orthonormal, LATENT_LAYER, basisOf(encoder));
  },
  eca: finishComponents,
};

/** Reads a network whose latents are the outputs of `layer`; V [k, D] where it projects. */
function* finishBottleneck(
  data: PackData,
  k: number,
  parameters: Parameters,
  layer: number,
  basis: Float32Array | null,
): Computation<Finished> {
  yield* call('setParameters', parameters);
  const latents: LatentBlock[] = [];
  const scores: CoveredVarianceRow[] = [];
  for (const split of SPLITS) {
    const rows = data.rows[split];
    const { errors, activations } = yield* call('evaluate', rows, layer);
    latents.push({ split, k, rows: rows.length, data: activations });
    const score = splitScore(data.y, data.rows, split, errors);
    scores.push({ ...score, k, structureCoveredVariance: basis && scoreExpansion(data, split, basis) });
  }
  return { parameters, scores, emulator: [], latents, components: NO_COMPONENTS, basis };
}

/** Finds components on the emulator; scores are cumulative, one row per rank. */
function* finishComponents(trained: Trained): Computation<Finished> {
  const { parameters, found, warm, data, k } = trained;
  yield* call('setParameters', parameters);
  const emulator: SplitScore[] = [];
  for (const split of SPLITS) emulator.push(yield* scoreNetwork(data, split));
  const components = yield* findComponents(trained, k, found, warm);
  const scores: CoveredVarianceRow[] = [];
  for (const split of SPLITS) scores.push(...(yield* scoreRanks(data, split, components)));
  const latents = SPLITS.map((split) => projectSplit(data, split, components));
  return { parameters, scores, emulator, latents, components, basis: components };
}

/** Scores the network on one split, with the parameters that it has. */
function* scoreNetwork(data: PackData, split: SplitName): Computation<SplitScore> {
  return splitScore(data.y, data.rows, split, yield* call('squaredErrors', data.rows[split]));
}

/** Covered variance through the first k components, for every rank k. */
function* scoreRanks(data: PackData, split: SplitName, components: Float32Array): Computation<CoveredVarianceRow[]> {
  const D = data.x.columns;
  const scores: CoveredVarianceRow[] = [];
  for (let k = 1; k <= components.length / D; k++) {
    const V = components.subarray(0, k * D);
    const errors = yield* projectionErrors(data, data.rows[split], V);
    const score = splitScore(data.y, data.rows, split, errors);
    scores.push({ ...score, k, structureCoveredVariance: scoreExpansion(data, split, V) });
  }
  return scores;
}

/** Structure-side covered variance of the expansion x V'V in standardised descriptors. */
function scoreExpansion(data: PackData, split: SplitName, V: Float32Array): number {
  const D = data.x.columns;
  const rows = data.rows[split];
  const expanded = project(data, rows, V);
  let error = 0;
  for (const [i, row] of rows.entries()) {
    const x = rowOf(data.x, row);
    const part = expanded.subarray(i * D, (i + 1) * D);
    x.forEach((value, d) => {
      error += (value - (part[d] as number)) ** 2;
    });
  }
  return coveredVarianceFromSums(error, sharedTotalSquares(data.x, rows));
}

/** The scores t = x V' of one split. */
export function projectSplit(data: PackData, split: SplitName, components: Float32Array): LatentBlock {
  const D = data.x.columns;
  const k = components.length / D;
  const rows = data.rows[split];
  const t = new Float32Array(rows.length * k);
  rows.forEach((row, i) => {
    t.set(projectRow(rowOf(data.x, row), components), i * k);
  });
  return { split, k, rows: rows.length, data: t };
}
