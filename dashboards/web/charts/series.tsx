/** A quantity along a series (a pressure, a temperature): what is known, and what the components of each width give back. */

import type { SeriesReconstruction } from '../../../models/interpretation/series.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { Legend, Panel } from './panel.tsx';
import { domainOf, rising, withUnit } from './scale.ts';

export interface SeriesPlotProps {
  readonly series: { readonly name: string; readonly unit: string };
  readonly quantity: { readonly name: string; readonly unit: string };
  /** Which of the quantities. */
  readonly at: number;
  readonly cells: readonly { readonly method: Method; readonly k: number; readonly series: SeriesReconstruction }[];
}

export function SeriesPlot({ series, quantity, at, cells }: SeriesPlotProps) {
  const methods = [...new Set(cells.map(({ method }) => method))];
  const widths = [...new Set(cells.map(({ k }) => k))].sort((a, b) => a - b);
  const shade = (k: number) => (widths.length === 1 ? 0.3 : (0.9 * widths.indexOf(k)) / (widths.length - 1));
  const points = cells[0]?.series.points ?? [];
  const isNumeric = points.every(({ value }) => Number.isFinite(Number(value)));
  const place = (value: string, i: number) => (isNumeric ? Number(value) : i);
  const limits = domainOf(
    cells.flatMap((cell) =>
      cell.series.points.flatMap(({ known, reconstructed }) => [
        known[at] as number,
        reconstructed[at]?.low as number,
        reconstructed[at]?.high as number,
      ]),
    ),
  );
  return (
    <>
      <Legend
        entries={[
          ...widths.map((k) => ({ label: `k = ${k}`, colour: rising(shade(k)), dash: dashOf(widths.indexOf(k)) })),
          { label: 'known', colour: 'var(--ink)', mark: 'point' as const },
        ]}
      />
      <div class="plot-grid" style={{ '--panel': '22rem' }}>
        {methods.map((method) => {
          const own = cells.filter((cell) => cell.method === method);
          return (
            <Panel
              key={method}
              title={METHOD_STYLES[method].label}
              label={`${quantity.name} along the ${series.name}: known and reconstructed by ${METHOD_STYLES[method].label}`}
              height={270}
              x={{
                label: withUnit(series.name, series.unit),
                domain: domainOf(points.map(({ value }, i) => place(value, i))),
                ...(!isNumeric && { names: points.map(({ value }) => value) }),
              }}
              y={{ label: withUnit(quantity.name, quantity.unit), domain: limits }}
            >
              {({ x, y }) => (
                <>
                  {own.map(({ k, series: found }) => (
                    <g key={k} fill="none" style={{ stroke: rising(shade(k)) }} stroke-width={2}>
                      <path
                        d={found.points
                          .map(({ value, reconstructed }, i) => `${x(place(value, i))} ${y(reconstructed[at]?.mean as number)}`)
                          .join('L')
                          .replace(/^/, 'M')}
                        {...(dashOf(widths.indexOf(k)) && { 'stroke-dasharray': dashOf(widths.indexOf(k))?.join(' ') })}
                      />
                      <path
                        d={found.points
                          .map(({ value, reconstructed }, i) => {
                            const { low, high } = reconstructed[at] as { low: number; high: number };
                            return `M${x(place(value, i))} ${y(low)}V${y(high)}`;
                          })
                          .join('')}
                      />
                    </g>
                  ))}
                  {points.map(({ value, known }, i) => (
                    <circle key={value} cx={x(place(value, i))} cy={y(known[at] as number)} r={4} fill="var(--ink)" />
                  ))}
                </>
              )}
            </Panel>
          );
        })}
      </div>
    </>
  );
}

const DASHES = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]] as const;
const dashOf = (width: number): readonly number[] | undefined => DASHES[width % DASHES.length];
