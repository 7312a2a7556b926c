/** What the page says in words that depend on figures. */
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
    return field ? formatValue(field, field.values[row] as number) : '–';
  };
  const method = METHODS.find((one) => one === text('method'));
  const outcome = text('outcome');
  const figure = text('validation');
  return [
    `Trial ${row}: ${method ? METHOD_STYLES[method].label : '–'}`,
    `k = ${text('k')}`,
    figure === '–' ? 'no covered variance' : `covered variance ${figure}`,
    outcome === '–' ? 'not ended yet' : outcome === 'rung' ? 'between rungs' : outcome,
  ].join(', ');
}

/** 'covered variance (validation) 0.9 to 0.99 or none'. */
export function describeBrush(table: TrialTable, name: string, { range, categories, none }: Brush): string {
  const field = table.fields.get(name);
  const text = (value: number) => (Number.isFinite(value) && field ? formatValue(field, value) : null);
  const parts: string[] = [];
  if (range) {
    const [low, high] = range.map(text);
    parts.push(
      low === null || low === undefined
        ? `up to ${high}`
        : high === null || high === undefined
          ? `from ${low}`
          : low === high
            ? low
            : `${low} to ${high}`,
    );
  }
  parts.push(...(categories ?? []), ...(none ? ['none'] : []));
  return `${labelOf(name)} ${parts.join(' or ')}`;
}

/** Below this, the forest explains too little for its shares to mean much. */
const WEAK = 0.3;

/** What the quality of the forest means for who reads the bars. */
export function describeForest(r2: number | null): string {
  if (r2 === null) return 'Too few trials to say how well the forest explains them: read the bars as a hint only.';
  const share = `${Math.round(100 * Math.max(0, r2))} %`;
  if (r2 < WEAK) {
    return `The forest explains only ${share} of how covered variance differs between trials it has not seen (out-of-bag R² ${r2.toFixed(2)}): the bars say little.`;
  }
  if (r2 < 0.7) {
    return `The forest explains ${share} of how covered variance differs between trials it has not seen (out-of-bag R² ${r2.toFixed(2)}): trust the order of the long bars, not that of the short ones.`;
  }
  return `The forest explains ${share} of how covered variance differs between trials it has not seen (out-of-bag R² ${r2.toFixed(2)}): the bars can be trusted within their intervals.`;
}
