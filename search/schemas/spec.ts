import { z } from 'zod';
import { METHOD_DEFINITIONS, METHODS } from '../../models/methods/catalogue.ts';
import { checkBudget, isTrialBudget, withBoughtTrials } from '../budget/budget.ts';
import { checkWarmStarts } from '../check-warm.ts';
import { checkEnqueued, MOST_ENQUEUED } from '../continuing/enqueue.ts';
import { type SpecFault, SpecInvalid, specFault, suggestNearest, throwFaults } from '../fault.ts';
import { findNameFault } from '../names.ts';
import { type Dimension, type Point, valuesOf } from '../parameters.ts';
import { completeSpec, DEFAULT_OPTIMISER } from '../recipe.ts';
import { shortenResources } from '../routes.ts';
import { type StatedSampler, samplerOf } from '../samplers/table.ts';
import { dimensionsOf, listedPoints, mostEpochs, samplingContext, sweptDimension, trialCount } from '../space.ts';
import {
  type Budget,
  DEFAULT_BEST,
  DEFAULT_PRIORITY,
  DEFAULT_WEIGHT,
  LATENT_POLICIES,
  type StatedSpec,
  type SweepSpec,
  type TrainingDimension,
} from '../spec.ts';
import { keyOf, ruleOf, stoppingOf } from '../stopping/table.ts';
import { ENGINES, findClassFault } from '../trainer-classes.ts';
import { budget, MAX_TRIALS } from './budget.ts';
import { checkConditions } from './conditions.ts';
import { describeIssue } from './issues.ts';
import { count, isDistinct, keyed } from './keyed.ts';
import { dimension, hiddenDimension, point, VALUES } from './parameters.ts';
import { sampler, UNSTATED } from './samplers.ts';
import { split } from './split.ts';
import { halving, stopping } from './stopping.ts';
import { checkWidthSearch, widths } from './widths.ts';

/** Size of the data where it changes no check. */
const ANY_SIZE = { trainRows: 1, descriptors: 1, energies: 1 };

const EMPTY = 'state at least dataset, target and space; "narrows init" writes a spec to start from';

/** Maximum targets of a spec. */
const MAX_TARGETS = 1000;

const seeds = z.union([
  count.max(10_000).transform((n) => Array.from({ length: n }, (_, i) => i + 1)),
  z.array(z.int().nonnegative()).min(1, 'must name at least one seed').refine(isDistinct, 'names a seed twice'),
]);

/** A name to look up; Postgres can compare none with U+0000. */
const text = z
  .string()
  .trim()
  .min(1)
  .refine((name) => !name.includes('\0'), 'must not contain the character U+0000');

