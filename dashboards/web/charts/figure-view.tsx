/** A described figure on a page: caption, legend, panels, table, files. */
import type { ComponentChildren } from 'preact';
import type { Figure as DescribedFigure, LegendEntry } from '../../../figures/model.ts';
import { drawSample, SAMPLE } from '../../../figures/rendering/draw.ts';
import { themePaint } from '../../../figures/rendering/palette.ts';
import { Figure } from '../parts/figure.tsx';
import { DataTable } from '../parts/record-table.tsx';
import { labelledLines, ReadablePanel } from './crosshair.tsx';
import { PanelView, svgElement } from './panel.tsx';

export interface FigureViewProps {
  readonly figure: DescribedFigure;
  /** Controls above the panels. */
  readonly above?: ComponentChildren;
  readonly below?: ComponentChildren;
  /** In place of the panels, or of the table of a figure without any. */
  readonly children?: ComponentChildren;
}

export function FigureView({ figure, above, below, children }: FigureViewProps) {
  return (
    <Figure title={figure.title} caption={figure.caption} name={figure.id} table={figure.table}>
      {above}
      {children ??
        (figure.panels.length > 0 ? <Panels figure={figure} /> : <DataTable caption={figure.title} {...figure.table()} />)}
      {below}
    </Figure>
  );
}

type Drawn = Pick<DescribedFigure, 'panels' | 'legend' | 'panelWidth'> & { readonly id?: string };

export function Panels({ figure: { id = '', panels, legend, panelWidth } }: { readonly figure: Drawn }) {
  return (
    <>
      <Legend entries={legend} />
      <PanelGrid width={panelWidth}>
        {panels.map((panel, i) =>
          labelledLines(panel).length > 0 ? (
            <ReadablePanel key={i} panel={panel} figure={id} />
          ) : (
            <PanelView key={i} panel={panel} />
          ),
        )}
      </PanelGrid>
    </>
  );
}

/** Panels next to each other where there is room. `width`: of a panel at least, in pixels. */
export function PanelGrid({ width, children }: { readonly width: number; readonly children: ComponentChildren }) {
  return (
    <div class="plot-grid" style={{ '--panel': `${width}px` }}>
      {children}
    </div>
  );
}

export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <ul class="legend">
      {entries.map((entry) => (
        <li key={entry.label}>
          {entry.kind === 'ramp' ? (
            <ColourScale name={entry.label} low={entry.low} high={entry.high} />
          ) : (
            <>
              <svg class="icon" {...SAMPLE} aria-hidden="true">
                {drawSample(entry, themePaint).map(svgElement)}
              </svg>
              {entry.label}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The scale of rising values between its ends. */
export function ColourScale({ name, low, high }: { readonly name: string; readonly low: string; readonly high: string }) {
  return (
    <div class="colour-scale">
      <span class="name">Colour: {name}</span>
      <span>{low}</span>
      <span class="ramp" role="img" aria-label={`from faint, ${low}, to strong, ${high}`} />
      <span>{high}</span>
    </div>
  );
}
