/** A table of all selected trials, of which the visible rows are in the document. */
import { trialPath } from '../../parts/paths.ts';
import './trials-table.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { METHODS, type Method } from '../../../../models/methods/catalogue.ts';
import { rowsOf } from '../../../../search/columns/column.ts';
import { firstRows, type Order, sortRows } from '../../../../search/columns/order.ts';
import { trialId } from '../../../../search/space.ts';
import { OUTCOMES } from '../../../../search/states.ts';
import { formatCount, pluralise } from '../../parts/format.ts';
import { MethodName, OutcomeTag } from '../../parts/labels.tsx';
import { formatValue } from '../../trials/axis.ts';
import type { Selection } from '../../trials/selection.ts';
import type { Field, TrialTable } from '../../trials/table.ts';
import { computeRowWindow, computeScroll } from './row-window.ts';

const ROW = 36;
const HEAD = 36;
const HEIGHT = 480;

/** The most learning curves that can be pinned. */
export const MOST_PINS = 8;

/** Trials of which the learning curves of some are pinned, by row. */
export interface PinningProps {
  readonly sweepId: string;
  readonly table: TrialTable;
  readonly pins: readonly number[];
  readonly onPin: (row: number) => void;
}

export interface TrialsTableProps extends PinningProps {
  readonly selection: Selection;
  readonly columns: readonly string[];
  readonly sort: string;
  readonly order: Order;
  readonly onSort: (column: string, order: Order) => void;
  readonly picked: number | null;
  readonly onPick: (row: number) => void;
}

/** Milliseconds between two sorts while trials arrive: rows that move more often cannot be read. */
const SORT_INTERVAL_MS = 1000;

/** Rows that are sorted at once: more than the document has before the first scroll. */
const FIRST = 64;

interface Sorted {
  /** All rows, or the first ones. */
  readonly rows: Uint32Array;
  /** All of them. */
  readonly count: number;
}

/**
 * Sorts the selected rows in a task of its own, so that no drawing waits for it; at once when
 * another order is requested. The first rows of a new table are found in one pass, the others are
 * sorted when the page has been drawn, or on scrolling.
 */
function useSorted(table: TrialTable, selection: Selection, field: Field, order: Order, isScrolled: boolean): Sorted {
  const last = useRef({ version: table.version, at: performance.now() });
  const [sorted, setSorted] = useState<Sorted>(() => {
    const rows = rowsOf(selection.mask);
    return { rows: firstRows(rows, field, order, FIRST), count: rows.length };
  });
  const isPartial = sorted.rows.length < sorted.count;
  const isFirst = useRef(true);
  useEffect(() => {
    const mayWait = table.version !== last.current.version || (isFirst.current && !isScrolled);
    const wait = mayWait ? Math.max(0, last.current.at + SORT_INTERVAL_MS - performance.now()) : 0;
    isFirst.current = false;
    const timer = setTimeout(() => {
      last.current = { version: table.version, at: performance.now() };
      const rows = rowsOf(selection.mask);
      sortRows(rows, field, order);
      setSorted({ rows, count: rows.length });
    }, wait);
    return () => clearTimeout(timer);
  }, [selection, field, order, isScrolled && isPartial]);
  return sorted;
}

