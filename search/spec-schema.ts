import { z } from 'zod';
import { METHOD_DEFINITIONS, METHODS } from '../models/methods/catalogue.ts';
import { ACTIVATIONS } from '../models/networks/activations.ts';
import { OPTIMISERS } from '../models/networks/network.ts';
import { STARTS } from '../models/training/configuration.ts';
import { SCHEDULES } from '../models/training/schedule.ts';
import { checkPoints } from './check-points.ts';
import { checkWarmStarts } from './check-warm.ts';
import { type SpecFault, SpecInvalid, specFault, suggestNearest, throwFaults } from './fault.ts';
import { rungEpochs } from './halving.ts';
import { completePoint } from './samplers/list.ts';
import { finiteSize } from './samplers/random.ts';
import { cellsOf, trialCount } from './space.ts';
import { type Dimension, type ParameterName, type Point, type SamplerSpec, type SweepSpec, valuesOf } from './spec.ts';

/** Beyond this a sweep is a slip of the pen; nothing in narrows holds a list of trials. */
const MOST_TRIALS = 10_000_000;

/** Objects whose unknown keys are named together with the nearest known one. */
function keyed<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? suggestNearest((issue.keys as string[])[0] ?? '', Object.keys(shape)) : undefined,
  });
}

const positive = z.number().positive();
const share = z.number().nonnegative().max(0.9, 'leaves next to nothing: at most 0.9');
const count = z.int().positive();
const widths = z.array(count).min(1, 'must name at least one width').max(8);

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'must rise: [low, high] with low < high');

/** A constant, or one of { choice: [...] }, { log: [low, high] }, { uniform: [low, high] }. */
function dimension<T>(value: z.ZodType<T>, ranges: boolean) {
  const forms = keyed({
    choice: z
      .array(value)
      .min(1, 'the space is empty: name at least one value')
      .refine(distinct, 'names a value twice')
      .optional(),
    ...(ranges && {
      log: range.refine(([low]) => low > 0, 'must be above 0').optional(),
      uniform: range
        .refine((ends) => ends.every((end) => value.safeParse(end).success), 'has an end that is no valid value')
        .optional(),
    }),
  });
  return z.unknown().transform((input, context): Dimension<T> => {
    const isForm = input !== null && typeof input === 'object' && !Array.isArray(input);
    const parsed = (isForm ? forms : value).safeParse(input);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) context.issues.push({ ...issue, input } as (typeof context.issues)[number]);
      return z.NEVER;
    }
    if (!isForm) return { kind: 'constant', value: parsed.data as T };
    const form = parsed.data as { choice?: T[]; log?: [number, number]; uniform?: [number, number] };
    const given = Object.keys(form);
    if (given.length !== 1) {
      const message = `name exactly one of ${ranges ? 'choice, log, uniform' : 'choice'}`;
      context.issues.push({ code: 'custom', message, input });
      return z.NEVER;
    }
    if (form.choice) return { kind: 'choice', values: form.choice };
    if (form.log) return { kind: 'log', low: form.log[0], high: form.log[1] };
    const [low, high] = form.uniform as [number, number];
    return { kind: 'uniform', low, high };
  });
}

function distinct(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size === values.length;
}

const rising = (values: readonly number[]) => values.every((value, i) => i === 0 || value > (values[i - 1] as number));

const fraction = z.number().gt(0, 'must be above 0: no part of the split may be empty').lt(1);

