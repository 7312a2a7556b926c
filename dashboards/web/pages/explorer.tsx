/** The latent explorer: sliders, the decoded spectrum, and the expanded or nearest structure. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { measured } from '../../../figures/numbers.ts';
import { decodedFigure } from '../../../figures/spectra.ts';
import type { Interpretation } from '../../../models/interpretation/interpretation.ts';
import { METHOD_DEFINITIONS } from '../../../models/methods/catalogue.ts';
import { loadModel, type Model } from '../../../models/stored/model.ts';
import { unpackModel } from '../../../models/stored/model-file.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import type { Spectra, TrialDetail } from '../../contract/trials.ts';
import { getBytes, getColumns, getJson } from '../api/http.ts';
import { FigureView } from '../charts/figure-view.tsx';
import '../explorer/explorer.css';
import { Fields } from '../explorer/fields.tsx';
import {
  describeStructure,
  findNearest,
  formatPoint,
  type LatentRange,
  latentRanges,
  latentsOf,
  parsePoint,
} from '../explorer/latent-point.ts';
import { Sliders } from '../explorer/sliders.tsx';
import { Structure } from '../explorer/structure.tsx';
import { Figure } from '../parts/figure.tsx';
import { Empty, Show } from '../parts/load-states.tsx';
import { PageHead } from '../parts/page.tsx';
import { sweepPath, trialPath } from '../parts/paths.ts';
import { useDebouncedUrl } from '../state/debounce.ts';
import { useJson, useLoad } from '../state/load.ts';
import { useUrl } from '../state/url.ts';
import { Choice } from '../trial/choice.tsx';
import { type Latents, latentsFromColumns } from '../trial/latent-columns.ts';
import { chooseRank, explainMissingLatents, explainMissingWeights, rankOptions, trialName } from '../trial/text.ts';

/** Data of the explorer, loaded once: every move is computed in the browser. */
interface Parts {
  readonly model: Model;
  readonly latents: Latents;
  readonly spectra: Spectra;
  readonly ranges: readonly LatentRange[];
  /** From the training rows; `x.kept`: varying columns, in the order of the descriptors. */
  readonly scaling: ReturnType<typeof unpackModel>['scaling'];
}

