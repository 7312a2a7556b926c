/** One method at one width: its latents from both sides, its components, and what comes back through it. */
import { DECISIVE_FROM, INDECISIVE_BELOW } from '../../../models/interpretation/decisive.ts';
import type { CellReading, Interpretation } from '../../../models/interpretation/interpretation.ts';
import { ComponentBars, DRAWN } from '../charts/components.tsx';
import { Scatter } from '../charts/latents.tsx';
import { LinePlot } from '../charts/line-plot.tsx';
import { ColourScale, Panel } from '../charts/panel.tsx';
import { domainOf, rising, short, withUnit } from '../charts/scale.ts';
import { SharesPlot, STATES } from '../charts/shares.tsx';
import type { TargetAxis } from '../charts/spectra.tsx';
import { Figure } from '../parts/figure.tsx';
import { closestDescriptors, componentTable, correlationTable, stabilityWord } from './reading.ts';

interface CellProps {
  readonly interpretation: Interpretation;
  readonly cell: CellReading;
}

/** Of more descriptors than these only the closest are drawn for each latent. */
const FEW = 4;
const CLOSEST = 3;

export function LatentsAgainstDescriptors({ interpretation, cell }: CellProps) {
  const { descriptors, structures } = interpretation;
  const isFew = descriptors.length <= FEW;
  const byRow = new Map(structures.map(({ row, x }) => [row, x]));
  return (
    <Figure
      title="Latents against descriptors"
      name={`latents-${cell.method}-k${cell.k}`}
      caption={`${isFew ? 'Every descriptor' : `The ${CLOSEST} of ${descriptors.length} descriptors that go most closely with each latent`}, ${cell.scatter.rows.length} test structures, best trial. Above each: the rank correlation (Spearman), 1 or −1 for any monotone relation. The table has the correlations of all.`}
      table={() => correlationTable(interpretation, cell)}
    >
      {cell.latents.map(({ correlations }, j) => (
        <div key={j} class="plot-grid">
          {closestDescriptors(cell, j, isFew ? FEW : CLOSEST).map((d) => {
            const { name, unit } = descriptors[d] as Interpretation['descriptors'][number];
            const rank = correlations[d]?.spearman ?? 0;
            return (
              <Scatter
                key={d}
                label={`Latent ${j + 1} against ${name}: rank correlation ${short(rank, 2)}`}
                title={`${rank < 0 ? '−' : '+'}${Math.abs(rank).toFixed(2)}`}
                x={{ label: withUnit(name, unit), values: cell.scatter.rows.map((row) => byRow.get(row)?.[d] ?? Number.NaN) }}
                y={{ label: `latent ${j + 1}`, values: cell.scatter.t.map((t) => t[j] as number) }}
                colour={`var(--${cell.method})`}
                height={230}
              />
            );
          })}
        </div>
      ))}
    </Figure>
  );
}

export function Responses({ cell, target }: { readonly cell: CellReading; readonly target: TargetAxis }) {
  const { energies, energyUnit, unit, columns } = target;
  const all = cell.latents.flatMap(({ response }) => response.spectra.flat());
  return (
    <Figure
      title="What a latent does to the spectrum"
      name={`response-${cell.method}-k${cell.k}`}
      caption="The decoder's answer along each latent, from its 2nd percentile (faint) to its 98th (strong), the other latents at their medians."
      table={() => ({
        head: [
          energies ? withUnit('energy', energyUnit) : 'column',
          ...cell.latents.flatMap(({ response }, j) => response.at.map((value) => `latent ${j + 1} = ${short(value)}`)),
        ],
        rows: (cell.latents[0]?.response.spectra[0] ?? []).map((_, e) => [
          energies ? (energies[e] as number) : (columns?.[e] ?? String(e)),
          ...cell.latents.flatMap(({ response }) => response.spectra.map((spectrum) => spectrum[e] as number)),
        ]),
      })}
    >
      <div class="plot-grid" style={{ '--panel': '24rem' }}>
        {cell.latents.map(({ response: { at, spectra } }, j) => (
          <div key={j}>
            <ColourScale name={`latent ${j + 1}`} low={short(at[0] as number)} high={short(at.at(-1) as number)} />
            {energies ? (
              <LinePlot
                label={`Decoded spectra along latent ${j + 1}`}
                x={energies}
                xLabel={withUnit('energy', energyUnit)}
                yLabel={unit === '' ? 'spectrum' : unit}
                yDomain={domainOf(all)}
                height={250}
                group="responses"
                readout={false}
                lines={spectra.map((values, i) => ({
                  label: `latent ${j + 1} = ${short(at[i] as number)}`,
                  values,
                  colour: rising(i / (spectra.length - 1)),
                }))}
              />
            ) : (
              <ColumnResponses at={at} spectra={spectra} columns={columns} latent={j} method={cell.method} />
            )}
          </div>
        ))}
      </div>
    </Figure>
  );
}

