/** Fetches columns and decodes them for charts. */
import { COLUMNS_TYPE, decodeColumns } from '../../../contract/columns.ts';
import { requireSuccess } from '../../api/failure.ts';
import { type Decoded, decode } from '../../trials/decode.ts';

export interface ReadResult {
  readonly answer: Decoded;
  /** Arrival of the last byte, in ms since 1970: threads have different time origins. */
  readonly arrived: number;
}

/** Throws Failure. */
export async function readColumns(url: string, signal?: AbortSignal): Promise<ReadResult> {
  const response = await requireSuccess(fetch(url, { headers: { accept: COLUMNS_TYPE }, ...(signal && { signal }) }));
  const bytes = await response.arrayBuffer();
  const arrived = performance.timeOrigin + performance.now();
  return { answer: decode(decodeColumns(bytes)), arrived };
}
