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

/** Below this R², importances mean little. */
const WEAK = 0.3;

/** Says how far the importances of a forest with this out-of-bag R² can be trusted. */
export function describeForest(r2: number | null): string {
  if (r2 === null) return 'Too few trials to measure how well the forest explains them: the importances are only a hint.';
  const share = `${Math.round(100 * Math.max(0, r2))} %`;
  const [only, verdict] =
    r2 < WEAK
      ? ['only ', 'the importances mean little']
      : r2 < 0.7
        ? ['', 'trust the order of the large importances, not that of the small ones']
        : ['', 'the importances can be trusted within their intervals'];
  return `The forest explains ${only}${share} of the variation of covered variance between held-out trials (out-of-bag R² ${r2.toFixed(2)}): ${verdict}.`;
}
