/** The selection of the page, held in its address: filter, brushes, the best n. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useDebouncedUrl } from '../../state/debounce.ts';
import { useUrl } from '../../state/url.ts';
import { type FilterFault, parseFilter } from '../../trials/filter.ts';
import {
  type Brush,
  type Brushes,
  formatBrushes,
  parseBrushes,
  type Selection,
  selectTrials,
  setBrush,
} from '../../trials/selection.ts';
import type { TrialTable } from '../../trials/table.ts';

export interface PageSelection {
  readonly selection: Selection;
  readonly brushes: Brushes;
  readonly where: string;
  readonly fault: FilterFault | null;
  /** Parts of the address that are not valid brushes. */
  readonly brushFaults: readonly string[];
  readonly top: number | null;
  readonly brush: (name: string, brush: Brush | null) => void;
  readonly brushAll: (brushes: readonly (readonly [string, Brush | null])[]) => void;
  readonly clear: () => void;
}

/** `leftOut`: 1 for trials that are not trained; null where all are. */
export function useSelection(table: TrialTable, version: number, leftOut: Uint8Array | null): PageSelection {
  const { parameters } = useUrl();
  const changeUrl = useDebouncedUrl();
  const where = parameters.where ?? '';
  const written = parameters.brush ?? '';
  const top = parseTop(parameters.top);
  // Brushes that are dragged change many times a second: the address follows when they rest.
  const [dragged, setDragged] = useState<Brushes | null>(null);
  useEffect(() => setDragged(null), [written]);
  const parsed = useMemo(() => parseBrushes(written, table), [written, table]);
  const brushes = dragged ?? parsed.brushes;
  const latest = useRef(brushes);
  latest.current = brushes;
  const set = (next: Brushes) => {
    latest.current = next;
    setDragged(next);
    changeUrl({ brush: formatBrushes(next) });
  };
  const { filter, fault } = useMemo(() => parseFilter(where, table), [where, table]);
  const selection = useMemo(
    () => selectTrials(table, brushes, filter, top, leftOut),
    [table, version, brushes, filter, top, leftOut],
  );
  return {
    selection,
    brushes,
    where,
    fault,
    brushFaults: dragged ? [] : parsed.faults,
    top,
    brush: (name, brush) => set(setBrush(latest.current, name, brush)),
    brushAll: (many) => set(many.reduce((all, [name, brush]) => setBrush(all, name, brush), latest.current)),
    clear: () => {
      setDragged(null);
      changeUrl.now({ where: null, brush: null, top: null });
    },
  };
}

/** Returns the number of best trials in the address, null without one. */
export function parseTop(text: string | undefined): number | null {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value > 0 ? value : null;
}
