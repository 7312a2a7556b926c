/** A panel of points, each with a tooltip and perhaps a click. */
import { useState } from 'preact/hooks';
import type { Panel } from '../../../figures/model.ts';
import type { Layout } from '../../../figures/rendering/layout.ts';
import { PanelView } from './panel.tsx';

export interface PickablePanelProps {
  readonly panel: Panel;
  /** Coordinates of the points, in data units. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** The tooltip of the point at an index. */
  readonly tip: (index: number) => string;
  readonly onPick?: (index: number) => void;
}

/** Pixels within which a point is under the pointer. */
const REACH = 12;

export function PickablePanel({ panel, x, y, tip, onPick }: PickablePanelProps) {
  const [near, setNear] = useState<number | null>(null);
  const placeOf = (i: number, layout: Layout) => [layout.x(x[i] ?? Number.NaN), layout.y(y[i] ?? Number.NaN)] as const;
  const nearest = (px: number, py: number, layout: Layout): number | null => {
    let best: number | null = null;
    let least = REACH ** 2;
    for (let i = 0; i < x.length; i++) {
      const [ownX, ownY] = placeOf(i, layout);
      const distance = (ownX - px) ** 2 + (ownY - py) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  };
  return (
    <PanelView
      panel={panel}
      onPoint={({ px, py }, layout, kind) => {
        const found = kind === 'leave' ? null : nearest(px, py, layout);
        setNear(found);
        if (kind === 'press' && found !== null) onPick?.(found);
      }}
      over={(layout) => {
        if (near === null) return null;
        const [px, py] = placeOf(near, layout);
        const isRight = px > (layout.box.left + layout.box.right) / 2;
        const transform = `translate(${isRight ? 'calc(-100% - 10px)' : '10px'}, -110%)`;
        return (
          <div class="tip" style={{ top: `${py}px`, left: `${px}px`, transform }}>
            {tip(near)}
          </div>
        );
      }}
    >
      {(layout) => {
        if (near === null || near >= x.length) return null;
        const [px, py] = placeOf(near, layout);
        return <circle cx={px} cy={py} r={7} fill="none" stroke="var(--ink)" stroke-width={2} />;
      }}
    </PanelView>
  );
}
