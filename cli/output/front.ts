/** Formats a Pareto front for a terminal of 80 columns: its configurations, then sentences. */
import { objectiveOf } from '../../models/evaluation/objectives.ts';
import type { SweepFront } from '../../operations/sweeps/configurations.ts';
import { describeFront, formatObjective } from '../../text/fronts.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { formatTable } from './table.ts';

export function frontReport(front: SweepFront): string {
  const { name, objectives, partition, rows } = front;
  const others = objectives.slice(1).map((one) => objectiveOf(one.name).label);
  const scored = `means over seeds on validation rows${partition === 0 ? '' : ` of partition ${partition}`}`;
  const table = formatTable(
    rows.filter(({ rank }) => rank === 1).toSorted((a, b) => a.coveredVariance - b.coveredVariance),
    {
      method: ({ method }) => METHOD_STYLES[method].label,
      k: ({ k }) => k,
      covered: ({ coveredVariance }) => formatObjective('coveredVariance', coveredVariance),
      structure: ({ structureCoveredVariance: value }) =>
        value === null ? null : formatObjective('structureCoveredVariance', value),
      parameters: ({ parameters }) => parameters,
      seconds: ({ seconds }) => formatObjective('seconds', seconds),
      seeds: ({ seeds }) => seeds,
      'first trial': ({ trialId }) => trialId,
    },
  );
  const title = `${name}: Pareto front of ${['covered variance', ...others].join(', ')}`;
  return [title, scored, '', table, '', ...describeFront(front)].join('\n');
}
