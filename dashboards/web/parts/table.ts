/** The data behind a chart: shown below it, saved as CSV. */
export type Cell = string | number | null;

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}
