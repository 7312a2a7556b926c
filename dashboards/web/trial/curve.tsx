/** How a trial learned: covered variance of both parts, epoch by epoch. */
import { METHOD_DEFINITIONS, type Method } from '../../../models/methods/catalogue.ts';
import { formatScore } from '../../../text/names.ts';
import type { Curve, TrialDetail } from '../../contract/trials.ts';
import { getJson } from '../api/http.ts';
import { LinePlot } from '../charts/line-plot.tsx';
import { Legend } from '../charts/panel.tsx';
import { Figure } from '../parts/figure.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { useLoad } from '../state/load.ts';

const HEIGHT = 280;

export function LearningCurve({ trial: { trialId, method, hasCurve } }: { readonly trial: TrialDetail }) {
  const loaded = useLoad(hasCurve ? `curve ${trialId}` : null, (signal) =>
    getJson<Curve>(`/trials/${encodeURIComponent(trialId)}/curve`, {}, signal),
  );
  if (!hasCurve) return <None />;
  return (
    <Show of={loaded} what="the learning curve" height={`${HEIGHT + 140}px`}>
      {(curve) => <Drawn curve={curve} method={method} />}
    </Show>
  );
}

const None = () => <Empty>No epoch of this trial came to its end: it has no learning curve.</Empty>;

function Drawn({ curve: { trialId, train, validation, best }, method }: { readonly curve: Curve; readonly method: Method }) {
  const epochs = train.map((_, epoch) => epoch + 1);
  if (epochs.length === 0) return <None />;
  const kept = validation[best] ?? null;
  const colour = `var(--${method})`;
  // The first epochs may be far below zero; what is decided lies above.
  const finite = [...train, ...validation].filter((value) => value !== null);
  const low = Math.max(-1, Math.min(0, ...finite));
  return (
    <Figure
      title="Learning curve"
      name={`trial-${trialId}-curve`}
      caption={`Covered variance ${METHOD_DEFINITIONS[method].trainsEmulator ? 'of the full emulator, ' : ''}after each epoch. The weights of epoch ${best + 1} of ${epochs.length} were kept${kept === null ? '' : `: ${formatScore(kept)} on validation rows`}.`}
      table={() => ({
        head: ['epoch', 'training', 'validation', 'kept'],
        rows: epochs.map((epoch, i) => [epoch, train[i] ?? null, validation[i] ?? null, i === best ? 'kept' : '']),
      })}
    >
      <Legend
        entries={[
          { label: 'training rows', colour: 'var(--soft)', dash: [5, 3] },
          { label: 'validation rows', colour },
        ]}
      />
      <LinePlot
        label="Covered variance of training and validation rows against epoch"
        x={epochs}
        xLabel="epoch"
        yLabel="covered variance"
        yDomain={[low - 0.03, 1.03]}
        height={HEIGHT}
        marks={[{ at: best + 1, label: 'kept' }]}
        lines={[
          { label: 'training', values: train, colour: 'var(--soft)', dash: [5, 3] },
          { label: 'validation', values: validation, colour, width: 2.25 },
        ]}
      />
    </Figure>
  );
}
