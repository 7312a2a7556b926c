/** Runs of a retraining as sentences. */

import type { ChallengeRecord, DriftRecord, PairedScore } from '../models/drift/record.ts';
import type { Schedule } from '../search/retraining.ts';
import { formatInterval } from './format.ts';
import { METHOD_STYLES } from './methods.ts';

/** Describes the times of a schedule. */
export function describeSchedule({ every, cron }: Pick<Schedule, 'every' | 'cron'>): string {
  return every === null ? `cron ${cron}` : `every ${formatInterval(every)}`;
}

/** Describes an outcome in one line. */
export function describeOutcome(name: string, outcome: string, challenges: readonly ChallengeRecord[] | null): string {
  const promoted = challenges?.filter(({ promoted }) => promoted).length ?? 0;
  const of = challenges?.length ?? 0;
  switch (outcome) {
    case 'first':
      return `${name}: the first champions are in use`;
    case 'promoted':
      return `${name}: ${promoted} of ${of} champions ${promoted === 1 ? 'was' : 'were'} replaced`;
    case 'kept':
      return of > 0 ? `${name}: the champions stay` : `${name}: new rows, nothing trained`;
    case 'nothing-new':
      return `${name}: nothing new`;
    case 'failed-source':
      return `${name}: a source cannot be reached`;
    case 'failed':
      return `${name}: retraining failed`;
    default:
      return `${name}: ${outcome}`;
  }
}

/** Describes the result of drift detection. */
export function describeDrift(drift: DriftRecord): string {
  const { performance, descriptors, inputs, outputs, method, k, freshRows, referenceRows } = drift;
  const champion = `${METHOD_STYLES[method].label} at k = ${k}`;
  const { drop } = performance;
  const covers = `${champion} covers ${figure(performance.fresh)} of the ${freshRows} new rows and ${figure(performance.reference)} of its hold-out of ${referenceRows}`;
  const interval = `a drop of ${figure(drop.mean)} [${figure(drop.low)}, ${figure(drop.high)}]`;
  const shifted = descriptors.filter((one) => one.shifted).map(({ name }) => name);
  const found = [
    ...(shifted.length > 0 ? [`shifted: ${listed(shifted)}`] : []),
    ...(inputs.found ? ['the structures as a whole have shifted'] : []),
    ...(outputs.found ? ['the spectra have shifted'] : []),
  ];
  const verdict = {
    none: 'No drift is found',
    inputs: 'The inputs have drifted',
    performance: 'The performance has drifted',
  }[drift.verdict];
  return `${verdict}: ${[`${covers}, ${interval}`, ...found].join('; ')}.`;
}

/** Describes the outcome of one challenge. */
export function describeChallenge({ method, k, promoted, reason, fresh, old, continuity }: ChallengeRecord): string {
  const sides = fresh && old ? ` New rows: ${held(fresh)}. Old rows: ${held(old)}.` : '';
  const changed = continuity?.components.filter(({ kept, was, component, sign }) => !kept || was !== component || sign < 0) ?? [];
  const components =
    promoted && continuity
      ? changed.length === 0
        ? ' Its components keep their names and signs.'
        : ` ${changed.map(componentWords).join(' ')}`
      : '';
  return `${METHOD_STYLES[method].label} at k = ${k}: ${promoted ? 'replaced' : 'stays'}, ${reason}.${sides}${components}`;
}

function componentWords({
  component,
  was,
  sign,
  degrees,
  kept,
}: NonNullable<ChallengeRecord['continuity']>['components'][number]): string {
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
  const lines = [
    // With challenges the message only counts them.
    ...(message === null || challenges !== null ? [] : [message]),
    ...(drift === null ? [] : [describeDrift(drift)]),
    ...(challenges ?? []).map(describeChallenge),
  ];
  return lines.join('\n');
}

const held = ({ rows, champion, challenger }: PairedScore) => `${figure(challenger)} instead of ${figure(champion)} on ${rows}`;

const figure = (value: number) => value.toFixed(4);

function listed(words: readonly string[]): string {
  const most = 8;
  return words.length <= most ? words.join(', ') : `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}
