/** Pareto fronts as sentences and numbers, for a terminal and a page alike. */
import {
  type BoundedObjective,
  type Front,
  type Hypervolume,
  type ObjectiveName,
  objectiveOf,
} from '../models/evaluation/objectives.ts';
import { countOf } from './format.ts';
import { METHOD_STYLES } from './methods.ts';
import { formatScore } from './names.ts';

/** The part of a front that its sentences depend on. */
export type DescribedFront = Pick<Front, 'objectives' | 'hypervolumes'> & {
  readonly configurations: number;
  readonly incomplete: number;
  readonly unmeasured: number;
};

/** Formats the value of an objective, without its unit. */
export function formatObjective(name: ObjectiveName, value: number): string {
  const { kind } = objectiveOf(name);
  if (Number.isInteger(value)) return String(value);
  return kind === 'share' ? formatScore(value) : String(Number(value.toPrecision(3)));
}

/** 'covered variance 0.912', '1250 parameters', 'k 2', 'training time 3.1 s'. */
function measure({ name }: Pick<BoundedObjective, 'name'>, value: number): string {
  const { label, unit } = objectiveOf(name);
  const number = formatObjective(name, name === 'parameters' ? Math.round(value) : value);
  if (name === 'parameters') return `${number} parameters`;
  return `${name === 'k' ? 'k' : label} ${number}${unit === null ? '' : ` ${unit}`}`;
}

/** Describes a front in sentences, one to a line; none where nothing was compared. */
export function describeFront({ objectives, hypervolumes, configurations, incomplete, unmeasured }: DescribedFront): string[] {
  const all = hypervolumes.find(({ method }) => method === null);
  if (!all) return [];
  const ofMethods = hypervolumes.filter(({ method }) => method !== null);
  return [
    frontSentence(all, configurations),
    hypervolumeSentence(objectives, ofMethods, all),
    ...(incomplete === 0 ? [] : [`Left out: ${countOf(incomplete, 'configuration')} of which some seeds have no score.`]),
    ...(unmeasured === 0
      ? []
      : [`Left out: ${countOf(unmeasured, 'configuration')} without ${objectiveOf('structureCoveredVariance').label}.`]),
  ];
}

function frontSentence({ front }: Hypervolume, configurations: number): string {
  if (configurations === 1) return 'The only configuration is the front.';
  const reason = 'no other is at least as good in every objective and better in one';
  const which = front === configurations ? 'All' : `${front} of`;
  return `${which} ${configurations} configurations ${front === 1 ? 'is' : 'are'} on the front: ${reason}.`;
}

function hypervolumeSentence(objectives: Front['objectives'], ofMethods: readonly Hypervolume[], all: Hypervolume): string {
  const at = (side: 'reference' | 'best') =>
    objectives.flatMap((one) => (one[side] === null ? [] : [measure(one, one[side])])).join(', ');
  const shares = ofMethods.map(
    ({ method, hypervolume }) => `${method === null ? '' : METHOD_STYLES[method].label} ${formatScore(hypervolume)}`,
  );
  const together = ofMethods.length > 1 ? [`together ${formatScore(all.hypervolume)}`] : [];
  return `Hypervolume, the share of the box from the reference point (${at('reference')}) to the best values (${at('best')}): ${[...shares, ...together].join(', ')}.`;
}
