/** Common parts of the samplers that learn from scores. */
import { type SpecFault, specFault } from '../fault.ts';
import type { Proposer, SearchSettings } from '../proposers/proposer.ts';
import { countDistinct } from './combinations.ts';
import { checkObjectives, createCosts, type Objectives } from './objectives.ts';
import type { AdaptiveSampler, SamplingContext } from './sampler.ts';
import { checkDistinct, countDrawable, type TrialSettings } from './trials.ts';

export type LearningSettings = TrialSettings & SearchSettings;

/** Returns the sampler with this name and proposer, for any space with points to search. */
export const createLearning = (
  name: string,
  proposer: Proposer<SearchSettings>,
  version: number,
): AdaptiveSampler<LearningSettings> => ({
  countConfigurations: ({ trials }, { seeds }) => trials / seeds,
  toDocument: ({ trials, seed, startup }) => ({ trials, seed, startup }),
  check: (settings, context) => checkSearch(name, settings, context),
  proposer,
  version,
});

export interface WeighingSettings extends LearningSettings {
  /** Absent: scores alone count. */
  readonly objectives?: Objectives | undefined;
}

/** Returns the sampler with this name and proposer, which can weigh scores against costs. */
export const createWeighing = <Settings extends WeighingSettings = WeighingSettings>(
  name: string,
  proposer: Proposer<SearchSettings>,
  version: number,
): AdaptiveSampler<Settings> => {
  const { toDocument, ...learning } = createLearning(name, proposer, version);
  return {
    ...learning,
    toDocument: ({ objectives, ...settings }) => ({
      ...(toDocument(settings) as object),
      ...(objectives && { objectives: objectives.names }),
    }),
    *check(settings, context) {
      yield* checkSearch(name, settings, context);
      if (settings.objectives) yield* checkObjectives(name, settings.objectives, context);
    },
    createCosts: ({ objectives }, cell) => (objectives ? createCosts(objectives, cell) : null),
  };
};

/** Yields faults of a sampler that learns, which needs more points of a cell than it draws. */
export function* checkSearch(sampler: string, settings: LearningSettings, context: SamplingContext): Generator<SpecFault> {
  const size = countDistinct(context.space);
  if (size === 1) {
    const message = 'the space has a single point: there is nothing to search';
    yield specFault(`sampler.${sampler}`, message, 'make a parameter a choice or a range, or use the grid');
    return;
  }
  // No point is proposed twice.
  const faults = [...checkDistinct(sampler, settings, context, Number.isFinite(size) ? size : null, countDrawable)];
  yield* faults;
  // Every cell but the first ones may have one point less.
  const { cells, seeds } = context;
  const fewest = Math.floor(settings.trials / seeds / cells);
  if (faults.length > 0 || settings.startup < fewest) return;
  const points = fewest === 1 ? '1 point' : `${fewest} points`;
  const message = `each method and width has ${points}, and the first ${settings.startup} are random: none would be proposed from scores`;
  yield specFault(
    `sampler.${sampler}.startup`,
    message,
    `use at least ${(settings.startup + 1) * cells * seeds} trials, a smaller startup, fewer widths, or random`,
  );
}
