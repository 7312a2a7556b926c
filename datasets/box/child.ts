/** The process of a box: it does one task, and waits until its result has been taken over. */
import { flushCompileCache } from 'node:module';
import { faultOf, NarrowsError } from '../../errors.ts';
import { useBundledLibraries } from '../../libraries.ts';
import type { Message, Request } from './messages.ts';
import { runTask } from './tasks.ts';

const send = (message: Message): void => void process.send?.(message);

useBundledLibraries();
process.once('disconnect', () => process.exit());
process.once('message', async (request: Request) => {
  try {
    send({ kind: 'done', result: await runTask(request, send) });
  } catch (error) {
    // It is killed now: without this, code that only faults reach would be compiled each time.
    flushCompileCache();
    if (error instanceof NarrowsError) send({ kind: 'fault', fault: faultOf(error) });
    else send({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
  }
});
