/** Latent space by hand: sliders, the spectrum that the decoder makes of a place, and the structure that stands behind it. */

import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import type { Interpretation } from '../../../models/interpretation/interpretation.ts';
import { METHOD_DEFINITIONS, ranksOf } from '../../../models/methods/catalogue.ts';
import { unpackModel } from '../../../models/stored/model-file.ts';
import { loadModel, type Model } from '../../../models/stored/predict.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import type { Spectra, TrialDetail } from '../../contract/trials.ts';
import { getBytes, getColumns, getJson } from '../api/http.ts';
import { LinePlot } from '../charts/line-plot.tsx';
import { Legend } from '../charts/panel.tsx';
import { domainOf, measured, withUnit } from '../charts/scale.ts';
import '../explorer/explorer.css';
import { Fields } from '../explorer/fields.tsx';
import { type LatentRange, latentsOf, nearestTo, partsOf, placeFrom, placeText, rangesOf } from '../explorer/place.ts';
import { Sliders } from '../explorer/sliders.tsx';
import { Structure } from '../explorer/structure.tsx';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { DataTable, Figure } from '../parts/figure.tsx';
import { PageTitle } from '../parts/frame.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { useDebouncedUrl } from '../state/debounce.ts';
import { useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';
import { type Latents, latentsFromColumns } from '../trial/latents-data.ts';
import { rankAsked, trialName, withoutWeights } from '../trial/words.ts';

/** All that the explorer works with, fetched once: then every move stays in the browser. */
interface Parts {
  readonly model: Model;
  readonly latents: Latents;
  readonly spectra: Spectra;
  readonly ranges: readonly LatentRange[];
  /** Of the training structures, physical units: the spectrum, and the descriptors that vary. */
  readonly meanSpectrum: readonly number[];
  readonly meanStructure: readonly number[];
  /** Columns of X that vary, in the order of the latents' descriptors. */
  readonly kept: Uint32Array;
}

export default function ExplorerPage() {
  const { params } = useRoute();
  const id = params.trial ?? '';
  const loaded = useLoad(`trial ${id}`, (signal) => getJson<TrialDetail>(`/trials/${encodeURIComponent(id)}`, {}, signal));
  const trial = loaded.data;
  return (
    <>
      <div class="page-head">
        <div>
          {trial && (
            <Breadcrumbs
              of={[
                ['/', 'Sweeps'],
                [`/sweeps/${encodeURIComponent(trial.sweepName)}`, trial.sweepName],
                [`/trials/${encodeURIComponent(id)}`, `trial ${trial.index}`],
              ]}
            />
          )}
          <PageTitle window={trial ? `Latents of ${trialName(trial)}` : 'Latent explorer'}>Latent explorer</PageTitle>
          {trial && (
            <p class="small">
              {trialName(trial)} · seed {trial.seed} · {trial.target} of {trial.dataset.name}
            </p>
          )}
        </div>
      </div>
      <Show of={loaded} what="the trial" height="50rem">
        {(found) =>
          found.hasModel ? (
            <Loaded key={found.trialId} trial={found} />
          ) : (
            <Empty>
              <p>There is nothing to explore: {withoutWeights(found)}</p>
              <p>
                <a href={`/trials/${encodeURIComponent(id)}`}>The trial</a>
              </p>
            </Empty>
          )
        }
      </Show>
    </>
  );
}

function Loaded({ trial }: { readonly trial: TrialDetail }) {
  const { parameters } = useUrl();
  const k = rankAsked(trial, parameters.k);
  const split = trial.figures.some((one) => one.split === 'test') ? 'test' : 'validation';
  const address = `/trials/${encodeURIComponent(trial.trialId)}`;
  const loaded = useLoad(`explore ${trial.trialId} ${k} ${split}`, async (signal): Promise<Parts> => {
    const [bytes, columns, spectra] = await Promise.all([
      getBytes(`${address}/model`, {}, signal),
      getColumns(`${address}/latents`, { split, k, descriptors: '*' }, signal),
      getJson<Spectra>(`${address}/spectra`, { split, k }, signal),
    ]);
    const { scaling, latentRange } = unpackModel(bytes);
    const latents = latentsFromColumns(columns, k);
    return {
      model: loadModel(bytes, { k }),
      latents,
      spectra,
      ranges: rangesOf(latents, latentRange),
      meanSpectrum: [...scaling.y.mean],
      meanStructure: [...scaling.x.mean],
      kept: scaling.x.kept,
    };
  });
  return (
    <Show of={loaded} what="the model and its latents" height="50rem">
      {(parts) => <Explorer key={k} trial={trial} k={k} split={split} parts={parts} />}
    </Show>
  );
}

function Explorer({
  trial,
  k,
  split,
  parts,
}: {
  readonly trial: TrialDetail;
  readonly k: number;
  readonly split: string;
  readonly parts: Parts;
}) {
  const { parameters, change } = useUrl();
  const { model, latents, spectra, ranges, meanSpectrum, meanStructure, kept } = parts;
  const rowAt = (row: string | undefined) => (row === undefined ? -1 : latents.rows.indexOf(Number(row)));
  const [t, setT] = useState<readonly number[]>(() => {
    const start = rowAt(parameters.row);
    return placeFrom(parameters.t, ranges) ?? (start >= 0 ? latentsOf(latents, start) : ranges.map(({ median }) => median));
  });
  const startedAt = useRef<number | null>(null);
  const address = useDebouncedUrl();

  const move = (next: readonly number[]) => {
    startedAt.current = performance.now();
    setT(next);
    address.soon({ t: placeText(next) });
  };
  const fromRow = (at: number) => {
    const next = latentsOf(latents, at);
    setT(next);
    address.now({ row: latents.rows[at] as number, t: placeText(next), over: 'row' });
  };

  const place = useMemo(() => ({ rows: 1, columns: k, data: Float32Array.from(t) }), [t, k]);
  const decoded = useMemo(() => model.decode(place).data, [model, place]);
  const structure = useMemo(() => {
    if (!METHOD_DEFINITIONS[trial.method].isProjection) return null;
    const all = model.expand(place).data;
    return Array.from(kept, (column) => all[column] as number);
  }, [model, place]);
  const near = useMemo(() => nearestTo(latents, ranges, t), [latents, t]);
  useLayoutEffect(() => {
    if (startedAt.current === null) return;
    const start = startedAt.current;
    startedAt.current = null;
    // The plot draws in a microtask after this: then everything of the frame is done.
    queueMicrotask(() => {
      performance.clearMeasures('narrows:explore');
      performance.measure('narrows:explore', { start, end: performance.now() });
    });
  }, [t]);

  const over = useComparison(trial, k, split, parameters, spectra, meanSpectrum);
  const known = structure ?? latents.descriptors.map(({ values }) => values[near] as number);
  return (
    <>
      <div class="explorer">
        <section class="card controls" aria-labelledby="place">
          <h2 id="place">Place in latent space</h2>
          {ranksOf({ method: trial.method, k: trial.config.k }).length > 1 && (
            <Choice
              name="k"
              label="Rank"
              value={String(k)}
              options={ranksOf({ method: trial.method, k: trial.config.k }).map((rank) => ({
                value: String(rank),
                label: `k = ${rank}`,
              }))}
              onChange={(value) => change({ k: value, t: null })}
            />
          )}
          <Sliders ranges={ranges} t={t} onMove={move} />
          <FromStructure key={parameters.row} latents={latents} split={split} row={parameters.row} onRow={fromRow} />
          <p class="actions">
            <button type="button" onClick={() => move(ranges.map(({ median }) => median))}>
              To the medians
            </button>
          </p>
        </section>
        <div class="results">
          <DecodedSpectrum trial={trial} spectra={spectra} decoded={decoded} over={over} at={placeText(t)} change={change} />
          <Figure
            title={structure ? 'The structure behind it' : 'The nearest known structure'}
            name={`trial-${trial.trialId}-structure`}
            caption={
              structure
                ? `The expansion of the latents, as ${METHOD_STYLES[trial.method].label} gives it back: descriptors in physical units. What the components do not see stays at its mean.`
                : `${METHOD_STYLES[trial.method].label} has no way back from latents to a structure. This is the known one nearest in latent space: row ${latents.rows[near]}.`
            }
            table={() => {
              const rows = partsOf(latents, known);
              return {
                head: ['descriptor', 'unit', 'value', 'least known', 'greatest known', 'outside'],
                rows: rows.map(({ name, unit, value, low, high, outside }) => [
                  name,
                  unit,
                  value,
                  low,
                  high,
                  outside ? 'yes' : 'no',
                ]),
              };
            }}
          >
            <Structure parts={partsOf(latents, known)} mean={meanStructure} />
          </Figure>
        </div>
      </div>
      {k === 1 && trial.descriptors.length === 3 && <OfSweep trial={trial} latent={t[0] as number} />}
    </>
  );
}

/** What the decoded spectrum is held against. */
interface Comparison {
  readonly choice: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly label: string;
  readonly values: readonly number[] | null;
}

function useComparison(
  trial: TrialDetail,
  k: number,
  split: string,
  parameters: Readonly<Record<string, string>>,
  spectra: Spectra,
  mean: readonly number[],
): Comparison {
  const { row } = parameters;
  const options = [
    { value: 'mean', label: 'mean spectrum' },
    ...(row !== undefined ? [{ value: 'row', label: `row ${row}` }] : []),
    ...spectra.shown.filter(({ which }) => which !== 'row').map(({ which }) => ({ value: which, label: `${which} of ${split}` })),
  ];
  const choice = options.find(({ value }) => value === parameters.over)?.value ?? 'mean';
  const asked = choice === 'row' ? row : undefined;
  const own = useLoad(asked === undefined ? null : `spectrum ${trial.trialId} ${k} ${split} ${asked}`, (signal) =>
    getJson<Spectra>(`/trials/${encodeURIComponent(trial.trialId)}/spectra`, { split, k, row: asked }, signal),
  );
  if (choice === 'mean') return { choice, options, label: 'mean of the training rows', values: mean };
  const found = (choice === 'row' ? own.data : spectra)?.shown.find(({ which }) => which === choice);
  return {
    choice,
    options,
    label: found ? `known: row ${found.row}${found.id === null ? '' : ` (${found.id})`}` : 'known',
    values: found?.known ?? null,
  };
}

function DecodedSpectrum({
  trial,
  spectra,
  decoded,
  over,
  at,
  change,
}: {
  readonly trial: TrialDetail;
  readonly spectra: Spectra;
  readonly decoded: Float32Array;
  readonly over: Comparison;
  readonly at: string;
  readonly change: ReturnType<typeof useUrl>['change'];
}) {
  const { energies, energyUnit, unit, columns } = spectra;
  const colour = `var(--${trial.method})`;
  // One axis for all places: what moves is the spectrum.
  const domain = useMemo(
    () =>
      domainOf(
        spectra.shown.flatMap(({ known }) => known),
        0.15,
      ),
    [spectra],
  );
  const [low, high] = domainOf([...decoded, ...(over.values ?? [])], 0);
  const yDomain = [Math.min(domain[0], low), Math.max(domain[1], high)] as const;
  const head = [energies ? withUnit('energy', energyUnit) : 'column', withUnit('decoded', unit), over.label];
  const table = () => ({
    head,
    rows: Array.from(decoded, (value, i) => [
      energies ? (energies[i] as number) : (columns?.[i] ?? String(i)),
      value,
      over.values?.[i] ?? null,
    ]),
  });
  return (
    <Figure
      title="Decoded spectrum"
      name={`trial-${trial.trialId}-decoded`}
      caption={`What the decoder makes of the latents (${at.replaceAll(',', ', ')}), over the ${over.label}.`}
      table={table}
    >
      <Choice
        name="over"
        label="Over"
        value={over.choice}
        options={over.options}
        onChange={(value) => change({ over: value === 'mean' ? null : value })}
      />
      <Legend
        entries={[
          { label: 'decoded', colour },
          { label: over.label, colour: 'var(--ink)', dash: [4, 3] },
        ]}
      />
      {energies ? (
        <LinePlot
          label="Decoded spectrum against energy"
          x={energies}
          xLabel={withUnit('energy', energyUnit)}
          yLabel={unit === '' ? 'spectrum' : unit}
          yDomain={yDomain}
          height={320}
          lines={[
            { label: over.label, values: over.values ?? [], colour: 'var(--ink)', dash: [4, 3], width: 1.25 },
            { label: 'decoded', values: decoded, colour, width: 2.25 },
          ]}
        />
      ) : (
        <DataTable caption="Decoded, column by column" {...table()} />
      )}
    </Figure>
  );
}

/** By the row of the dataset, as tables and points name it. */
function FromStructure({
  latents,
  split,
  row,
  onRow,
}: {
  readonly latents: Latents;
  readonly split: string;
  readonly row: string | undefined;
  readonly onRow: (at: number) => void;
}) {
  const [typed, setTyped] = useState(row ?? '');
  const [fault, setFault] = useState<string | null>(null);
  const sorted = useMemo(() => Array.from(latents.rows).sort((a, b) => a - b), [latents]);
  const take = (text: string) => {
    const at = text.trim() === '' ? -1 : latents.rows.indexOf(Number(text));
    if (at >= 0) return onRow(at);
    setFault(`Row ${text} is none of the ${latents.rows.length} ${split} rows; the first are ${sorted.slice(0, 4).join(', ')}.`);
  };
  const step = (by: number) => {
    const here = sorted.indexOf(Number(typed));
    const next = sorted[(((here < 0 ? (by > 0 ? -1 : 0) : here) + by + sorted.length) % sorted.length) as number];
    if (next !== undefined) take(String(next));
  };
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        take(typed);
      }}
    >
      <label for="from-row">From a {split} structure (row of the dataset)</label>
      <div class="from-structure">
        <input
          id="from-row"
          type="text"
          inputMode="numeric"
          value={typed}
          placeholder={String(sorted[0] ?? '')}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : 'from-row-fault'}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setFault(null);
          }}
        />
        <button type="submit">Take its latents</button>
        <button type="button" aria-label="The row before" onClick={() => step(-1)}>
          ‹
        </button>
        <button type="button" aria-label="The next row" onClick={() => step(1)}>
          ›
        </button>
      </div>
      {fault !== null && (
        <span class="fault" id="from-row-fault" role="alert">
          {fault}
        </span>
      )}
    </form>
  );
}

