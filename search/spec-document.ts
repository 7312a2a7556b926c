/** Specs as documents that a person would write and parseSweepSpec reads. */
import { cellName } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { isTrialBudget } from './budget/budget.ts';
import { type Dimension, SPACE_PARAMETERS } from './parameters.ts';
import { shortenResources } from './routes.ts';
import { samplerOf } from './samplers/table.ts';
import { foldShares, type SplitSpec, type SweepSpec, type TrainingDimension } from './spec.ts';
import type { StoppingSpec } from './stopping/table.ts';

/**
 * Returns the document of a spec, which parses to the same but for the version in `dataset`, and
 * the sweep that it extends: whose trials they are changes nothing of them.
 */
export function specDocument(spec: SweepSpec, dataset: string): Record<string, unknown> {
  const { name, target, split, scale, methods, space, seeds, budget, enqueue, training, halving } = spec;
  const { stopping, warm, latents, weight, priority } = spec;
  return {
    name,
    dataset,
    target,
    split: splitForm(split),
    scale,
    methods,
    space: {
      k: space.auto ? { auto: { max: Math.max(...space.k), margin: space.auto.margin } } : space.k,
      ...(space.parameters && { parameters: space.parameters }),
      ...Object.fromEntries(
        SPACE_PARAMETERS.toReversed().flatMap((name) => {
          const dimension = space[name];
          return dimension ? [[name, dimensionForm(dimension)]] : [];
        }),
      ),
    },
    // Seeds from 1 to n are written as n.
    seeds: seeds.every((seed, i) => seed === i + 1) ? seeds.length : seeds,
    sampler: samplerForm(spec),
    ...(budget && { budget }),
    ...(enqueue && { enqueue }),
    // A parser adds restarts where a document names none.
    training: {
      ...training,
      epochs: trainingForm(training.epochs),
      batch: trainingForm(training.batch),
      patience: trainingForm(training.patience),
      restarts: training.restarts ?? 1,
    },
    ...(halving && { halving }),
    ...(stopping && { stopping: stoppingForm(stopping) }),
    ...(warm && { warm }),
    ...(latents && { latents }),
    ...(weight !== undefined && { weight }),
    ...(priority !== undefined && { priority }),
    ...shortenResources(spec),
  };
}

/** Trials that follow from the budget are left out. */
function samplerForm({ sampler, budget }: SweepSpec): unknown {
  const settings = samplerOf(sampler).toDocument(sampler);
  if (budget === undefined || !isTrialBudget(budget)) return { [sampler.kind]: settings };
  const { trials: _, ...rest } = settings as Readonly<Record<string, unknown>>;
  return { [sampler.kind]: rest };
}

/** Shares that follow from the folds are left out. */
function splitForm(split: SplitSpec): unknown {
  if (split.folds === undefined) return split;
  const { train, validation, test, ...rest } = split;
  return train === foldShares(split.folds).train ? rest : { train, validation, ...rest };
}

const stoppingForm = ({ kind, ...settings }: StoppingSpec): unknown => ({ [kind]: settings });

const trainingForm = (stated: TrainingDimension): unknown => (typeof stated === 'number' ? stated : dimensionForm(stated));

function dimensionForm(dimension: Dimension<unknown>): unknown {
  switch (dimension.kind) {
    case 'constant':
      return dimension.value;
    case 'choice':
      return { choice: dimension.values };
    case 'log':
    case 'uniform':
      return { [dimension.kind]: [dimension.low, dimension.high] };
  }
}

/**
 * Returns the document of a sweep that trains one trial again, to the same bits; of folds and later
 * repeats, with the other partitions.
 */
export function trialDocument(
  spec: SweepSpec,
  dataset: string,
  trial: {
    readonly name: string;
    readonly configuration: TrialConfiguration;
    readonly seed: number;
    readonly partition: number;
  },
): Record<string, unknown> {
  const { method, k, epochs, batch, patience, restarts, warm: from } = trial.configuration;
  const constants = SPACE_PARAMETERS.flatMap((name) => {
    const value = trial.configuration[name];
    return value === undefined ? [] : [[name, { kind: 'constant', value }] as const];
  });
  // Its latents are among the reasons to train a trial again.
  const { warm: _, latents: _latents, enqueue: _enqueue, budget: _budget, stopping: _stopping, ...rest } = spec;
  const { repeats: __, ...firstRepeat } = spec.split;
  const alone: SweepSpec = {
    ...rest,
    ...(from !== undefined && { warm: { [cellName({ method, k })]: from } }),
    name: trial.name.slice(0, 80),
    methods: [method],
    space: { k: [k], ...Object.fromEntries(constants) } as unknown as SweepSpec['space'],
    split: trial.partition === 0 ? firstRepeat : spec.split,
    seeds: [trial.seed],
    sampler: { kind: 'grid', steps: 1 },
    training: { epochs, batch, patience, ...(restarts !== undefined && { restarts }) },
    halving: null,
  };
  return specDocument(alone, dataset);
}
