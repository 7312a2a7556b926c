/** The one selection of the page, out of its address: filter, brushes, the best n. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useUrl } from '../../state/url.ts';
import { type FilterFault, parseFilter } from '../../trials/filter.ts';
import {
  type Brush,
  type Brushes,
  formatBrushes,
  NO_BRUSHES,
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
  /** Parts of the address that say no brush. */
  readonly brushFaults: readonly string[];
  readonly top: number | null;
  readonly brush: (name: string, brush: Brush | null) => void;
  readonly brushAll: (brushes: readonly (readonly [string, Brush | null])[]) => void;
  readonly clear: () => void;
}

/** A drag changes brushes many times a second; the address follows when it rests. */
const REST = 200;

export function useSelection(table: TrialTable, version: number): PageSelection {
  const { parameters, change } = useUrl();
  const where = parameters.where ?? '';
  const written = parameters.brush ?? '';
  const top = parseTop(parameters.top);
  // What is being dragged, until the address has it.
  const [held, setHeld] = useState<Brushes | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const parsed = useMemo(() => parseBrushes(written, table), [written, table]);
  const brushes = held ?? parsed.brushes;
  const latest = useRef(brushes);
  latest.current = brushes;
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (next: Brushes) => {
    latest.current = next;
    setHeld(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      change({ brush: formatBrushes(next) });
      setHeld(null);
    }, REST);
  };
  const { filter, fault } = useMemo(() => parseFilter(where, table), [where, table]);
  const selection = useMemo(() => selectTrials(table, brushes, filter, top), [table, version, brushes, filter, top]);
  return {
    selection,
    brushes,
    where,
    fault,
    brushFaults: held ? [] : parsed.faults,
    top,
    brush: (name, brush) => set(setBrush(latest.current, name, brush)),
    brushAll: (many) => set(many.reduce((all, [name, brush]) => setBrush(all, name, brush), latest.current)),
    clear: () => {
      clearTimeout(timer.current);
      latest.current = NO_BRUSHES;
      setHeld(null);
      change({ where: null, brush: null, top: null });
    },
  };
}

/** A whole number of trials; null where the address says none. */
export function parseTop(text: string | undefined): number | null {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value > 0 ? value : null;
}
