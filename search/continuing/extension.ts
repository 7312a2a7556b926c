/** Specs of sweeps that go on from others: more trials, seeds or widths. */
import { canonicalJson } from '../../models/canonical-json.ts';
import { cellName } from '../../models/methods/catalogue.ts';
import { type SpecFault, specFault, throwFaults } from '../fault.ts';
import { type CellLimits, countLeftOut, trainedPointsPerCell } from '../limits/limits.ts';
import { isAdaptiveSweep, type ProposedPoint } from '../proposals.ts';
import { varyingPart } from '../samplers/points.ts';
import type { SamplerSpec } from '../samplers/table.ts';
import { cellsOf, configurationCount, dimensionsOf, trialCount } from '../space.ts';
import type { SweepSpec } from '../spec.ts';
import { keyOf, stoppingOf } from '../stopping/table.ts';
import { enqueuedPoints, MOST_ENQUEUED } from './enqueue.ts';

/** Points of all cells that an extension can go on from: its spec has them, and is read often. */
const MOST_CONTINUED = 10_000;

/** The larger sweep; what is absent stays as it was. */
export interface ExtensionRequest {
  /** Trials in all, those of the sweep among them; absent: as many points as before. */
  readonly trials?: number | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly k?: readonly number[] | undefined;
  readonly epochs?: number | undefined;
}

/**
 * Returns the spec of a larger sweep, of which every trial of `spec` is a trial; of an adaptive
 * sampler, the points that were `proposed` become the first ones. A method that covers all ranks
 * has other trials where the highest rank rises. Throws SpecInvalid.
 */
export function extendSpec(
  spec: SweepSpec,
  request: ExtensionRequest,
  proposed: readonly ProposedPoint[],
  limits: CellLimits | null = null,
): SweepSpec {
  const k = extendWidths(spec, request.k);
  throwFaults(checkRequest(spec, { ...request, k }));
  const { trials, seeds = spec.seeds } = request;
  const wider: SweepSpec = { ...spec, seeds, space: { ...spec.space, k } };
  const sampler = extendSampler(spec, wider, trials, limits);
  // A larger sweep is stated by its trials.
  const { enqueue: _, budget: _budget, ...rest } = wider;
  const extended: SweepSpec = {
    ...rest,
    sampler,
    ...(isAdaptiveSweep(spec) && { enqueue: continuePoints(spec, wider, proposed) }),
  };
  const trained = trialCount(spec) - countLeftOut(spec, limits);
  if (trialCount(extended) <= trained && k.length === spec.space.k.length) {
    const message = `the sweep has ${trained} trials, and the extension would train no other`;
    throwFaults([specFault(pathOfTrials(spec.sampler), message, 'name more trials, seeds or widths')]);
  }
  return extended;
}

/** Returns all widths; a search for widths may try every one up to the widest that is named. */
function extendWidths({ space }: SweepSpec, named: readonly number[] = space.k): readonly number[] {
  return space.auto ? Array.from({ length: Math.max(...named) }, (_, i) => i + 1) : named;
}

const pathOfTrials = ({ kind, ...settings }: SamplerSpec): string =>
  'trials' in settings ? `sampler.${kind}.trials` : 'sampler';

function* checkRequest(
  spec: SweepSpec,
  { trials, seeds = spec.seeds, k = spec.space.k, epochs }: ExtensionRequest,
): Generator<SpecFault> {
  const { training, sampler } = spec;
  const stopping = stoppingOf(spec);
  if (epochs !== undefined && epochs !== training.epochs) {
    const own = typeof training.epochs === 'number' ? training.epochs : 'the epochs of each configuration';
    const message = `${epochs} epochs would change what was trained with ${own}: the learning rate follows a schedule over all of them`;
    yield specFault('training.epochs', message, 'start a sweep of so many epochs from the best of this one, with --from');
  }
  if (stopping !== null) {
    const key = keyOf(stopping);
    const message = `with ${key}, more trials would change which of those that were trained are pruned`;
    yield specFault(key, message, 'start a sweep from the best of this one, with --from');
  }
  if (trials !== undefined && !('trials' in sampler)) {
    const message = `the points of a ${sampler.kind} follow from the spec, which says how many there are`;
    yield specFault('sampler', message, 'extend it by seeds or widths, or start another sweep');
  }
  yield* checkKept('seeds', 'seed', spec.seeds, seeds);
  yield* checkKept('space.k', 'width', spec.space.k, k);
}

