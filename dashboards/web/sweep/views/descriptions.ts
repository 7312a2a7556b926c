/** Sentences of the page that depend on values. */
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { labelOf } from '../../../../search/columns/trial-columns.ts';
import { METHOD_STYLES } from '../../../../text/methods.ts';
import { formatValue } from '../../trials/axis.ts';
import type { Brush } from '../../trials/selection.ts';
import type { TrialTable } from '../../trials/table.ts';

/** 'Trial 12: EDNN, k = 2, covered variance 0.987, completed'. */
export function describeTrial(table: TrialTable, row: number): string {
  const text = (name: string) => {
    const field = table.fields.get(name);
    return field ? formatValue(field, field.values[row] ?? Number.NaN) : '–';
  };
  const method = METHODS.find((one) => one === text('method'));
  const outcome = text('outcome');
  const score = text('validation');
  return [
    `Trial ${row}: ${method ? METHOD_STYLES[method].label : '–'}`,
    `k = ${text('k')}`,
    score === '–' ? 'no covered variance' : `covered variance ${score}`,
    outcome === '–' ? 'not finished' : outcome === 'rung' ? 'between rungs' : outcome,
  ].join(', ');
}

/** 'covered variance (validation) 0.9 to 0.99 or none'. */
export function describeBrush(table: TrialTable, name: string, { range, categories, none }: Brush): string {
  const field = table.fields.get(name);
  const text = (value: number) => (field ? formatValue(field, value) : String(value));
  const describeRange = ([low, high]: readonly [number, number]) => {
    if (low === Number.NEGATIVE_INFINITY) return `up to ${text(high)}`;
    if (high === Number.POSITIVE_INFINITY) return `from ${text(low)}`;
    return text(low) === text(high) ? text(low) : `${text(low)} to ${text(high)}`;
  };
  const parts = [...(range ? [describeRange(range)] : []), ...(categories ?? []), ...(none ? ['none'] : [])];
  return `${labelOf(name)} ${parts.join(' or ')}`;
}

/** Below this R², total indices mean little. */
const WEAK = 0.3;
/** From this R² on, the order of small ones holds as well. */
const STRONG = 0.7;

/** Says how far the importances of a forest with this out-of-bag R² can be trusted. */
export function describeForest(r2: number | null): string {
  if (r2 === null) return 'Too few trials to measure how well the forest explains them: the importances are only a hint.';
  const share = `${Math.round(100 * Math.max(0, r2))} %`;
  const [only, verdict] =
    r2 < WEAK
      ? ['only ', 'the total indices mean little']
      : r2 < STRONG
        ? ['', 'trust the order of the large total indices, not that of the small ones, nor their values']
        : ['', 'trust the order of the total indices more than their values, which more trials would raise'];
  return `The forest explains ${only}${share} of the variation of covered variance between configurations that it has not seen (out-of-bag R² ${r2.toFixed(2)}), the most that total indices can account for: ${verdict}. Interactions are found last: with few trials their indices are far too small.`;
}
