/** A chart with what every chart here has: a caption, the table behind it, and files of both. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { downloadPng, downloadSvg, downloadText, formatCsv } from './download.ts';
import { ScrollingTable } from './scrolling.tsx';
import type { Cell, Table } from './table.ts';

export type { Cell, Table };

/** Rows of a table that are shown at once; the CSV has all, and the page says so. */
const SHOWN_ROWS = 200;

export interface FigureProps {
  readonly title: string;
  /** What is seen, with its units: read aloud in place of the picture as well. */
  readonly caption?: ComponentChildren;
  /** Of files that are saved from here. */
  readonly name: string;
  /** Made when it is looked at. */
  readonly table: () => Table;
  /** Every `svg` inside makes the SVG, as they lie on the page; where there is none, every `canvas` the PNG. */
  readonly children: ComponentChildren;
  readonly level?: 2 | 3;
}

export function Figure({ title, caption, name, table, children, level = 2 }: FigureProps) {
  const [open, setOpen] = useState(false);
  const chart = useRef<HTMLDivElement>(null);
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <figure class="figure" aria-labelledby={id}>
      <div class="figure-head">
        <Heading id={id}>{title}</Heading>
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
            Picture
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

export function DataTable({ head, rows, caption }: Table & { readonly caption: string }) {
  const shown = rows.slice(0, SHOWN_ROWS);
  const isNumber = head.map((_, j) => shown.some((row) => typeof row[j] === 'number'));
  return (
    <ScrollingTable label={caption}>
      <table>
        <thead>
          <tr>
            {head.map((name, j) => (
              <th key={name} scope="col" class={isNumber[j] ? 'number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={head[j]} class={isNumber[j] ? 'number' : undefined}>
                  {shownCell(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <p class="soft">
          {shown.length} of {rows.length} rows; the CSV has all.
        </p>
      )}
    </ScrollingTable>
  );
}

/** Five digits are more than an eye compares; null is a dash, never a zero. */
export const shownCell = (cell: Cell): string =>
  cell === null ? '–' : typeof cell === 'number' ? String(Number(cell.toPrecision(5))) : cell;