export default function ExplorerPage() {
  const { trial: id = '' } = useRoute().params;
  const loaded = useJson<TrialDetail>(trialPath(id));
  const trial = loaded.data;
  return (
    <>
      <PageHead
        {...(trial && {
          crumbs: { '/': 'Sweeps', [sweepPath(trial.sweepName)]: trial.sweepName, [trialPath(id)]: `trial ${trial.index}` },
        })}
        window={trial ? `Latents of ${trialName(trial)}` : 'Latent explorer'}
        title="Latent explorer"
      >
        {trial && (
          <p class="small">
            {trialName(trial)} · seed {trial.seed} · {trial.target} of {trial.dataset.name}
          </p>
        )}
      </PageHead>
      <Show of={loaded} what="the trial" height="50rem">
        {(found) =>
          found.hasModel && found.hasLatents ? (
            <Loaded key={found.trialId} trial={found} />
          ) : (
            <Empty>
              <p>Nothing to explore: {found.hasModel ? explainMissingLatents(found) : explainMissingWeights(found)}</p>
              <p>
                <a href={trialPath(id)}>Trial</a>
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
  const k = chooseRank(trial, parameters.k);
  const split = trial.figures.some((one) => one.split === 'test') ? 'test' : 'validation';
  const path = trialPath(trial.trialId);
  const loaded = useLoad(`explore ${trial.trialId} ${k} ${split}`, async (signal): Promise<Parts> => {
    const [bytes, columns, spectra] = await Promise.all([
      getBytes(`${path}/model`, {}, signal),
      getColumns(`${path}/latents`, { split, k, descriptors: '*' }, signal),
      getJson<Spectra>(`${path}/spectra`, { split, k }, signal),
    ]);
    const { scaling, latentRange } = unpackModel(bytes);
    const latents = latentsFromColumns(columns, k);
    return { model: loadModel(bytes, { k }), latents, spectra, ranges: latentRanges(latents, latentRange), scaling };
  });
  return (
    <Show of={loaded} what="the model and its latents" height="50rem">
      {(parts) => <Explorer key={k} trial={trial} k={k} split={split} parts={parts} />}
    </Show>
  );
}

function Explorer({ trial, k, split, parts }: Readonly<{ trial: TrialDetail; k: number; split: string; parts: Parts }>) {
  const { parameters, change } = useUrl();
  const { model, latents, spectra, ranges, scaling } = parts;
  const [t, setT] = useState<readonly number[]>(() => {
    const start = parameters.row === undefined ? -1 : latents.rows.indexOf(Number(parameters.row));
    return parsePoint(parameters.t, ranges) ?? (start >= 0 ? latentsOf(latents, start) : ranges.map(({ median }) => median));
  });
  const startedAt = useRef<number | null>(null);
  const changeUrl = useDebouncedUrl();

  const move = (next: readonly number[]) => {
    startedAt.current = performance.now();
    setT(next);
    changeUrl({ t: formatPoint(next) });
  };
  const fromRow = (at: number) => {
    const next = latentsOf(latents, at);
    setT(next);
    changeUrl.now({ row: latents.rows[at] ?? null, t: formatPoint(next), over: 'row' });
  };

  const point = useMemo(() => ({ rows: 1, columns: k, data: Float32Array.from(t) }), [t, k]);
  const decoded = useMemo(() => model.decode(point).data, [model, point]);
  const structure = useMemo(() => {
    if (!METHOD_DEFINITIONS[trial.method].isProjection) return null;
    const all = model.expand(point).data;
    return Array.from(scaling.x.kept, (column) => all[column] ?? Number.NaN);
  }, [model, point]);
  const near = useMemo(() => findNearest(latents, ranges, t), [latents, t]);
  useLayoutEffect(() => {
    if (startedAt.current === null) return;
    const start = startedAt.current;
    startedAt.current = null;
    // The plot draws in a later microtask, after which the frame is complete.
    queueMicrotask(() => {
      performance.clearMeasures('narrows:explore');
      performance.measure('narrows:explore', { start, end: performance.now() });
    });
  }, [t]);

  const over = useComparison(trial, k, split, parts, parameters);
  const figure = decodedFigure({ spectra, decoded, reference: over, at: formatPoint(t), method: trial.method });
  const known = structure ?? latents.descriptors.map(({ values }) => values[near] ?? Number.NaN);
  const described = describeStructure(latents, known);
  return (
    <>
      <div class="explorer">
        <section class="card controls" aria-labelledby="latents">
          <h2 id="latents">Latents</h2>
          <Choice
            name="k"
            label="Rank"
            value={String(k)}
            options={rankOptions(trial)}
            onChange={(value) => change({ k: value, t: null })}
          />
          <Sliders ranges={ranges} t={t} onMove={move} />
          <FromStructure key={parameters.row} latents={latents} split={split} row={parameters.row} onRow={fromRow} />
          <p class="actions">
            <button type="button" onClick={() => move(ranges.map(({ median }) => median))}>
              Reset to medians
            </button>
          </p>
        </section>
        <div class="results">
          <FigureView
            figure={figure}
            above={
              <Choice
                name="over"
                label="Compare with"
                value={over.choice}
                options={over.options}
                onChange={(value) => change({ over: value === 'mean' ? null : value })}
              />
            }
          />
          <Figure
            title={structure ? 'Expanded structure' : 'Nearest known structure'}
            name={`trial-${trial.trialId}-structure`}
            caption={
              structure
                ? `Expansion of the latents by ${METHOD_STYLES[trial.method].label}: descriptors in physical units. Directions outside the components stay at their mean.`
                : `${METHOD_STYLES[trial.method].label} cannot expand latents to a structure. This is the nearest known one in latent space: row ${latents.rows[near]}.`
            }
            table={() => ({
              head: ['descriptor', 'unit', 'value', 'minimum', 'maximum', 'out of range'],
              rows: described.map(({ name, unit, value, low, high, outside }) => [
                ...[name, unit, value, low, high, outside ? 'yes' : 'no'],
              ]),
            })}
          >
            <Structure parts={described} mean={scaling.x.mean} />
          </Figure>
        </div>
      </div>
      {k === 1 && trial.descriptors.length === 3 && <OfSweep trial={trial} latent={t[0] ?? Number.NaN} />}
    </>
  );
}

/** The spectrum that the decoded one is compared with, and the choices. */
function useComparison(
  trial: TrialDetail,
  k: number,
  split: string,
  { spectra, scaling }: Parts,
  address: Record<string, string>,
) {
  const { row, over } = address;
  const options = [
    { value: 'mean', label: 'mean spectrum' },
    ...(row !== undefined ? [{ value: 'row', label: `row ${row}` }] : []),
    ...spectra.shown.filter(({ which }) => which !== 'row').map(({ which }) => ({ value: which, label: `${which} of ${split}` })),
  ];
  const choice = options.find(({ value }) => value === over)?.value ?? 'mean';
  const requestedRow = choice === 'row' ? row : undefined;
  const path = requestedRow === undefined ? null : `${trialPath(trial.trialId)}/spectra`;
  const own = useJson<Spectra>(path, { split, k, row: requestedRow });
  if (choice === 'mean') return { choice, options, label: 'mean of the training rows', values: [...scaling.y.mean] };
  const found = (choice === 'row' ? own.data : spectra)?.shown.find(({ which }) => which === choice);
  return {
    choice,
    options,
    label: found ? `known: row ${found.row}${found.id === null ? '' : ` (${found.id})`}` : 'known',
    values: found?.known ?? null,
  };
}

interface FromStructureProps {
  readonly latents: Latents;
  readonly split: string;
  readonly row: string | undefined;
  readonly onRow: (at: number) => void;
}

/** Sets the latents to those of a row of the dataset. */
function FromStructure({ latents, split, row, onRow }: FromStructureProps) {
  const [typed, setTyped] = useState(row ?? '');
  const [error, setError] = useState<string | null>(null);
  const sorted = useMemo(() => Array.from(latents.rows).sort((a, b) => a - b), [latents]);
  const choose = (text: string) => {
    const at = text.trim() === '' ? -1 : latents.rows.indexOf(Number(text));
    if (at >= 0) return onRow(at);
    setError(
      `Row ${text} is not one of the ${latents.rows.length} ${split} rows; the first are ${sorted.slice(0, 4).join(', ')}.`,
    );
  };
  const step = (by: number) => {
    const known = sorted.indexOf(Number(typed));
    const current = known < 0 && by > 0 ? -1 : Math.max(0, known);
    const next = sorted[(current + by + sorted.length) % sorted.length];
    if (next !== undefined) choose(String(next));
  };
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        choose(typed);
      }}
    >
      <label for="from-row">Row of the dataset ({split})</label>
      <div class="from-structure">
        <input
          id="from-row"
          type="text"
          inputMode="numeric"
          value={typed}
          placeholder={String(sorted[0] ?? '')}
          aria-invalid={error !== null}
          aria-describedby={error === null ? undefined : 'from-row-fault'}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setError(null);
          }}
        />
        <button type="submit">Use its latents</button>
        <button type="button" aria-label="Previous row" onClick={() => step(-1)}>
          ‹
        </button>
        <button type="button" aria-label="Next row" onClick={() => step(1)}>
          ›
        </button>
      </div>
      {error !== null && (
        <span class="fault" id="from-row-fault" role="alert">
          {error}
        </span>
      )}
    </form>
  );
}

type WithFields = Interpretation & { readonly fields?: readonly string[] };

/** The fields of the trial's sweep, with the level of the current latent. */
function OfSweep({ trial, latent }: { readonly trial: TrialDetail; readonly latent: number }) {
  const path = sweepPath(trial.sweepId);
  const loaded = useLoad(`interpretation ${trial.sweepId}`, async (signal) => {
    const { hasInterpretation } = await getJson<SweepDetail>(path, {}, signal);
    return { found: hasInterpretation ? await getJson<WithFields>(`${path}/interpretation`, {}, signal) : null };
  });
  return (
    <section class="of-sweep" aria-label="Isosurfaces of the sweep">
      <Show of={loaded} what="the fields of the sweep" height="34rem">
        {({ found }) => {
          if (found === null) {
            return (
              <Empty>
                Isosurfaces of this latent are part of the interpretation of the sweep, which is computed when the sweep finishes,
                or by <code>narrows report {trial.sweepName}</code>.
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
                  ? `The thick line marks the structures with the latent of the slider, ${measured(latent, '')}, which this model cannot distinguish.`
                  : 'The fields belong to the best trial of each method, not to this one: the slider is not marked in them.'}
              </p>
            </>
          );
        }}
      </Show>
    </section>
  );
}
