/** Tables: of records, by columns, and of the data behind a chart. */
import type { ComponentChildren } from 'preact';
import type { Cell, Table } from '../../../figures/model.ts';
import { formatCell } from '../../../figures/numbers.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row, index: number) => ComponentChildren;
  /** Aligned as a number. */
  readonly number?: boolean;
  /** Names its row. */
  readonly header?: boolean;
  /** Class of each cell. */
  readonly class?: string;
  /** Number of rows that a cell spans; 0 leaves it to the one above. */
  readonly span?: (row: Row, index: number) => number;
}

type Named = { readonly label: string; readonly labelledBy?: never } | { readonly labelledBy: string; readonly label?: never };

type ScrollingTableProps = Named & { readonly isTall?: boolean; readonly children: ComponentChildren };

/** A box that scrolls content wider than the page, and is reachable by keyboard. */
export function ScrollingTable({ label, labelledBy, isTall = false, children }: ScrollingTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class={isTall ? 'table tall' : 'table'} tabIndex={0} aria-label={label} aria-labelledby={labelledBy}>
      {children}
    </section>
  );
}

type RecordTableProps<Row> = Named & {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row, index: number) => string | number;
  /** Limits its height. */
  readonly isTall?: boolean;
};

export function RecordTable<Row>({ rows, columns, keyOf, ...scrolling }: RecordTableProps<Row>) {
  return (
    <ScrollingTable {...scrolling}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={keyOf(row, i)}>
              {columns.map((column) => (
                <RecordCell key={column.title} column={column} row={row} index={i} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollingTable>
  );
}

function RecordCell<Row>({ column, row, index }: { readonly column: Column<Row>; readonly row: Row; readonly index: number }) {
  const { header = false, cell, span } = column;
  const rows = span?.(row, index);
  if (rows === 0) return null;
  const content = cell(row, index);
  if (!header) return <td class={classOf(column)}>{content}</td>;
  return (
    <th scope={rows === undefined ? 'row' : 'rowgroup'} rowSpan={rows} class={classOf(column)}>
      {content}
    </th>
  );
}

const classOf = <Row,>({ number = false, class: name }: Column<Row>): string | undefined =>
  number || name ? [number && 'number', name].filter(Boolean).join(' ') : undefined;

/** Maximum number of rows on a page; the CSV has all. */
const SHOWN_ROWS = 200;

export function DataTable({ head, rows, caption }: Table & { readonly caption: string }) {
  const shown = rows.slice(0, SHOWN_ROWS);
  const columns = head.map((title, j) => ({
    title,
    number: shown.some((row) => typeof row[j] === 'number'),
    cell: (row: readonly Cell[]) => formatCell(row[j] ?? null),
  }));
  return (
    <>
      <RecordTable label={caption} rows={shown} columns={columns} keyOf={(_, i) => i} />
      {rows.length > shown.length && (
        <p class="soft">
          {shown.length} of {rows.length} rows; the CSV has all.
        </p>
      )}
    </>
  );
}
