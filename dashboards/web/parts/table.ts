/** What a chart is drawn from, as rows: shown below it, saved as CSV. */
export type Cell = string | number | null;

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}
