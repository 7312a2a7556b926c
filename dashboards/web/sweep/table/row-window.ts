/** Which rows of a long table stand in the document: those in sight and some around them. */
export interface RowWindow {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** Rows beyond either edge: quick scrolling finds them there already. */
const AROUND = 8;

export function computeRowWindow(scrolled: number, height: number, rowHeight: number, rows: number): RowWindow {
  const first = Math.floor(scrolled / rowHeight) - AROUND;
  const last = Math.ceil((scrolled + height) / rowHeight) + AROUND;
  const to = Math.min(rows, Math.max(0, last));
  return { from: Math.max(0, Math.min(first, to)), to };
}

/** Where to scroll to so that a row is in sight below the heading; null where it is. */
export function computeScroll(row: number, scrolled: number, height: number, rowHeight: number, head: number): number | null {
  const top = row * rowHeight;
  if (top < scrolled) return top;
  const bottom = top + rowHeight + head;
  return bottom > scrolled + height ? bottom - height : null;
}
