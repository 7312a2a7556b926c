/** Tables behind charts: shown below them, saved as CSV. */
export type { Cell, Table } from '../../../figures/model.ts';
