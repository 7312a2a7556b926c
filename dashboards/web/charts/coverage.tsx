/** Covered variance against the width of the bottleneck: what every sweep is for. */
import './coverage.css';
import { line } from 'd3-shape';
import { useRef } from 'preact/hooks';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../../../text/names.ts';
import type { Coverage } from '../../contract/sweeps.ts';
import { apart, enoughAt, figuresOf, linearShares, residualShares, widthPlaces } from './coverage-scale.ts';
import { useWidth } from './size.ts';

const HEIGHT = 380;
const MARGIN = { left: 58, right: 148, top: 18, bottom: 46 };
/** Methods stand beside one another at a width, so that their intervals do not hide each other. */
const ASIDE = 7;
/** Dashes of the baselines that have components. */
const BASELINE_DASHES: Readonly<Record<string, string>> = { pcr: '1 4', pls2: '5 2 1 2' };

export interface CoverageChartProps {
  readonly coverage: Coverage;
  /** Widths of the space: also those that nothing is known of yet. */
  readonly widths: readonly number[];
  readonly residual: boolean;
  readonly label: string;
}

export function CoverageChart({ coverage, widths, residual, label }: CoverageChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { rows, emulator, baselines } = coverage;
  const figures = figuresOf(coverage);
  const shares = residual ? residualShares(figures) : linearShares(figures);
  const { place, isEven } = widthPlaces(widths);
  const right = width < 520 ? 24 : MARGIN.right;
  const across = Math.max(1, width - MARGIN.left - right - 2 * ASIDE);
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  const foot = MARGIN.top + down;
  const x = (k: number) => MARGIN.left + ASIDE + across * place(k);
  const y = (share: number) => foot - down * shares.place(share);
  const end = MARGIN.left + across + 2 * ASIDE;
  const methods = METHODS.filter((method) => rows.some((row) => row.method === method));
  const asideOf = (method: (typeof METHODS)[number]) => ASIDE * (methods.indexOf(method) - (methods.length - 1) / 2);
  const flat = [
    ...(emulator ? [{ name: 'emulator', share: emulator.mean }] : []),
    ...baselines.filter(({ k }) => k === null).map(({ name, coveredVariance }) => ({ name, share: coveredVariance })),
  ].filter(({ name }, i, all) => all.findIndex((one) => one.name === name) === i);
  const labels = apart(
    flat.map(({ share }) => y(share)),
    14,
  );
  const enough = enoughAt(coverage);
  const stepped = [...new Set(baselines.filter(({ k }) => k !== null).map(({ name }) => name))];
  return (
    <div class="coverage" ref={box}>
      <div style={{ height: `${HEIGHT}px` }}>
        {width > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a drawing whose marks are links; a fieldset draws nothing
          <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="group" aria-label={label}>
            <g class="grid">
              {shares.ticks.map(({ at, text }) => (
                <line key={text} x1={MARGIN.left} x2={end} y1={foot - down * at} y2={foot - down * at} />
              ))}
            </g>
            <g class="axis">
              {shares.ticks.map(({ at, text }) => (
                <text key={text} x={MARGIN.left - 8} y={foot - down * at} dy="0.32em" text-anchor="end">
                  {text}
                </text>
              ))}
              <line x1={MARGIN.left} x2={end} y1={foot} y2={foot} />
              {widths.map((k) => (
                <g key={k}>
                  <line x1={x(k)} x2={x(k)} y1={foot} y2={foot + 4} />
                  <text x={x(k)} y={foot + 17} text-anchor="middle">
                    {k}
                  </text>
                </g>
              ))}
            </g>
            <text class="name" x={MARGIN.left + across / 2} y={HEIGHT - 6} text-anchor="middle">
              bottleneck width k{isEven ? ' (evenly spaced)' : ''}
            </text>
            <text class="name" transform={`translate(13 ${MARGIN.top + down / 2}) rotate(-90)`} text-anchor="middle">
              covered variance{residual ? ' (log of what is missing)' : ''}
            </text>
            {enough && (
              <g class="enough">
                <line x1={x(enough.k)} x2={x(enough.k)} y1={MARGIN.top} y2={foot} />
                <text
                  x={x(enough.k) + (place(enough.k) > 0.6 ? -6 : 6)}
                  y={foot - 10}
                  text-anchor={place(enough.k) > 0.6 ? 'end' : 'start'}
                >
                  k = {enough.k}: within 1 % of {emulator ? 'the emulator' : '1'}
                </text>
              </g>
            )}
            {emulator && emulator.high > emulator.low && (
              <rect
                class="emulator-range"
                x={MARGIN.left}
                width={end - MARGIN.left}
                y={y(emulator.high)}
                height={Math.max(1, y(emulator.low) - y(emulator.high))}
              />
            )}
            {flat.map(({ name, share }, i) => (
              <g key={name} class={`reference ${name}`}>
                <line
                  x1={MARGIN.left}
                  x2={end}
                  y1={y(share)}
                  y2={y(share)}
                  stroke-dasharray={name === 'emulator' ? '' : '8 4 2 4'}
                />
                {right > 40 && (
                  <text x={end + 6} y={labels[i]} dy="0.32em">
                    {BASELINE_NAMES[name] ?? name} {formatScore(share)}
                  </text>
                )}
              </g>
            ))}
            {stepped.map((name) => (
              <path
                key={name}
                class={`reference ${name}`}
                fill="none"
                stroke-dasharray={BASELINE_DASHES[name] ?? '3 3'}
                d={
                  line<Coverage['baselines'][number]>(
                    (one) => x(one.k as number),
                    (one) => y(one.coveredVariance),
                  )(
                    baselines
                      .filter((one) => one.name === name && one.k !== null && widths.includes(one.k))
                      .sort((a, b) => (a.k as number) - (b.k as number)),
                  ) ?? ''
                }
              />
            ))}
            {methods.map((method) => {
              const own = rows.filter((row) => row.method === method).sort((a, b) => a.k - b.k);
              const aside = asideOf(method);
              const path = line<Coverage['rows'][number]>(
                (row) => x(row.k) + aside,
                (row) => y(row.coveredVariance.mean),
              )(own);
              return (
                <g key={method} class={`of-method ${method}`}>
                  <path class="line" d={path ?? ''} fill="none" stroke-dasharray={METHOD_STYLES[method].dash} />
                  {own.map(({ k, coveredVariance: { mean, low, high, best }, trials, bestTrial }) => {
                    const told = `${METHOD_STYLES[method].label}, k = ${k}: ${formatScore(mean)} (95 % ${formatScore(low)} to ${formatScore(high)}, ${trials} ${trials === 1 ? 'seed' : 'seeds'}), best ${formatScore(best)}`;
                    return (
                      <a key={k} href={`/trials/${encodeURIComponent(bestTrial)}`} aria-label={`${told}. To its best trial`}>
                        <title>{told}</title>
                        <line class="interval" x1={x(k) + aside} x2={x(k) + aside} y1={y(low)} y2={y(high)} />
                        <circle class="reach" cx={x(k) + aside} cy={y(mean)} r={12} />
                        <path
                          class="mark"
                          transform={`translate(${x(k) + aside} ${y(mean)}) scale(1.15)`}
                          d={METHOD_STYLES[method].mark}
                        />
                      </a>
                    );
                  })}
                </g>
              );
            })}
          </svg>
        )}
      </div>
      <ul class="legend">
        {methods.map((method) => (
          <li key={method} class={method}>
            <Sample dash={METHOD_STYLES[method].dash} mark={METHOD_STYLES[method].mark} />
            {METHOD_STYLES[method].label}
          </li>
        ))}
        {flat.map(({ name, share }) => (
          <li key={name} class={`baseline ${name}`}>
            <Sample dash={name === 'emulator' ? '' : '8 4 2 4'} />
            {BASELINE_NAMES[name] ?? name} <span class="number">{formatScore(share)}</span>
          </li>
        ))}
        {stepped.map((name) => (
          <li key={name} class={`baseline ${name}`}>
            <Sample dash={BASELINE_DASHES[name] ?? '3 3'} />
            {BASELINE_NAMES[name] ?? name}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sample({ dash, mark }: { readonly dash: string; readonly mark?: string }) {
  return (
    <svg class="icon sample" viewBox="0 -6 34 12" width="34" height="12" aria-hidden="true">
      <line x1="1" x2="33" y1="0" y2="0" stroke-dasharray={dash} />
      {mark !== undefined && <path transform="translate(17 0)" d={mark} />}
    </svg>
  );
}
