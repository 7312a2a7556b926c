/** The worker of reader.ts. */
import { Failure } from '../../api/failure.ts';
import { type ReadResult, readColumns } from './read-decoded.ts';

export type ReadRequest =
  | { readonly kind: 'read'; readonly id: number; readonly url: string }
  | { readonly kind: 'cancel'; readonly id: number };

export type ReadResponse = { readonly id: number } & (
  | ({ readonly kind: 'read' } & ReadResult)
  | ({ readonly kind: 'failed' } & Pick<Failure, 'status' | 'problem' | 'message' | 'retryAfter'>)
);

const aborts = new Map<number, AbortController>();

addEventListener('message', async ({ data }: MessageEvent<ReadRequest>) => {
  const { id } = data;
  if (data.kind === 'cancel') {
    aborts.get(id)?.abort();
    return;
  }
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const read = await readColumns(data.url, abort.signal);
    respond(
      { kind: 'read', id, ...read },
      read.answer.columns.map(({ values }) => values.buffer),
    );
  } catch (error) {
    if (abort.signal.aborted) return;
    const { status, problem, message, retryAfter } = error instanceof Failure ? error : new Failure(0, null, String(error));
    respond({ kind: 'failed', id, status, problem, message, retryAfter });
  } finally {
    aborts.delete(id);
  }
});

/** Transferred buffers are moved, not copied. */
function respond(response: ReadResponse, transfer: ArrayBuffer[] = []): void {
  postMessage(response, { transfer });
}
