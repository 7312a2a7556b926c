/** Latents and descriptors of the rows of a split, decoded from the columns of the API. */
import type { ColumnArray } from '../../../search/columns/column.ts';
import type { Columns } from '../../contract/columns.ts';

export interface Latents {
  /** Row numbers in the dataset, from 0. */
  readonly rows: ColumnArray;
  /** One column per latent. */
  readonly t: readonly ColumnArray[];
  readonly descriptors: readonly { readonly name: string; readonly unit: string; readonly values: ColumnArray }[];
}

/** Columns t1 to tk are latents; all after them are descriptors, even one that is called t1. */
export function latentsFromColumns({ columns }: Columns, k: number): Latents {
  const [row, ...rest] = columns;
  if (row?.name !== 'row' || rest.length < k) throw new RangeError(`the answer holds no ${k} latents`);
  return {
    rows: row.values,
    t: rest.slice(0, k).map(({ values }) => values),
    descriptors: rest.slice(k).map(({ name, unit, values }) => ({ name, unit: unit ?? '', values })),
  };
}
