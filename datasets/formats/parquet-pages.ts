/** The pages of a column of Parquet: the library follows their headers wherever they lead. */
import type { ColumnMetaData, PageHeader } from 'hyparquet';

/** Reads the header at the offset, which it moves to its end. */
type ReadHeader = (reader: { view: DataView; offset: number }) => PageHeader;

/** Returns the bytes of a column in a row group: from, to. */
export function rangeOf({ dictionary_page_offset, data_page_offset, total_compressed_size }: ColumnMetaData): [number, number] {
  const from = dictionary_page_offset || data_page_offset;
  return [Number(from), Number(from + total_compressed_size)];
}

/** Throws where sizes or counts of pages are not numbers, or do not fit the column's bytes. */
export function requirePages(bytes: ArrayBuffer, { num_values, path_in_schema }: ColumnMetaData, readHeader: ReadHeader): void {
  const reader = { view: new DataView(bytes), offset: 0 };
  let left = Number(num_values);
  // Bytes behind the last value of a plain column are not read.
  const isPlain = path_in_schema.length === 1;
  while (reader.offset < bytes.byteLength - 1 && !(isPlain && left === 0)) {
    const at = reader.offset;
    const header = readHeader(reader);
    left -= header.dictionary_page_header ? 0 : ((header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0);
    const isWithin = reader.offset + header.compressed_page_size <= bytes.byteLength;
    if (!isWithin || left < 0 || !countsOf(header).every((count) => Number.isSafeInteger(count) && count >= 0)) {
      throw new Error(`the page at byte ${at} of column "${path_in_schema.join('.')}" has a corrupt header`);
    }
    reader.offset += header.compressed_page_size;
  }
}

/** Returns the numbers of a header, each of which must be a count; without a kind of page, NaN. */
function countsOf(header: PageHeader): number[] {
  const { data_page_header: data, data_page_header_v2: data2, dictionary_page_header: dictionary } = header;
  const { compressed_page_size: packed, uncompressed_page_size: whole } = header;
  // A value of a dictionary takes a bit at least.
  if (dictionary) return [packed, whole, dictionary.num_values, 8 * whole - dictionary.num_values];
  if (!data2) return [packed, whole, data?.num_values ?? Number.NaN];
  const { num_values, num_nulls, definition_levels_byte_length, repetition_levels_byte_length } = data2;
  const levels = definition_levels_byte_length + repetition_levels_byte_length;
  return [
    packed,
    whole,
    num_nulls,
    num_values - num_nulls,
    definition_levels_byte_length,
    repetition_levels_byte_length,
    packed - levels,
  ];
}
