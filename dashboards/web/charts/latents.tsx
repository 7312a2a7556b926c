/** Structures as points: one number against another, coloured by a third. */
import { useState } from 'preact/hooks';
import { Panel, type Scales } from './panel.tsx';
import { domainOf, rising, shareOf } from './scale.ts';

export interface Dimension {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

export interface ScatterProps {
  readonly label: string;
  readonly title?: string;
  readonly x: Dimension;
  readonly y: Dimension;
  /** Values on the rising scale over `domain`; without it all points have the one colour. */
  readonly shade?: { readonly values: ArrayLike<number>; readonly domain: readonly [number, number] };
  readonly colour?: string;
  readonly height: number;
  /** What is said of the point under the pointer. */
  readonly tip?: (row: number) => string;
  readonly onPick?: (row: number) => void;
  readonly chosen?: number | null;
}

/** Points drawn at most; the caller says how many of how many. */
export const MOST_POINTS = 20_000;
/** Colours that are told apart: one path each, however many the points. */
const BINS = 32;
const REACH = 12;

export function Scatter({
  label,
  title,
  x,
  y,
  shade,
  colour = 'var(--accent)',
  height,
  tip,
  onPick,
  chosen = null,
}: ScatterProps) {
  const [near, setNear] = useState<number | null>(null);
  const drawn = Math.min(x.values.length, MOST_POINTS);
  const nearest = (px: number, py: number, scales: Scales): number | null => {
    let best: number | null = null;
    let least = REACH ** 2;
    for (let i = 0; i < drawn; i++) {
      const distance = (scales.x(x.values[i] as number) - px) ** 2 + (scales.y(y.values[i] as number) - py) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  };
  const place = (i: number, scales: Scales) => [scales.x(x.values[i] as number), scales.y(y.values[i] as number)] as const;
  return (
    <Panel
      label={label}
      {...(title !== undefined && { title })}
      height={height}
      x={{ label: x.label, domain: domainOf(Array.from(x.values)) }}
      y={{ label: y.label, domain: domainOf(Array.from(y.values)) }}
      {...((tip || onPick) && {
        onPoint: ({ px, py }, scales, kind) => {
          const found = kind === 'leave' ? null : nearest(px, py, scales);
          setNear(found);
          if (kind === 'press' && found !== null) onPick?.(found);
        },
      })}
      over={(scales) => {
        if (near === null || !tip) return null;
        const [px, py] = place(near, scales);
        const onLeft = px > (scales.box.left + scales.box.right) / 2;
        return (
          <div
            class="tip"
            style={{ top: `${py}px`, left: `${px}px`, transform: `translate(${onLeft ? 'calc(-100% - 10px)' : '10px'}, -110%)` }}
          >
            {tip(near)}
          </div>
        );
      }}
    >
      {(scales) => (
        <>
          {binsOf(drawn, shade).map(({ share, rows }) => (
            <path
              key={share}
              // A stroke without length and round ends is a dot: thousands of them in one path.
              d={rows
                .map((i) => {
                  const [px, py] = place(i, scales);
                  return `M${px.toFixed(1)} ${py.toFixed(1)}h0`;
                })
                .join('')}
              fill="none"
              stroke-width={drawn > 2000 ? 3 : 5}
              stroke-linecap="round"
              style={{ stroke: share === null ? colour : rising(share), opacity: 0.85 }}
            />
          ))}
          {[near, chosen].map((row) => {
            if (row === null || row >= x.values.length) return null;
            const [px, py] = place(row, scales);
            return <circle key={row} cx={px} cy={py} r={7} fill="none" stroke="var(--ink)" stroke-width={2} />;
          })}
        </>
      )}
    </Panel>
  );
}

function binsOf(
  count: number,
  shade: ScatterProps['shade'],
): { readonly share: number | null; readonly rows: readonly number[] }[] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (!shade) return [{ share: null, rows: all }];
  const bins = Array.from({ length: BINS }, (): number[] => []);
  for (const i of all) {
    const value = shade.values[i] as number;
    if (Number.isFinite(value)) bins[Math.min(BINS - 1, Math.floor(shareOf(shade.domain, value) * BINS))]?.push(i);
  }
  return bins.flatMap((rows, bin) => (rows.length === 0 ? [] : [{ share: bin / (BINS - 1), rows }]));
}