const trainerClass = z.string().superRefine((name, context) => {
  const message = findClassFault(name);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

/** One value for all methods, or one for each of some. */
const forMethods = <Value extends z.ZodType<string>>(value: Value) => z.union([value, z.record(z.string(), value)]);

const enqueued = z
  .array(point)
  .min(1, 'must list at least one point')
  .max(MOST_ENQUEUED)
  .transform((points) => points as readonly Partial<Point>[]);

const searchSpace = keyed({
  k: widths,
  hidden: hiddenDimension.prefault([32, 32, 32]),
  activation: dimension(VALUES.activation, 'none').prefault('gelu'),
  layerNorm: dimension(VALUES.layerNorm, 'none').prefault(false),
  dropout: dimension(VALUES.dropout, 'real').prefault(0),
  optimiser: dimension(VALUES.optimiser, 'none').prefault(DEFAULT_OPTIMISER),
  momentum: dimension(VALUES.momentum, 'real').optional(),
  weightDecay: dimension(VALUES.weightDecay, 'real').optional(),
  learningRate: dimension(VALUES.learningRate, 'real').prefault(0.02),
  schedule: dimension(VALUES.schedule, 'none').prefault('one-cycle'),
  warmUp: dimension(VALUES.warmUp, 'real').optional(),
  targetWeighting: dimension(VALUES.targetWeighting, 'real').optional(),
  start: dimension(VALUES.start, 'none').prefault('scratch'),
  parameters: keyed({ max: count }).optional(),
});

const training = keyed({
  // How these were found: docs/decisions/0006-default-recipe.md and 0031-decay-by-rows.md.
  epochs: dimension(VALUES.epochs, 'whole').prefault(40),
  batch: dimension(VALUES.batch, 'whole').prefault(32),
  // The one-cycle schedule is at its best at its very end: stopping early is optional.
  patience: dimension(VALUES.patience, 'whole').prefault(0),
  // As many as ECA has; measured in docs/decisions/0030-directions.md.
  restarts: count.max(100).default(6),
});

const document = keyed({
  name: z
    .string()
    .trim()
    .superRefine((name, context) => {
      const message = findNameFault(name);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  dataset: text,
  target: z.union([
    text.transform((one) => [one]),
    z.array(text).min(1).max(MAX_TARGETS).refine(isDistinct, 'names a target twice'),
  ]),
  split: split.prefault({}),
  scale: keyed({ x: z.enum(['zscore']).default('zscore'), y: z.enum(['centre', 'zscore']).default('centre') }).prefault({}),
  methods: z
    .array(z.enum(METHODS))
    .min(1, 'must name at least one method')
    .refine(isDistinct, 'names a method twice')
    .default([...METHODS]),
  space: searchSpace,
  seeds: seeds.prefault(5),
  sampler: sampler.prefault({ grid: {} }),
  budget: budget.optional(),
  enqueue: z
    .union([enqueued, z.record(z.string(), enqueued)], {
      error: 'expected a list of points, or one for each method and width, such as { ednn/2: [...] }',
    })
    .optional(),
  from: z
    .union(
      [
        text.transform((sweep) => ({ sweep, best: DEFAULT_BEST })),
        keyed({ sweep: text, best: count.max(MOST_ENQUEUED).default(DEFAULT_BEST) }),
      ],
      { error: `expected a sweep, or { sweep: SWEEP, best: ${DEFAULT_BEST} }` },
    )
    .optional(),
  training: training.prefault({}),
  warm: z
    .record(z.string(), text, 'expected a trial for each method and width, such as { ednn/2: TRIAL, eca: TRIAL }')
    .optional(),
  weight: z.number().min(0.01).max(100).default(DEFAULT_WEIGHT),
  priority: z.int().min(1).max(5).default(DEFAULT_PRIORITY),
  class: forMethods(trainerClass).optional(),
  engine: forMethods(z.enum(ENGINES)).optional(),
  halving: halving.nullish(),
  stopping: stopping.nullish(),
  latents: z.enum(LATENT_POLICIES).default('all'),
});

/**
 * Parses a sweep spec (the YAML or JSON document, already read) into one spec per target, defaults
 * filled in but for those of completeSpec. `name` overrides the document's; with several targets
 * each spec is named `<name>-<target>`. Throws SpecInvalid.
 */
export function parseSweepSpec(input: unknown, name?: string): StatedSpec[] {
  if (input === null || input === undefined) throw new SpecInvalid([{ path: '', message: 'the spec is empty', fix: EMPTY }]);
  const isNamed = name !== undefined && typeof input === 'object' && input !== null && !Array.isArray(input);
  const parsed = document.safeParse(isNamed ? { ...input, name } : input);
  if (!parsed.success) throw new SpecInvalid(parsed.error.issues.map(describe));
  const {
    target: targets,
    budget: stated,
    enqueue,
    from,
    halving,
    stopping,
    space,
    training,
    warm,
    latents,
    weight,
    priority,
    class: named,
    engine,
    ...rest
  } = parsed.data;
  throwFaults([
    ...checkMethods('class', named, rest.methods),
    ...checkMethods('engine', engine, rest.methods),
    ...checkTrialsStated(rest.sampler, stated),
  ]);
  return targets.map((target) => {
    const base = rest.name ?? (rest.dataset.split('@')[0] as string);
    const spec: StatedSpec = withBoughtTrials({
      ...rest,
      space: spaceOf(space),
      training: trainingOf(training),
      name: targets.length === 1 ? base : `${base}-${target}`,
      target,
      halving: halving ?? null,
      ...(stated && { budget: stated }),
      ...(stopping && { stopping }),
      ...(enqueue && { enqueue }),
      ...(from && { from }),
      ...(warm && { warm }),
      // Defaults are left out: equal specs are stored equally.
      ...(latents !== 'all' && { latents }),
      ...(weight !== DEFAULT_WEIGHT && { weight }),
      ...(priority !== DEFAULT_PRIORITY && { priority }),
      ...shortenResources({ methods: rest.methods, ...(named && { class: named }), ...(engine && { engine }) }),
    });
    // Of the values that follow from the data, no check depends on any but the widths.
    throwFaults(checkParts(completeSpec(spec, ANY_SIZE), { hasWidths: !spec.space.auto?.isOpen }));
    return spec;
  });
}

/** Yields where a sampler does not suit the sweep. */
function* checkSampler(spec: SweepSpec): Generator<SpecFault> {
  const faults = samplerOf(spec.sampler).check?.(spec.sampler, samplingContext(spec)) ?? [];
  for (const fault of faults) yield blameBudget(spec, fault);
}

/** Returns a fault of the trials that a budget buys as one of the budget. */
const blameBudget = ({ budget, sampler }: SweepSpec, fault: SpecFault): SpecFault =>
  budget !== undefined && isTrialBudget(budget) && fault.path === `sampler.${sampler.kind}.trials`
    ? specFault('budget.trials', fault.message, 'use a smaller budget, other shares, or a wider space')
    : fault;

/** Yields methods that a value is given for, and that the sweep does not train. */
function* checkMethods(key: string, stated: unknown, methods: readonly string[]): Generator<SpecFault> {
  if (typeof stated !== 'object' || stated === null) return;
  for (const method of Object.keys(stated).filter((name) => !methods.includes(name))) {
    yield specFault(`${key}.${method}`, `the sweep has no method "${method}"`, suggestNearest(method, methods));
  }
}

/** Yields where neither the sampler nor the budget says how many trials there are, or both do. */
function* checkTrialsStated(sampler: StatedSampler, budget: Budget | undefined): Generator<SpecFault> {
  if (!('trials' in sampler)) return;
  const isBought = budget !== undefined && isTrialBudget(budget);
  const path = `sampler.${sampler.kind}.trials`;
  if (isBought && sampler.trials !== UNSTATED)
    yield specFault(path, 'the budget says how many trials there are', 'leave it out, or the budget');
  if (isBought || sampler.trials !== UNSTATED) return;
  if (budget === undefined)
    yield specFault(path, 'is missing: expected number', 'say how many trials there are, or give a budget of trials');
  else {
    const message = 'the budget ends the sweep, but does not say how many trials are planned';
    yield specFault(path, message, 'give a number of trials that is larger than the budget buys');
  }
}

/** Yields where the points of a spec are too few, too many, or not what its sampler searches. */
function* checkPoints(spec: SweepSpec): Generator<SpecFault> {
  const ofBudget = [...checkBudget(spec)];
  yield* ofBudget.length > 0 ? ofBudget : checkSampler(spec);
}

/**
 * Yields where the parts of a spec, each valid, do not fit together. A search for widths without a
 * maximum has no widths before the data are known, and its points are not checked.
 */
export function* checkParts(spec: SweepSpec, { hasWidths = true } = {}): Generator<SpecFault> {
  const ofPoints = hasWidths ? [...checkPoints(spec)] : [];
  yield* ofPoints;
  if (hasWidths && ofPoints.length === 0 && trialCount(spec) > MAX_TRIALS) {
    yield specFault('space', `${trialCount(spec)} trials are more than ${MAX_TRIALS}`, 'narrow the space or use fewer steps');
  }
  // A faulty list has no points to check.
  if (ofPoints.length === 0 || !samplerOf(spec.sampler).listPoints) {
    yield* checkConditions(spec);
    yield* checkLayers(spec);
    yield* checkWarmStarts(spec);
    yield* checkStopping(spec);
  } else yield* checkStopping({ ...spec, sampler: { kind: 'grid', steps: 1 } });
  if (hasWidths && ofPoints.length === 0) yield* checkEnqueued(spec);
  yield* checkWidthSearch(spec);
}

/**
 * Leaves a constant start from scratch out, so that equal specs are stored equally, a decay that is
 * not stated, which follows from the data, and what else is not stated.
 */
function spaceOf({
  k: widths,
  start,
  weightDecay,
  momentum,
  warmUp,
  targetWeighting,
  parameters,
  ...space
}: z.output<typeof document>['space']): StatedSpec['space'] {
  const isFromScratch = start.kind === 'constant' && start.value === 'scratch';
  const { k, auto } = widths;
  return {
    k,
    ...(auto && { auto }),
    ...space,
    ...(weightDecay && { weightDecay }),
    ...(momentum && { momentum }),
    ...(warmUp && { warmUp }),
    ...(targetWeighting && { targetWeighting }),
    ...(!isFromScratch && { start }),
    ...(parameters && { parameters }),
  };
}

/** Leaves a single start out, for the same reason, and writes constants as numbers. */
function trainingOf({ restarts, batch, patience, epochs }: z.output<typeof document>['training']): SweepSpec['training'] {
  const stated = (one: Dimension<number>): TrainingDimension => (one.kind === 'constant' ? one.value : one);
  return { epochs: stated(epochs), batch: stated(batch), patience: stated(patience), ...(restarts !== 1 && { restarts }) };
}

/** Facts of a dataset that decide whether a spec fits it. */
export interface DatasetFacts {
  /** Rows, N. */
  readonly rows: number;
  /** Descriptors that vary; constant ones are dropped. */
  readonly descriptors: number;
  readonly targets: readonly string[];
  /** Number of groups; null where the dataset names none. */
  readonly groups: number | null;
}

/** Yields where a spec does not fit its dataset. */
export function* checkDataset(spec: SweepSpec, facts: DatasetFacts): Generator<SpecFault> {
  if (!facts.targets.includes(spec.target)) {
    yield specFault('target', `the dataset has no target "${spec.target}"`, suggestNearest(spec.target, facts.targets));
  }
  const widest = Math.max(...spec.space.k);
  const projecting = spec.methods.filter((method) => METHOD_DEFINITIONS[method].isProjection);
  if (projecting.length > 0 && widest > facts.descriptors) {
    const message = `k = ${widest} is more than the ${facts.descriptors} descriptors that vary, and ${projecting.join(' and ')} ${projecting.length === 1 ? 'projects' : 'project'} onto k directions of them`;
    const others = METHODS.filter((method) => !METHOD_DEFINITIONS[method].isProjection).join(', ');
    yield specFault('space.k', message, `use k of at most ${facts.descriptors}, or the method ${others} alone`);
  }
  if (spec.split.by === 'group' && facts.groups === null) {
    yield specFault('split.by', 'the dataset names no groups', 'use "by: random", or name `groups` in the dataset\'s manifest');
  }
  if (spec.split.by === 'group' && facts.groups !== null && facts.groups < 3) {
    yield specFault('split.by', `${facts.groups} groups do not fill train, validation and test`, 'use "by: random"');
  }
  const { by, folds = 0 } = spec.split;
  const [units, kind] = by === 'group' ? [facts.groups ?? Infinity, 'groups'] : [facts.rows, 'rows'];
  if (units < folds) {
    yield specFault('split.folds', `${folds} folds are more than the ${units} ${kind}`, `use at most ${units} folds`);
    return;
  }
  for (const part of ['train', 'validation', 'test'] as const) {
    const share = spec.split[part];
    if (Math.round(share * facts.rows) < 1)
      yield specFault(`split.${part}`, `${share} of ${facts.rows} rows leaves this part empty`, 'give it a larger share');
  }
  yield* checkBatches(spec, Math.round(spec.split.train * facts.rows));
}

function* checkBatches(spec: SweepSpec, trainingRows: number): Generator<SpecFault> {
  for (const { path, batch } of batchesOf(spec)) {
    if (batch <= trainingRows) continue;
    yield specFault(path, `a batch of ${batch} is more than the ${trainingRows} training rows`, `use at most ${trainingRows}`);
  }
}

/** Yields the largest batch of the training, unless every listed point names one, and theirs. */
function* batchesOf(spec: SweepSpec): Generator<{ readonly path: string; readonly batch: number }> {
  const { batch } = dimensionsOf(spec);
  const stated = { path: 'training.batch', batch: 'high' in batch ? batch.high : Math.max(...valuesOf(batch)) };
  const listed = listedPoints(spec);
  if (!listed || listed.some(({ named }) => !named.includes('batch'))) yield stated;
  for (const { path, point, named } of listed ?? [])
    if (named.includes('batch')) yield { path: `${path}.batch`, batch: point.batch };
}

/** Layer normalisation over one unit is a constant: it passes nothing on. */
function* checkLayers(spec: SweepSpec): Generator<SpecFault> {
  const fault = (path: string) =>
    specFault(path, 'a hidden layer of one unit has nothing to be normalised over', 'use wider layers, or layerNorm: false');
  const listed = listedPoints(spec);
  if (listed) {
    for (const { path, point } of listed) if (point.layerNorm && point.hidden.includes(1)) yield fault(path);
    return;
  }
  const { hidden, layerNorm } = spec.space;
  if (valuesOf(layerNorm).includes(true) && valuesOf(hidden).some((widths) => widths.includes(1))) yield fault('space.layerNorm');
}

function* checkStopping(spec: SweepSpec): Generator<SpecFault> {
  if (spec.halving && spec.stopping) {
    yield specFault('stopping', `halving and ${spec.stopping.kind} would both stop trials`, 'name one of halving and stopping');
    return;
  }
  const stopping = stoppingOf(spec);
  if (!stopping) return;
  if (sweptDimension(spec, 'epochs').kind !== 'constant') {
    const message = 'its rungs end at shares of the epochs, which are not the same for all trials';
    yield specFault(keyOf(stopping), message, `use one number of epochs, or leave ${stopping.kind} out`);
    return;
  }
  yield* ruleOf(stopping).check(stopping, mostEpochs(spec));
}

function describe(issue: z.core.$ZodIssue): SpecFault {
  const { path, message, unknown } = describeIssue(issue);
  const fault = { path: dotted(path), message };
  return unknown ? { ...fault, fix: findHome(path.slice(0, -1), unknown.key) ?? unknown.says } : fault;
}

/** Returns the part of a spec to which a key belongs that was written in another one. */
function findHome(path: readonly PropertyKey[], key: string): string | null {
  if (path.length > 1 || (path.length === 1 && path[0] !== 'space' && path[0] !== 'training')) return null;
  if (Object.hasOwn(searchSpace.shape, key)) return 'write it in "space"';
  if (Object.hasOwn(training.shape, key)) return 'write it in "training"';
  return Object.hasOwn(document.shape, key) ? `write it at the top level of the spec, not in "${String(path[0])}"` : null;
}

/** 'space.k[1]'. */
function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
}
