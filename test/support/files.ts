/** Writes HDF5 and Parquet files for tests. */
import { type Dataset, File, type GuessableDataTypes, ready } from 'h5wasm/node';
import { parquetWriteBuffer } from 'hyparquet-writer';

export interface Hdf5Data {
  readonly data: GuessableDataTypes;
  readonly shape?: number[];
  readonly chunks?: number[];
  readonly attributes?: Readonly<Record<string, GuessableDataTypes>>;
}

/** Writes datasets by path and creates their groups. Chunked datasets are compressed with gzip. */
export async function writeHdf5(path: string, datasets: Readonly<Record<string, Hdf5Data>>): Promise<void> {
  await ready;
  const file = new File(path, 'w');
  for (const [name, { data, shape, chunks, attributes = {} }] of Object.entries(datasets)) {
    const parts = name.split('/');
    let group = '';
    for (const part of parts.slice(0, -1)) {
      group = `${group}/${part}`;
      if (file.get(group) === null) file.create_group(group.slice(1));
    }
    file.create_dataset({
      name,
      data,
      ...(shape && { shape }),
      ...(chunks && { chunks, compression: 'gzip' as const }),
    });
    const dataset = file.get(name) as Dataset;
    for (const [attribute, value] of Object.entries(attributes)) dataset.create_attribute(attribute, value);
  }
  file.close();
}

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

export function parquetOf(columnData: Columns, rowGroupSize = 100): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
}
