/** A chart with its caption, the table behind it, and downloads of both. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Table } from '../../../figures/model.ts';
import { downloadPng, downloadSvg, downloadText, formatCsv } from './download.ts';
import { DataTable } from './record-table.tsx';

export interface FigureProps {
  readonly title: string;
  /** Describes the chart, with units. */
  readonly caption?: ComponentChildren;
  /** Base name of downloaded files. */
  readonly name: string;
  /** Called when the table is shown or downloaded. */
  readonly table: () => Table;
  /** Downloaded: its `svg` elements as one SVG; without any, its `canvas` elements as one PNG. */
  readonly children: ComponentChildren;
}

export function Figure({ title, caption, name, table, children }: FigureProps) {
  const [open, setOpen] = useState(false);
  const chart = useRef<HTMLDivElement>(null);
  const id = useId();
  return (
    <figure class="figure" aria-labelledby={id}>
      <div class="figure-head">
        <h2 id={id}>{title}</h2>
        <fieldset class="tools" aria-label={`${title}: data and files`}>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            Table
          </button>
          <button type="button" onClick={() => downloadText(`${name}.csv`, 'text/csv', formatCsv(table()))}>
            CSV
          </button>
          <button
            type="button"
            onClick={() => {
              if (!chart.current) return;
              const panels = [...chart.current.querySelectorAll<SVGSVGElement>('svg:not(.icon)')];
              if (panels.length > 0) downloadSvg(`${name}.svg`, panels);
              else void downloadPng(`${name}.png`, chart.current);
            }}
          >
            Image
          </button>
        </fieldset>
      </div>
      {caption !== undefined && <figcaption>{caption}</figcaption>}
      <div class="chart" ref={chart}>
        {children}
      </div>
      {open && <DataTable caption={title} {...table()} />}
    </figure>
  );
}
