/** A panel of lines that are read at the pointer, whose x the panels of one figure share. */
import { signal } from '@preact/signals';
import type { Mark, Panel, Point } from '../../../figures/model.ts';
import { short } from '../../../figures/numbers.ts';
import type { Layout } from '../../../figures/rendering/layout.ts';
import { PanelView } from './panel.tsx';

/** The x under the pointer, and the figure it is in. */
const pointed = signal<{ readonly figure: string; readonly x: number } | null>(null);

type LabelledLine = Extract<Mark, { kind: 'line' }> & { readonly label: string };

export const labelledLines = ({ marks }: Panel): LabelledLine[] =>
  marks.filter((mark): mark is LabelledLine => mark.kind === 'line' && mark.label !== undefined);

export function ReadablePanel({ panel, figure }: { readonly panel: Panel; readonly figure: string }) {
  const x = pointed.value?.figure === figure ? pointed.value.x : null;
  const found = x === null ? [] : labelledLines(panel).flatMap((line) => nearestOf(line, x));
  return (
    <div>
      <PanelView
        panel={panel}
        onPoint={({ px }, { x: scale, box }, kind) => {
          const isInside = kind !== 'leave' && px >= box.left && px <= box.right;
          pointed.value = isInside ? { figure, x: scale.invert(px) } : null;
        }}
      >
        {(layout) => found.length > 0 && <Crosshair found={found} layout={layout} />}
      </PanelView>
      {panel.x.label !== '' && (
        <p class="readout" aria-hidden="true">
          {readoutOf(panel, found)}
        </p>
      )}
    </div>
  );
}

interface Found {
  readonly line: LabelledLine;
  readonly at: Point;
}

function Crosshair({ found, layout: { x, y, box } }: { readonly found: readonly Found[]; readonly layout: Layout }) {
  const [first] = found;
  return (
    <g pointer-events="none">
      {first && <path d={`M${x(first.at[0])} ${box.top}V${box.bottom}`} stroke="var(--soft)" stroke-dasharray="3 3" />}
      {found.map(({ line, at }) => (
        <circle key={line.label} cx={x(at[0])} cy={y(at[1])} r={3.5} fill="var(--ink)" stroke="var(--page)" />
      ))}
    </g>
  );
}

function readoutOf(panel: Panel, found: readonly Found[]): string {
  const [first] = found;
  if (!first) return '';
  return `${panel.x.label}: ${short(first.at[0], 6)} · ${found.map(({ line, at }) => `${line.label} ${short(at[1], 4)}`).join(' · ')}`;
}

/** Returns the point of a line that is nearest on x; none of an empty line. */
function nearestOf(line: LabelledLine, x: number): Found[] {
  let best: Point | null = null;
  for (const run of line.runs)
    for (const point of run) if (best === null || Math.abs(point[0] - x) < Math.abs(best[0] - x)) best = point;
  return best === null ? [] : [{ line, at: best }];
}
