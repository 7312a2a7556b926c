/** What a finished sweep found in terms of the structure: in sentences, then figure by figure. */

import { useRoute } from 'preact-iso';
import type { Interpretation } from '../../../models/interpretation/interpretation.ts';
import { isFinished } from '../../../search/states.ts';
import { describeInterpretation } from '../../../text/interpretation.ts';
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import type { Spectra } from '../../contract/trials.ts';
import { getJson } from '../api/http.ts';
import { Fields } from '../explorer/fields.tsx';
import { Components, Decisive, LatentsAgainstDescriptors, Responses } from '../interpretation/cell.tsx';
import { agreementSentence, cellAsked, methodsOf, widthsOf } from '../interpretation/reading.ts';
import { Agreement, ByEnergy, SeriesFigures } from '../interpretation/whole.tsx';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { PageTitle } from '../parts/frame.tsx';
import { MethodName } from '../parts/labels.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { useRevision } from '../state/live.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';
import { Copy } from '../trial/copy.tsx';

type Stored = Interpretation & { readonly fields: readonly string[] };

export default function InterpretationPage() {
  const { params } = useRoute();
  const id = params.sweep ?? '';
  const address = `/sweeps/${encodeURIComponent(id)}`;
  const known = useLoad(`sweep id ${id}`, (signal) => getJson<SweepDetail>(address, {}, signal));
  const met = known.data?.revision ?? 0;
  const revision = useRevision(known.data?.sweepId ?? '', 3000, met);
  const newest = useLoad(revision > met ? `sweep ${id}` : null, (signal) => getJson<SweepDetail>(address, {}, signal), revision);
  const sweep = newest.data ?? known.data;
  // Where there is none, none is asked for: browsers call a refusal an error.
  const isThere = sweep?.hasInterpretation === true;
  const stored = useLoad(
    isThere ? `interpretation ${id}` : null,
    (signal) => getJson<Stored>(`${address}/interpretation`, {}, signal),
    revision,
  );
  const name = sweep?.name ?? id;
  return (
    <>
      <div class="page-head">
        <div>
          <Breadcrumbs
            of={[
              ['/', 'Sweeps'],
              [address, name],
            ]}
          />
          <PageTitle window={`Interpretation of ${name}`}>Interpretation</PageTitle>
          {sweep && (
            <p class="small">
              {sweep.target} of {sweep.dataset.name}
            </p>
          )}
        </div>
      </div>
      <Show of={known} what="the sweep" height="60rem">
        {(first) =>
          isThere ? (
            <Show of={stored} what="the interpretation" height="60rem">
              {(found) => <Found sweep={id} interpretation={found} />}
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
    <Empty>
      <h2>No interpretation yet</h2>
      {!isFinished(sweep.state) ? (
        <p>
          The sweep is {sweep.state}: {sweep.counts.completed} of {sweep.counts.planned} trials have completed. It is interpreted
          when it ends, and this page then shows it by itself.
        </p>
      ) : (
        <>
          <p>This sweep has ended without one. It is made from the trials whose weights are kept:</p>
          <pre>{command}</pre>
          <p class="actions">
            <Copy text={command}>Copy the command</Copy>
          </p>
        </>
      )}
    </Empty>
  );
}

function Found({ sweep, interpretation }: { readonly sweep: string; readonly interpretation: Stored }) {
  const { parameters, change } = useUrl();
  const { cells, dropped, descriptors } = interpretation;
  const cell = cellAsked(cells, parameters.method, parameters.k);
  // The axis of the target, from any trial whose weights are kept: it is the same for all.
  const best = cells[0]?.best ?? null;
  const target = useLoad(best === null ? null : `target ${best}`, (signal) =>
    getJson<Spectra>(`/trials/${encodeURIComponent(best ?? '')}/spectra`, {}, signal),
  );
  if (cell === null) return <Empty>None of its trials kept weights: there was nothing to interpret.</Empty>;
  return (
    <div class="stack">
      <section class="card" aria-labelledby="words">
        <h2 id="words">In words</h2>
        <ul>
          {describeInterpretation(interpretation).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <p class="small soft">
          All figures are of test rows, which no choice was made on. {descriptors.length} descriptors vary.
          {dropped.length > 0 && ` Constant, and therefore seen by no method: ${dropped.join(', ')}.`}
        </p>
      </section>
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
          options={widthsOf(cells, cell.method).map((k) => ({ value: String(k), label: `k = ${k}` }))}
          onChange={(k) => change({ method: cell.method, k })}
        />
        <p class="small">
          <MethodName method={cell.method} /> {cellLabel(cell).replace(/^.*, /, '')}: {agreementSentence(cell)}{' '}
          <a href={`/trials/${encodeURIComponent(cell.best)}?k=${cell.k}`}>Its best trial</a> ·{' '}
          <a href={`/trials/${encodeURIComponent(cell.best)}/explore?k=${cell.k}`}>Explore its latents</a>
        </p>
      </div>
      <Show of={target} what="the axis of the target" height="26rem">
        {(axis) => <ByEnergy interpretation={interpretation} target={axis} k={cell.k} />}
      </Show>
      <LatentsAgainstDescriptors interpretation={interpretation} cell={cell} />
      {target.data && <Responses cell={cell} target={target.data} />}
      <Components interpretation={interpretation} cell={cell} />
      <Decisive interpretation={interpretation} cell={cell} />
      <SeriesFigures interpretation={interpretation} />
      {interpretation.fields.length > 0 && <Fields sweep={sweep} names={interpretation.fields} prefer={cell.method} />}
      <Agreement cells={cells} />
    </div>
  );
}
