/** The rows of a long table that are in the document: the visible ones and some around them. */
export interface RowWindow {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** Rows beyond either edge, so that quick scrolling shows no gaps. */
const OVERSCAN = 8;

export function computeRowWindow(scrolled: number, height: number, rowHeight: number, rows: number): RowWindow {
  const first = Math.floor(scrolled / rowHeight) - OVERSCAN;
  const last = Math.ceil((scrolled + height) / rowHeight) + OVERSCAN;
  const to = Math.min(rows, Math.max(0, last));
  return { from: Math.max(0, Math.min(first, to)), to };
}

/** Returns the offset that shows a row below the heading; null where it is visible already. */
export function computeScroll(row: number, scrolled: number, height: number, rowHeight: number, head: number): number | null {
  const top = row * rowHeight;
  if (top < scrolled) return top;
  const bottom = top + rowHeight + head;
  return bottom > scrolled + height ? bottom - height : null;
}
