/** Runs of a retraining as sentences. */
import type { ChallengeRecord, DriftRecord, PairedScore } from '../models/drift/record.ts';
import type { Schedule } from '../search/retraining.ts';
import { formatInterval } from './format.ts';
import { METHOD_STYLES } from './methods.ts';

/** Describes the times of a schedule. */
export const describeSchedule = ({ every, cron }: Pick<Schedule, 'every' | 'cron'>): string =>
  every === null ? `cron ${cron}` : `every ${formatInterval(every)}`;

/** Describes an outcome in one line. */
export function describeOutcome(name: string, outcome: string, challenges: readonly ChallengeRecord[] | null): string {
  const promoted = challenges?.filter(({ promoted }) => promoted).length ?? 0;
  const of = challenges?.length ?? 0;
  const descriptions: Readonly<Record<string, string>> = {
    first: 'the first champions are in use',
    promoted: `${promoted} of ${of} champions ${promoted === 1 ? 'was' : 'were'} replaced`,
    kept: of > 0 ? 'the champions stay' : 'new rows, nothing trained',
    'nothing-new': 'nothing new',
    'failed-source': 'a source cannot be reached',
    failed: 'retraining failed',
  };
  return `${name}: ${descriptions[outcome] ?? outcome}`;
}

const VERDICTS = {
  none: 'No drift is found',
  inputs: 'The inputs have drifted',
  performance: 'The performance has drifted',
  undecided: 'There is no verdict on drift',
};

/** Describes the result of drift detection. */
export function describeDrift(drift: DriftRecord): string {
  const { performance, descriptors, inputs, outputs, method, k, freshRows, referenceRows, groups } = drift;
  const champion = `${METHOD_STYLES[method].label} at k = ${k}`;
  const { drop } = performance;
  const covers = `${champion} covers ${figure(performance.fresh)} of the ${freshRows} new rows${inGroups(groups?.fresh)} and ${figure(performance.reference)} of its hold-out of ${referenceRows}${inGroups(groups?.reference)}`;
  if (drift.verdict === 'undecided') return `${VERDICTS.undecided}: ${covers}. So few groups cannot show one.`;
  const interval = `a drop of ${figure(drop.mean)} [${figure(drop.low)}, ${figure(drop.high)}]`;
  const shifted = descriptors.filter((one) => one.shifted).map(({ name }) => name);
  const found = [
    ...(shifted.length > 0 ? [`shifted: ${listed(shifted)}`] : []),
    ...(inputs.found ? ['the structures as a whole have shifted'] : []),
    ...(outputs.found ? ['the spectra have shifted'] : []),
  ];
  return `${VERDICTS[drift.verdict]}: ${[`${covers}, ${interval}`, ...found].join('; ')}.`;
}

/** Describes the outcome of one challenge. */
export function describeChallenge({ method, k, promoted, reason, fresh, old, continuity }: ChallengeRecord): string {
  const sides = fresh && old ? ` New rows: ${held(fresh)}. Old rows: ${held(old)}.` : '';
  const changed = continuity?.components.filter(({ kept, was, component, sign }) => !kept || was !== component || sign < 0) ?? [];
  const components =
    promoted && continuity
      ? changed.length === 0
        ? ' Its components keep their names and signs.'
        : ` ${changed.map(describeComponent).join(' ')}`
      : '';
  return `${METHOD_STYLES[method].label} at k = ${k}: ${promoted ? 'replaced' : 'stays'}, ${reason}.${sides}${components}`;
}

type Component = NonNullable<ChallengeRecord['continuity']>['components'][number];

function describeComponent({ component, was, sign, degrees, kept }: Component): string {
  if (!kept) return `Component ${component} is another one than before (${degrees.toFixed(0)}° from what was component ${was}).`;
  const name = was === component ? `Component ${component}` : `Component ${component} was component ${was}`;
  return `${name}${sign < 0 ? (was === component ? ' points the other way' : ', and points the other way') : ''} (${degrees.toFixed(0)}°).`;
}

/** Describes all decisions of a run. */
export function describeRun(
  drift: DriftRecord | null,
  challenges: readonly ChallengeRecord[] | null,
  message: string | null,
): string {
  return [
    // With challenges the message only counts them.
    ...(message === null || challenges !== null ? [] : [message]),
    ...(drift === null ? [] : [describeDrift(drift)]),
    ...(challenges ?? []).map(describeChallenge),
  ].join('\n');
}

const inGroups = (groups: number | null | undefined): string =>
  groups == null ? '' : ` in ${groups} ${groups === 1 ? 'group' : 'groups'}`;
const held = ({ rows, groups, champion, challenger }: PairedScore) =>
  `${figure(challenger)} instead of ${figure(champion)} on ${rows}${inGroups(groups)}`;
const figure = (value: number) => value.toFixed(4);

function listed(words: readonly string[]): string {
  const most = 8;
  return words.length <= most ? words.join(', ') : `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}
