/** Answers of a search for widths as sentences. */
import { METHOD_DEFINITIONS, METHODS } from '../models/methods/catalogue.ts';
import type { SweepSpec } from '../search/spec.ts';
import type { WidthAnswer } from '../search/widths/answer.ts';
import { percent } from './comparison.ts';
import { METHOD_STYLES } from './methods.ts';

/** Says which widths a search may try, as its plan counts them; null where widths are stated. */
export const describeWidthSearch = ({ k, auto }: Pick<SweepSpec['space'], 'k' | 'auto'>): string | null =>
  auto ? `searches 1 to ${Math.max(...k)} for the smallest that suffices; at most these trials` : null;

/** Describes each answer in a sentence; `isFinished`: whether the sweep has ended. */
export const describeWidths = (answers: readonly WidthAnswer[], isFinished: boolean): string[] =>
  answers.map((answer) => `${METHOD_STYLES[answer.method].label}: ${isFinished ? '' : 'so far, '}${describe(answer)}.`);

function describe(answer: WidthAnswer): string {
  const { k, coveredVariance, full, margin, max, tried } = answer;
  const widths = `tried k = ${tried.map((one) => one.k).join(', ')}`;
  if (full === null) return `no width can be judged without a score of the full emulator, which ${emulating} trains; ${widths}`;
  const reference = `${percent(full)} by the full emulator`;
  const within = `within ${percentagePoints(margin)}`;
  if (k !== null && coveredVariance !== null) {
    const numbers = k === 1 ? 'one number is' : `${k} numbers are`;
    return `${numbers} enough ${intervalOf(answer)}, with ${percent(coveredVariance)} of the variance of validation rows covered and ${reference}, ${within}; ${widths}`;
  }
  const scored = tried.filter((one) => one.coveredVariance !== null);
  if (scored.length === 0) return `no trial completed, so that no width is known to be enough; ${widths}`;
  const best = scored.reduce((a, b) => ((b.coveredVariance ?? 0) > (a.coveredVariance ?? 0) ? b : a));
  const covered = `at most ${percent(best.coveredVariance ?? 0)} of the variance of validation rows covered, with k = ${best.k}, and ${reference}`;
  return `no width up to ${max} is enough ${intervalOf(answer)}: ${covered}, not ${within}; ${widths}`;
}

const emulating = METHODS.filter((method) => METHOD_DEFINITIONS[method].trainsEmulator)
  .map((method) => METHOD_STYLES[method].label)
  .join(' or ');

function intervalOf({ low, high }: WidthAnswer): string {
  if (high === null) return `(95 % interval: ${low} or more)`;
  return `(95 % interval: ${low === high ? `${low} alone` : `${low} to ${high}`})`;
}

function percentagePoints(margin: number): string {
  const points = Number((100 * margin).toPrecision(3));
  return `${points} percentage ${points === 1 ? 'point' : 'points'}`;
}