function* checkKept(path: string, what: string, trained: readonly number[], named: readonly number[]): Generator<SpecFault> {
  const missing = trained.filter((value) => !named.includes(value));
  if (missing.length === 0) return;
  const message = `${what} ${missing[0]} belongs to the sweep, and the extension does not name it`;
  yield specFault(path, message, `name all of the sweep (${trained.join(', ')}), and others`);
}

/**
 * Returns the sampler with the number of trials, of which each cell has at least as many points as
 * any cell of the sweep has trained.
 */
function extendSampler(spec: SweepSpec, wider: SweepSpec, trials: number | undefined, limits: CellLimits | null): SamplerSpec {
  const { sampler } = spec;
  if (!('trials' in sampler)) return sampler;
  const cells = cellsOf(wider).length;
  const isSameSize = cells === cellsOf(spec).length && countLeftOut(spec, limits) === 0;
  const configurations = isSameSize ? configurationCount(spec) : Math.max(...trainedPointsPerCell(spec, limits)) * cells;
  const fewest = configurations * wider.seeds.length;
  if (trials !== undefined && trials < fewest) {
    const message = `${trials} trials are fewer than the ${fewest} of the points that were trained, with all seeds and widths`;
    throwFaults([specFault(pathOfTrials(sampler), message, `use at least ${fewest}`)]);
  }
  const each = wider.seeds.length;
  if (trials !== undefined && trials % each !== 0) {
    // The multiple below may be what the sweep has.
    const message = `${trials} trials are not a multiple of the ${each} seeds`;
    throwFaults([specFault(pathOfTrials(sampler), message, `use ${trials - (trials % each) + each}`)]);
  }
  return { ...sampler, trials: trials ?? fewest };
}

/** Returns the points of each cell that were proposed, then those that are still enqueued. */
function continuePoints(
  spec: SweepSpec,
  wider: SweepSpec,
  proposed: readonly ProposedPoint[],
): NonNullable<SweepSpec['enqueue']> {
  const space = dimensionsOf(spec);
  const byCell = Map.groupBy(proposed, ({ cell }) => cell);
  const entries = cellsOf(wider).map((cell) => {
    const name = cellName(cell);
    const trained = (byCell.get(name) ?? []).toSorted((a, b) => a.point - b.point).map(({ value }) => value);
    const points = new Map(
      [...trained, ...enqueuedPoints(spec, name)].map((point) => [canonicalJson(point), varyingPart(space, point)]),
    );
    return [name, [...points.values()]] as const;
  });
  const [longest, points] = entries.reduce((most, entry) => (entry[1].length > most[1].length ? entry : most));
  if (points.length > MOST_ENQUEUED) {
    const message = `${points.length} points of ${longest} were proposed, and an extension can go on from at most ${MOST_ENQUEUED}`;
    throwFaults([specFault('sampler', message, 'start a sweep from the best of this one, with --from')]);
  }
  const total = entries.reduce((sum, [, own]) => sum + own.length, 0);
  if (total > MOST_CONTINUED) {
    const message = `${total} points were proposed, and an extension can go on from at most ${MOST_CONTINUED}`;
    throwFaults([specFault('sampler', message, 'start a sweep from the best of this one, with --from')]);
  }
  return Object.fromEntries(entries.filter(([, own]) => own.length > 0));
}
