/** Configurations near a champion, which are worth trying when the data have grown. */
import { canonicalJson } from '../models/canonical-json.ts';
import { cellName, type Method } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { isOptional, type Point, pointOf, SPACE_PARAMETERS, valuesOf } from './parameters.ts';
import type { SweepSpec } from './spec.ts';

/** Maximum growth of layers, in multiples of the widest in the spec, over all generations. */
const GROWTH = 2;

/**
 * Returns the champion's own point, from scratch and from its weights, then neighbours that differ
 * in one parameter: from its weights with half the learning rate; from scratch with half and twice
 * the learning rate, layers half as wide again up to `widest`, and less weight decay and dropout
 * where there is any, since more data need less.
 */
export function neighbourhood(champion: TrialConfiguration, widest: number): Point[] {
  const { start: _, ...fromScratch } = champion;
  // Epochs follow from the spec.
  const { epochs: __, ...own } = pointOf(fromScratch);
  const { learningRate, hidden, weightDecay, dropout } = own;
  const wider = hidden.map((width) => Math.min(Math.max(widest, width), Math.ceil((width * 1.5) / 4) * 4));
  return [
    own,
    { ...own, start: 'warm' },
    { ...own, start: 'warm', learningRate: learningRate / 2 },
    { ...own, learningRate: learningRate / 2 },
    { ...own, learningRate: learningRate * 2 },
    ...(wider.join() === hidden.join() ? [] : [{ ...own, hidden: wider }]),
    ...(weightDecay > 0 ? [{ ...own, weightDecay: weightDecay / 3 }] : []),
    ...(dropout > 0 ? [{ ...own, dropout: dropout / 2 }] : []),
  ];
}

/** A champion that a retraining starts from. */
export interface Incumbent {
  readonly method: Method;
  /** Width; for ECA the rank. */
  readonly k: number;
  readonly trialId: string;
  readonly configuration: TrialConfiguration;
}

/**
 * Returns the sweeps that retrain these champions on another version of their dataset: the
 * neighbourhood of each champion's configuration. Weights transfer between equal layers only: there
 * is a sweep for each shape of layers, and one more where the widths of the methods differ.
 */
export function retrainingSpecs(spec: SweepSpec, champions: readonly Incumbent[], dataset: string, name: string): SweepSpec[] {
  const { enqueue: _, extends: __, budget: ___, stopping: ____, ...rest } = spec;
  const groups = groupChampions(champions);
  const widest = GROWTH * Math.max(...valuesOf(spec.space.hidden).flat());
  return groups.map(({ methods, k, members }, i): SweepSpec => {
    const near = members.flatMap(({ configuration }): Point[] => {
      const { epochs } = configuration;
      const isOfAll = epochs === spec.training.epochs;
      return neighbourhood(configuration, widest).map((point) => (isOfAll ? point : { ...point, epochs }));
    });
    const points = [...new Map(near.map((point) => [canonicalJson(point), point])).values()];
    // Every point names every parameter, the start and those that it alone may have among them.
    const space = Object.fromEntries(
      SPACE_PARAMETERS.filter((parameter) => !isOptional(parameter)).map((parameter) => [
        parameter,
        { kind: 'constant', value: points[0]?.[parameter] },
      ]),
    ) as unknown as Omit<SweepSpec['space'], 'k'>;
    // For ECA, whose emulator has no rank, the model of the highest rank.
    const rising = members.toSorted((a, b) => a.k - b.k);
    return {
      ...rest,
      name: groups.length === 1 ? name : `${name}-${i + 1}`,
      dataset,
      methods: spec.methods.filter((method) => methods.includes(method)),
      space: { k, ...space },
      sampler: { kind: 'list', points },
      warm: Object.fromEntries(rising.map(({ method, k: own, trialId }) => [cellName({ method, k: own }), trialId])),
      halving: null,
    };
  });
}

/** Groups champions into sweeps: methods of equal layers and equal widths (rising) share one. */
function groupChampions(champions: readonly Incumbent[]) {
  const layersOf = ({ configuration: { hidden, activation, layerNorm } }: Incumbent) => [hidden, activation, layerNorm];
  const byMethod = Map.groupBy(champions, (one) => canonicalJson([one.method, ...layersOf(one)]));
  const widthsOf = (members: readonly Incumbent[]) => members.map(({ k }) => k).sort((a, b) => a - b);
  const bySweep = Map.groupBy(byMethod.values(), (members) =>
    canonicalJson([members.slice(0, 1).map(layersOf), widthsOf(members)]),
  );
  return [...bySweep.values()].map((groups) => ({
    methods: groups.flatMap((members) => members.slice(0, 1).map(({ method }) => method)),
    k: groups.slice(0, 1).flatMap(widthsOf),
    members: groups.flat(),
  }));
}
