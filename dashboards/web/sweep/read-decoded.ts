/** From the address of columns to what charts take. */
import { COLUMNS_TYPE, decodeColumns } from '../../contract/columns.ts';
import { answerOf } from '../api/failure.ts';
import { type Decoded, decoded } from './decoded.ts';

/** Throws Failure. */
export async function readDecoded(url: string, signal?: AbortSignal): Promise<Decoded> {
  const response = await answerOf(fetch(url, { headers: { accept: COLUMNS_TYPE }, ...(signal && { signal }) }));
  return decoded(decodeColumns(await response.arrayBuffer()));
}