const split = keyed({
  train: fraction.default(0.7),
  validation: fraction.default(0.15),
  test: fraction.default(0.15),
  seed: z.int().nonnegative().default(1),
  by: z.enum(['random', 'group']).default('random'),
}).refine(
  ({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-6,
  'train, validation and test must sum to 1',
);

/** What each parameter may be. */
const VALUES = {
  hidden: widths,
  activation: z.enum(ACTIVATIONS),
  layerNorm: z.boolean(),
  dropout: share,
  optimiser: z.enum(OPTIMISERS),
  weightDecay: z.number().nonnegative(),
  learningRate: positive,
  schedule: z.enum(SCHEDULES),
  start: z.enum(STARTS),
} as const satisfies { readonly [Name in ParameterName]: z.ZodType<Point[Name]> };

const point = keyed({
  hidden: VALUES.hidden.optional(),
  activation: VALUES.activation.optional(),
  layerNorm: VALUES.layerNorm.optional(),
  dropout: VALUES.dropout.optional(),
  optimiser: VALUES.optimiser.optional(),
  weightDecay: VALUES.weightDecay.optional(),
  learningRate: VALUES.learningRate.optional(),
  schedule: VALUES.schedule.optional(),
  start: VALUES.start.optional(),
});

const sampler = keyed({
  grid: keyed({ steps: count.max(1000).default(3) }).optional(),
  random: keyed({ trials: count, seed: z.int().nonnegative().default(1) }).optional(),
  list: z.array(point).min(1, 'must list at least one point').max(1000).optional(),
}).transform((form, context): SamplerSpec => {
  const given = Object.keys(form).length;
  if (given === 1 && form.grid) return { kind: 'grid', ...form.grid };
  if (given === 1 && form.random) return { kind: 'random', ...form.random };
  if (given === 1 && form.list) return { kind: 'list', points: form.list as readonly Partial<Point>[] };
  context.issues.push({ code: 'custom', message: 'name exactly one of grid, random, list', input: form });
  return z.NEVER;
});

const seeds = z.union([
  count.max(10_000).transform((n) => Array.from({ length: n }, (_, i) => i + 1)),
  z.array(z.int().nonnegative()).min(1, 'must name at least one seed').refine(distinct, 'names a seed twice'),
]);

const text = z.string().trim().min(1);

const document = keyed({
  name: text.max(80).optional(),
  dataset: text,
  target: z.union([text.transform((one) => [one]), z.array(text).min(1).refine(distinct, 'names a target twice')]),
  split: split.prefault({}),
  scale: keyed({ x: z.enum(['zscore']).default('zscore'), y: z.enum(['centre', 'zscore']).default('centre') }).prefault({}),
  methods: z
    .array(z.enum(METHODS))
    .min(1, 'must name at least one method')
    .refine(distinct, 'names a method twice')
    .default([...METHODS]),
  space: keyed({
    k: z.union([
      count.transform((one) => [one]),
      z.array(count).min(1, 'the space is empty: name at least one width').refine(rising, 'must rise, each width once'),
    ]),
    hidden: dimension(VALUES.hidden, false).prefault([32, 32, 32]),
    activation: dimension(VALUES.activation, false).prefault('gelu'),
    layerNorm: dimension(VALUES.layerNorm, false).prefault(false),
    dropout: dimension(VALUES.dropout, true).prefault(0),
    optimiser: dimension(VALUES.optimiser, false).prefault('adam'),
    weightDecay: dimension(VALUES.weightDecay, true).prefault(0),
    learningRate: dimension(VALUES.learningRate, true).prefault(0.02),
    schedule: dimension(VALUES.schedule, false).prefault('one-cycle'),
    start: dimension(VALUES.start, false).prefault('scratch'),
  }),
  seeds: seeds.prefault(5),
  sampler: sampler.prefault({ grid: {} }),
  training: keyed({
    // How these four were found: docs/decisions/0006-default-recipe.md.
    epochs: count.max(1_000_000).default(40),
    batch: count.default(64),
    // The one-cycle schedule is at its best at its very end: stopping early is asked for, not assumed.
    patience: z.int().nonnegative().default(0),
  }).prefault({}),
  warm: z
    .record(z.string(), text, 'expected a trial for each method and width, such as { ednn/2: TRIAL, eca: TRIAL }')
    .optional(),
  halving: keyed({ reduction: z.int().min(2), rungs: z.int().min(2).max(20) }).nullish(),
});

/**
 * Parses a sweep spec (the YAML or JSON document, already read) into one spec per target, defaults filled in.
 * `name` overrides the document's; with several targets each spec is named `<name>-<target>`.
 * Throws SpecInvalid.
 */
export function parseSweepSpec(input: unknown, name?: string): SweepSpec[] {
  const parsed = document.safeParse(input);
  if (!parsed.success) throw invalid(parsed.error);
  const { target: targets, halving, space, warm, ...rest } = parsed.data;
  return targets.map((target) => {
    const base = name ?? rest.name ?? bareName(rest.dataset);
    const spec: SweepSpec = {
      ...rest,
      space: spaceOf(space),
      name: targets.length === 1 ? base : `${base}-${target}`,
      target,
      halving: halving ?? null,
      ...(warm && { warm }),
    };
    throwFaults(faultsOf(spec));
    return spec;
  });
}

/** What does not fit together, of a spec whose every part is valid. */
function* faultsOf(spec: SweepSpec): Generator<SpecFault> {
  const ofPoints = spec.sampler.kind === 'list' ? [...checkPoints(spec, spec.sampler.points)] : [];
  yield* ofPoints;
  yield* faultsOfCount(spec);
  // What a point leaves open says nothing of its layers.
  if (ofPoints.length === 0) {
    yield* faultsOfLayers(spec);
    yield* checkWarmStarts(spec);
  }
  yield* faultsOfHalving(spec);
}

/** One way to say that everything starts from scratch: to say nothing. */
function spaceOf({ start, ...space }: z.output<typeof document>['space']): SweepSpec['space'] {
  return start.kind === 'constant' && start.value === 'scratch' ? space : { ...space, start };
}

/** What of a dataset decides whether a spec fits it. */
export interface DatasetFacts {
  /** Rows, N. */
  readonly rows: number;
  /** Descriptors that vary; constant ones are dropped. */
  readonly descriptors: number;
  readonly targets: readonly string[];
  /** How many groups; null where the dataset names none. */
  readonly groups: number | null;
}

/** Where the spec asks for what the dataset cannot give. */
export function* checkDataset(spec: SweepSpec, facts: DatasetFacts): Generator<SpecFault> {
  if (!facts.targets.includes(spec.target)) {
    yield specFault('target', `the dataset has no target "${spec.target}"`, suggestNearest(spec.target, facts.targets));
  }
  const widest = Math.max(...spec.space.k);
  const projecting = spec.methods.filter((method) => METHOD_DEFINITIONS[method].isProjection);
  if (projecting.length > 0 && widest > facts.descriptors) {
    yield specFault(
      'space.k',
      `k = ${widest} is more than the ${facts.descriptors} descriptors that vary, and ${projecting.join(' and ')} project onto k directions of them`,
      `use k of at most ${facts.descriptors}, or the method ${METHODS.filter((method) => !METHOD_DEFINITIONS[method].isProjection).join(', ')} alone`,
    );
  }
  if (spec.split.by === 'group' && facts.groups === null) {
    yield specFault('split.by', 'the dataset names no groups', 'use "by: random", or name `groups` in the dataset\'s manifest');
  }
  if (spec.split.by === 'group' && facts.groups !== null && facts.groups < 3) {
    yield specFault('split.by', `${facts.groups} groups do not fill train, validation and test`, 'use "by: random"');
  }
  for (const part of ['train', 'validation', 'test'] as const) {
    if (Math.round(spec.split[part] * facts.rows) < 1) {
      yield specFault(
        `split.${part}`,
        `${spec.split[part]} of ${facts.rows} rows leaves this part empty`,
        'give it a larger share',
      );
    }
  }
  const trainingRows = Math.round(spec.split.train * facts.rows);
  if (spec.training.batch > trainingRows) {
    yield specFault(
      'training.batch',
      `a batch of ${spec.training.batch} is more than the ${trainingRows} training rows`,
      `use at most ${trainingRows}`,
    );
  }
}

function* faultsOfCount(spec: SweepSpec): Generator<SpecFault> {
  if (spec.sampler.kind === 'random') {
    const { trials } = spec.sampler;
    const sets = spec.seeds.length;
    const dealt = cellsOf(spec).length;
    if (trials % sets !== 0) {
      const below = trials - (trials % sets);
      const fix = below > 0 ? `use ${below} or ${below + sets}` : `use ${sets}`;
      yield specFault('sampler.random.trials', `${trials} trials are no whole number of seed sets of ${sets}`, fix);
      return;
    }
    if (trials / sets < dealt) {
      yield specFault(
        'sampler.random.trials',
        `${trials} trials do not reach each of the ${dealt} pairs of method and width with ${sets} seeds`,
        `use at least ${dealt * sets}`,
      );
      return;
    }
    const size = finiteSize(spec);
    const asked = Math.ceil(trials / sets / dealt);
    if (size !== null && asked > size) {
      yield specFault(
        'sampler.random.trials',
        `${trials} trials ask for ${asked} configurations of each method and width; the space has ${size}`,
        `use at most ${size * dealt * sets}, widen the space, or take the grid`,
      );
    }
  }
  if (trialCount(spec) > MOST_TRIALS) {
    yield specFault('space', `${trialCount(spec)} trials are more than ${MOST_TRIALS}`, 'narrow the space or take fewer steps');
  }
}

/** Layer normalisation over one unit is a constant: nothing would pass. */
function* faultsOfLayers(spec: SweepSpec): Generator<SpecFault> {
  const nothing = (path: string) =>
    specFault(path, 'a hidden layer of one unit has nothing to be normalised over', 'use wider layers, or layerNorm: false');
  if (spec.sampler.kind === 'list') {
    for (const [at, point] of spec.sampler.points.entries()) {
      const { hidden, layerNorm } = completePoint(spec, point);
      if (layerNorm && hidden.includes(1)) yield nothing(`sampler.list[${at}]`);
    }
    return;
  }
  const { hidden, layerNorm } = spec.space;
  if (valuesOf(layerNorm).includes(true) && valuesOf(hidden).some((widths) => widths.includes(1)))
    yield nothing('space.layerNorm');
}

function* faultsOfHalving(spec: SweepSpec): Generator<SpecFault> {
  if (!spec.halving) return;
  const { reduction, rungs } = spec.halving;
  if (!rising(rungEpochs(spec.training.epochs, reduction, rungs))) {
    yield specFault(
      'halving.rungs',
      `${spec.training.epochs} epochs do not divide into ${rungs} rungs by ${reduction}`,
      'use fewer rungs',
    );
  }
}

function invalid(error: z.ZodError): SpecInvalid {
  return new SpecInvalid(error.issues.map(describe));
}

function describe(issue: z.core.$ZodIssue): SpecFault {
  const path = dotted(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return { path: dotted([...issue.path, key]), message: `unknown key "${key}"`, fix: issue.message };
  }
  if (issue.code === 'invalid_union') {
    // The branch that got furthest into the value says most: a list with a bad element is judged as a list.
    const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
    if (deepest && deepest.path.length > 0)
      return { path: dotted([...issue.path, ...deepest.path]), message: plain(deepest.message) };
    const refined = issue.errors.flat().find(({ code }) => code !== 'invalid_type');
    if (refined) return { path, message: plain(refined.message) };
    return { path, message: issue.errors.map((branch) => plain(branch[0]?.message ?? '')).join(', or ') };
  }
  return { path, message: plain(issue.message) };
}

/** 'space.k[1]'. */
function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
}

const BOUNDS: Readonly<Record<string, string>> = { '>=': 'at least ', '>': 'above ', '<=': 'at most ', '<': 'below ' };

/** The library's words as a sentence of ours: 'Too small: expected number to be >0' -> 'expected number to be above 0'. */
function plain(message: string): string {
  return message
    .replace(/^(Invalid input|Invalid option|Too small|Too big): /, '')
    .replace(/(?<= to (be|have) )[<>]=?/, (sign) => BOUNDS[sign] as string)
    .replace('int, received number', 'whole number')
    .replaceAll('"|"', '", "');
}

/** 'water@0123…' -> 'water'. */
function bareName(dataset: string): string {
  return dataset.split('@')[0] as string;
}
