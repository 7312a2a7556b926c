/** The interpretation of a finished sweep in terms of the structure: sentences, then figures. */
import { useRoute } from 'preact-iso';
import { agreementFigure } from '../../../figures/agreement.ts';
import { methodsOf, widthsOf } from '../../../figures/cells.ts';
import { interpretedComponentsFigure } from '../../../figures/components.ts';
import { coveredVarianceByEnergyFigure } from '../../../figures/covered-variance-by-energy.ts';
import { decisiveFigure } from '../../../figures/decisive-descriptors.ts';
import { latentsFigure } from '../../../figures/latents-against-descriptors.ts';
import { responsesFigure } from '../../../figures/responses.ts';
import { seriesFigures } from '../../../figures/series.ts';
import { targetOf } from '../../../figures/target.ts';
import type { Interpretation } from '../../../models/interpretation/interpretation.ts';
import { countExpected, isFinished } from '../../../search/states.ts';
import { describeInterpretation } from '../../../text/interpretation.ts';
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import type { Spectra } from '../../contract/trials.ts';
import { FigureView } from '../charts/figure-view.tsx';
import { Fields } from '../explorer/fields.tsx';
import { agreementSentence, chooseCell } from '../interpretation/cell.ts';
import { MethodName } from '../parts/labels.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { PageHead, Section } from '../parts/page.tsx';
import { sweepPath, trialPath } from '../parts/paths.ts';
import { DataTable } from '../parts/record-table.tsx';
import { useRevision } from '../state/live.ts';
import { useJson } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';
import { Copy } from '../trial/copy.tsx';

type Stored = Interpretation & { readonly fields: readonly string[] };

export default function InterpretationPage() {
  const { sweep: id = '' } = useRoute().params;
  const path = sweepPath(id);
  const known = useJson<SweepDetail>(path);
  const knownRevision = known.data?.revision ?? 0;
  const revision = useRevision(known.data?.sweepId ?? '', 3000, knownRevision);
  const newest = useJson<SweepDetail>(revision > knownRevision ? path : null, {}, revision);
  const sweep = newest.data ?? known.data;
  // Requested only if it exists: browsers log a 404 as an error.
  const isAvailable = sweep?.hasInterpretation === true;
  const stored = useJson<Stored>(isAvailable ? `${path}/interpretation` : null, {}, revision);
  const name = sweep?.name ?? id;
  return (
    <>
      <PageHead crumbs={{ '/': 'Sweeps', [path]: name }} window={`Interpretation of ${name}`} title="Interpretation">
        {sweep && (
          <p class="small">
            {sweep.target} of {sweep.dataset.name}
          </p>
        )}
      </PageHead>
      <Show of={known} what="the sweep" height="60rem">
        {(first) =>
          isAvailable ? (
            <Show of={stored} what="the interpretation" height="60rem">
              {(interpretation) => <Findings sweep={id} targetName={sweep?.target ?? 'target'} interpretation={interpretation} />}
            </Show>
          ) : (
            <Missing sweep={sweep ?? first} />
          )
        }
      </Show>
    </>
  );
}

function Missing({ sweep }: { readonly sweep: SweepDetail }) {
  const command = `narrows report ${sweep.name}`;
  return (
    <Empty title="No interpretation yet">
      {!isFinished(sweep.state) ? (
        <p>
          The sweep is {sweep.state}: {sweep.counts.completed} of {countExpected(sweep.counts)} trials have completed. The
          interpretation appears here when the sweep finishes.
        </p>
      ) : (
        <>
          <p>The sweep finished without one. Compute it from the trials whose weights are stored:</p>
          <pre>{command}</pre>
          <p class="actions">
            <Copy text={command}>Copy the command</Copy>
          </p>
        </>
      )}
    </Empty>
  );
}

interface FindingsProps {
  readonly sweep: string;
  readonly targetName: string;
  readonly interpretation: Stored;
}

function Findings({ sweep, targetName, interpretation }: FindingsProps) {
  const { parameters, change } = useUrl();
  const { cells, dropped, descriptors } = interpretation;
  const cell = chooseCell(cells, parameters.method, parameters.k);
  // Any trial with stored weights gives the axis of the target.
  const best = cells[0]?.best ?? null;
  const target = useJson<Spectra>(best === null ? null : `${trialPath(best)}/spectra`);
  const agreement = agreementFigure(cells);
  if (cell === null) return <Empty>No trial has stored weights, so that nothing could be interpreted.</Empty>;
  return (
    <div class="stack">
      <Section isCard id="summary" title="Summary">
        <ul>
          {describeInterpretation(interpretation).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <p class="small soft">
          All scores are of test rows, which no selection depends on. {descriptors.length} descriptors vary.
          {dropped.length > 0 && ` Constant and therefore dropped: ${dropped.join(', ')}.`}
        </p>
      </Section>
      <div class="toolbar">
        <Choice
          name="method"
          label="Method"
          value={cell.method}
          options={methodsOf(cells).map((method) => ({ value: method, label: METHOD_STYLES[method].label }))}
          onChange={(method) => change({ method })}
        />
        <Choice
          name="k"
          label="Width k"
          value={String(cell.k)}
          options={widthsOf(cells.filter(({ method }) => method === cell.method)).map((k) => ({
            value: String(k),
            label: `k = ${k}`,
          }))}
          onChange={(k) => change({ method: cell.method, k })}
        />
        <p class="small">
          <MethodName method={cell.method} /> {cellLabel(cell).replace(/^.*, /, '')}: {agreementSentence(cell)}{' '}
          <a href={`${trialPath(cell.best)}?k=${cell.k}`}>Best trial</a> ·{' '}
          <a href={`${trialPath(cell.best)}/explore?k=${cell.k}`}>Explore latents</a>
        </p>
      </div>
      <Show of={target} what="the axis of the target" height="26rem">
        {(answer) => <FigureView figure={coveredVarianceByEnergyFigure(interpretation, targetOf(answer, targetName), cell.k)} />}
      </Show>
      <FigureView figure={latentsFigure(interpretation, cell)} />
      {target.data && <FigureView figure={responsesFigure(targetOf(target.data, targetName), cell)} />}
      {cell.components && <FigureView figure={interpretedComponentsFigure(interpretation, cell)} />}
      {cell.expansion && <FigureView figure={decisiveFigure(interpretation, cell)} />}
      {seriesFigures(interpretation).map((figure) => (
        <FigureView key={figure.id} figure={figure} />
      ))}
      {interpretation.fields.length > 0 && <Fields sweep={sweep} names={interpretation.fields} prefer={cell.method} />}
      <section class="card" aria-labelledby="agreement">
        <h2 id="agreement">{agreement.title}</h2>
        <p class="small soft">{agreement.caption}</p>
        <DataTable caption={agreement.title} {...agreement.table()} />
      </section>
    </div>
  );
}
