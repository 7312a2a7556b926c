/** What holds for all methods and widths of a sweep: covered variance energy by energy, series, agreement of seeds. */
import type { CellReading, Interpretation } from '../../../models/interpretation/interpretation.ts';
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../../../text/names.ts';
import { type Line, LinePlot } from '../charts/line-plot.tsx';
import { Legend } from '../charts/panel.tsx';
import { short, withUnit } from '../charts/scale.ts';
import { SeriesPlot } from '../charts/series.tsx';
import { coveredDomain, type TargetAxis } from '../charts/spectra.tsx';
import { DataTable, Figure } from '../parts/figure.tsx';
import { agreementTable } from './reading.ts';

const dashOf = (dash: string): readonly number[] | undefined => (dash === '' ? undefined : dash.split(' ').map(Number));

export function ByEnergy({
  interpretation: { cells, emulator },
  target,
  k,
}: {
  readonly interpretation: Interpretation;
  readonly target: TargetAxis;
  readonly k: number;
}) {
  const { energies, energyUnit, columns } = target;
  const each = energies ? 'energy' : 'column';
  const own = cells.filter((cell) => cell.k === k);
  const lines: Line[] = [
    ...(emulator
      ? [
          {
            label: BASELINE_NAMES.emulator as string,
            values: emulator.coveredVarianceByEnergy,
            colour: 'var(--emulator)',
            dash: [1, 3],
          },
        ]
      : []),
    ...own.map(({ method, coveredVarianceByEnergy }): Line => {
      const dash = dashOf(METHOD_STYLES[method].dash);
      return {
        label: METHOD_STYLES[method].label,
        values: coveredVarianceByEnergy,
        colour: `var(--${method})`,
        width: 2,
        ...(dash && { dash }),
      };
    }),
  ];
  const table = () => ({
    head: [energies ? withUnit('energy', energyUnit) : 'column', ...lines.map(({ label }) => label)],
    rows: Array.from({ length: lines[0]?.values.length ?? 0 }, (_, i) => [
      energies ? (energies[i] as number) : (columns?.[i] ?? String(i)),
      ...lines.map(({ values }) => values[i] ?? null),
    ]),
  });
  return (
    <Figure
      title={`Covered variance by ${each}, k = ${k}`}
      name={`covered-variance-by-energy-k${k}`}
      caption={`The best trial of each method on test rows, ${each} by ${each}. In all: ${own.map((cell) => `${METHOD_STYLES[cell.method].label} ${formatScore(cell.coveredVariance)}`).join(', ')}${emulator ? `; full emulator ${formatScore(emulator.coveredVariance)}` : ''}.`}
      table={table}
    >
      {energies ? (
        <>
          <Legend entries={lines.map(({ label, colour, dash }) => ({ label, colour, dash }))} />
          <LinePlot
            label={`Covered variance against energy at k = ${k}`}
            x={energies}
            xLabel={withUnit('energy', energyUnit)}
            yLabel="covered variance"
            yDomain={coveredDomain(lines.map(({ values }) => Array.from(values)))}
            height={280}
            lines={lines}
          />
        </>
      ) : (
        <DataTable caption="Covered variance by column" {...table()} />
      )}
    </Figure>
  );
}

export function SeriesFigures({ interpretation: { cells, quantities, series } }: { readonly interpretation: Interpretation }) {
  const own = cells.flatMap(({ method, k, series: found }) => (found ? [{ method, k, series: found }] : []));
  const [first] = own;
  if (!series || !first) return null;
  const single = first.series.points.filter(({ rows }) => rows === 1).map(({ value }) => value);
  return (
    <>
      {quantities.map((quantity, q) => (
        <Figure
          key={quantity.name}
          title={`${quantity.name} along the ${series.name}`}
          name={`series-${quantity.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`}
          caption={`Mean latents of the test rows at each ${series.name}, expanded back; bars span the seeds, points are the known means of the same rows. Root mean square error over the groups, ${quantity.unit}: ${own
            .map((cell) => `${cellLabel(cell)}: ${short(cell.series.errors[q] as number)}`)
            .join(
              '; ',
            )}; with no component at all ${short(first.series.spread[q] as number)}.${single.length > 0 ? ` Of one row only, hence no mean: ${single.join(', ')}.` : ''}`}
          table={() => ({
            head: [
              withUnit(series.name, series.unit),
              'rows',
              withUnit('known', quantity.unit),
              ...own.flatMap((cell) => [cellLabel(cell), `${cellLabel(cell)}: lowest seed`, `${cellLabel(cell)}: highest seed`]),
            ],
            rows: first.series.points.map(({ value, rows, known }, i) => [
              value,
              rows,
              known[q] as number,
              ...own.flatMap((cell) => {
                const found = cell.series.points[i]?.reconstructed[q];
                return [found?.mean ?? null, found?.low ?? null, found?.high ?? null];
              }),
            ]),
          })}
        >
          <SeriesPlot series={series} quantity={quantity} at={q} cells={own} />
        </Figure>
      ))}
    </>
  );
}

export function Agreement({ cells }: { readonly cells: readonly CellReading[] }) {
  return (
    <section class="card" aria-labelledby="agreement">
      <h2 id="agreement">Do seeds find the same?</h2>
      <p class="small soft">
        Every pair of seeds of the best configuration. ECA and NNCA: largest principal angle between the subspaces of their
        components, stable below 5°. EDNN, whose latents have no common basis: linear CKA, and how much of one latent another
        tells (cross-fitted R² by nearest neighbours, both ways), stable from 0.95.
      </p>
      <DataTable caption="Agreement between seeds" {...agreementTable(cells)} />
    </section>
  );
}
