/** The thread behind reader.ts. */
import { Failure } from '../../api/failure.ts';
import { type Read, readDecoded } from './read-decoded.ts';

export type ReadingRequest =
  | { readonly kind: 'read'; readonly id: number; readonly url: string }
  /** Nobody waits for it any more. */
  | { readonly kind: 'leave'; readonly id: number };

export type Reading = { readonly id: number } & (
  | ({ readonly kind: 'read' } & Read)
  | ({ readonly kind: 'failed' } & Pick<Failure, 'status' | 'problem' | 'message' | 'retryAfter'>)
);

const underWay = new Map<number, AbortController>();

addEventListener('message', async ({ data }: MessageEvent<ReadingRequest>) => {
  const { id } = data;
  if (data.kind === 'leave') {
    underWay.get(id)?.abort();
    return;
  }
  const abort = new AbortController();
  underWay.set(id, abort);
  try {
    const read = await readDecoded(data.url, abort.signal);
    tell(
      { kind: 'read', id, ...read },
      read.answer.columns.map(({ values }) => values.buffer),
    );
  } catch (error) {
    if (abort.signal.aborted) return;
    const { status, problem, message, retryAfter } = error instanceof Failure ? error : new Failure(0, null, String(error));
    tell({ kind: 'failed', id, status, problem, message, retryAfter });
  } finally {
    underWay.delete(id);
  }
});

/** What is handed over is not copied. */
function tell(reading: Reading, handedOver: ArrayBuffer[] = []): void {
  postMessage(reading, { transfer: handedOver });
}
