/** The process of background.ts: it starts the processes of boxes, and waits for them. */
import { faultOf, NarrowsError } from '../../errors.ts';
import type { Order, Progress } from './background.ts';
import { lowerPriority, runBox } from './process.ts';

interface OpenBox {
  readonly aborter: AbortController;
  readonly taken: PromiseWithResolvers<void>;
}

const boxes = new Map<number, OpenBox>();
const send = (progress: Progress): void => void process.send?.(progress);

lowerPriority();
process.once('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  if (order.kind === 'run') void run(order);
  else if (order.kind === 'taken') boxes.get(order.id)?.taken.resolve();
  else boxes.get(order.id)?.aborter.abort();
});

async function run({ id, request }: Extract<Order, { kind: 'run' }>): Promise<void> {
  const box = { aborter: new AbortController(), taken: Promise.withResolvers<void>() };
  boxes.set(id, box);
  try {
    await runBox(request, { isBackground: true, signal: box.aborter.signal }, (result) => {
      send({ kind: 'done', id, result });
      return Promise.race([box.taken.promise, untilAborted(box.aborter.signal)]);
    });
    send({ kind: 'ended', id });
  } catch (error) {
    if (error instanceof NarrowsError) send({ kind: 'fault', id, fault: faultOf(error) });
    // The properties of an error, such as its code, are lost between processes.
    else send({ kind: 'failed', id, error: error as Error, properties: { ...(error as Error) } });
  } finally {
    boxes.delete(id);
  }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