/** Columns with units of their own share no axis. */
const MOST_COLUMNS = 12;
function ColumnResponses({
  at,
  spectra,
  columns,
  latent,
  method,
}: {
  readonly at: readonly number[];
  readonly spectra: readonly (readonly number[])[];
  readonly columns: readonly string[] | null;
  readonly latent: number;
  readonly method: string;
}) {
  const total = spectra[0]?.length ?? 0;
  const shown = Array.from({ length: Math.min(total, MOST_COLUMNS) }, (_, e) => e);
  return (
    <>
      {shown.length < total && (
        <p class="small soft">
          {shown.length} of {total} columns drawn; the table has all.
        </p>
      )}
      <div class="plot-grid">
        {shown.map((e) => {
          const values = spectra.map((spectrum) => spectrum[e] as number);
          const name = columns?.[e] ?? `column ${e}`;
          return (
            <Panel
              key={e}
              label={`${name} along latent ${latent + 1}`}
              title={name}
              height={180}
              x={{ label: `latent ${latent + 1}`, domain: domainOf(at), ticks: 4 }}
              y={{ label: '', domain: domainOf(values), ticks: 4 }}
            >
              {({ x, y }) => (
                <path
                  d={`M${at.map((value, i) => `${x(value)} ${y(values[i] as number)}`).join('L')}`}
                  fill="none"
                  stroke={`var(--${method})`}
                  stroke-width={2}
                />
              )}
            </Panel>
          );
        })}
      </div>
    </>
  );
}

export function Components({ interpretation, cell }: CellProps) {
  const own = cell.components;
  if (own === null) return null;
  const { descriptors } = interpretation;
  const drawn = Math.min(DRAWN, descriptors.length);
  return (
    <Figure
      title="Components on their descriptors"
      name={`components-${cell.method}-k${cell.k}`}
      caption={`Change of each latent per standard deviation of a descriptor; stable: the angles between all pairs of seeds stay below 5°.${
        drawn < descriptors.length ? ` The ${drawn} strongest of ${descriptors.length} descriptors drawn.` : ''
      } The table has all, with the slope per physical unit.`}
      table={() => componentTable(interpretation, cell)}
    >
      <ComponentBars
        method={cell.method}
        descriptors={descriptors}
        components={own.map((component, j) => ({
          coefficients: component.coefficients,
          title: `component ${j + 1}${stabilityWord(component)}`,
        }))}
      />
    </Figure>
  );
}

const SHOWN_SHARES = 20;

export function Decisive({ interpretation: { descriptors }, cell }: CellProps) {
  if (cell.expansion === null) return null;
  const ranked = cell.expansion
    .map((share, d) => ({ ...share, name: descriptors[d]?.name as string }))
    .sort((a, b) => b.share.mean - a.share.mean);
  const shown = ranked.slice(0, SHOWN_SHARES);
  const counted = STATES.map((state) => `${ranked.filter((one) => one.state === state).length} ${state}`).join(', ');
  const asMany = cell.k >= descriptors.length;
  return (
    <Figure
      title="What the expansion gives back"
      name={`decisive-${cell.method}-k${cell.k}`}
      caption={`Share of each descriptor's variance on test rows that the expansion recovers, with 95 % intervals over seeds and resampled rows; dotted, the same for directions of chance. ${counted}: decisive means an interval above ${DECISIVE_FROM} and above that of chance, indecisive one below ${INDECISIVE_BELOW}.${
        shown.length < ranked.length ? ` ${shown.length} of ${ranked.length} descriptors drawn.` : ''
      }${asMany ? ' As many components as descriptors give all of them back, whatever the components.' : ''}`}
      table={() => ({
        head: ['descriptor', 'share', 'low', 'high', 'chance: low', 'chance: high', 'state'],
        rows: ranked.map(({ name, share, control, state }) => [
          name,
          share.mean,
          share.low,
          share.high,
          control.low,
          control.high,
          state,
        ]),
      })}
    >
      <SharesPlot shares={shown} />
    </Figure>
  );
}
