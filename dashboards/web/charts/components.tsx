/** Components as bars over the descriptors that they are made of. */
import type { Method } from '../../../models/methods/catalogue.ts';
import { Panel } from './panel.tsx';
import { short } from './scale.ts';
import { strongest } from './strongest.ts';

export interface ComponentBarsProps {
  readonly method: Method;
  readonly descriptors: readonly { readonly name: string; readonly unit: string }[];
  /** [k][D]: change of the latent per standard deviation of each descriptor. */
  readonly components: readonly { readonly coefficients: readonly number[]; readonly title: string }[];
}

/** Of more descriptors than these only the strongest are drawn. */
export const DRAWN = 16;
const ROW = 20;

export function ComponentBars({ method, descriptors, components }: ComponentBarsProps) {
  const top = 1.05 * Math.max(...components.flatMap(({ coefficients }) => coefficients.map(Math.abs)));
  return (
    <div class="plot-grid">
      {components.map(({ coefficients, title }, j) => {
        const shown = strongest(coefficients, DRAWN).reverse();
        const name = (d: number) => descriptors[d]?.name ?? String(d);
        return (
          <Panel
            key={title}
            title={title}
            label={`Component ${j + 1}: ${shown
              .slice(-3)
              .reverse()
              .map((d) => `${name(d)} ${short(coefficients[d] as number, 2)}`)
              .join(', ')}`}
            height={72 + ROW * shown.length}
            x={{ label: 'per standard deviation', domain: [-top, top], ticks: 5 }}
            y={{ label: '', domain: [-0.6, shown.length - 0.4], names: shown.map(name) }}
          >
            {({ x, y }) => (
              <>
                {shown.map((d, i) => {
                  const value = coefficients[d] as number;
                  return (
                    <rect
                      key={d}
                      x={Math.min(x(0), x(value))}
                      y={y(i) - 6}
                      width={Math.abs(x(value) - x(0))}
                      height={12}
                      fill={`var(--${method})`}
                    >
                      <title>{`${name(d)}: ${short(value)}`}</title>
                    </rect>
                  );
                })}
                <path d={`M${x(0)} 0V1000`} stroke="var(--ink)" />
              </>
            )}
          </Panel>
        );
      })}
    </div>
  );
}