type WithFields = Interpretation & { readonly fields?: readonly string[] };

/** The fields of the trial's sweep, with the structures that share its latent. */
function OfSweep({ trial, latent }: { readonly trial: TrialDetail; readonly latent: number }) {
  const address = `/sweeps/${encodeURIComponent(trial.sweepId)}`;
  const loaded = useLoad(`interpretation ${trial.sweepId}`, async (signal) => {
    const { hasInterpretation } = await getJson<SweepDetail>(address, {}, signal);
    return { found: hasInterpretation ? await getJson<WithFields>(`${address}/interpretation`, {}, signal) : null };
  });
  return (
    <section class="of-sweep" aria-label="Isosurfaces of the sweep">
      <Show of={loaded} what="the fields of the sweep" height="34rem">
        {({ found }) => {
          if (found === null) {
            return (
              <Empty>
                Isosurfaces of this latent come with the interpretation of the sweep, which it does not have yet: it is made when
                the sweep ends, or by <code>narrows report {trial.sweepName}</code>.
              </Empty>
            );
          }
          const names = found.fields ?? [];
          if (names.length === 0) return null;
          const own = found.cells.find(({ method, k, best }) => method === trial.method && k === 1 && best === trial.trialId);
          return (
            <>
              <Fields
                sweep={trial.sweepId}
                names={names}
                prefer={trial.method}
                {...(own && { level: { field: trial.method, value: latent } })}
              />
              <p class="small soft">
                {own
                  ? `The thick line holds the structures whose latent is where the slider stands: ${measured(latent, '')}. They are one to this model.`
                  : 'The fields are those of the best trial of each method, which this one is not: the slider is not marked in them.'}
              </p>
            </>
          );
        }}
      </Show>
    </section>
  );
}
