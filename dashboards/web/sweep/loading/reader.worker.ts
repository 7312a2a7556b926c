/** The thread behind reader.ts. */
import { Failure } from '../../api/failure.ts';
import { type ReadResult, readColumns } from './read-decoded.ts';

export type ReadRequest =
  | { readonly kind: 'read'; readonly id: number; readonly url: string }
  /** Nobody waits for it any more. */
  | { readonly kind: 'leave'; readonly id: number };

export type ReadResponse = { readonly id: number } & (
  | ({ readonly kind: 'read' } & ReadResult)
  | ({ readonly kind: 'failed' } & Pick<Failure, 'status' | 'problem' | 'message' | 'retryAfter'>)
);

const aborts = new Map<number, AbortController>();

addEventListener('message', async ({ data }: MessageEvent<ReadRequest>) => {
  const { id } = data;
  if (data.kind === 'leave') {
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

/** What is handed over is not copied. */
function respond(reading: ReadResponse, handedOver: ArrayBuffer[] = []): void {
  postMessage(reading, { transfer: handedOver });
}
