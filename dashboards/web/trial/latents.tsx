/** Scatter plot of latents and descriptors, coloured by a descriptor. */
import { useLocation } from 'preact-iso';
import { latentSpaceFigure } from '../../../figures/latent-space.ts';
import { measured, short, withUnit } from '../../../figures/numbers.ts';
import type { TrialDetail } from '../../contract/trials.ts';
import { getColumns } from '../api/http.ts';
import { FigureView, Legend } from '../charts/figure-view.tsx';
import { PickablePanel } from '../charts/pickable-panel.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { trialPath } from '../parts/paths.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from './choice.tsx';
import { type Latents, latentsFromColumns } from './latent-columns.ts';

const HEIGHT = 420;

export function TrialLatents({ trial, k, split }: { readonly trial: TrialDetail; readonly k: number; readonly split: string }) {
  const loaded = useLoad(`latents ${trial.trialId} ${k} ${split}`, async (signal) =>
    latentsFromColumns(await getColumns(`${trialPath(trial.trialId)}/latents`, { split, k, descriptors: '*' }, signal), k),
  );
  return (
    <Show of={loaded} what="latents" height={`${HEIGHT + 200}px`}>
      {(latents) => <Drawn trial={trial} k={k} split={split} latents={latents} />}
    </Show>
  );
}

/** An axis of the scatter: `t1`, or `x` with the number of a descriptor. */
interface Side {
  readonly key: string;
  readonly label: string;
  readonly values: ArrayLike<number>;
}

function Drawn({ trial, k, split, latents }: Readonly<{ trial: TrialDetail; k: number; split: string; latents: Latents }>) {
  const { parameters, change } = useUrl();
  const { route } = useLocation();
  const { rows, t, descriptors } = latents;
  if (rows.length === 0) return <Empty>No {split} row has latents.</Empty>;
  const sides = [
    ...t.map((values, j): Side => ({ key: `t${j + 1}`, label: `latent ${j + 1}`, values })),
    ...descriptors.map(({ name, unit, values }, d): Side => ({ key: `x${d}`, label: withUnit(name, unit), values })),
  ];
  const pick = (asked: string | undefined, otherwise: string): Side =>
    (sides.find(({ key }) => key === asked) ?? sides.find(({ key }) => key === otherwise) ?? sides[0]) as Side;
  const x = pick(parameters.x, k === 1 ? 'x0' : 't1');
  const y = pick(parameters.y, k === 1 ? 't1' : 't2');
  const colour = descriptors[Number(parameters.colour ?? 0)] ?? descriptors[0];
  const options = sides.map(({ key, label }) => ({ value: key, label }));
  const hint = trial.hasModel ? ' Choose one to continue from it in the explorer.' : '';
  const figure = latentSpaceFigure({ trialId: trial.trialId, k, split, ...latents, x, y, colour, hint });
  const tip = (i: number) =>
    [
      `row ${rows[i]}`,
      ...t.map((values, j) => `t${j + 1} ${short(values[i] ?? Number.NaN)}`),
      ...(colour ? [`${colour.name} ${measured(colour.values[i] ?? Number.NaN, colour.unit)}`] : []),
    ].join(' · ');
  return (
    <FigureView
      figure={figure}
      above={
        <div class="toolbar">
          <Choice compact name="x" label="Across" value={x.key} options={options} onChange={(value) => change({ x: value })} />
          <Choice compact name="y" label="Up" value={y.key} options={options} onChange={(value) => change({ y: value })} />
          <Choice
            compact
            name="colour"
            label="Colour"
            value={String(colour ? descriptors.indexOf(colour) : 0)}
            options={descriptors.map(({ name, unit }, d) => ({ value: String(d), label: withUnit(name, unit) }))}
            onChange={(value) => change({ colour: value })}
          />
        </div>
      }
    >
      <Legend entries={figure.legend} />
      {figure.panels.map((panel) => (
        <PickablePanel
          key={panel.description}
          panel={panel}
          x={x.values}
          y={y.values}
          tip={tip}
          {...(trial.hasModel && {
            onPick: (i: number) => route(`${trialPath(trial.trialId)}/explore?k=${k}&row=${rows[i]}`),
          })}
        />
      ))}
    </FigureView>
  );
}