export function TrialsTable(props: TrialsTableProps) {
  const { sweepId, table, selection, columns, sort, order, onSort, pins, onPin, picked, onPick } = props;
  const { route } = useLocation();
  const box = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const [active, setActive] = useState(0);
  const [announced, announce] = useState('');
  const fields = columns.flatMap((name) => table.fields.get(name) ?? []);
  const by = table.fields.get(sort) ?? (table.fields.get('index') as Field);
  const { rows: sorted, count: rows } = useSorted(table, selection, by, order, scrolled > 0);
  const at = Math.min(active, Math.max(0, rows - 1));
  const { from, to } = computeRowWindow(scrolled, HEIGHT - HEAD, ROW, rows);

  const go = (row: number) => {
    const next = Math.max(0, Math.min(rows - 1, row));
    setActive(next);
    const trial = next in sorted ? `: trial ${sorted[next]}` : '';
    announce(`Row ${formatCount(next + 1)} of ${formatCount(rows)}${trial}`);
    const place = box.current && computeScroll(next, box.current.scrollTop, HEIGHT, ROW, HEAD);
    if (box.current && place !== null) box.current.scrollTop = place;
  };
  const page = Math.floor((HEIGHT - HEAD) / ROW) - 1;
  const press = (event: KeyboardEvent) => {
    // Buttons and links handle their own keys.
    if (event.target !== event.currentTarget) return;
    const row = sorted[at];
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) go(target);
    else if (row === undefined) return;
    else if (event.key === 'Enter') route(trialPath(trialId(sweepId, row)));
    else if (event.key === ' ') onPin(row);
    else if (event.key === 'p') onPick(row);
    else return;
    event.preventDefault();
  };
  const tabbable = (place: number) => (place === at ? 0 : -1);
  return (
    <>
      <section
        class="trials"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must reach what scrolls
        tabIndex={0}
        aria-label="List of trials. Arrow keys move, Enter opens a trial, the space bar pins its learning curve, P highlights it in the charts"
        style={{ height: `${HEIGHT}px` }}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
        onKeyDown={press}
      >
        <div style={{ height: `${HEAD + ROW * rows}px` }}>
          <table aria-rowcount={rows + 1} style={{ marginTop: `${from * ROW}px` }}>
            <thead>
              <tr aria-rowindex={1} style={{ height: `${HEAD}px` }}>
                <th scope="col">curve</th>
                {fields.map((field) => {
                  const isSorted = field.name === sort;
                  const next = isSorted && order === 'desc' ? 'asc' : 'desc';
                  return (
                    <th
                      key={field.name}
                      scope="col"
                      class={field.categories ? undefined : 'number'}
                      aria-sort={isSorted ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
                    >
                      <button type="button" onClick={() => onSort(field.name, next)}>
                        {field.label}
                        {field.unit === null ? '' : ` / ${field.unit}`}
                      </button>
                    </th>
                  );
                })}
              </tr>
            </thead>
            <tbody>
              {Array.from(sorted.subarray(from, to), (row, i) => {
                const place = from + i;
                const isPinned = pins.includes(row);
                return (
                  <tr
                    key={row}
                    class={`${place === at ? 'active' : ''}${row === picked ? ' chosen' : ''}`}
                    aria-rowindex={place + 2}
                    style={{ height: `${ROW}px` }}
                    onClick={() => setActive(place)}
                  >
                    <td class="pin">
                      <button
                        type="button"
                        tabIndex={tabbable(place)}
                        aria-pressed={isPinned}
                        aria-label={`Learning curve of trial ${row}`}
                        disabled={!isPinned && pins.length >= MOST_PINS}
                        onClick={() => onPin(row)}
                      >
                        {isPinned ? '−' : '+'}
                      </button>
                    </td>
                    {fields.map((field) => (
                      <td key={field.name} class={field.categories ? undefined : 'number'}>
                        <CellValue field={field} row={row} sweepId={sweepId} tabIndex={tabbable(place)} />
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
          {selection.count === 0 && <p class="soft none-left">No trial matches the filter and the brushes.</p>}
        </div>
      </section>
      <p class="on-paper">
        {formatCount(to - from)} of {pluralise(rows, 'trial')} printed; the CSV file has all.
      </p>
      <p class="unseen" role="status">
        {announced}
      </p>
    </>
  );
}

function CellValue({
  field,
  row,
  sweepId,
  tabIndex,
}: Readonly<{ field: Field; row: number; sweepId: string; tabIndex: number }>) {
  const value = field.values[row] ?? Number.NaN;
  if (field.name === 'index') {
    return (
      <a href={trialPath(trialId(sweepId, row))} tabIndex={tabIndex}>
        {row}
      </a>
    );
  }
  if (Number.isNaN(value)) return <span class="soft">{field.name === 'outcome' ? 'not yet' : '–'}</span>;
  if (field.name === 'method') return <MethodName method={(field.categories?.[value] as Method) ?? METHODS[0]} />;
  if (field.name === 'outcome') return <OutcomeTag outcome={OUTCOMES[value] ?? 'rung'} />;
  return <>{formatValue(field, value)}</>;
}
