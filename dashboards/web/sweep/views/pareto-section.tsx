/** Pareto front of the configurations: covered variance against one or two other objectives. */
import type { Figure } from '../../../../figures/model.ts';
import { paretoFigure } from '../../../../figures/search/pareto-front.ts';
import { OBJECTIVE_NAMES, type ObjectiveName, objectiveOf } from '../../../../models/evaluation/objectives.ts';
import { describeFront } from '../../../../text/fronts.ts';
import type { ParetoFront, SweepDetail } from '../../../contract/sweeps.ts';
import { getJson } from '../../api/http.ts';
import { FigureView, Panels } from '../../charts/figure-view.tsx';
import { Empty, Show } from '../../parts/load-states.tsx';
import { optionsOf, SelectField } from '../../parts/page.tsx';
import { sweepPath, trialPath } from '../../parts/paths.ts';
import { useLoad } from '../../state/load.ts';
import { useUrl } from '../../state/url.ts';
import { NewerTrials } from './newer-trials.tsx';
import { NoScores } from './no-scores.tsx';

const OTHERS = OBJECTIVE_NAMES.slice(1);
const labelOf = (name: string): string => objectiveOf(name as ObjectiveName).label;
/** An objective of the address; `otherwise` where it is none. */
const parseOther = (text: string | undefined, otherwise: string): string => OTHERS.find((name) => name === text) ?? otherwise;

export function ParetoSection({ sweep, residual }: { readonly sweep: SweepDetail; readonly residual: boolean }) {
  const { parameters, change } = useUrl();
  const first = parseOther(parameters.pareto, 'parameters');
  const second = parseOther(parameters.and, '');
  const objectives = [first, ...(second === '' || second === first ? [] : [second])].join(',');
  const { partition = '0' } = parameters;
  // As with importances: per state of the sweep, and on request.
  const loaded = useLoad(`pareto ${sweep.sweepId} ${objectives} ${partition} ${sweep.state}`, (signal) =>
    getJson<ParetoFront>(`${sweepPath(sweep.sweepId)}/pareto`, { objectives, partition }, signal),
  );
  const { data: front } = loaded;
  const figure = paretoFigure(front ?? { name: sweep.name, objectives: [], rows: [] }, {
    isMissing: residual,
    hrefOf: ({ trialId }) => trialPath(trialId),
  });
  return (
    <FigureView figure={figure}>
      <div class="toolbar">
        <SelectField
          id="pareto-first"
          label="Against"
          value={first}
          options={optionsOf(OTHERS, labelOf)}
          onChange={(name) => change({ pareto: name })}
        />
        <SelectField
          id="pareto-second"
          label="And"
          value={second === first ? '' : second}
          options={[
            { value: '', label: 'nothing else' },
            ...optionsOf(
              OTHERS.filter((name) => name !== first),
              labelOf,
            ),
          ]}
          onChange={(name) => change({ and: name })}
        />
        {front !== null && front.partitions > 1 && (
          <SelectField
            id="pareto-partition"
            label="Partition"
            value={partition}
            options={optionsOf(Array.from({ length: front.partitions }, (_, i) => String(i)))}
            onChange={(number) => change({ partition: number === '0' ? null : number })}
          />
        )}
        <NewerTrials of={loaded} revision={sweep.revision} busy="Ranking …" />
      </div>
      <Show of={loaded} what="the Pareto front" height="26rem">
        {(shown) => <Front front={shown} figure={figure} />}
      </Show>
    </FigureView>
  );
}

function Front({ front, figure }: { readonly front: ParetoFront; readonly figure: Figure }) {
  if (front.rows.length === 0) {
    if (front.unmeasured === 0) return <NoScores />;
    return (
      <Empty>
        <p>No configuration has a {labelOf('structureCoveredVariance')}: its methods have no expansion.</p>
      </Empty>
    );
  }
  return (
    <>
      <Panels figure={figure} />
      {describeFront(front).map((sentence) => (
        <p key={sentence} class="small">
          {sentence}
        </p>
      ))}
    </>
  );
}
