import { Context } from '@temporalio/activity';
import { heartbeatInterval } from '../search/heartbeats.ts';
import { workerStopped } from './failures.ts';

/**
 * Runs the work and sends heartbeats as its time-out allows; `details` are shown on the server's
 * page. Work that is cancelled because its worker stops fails as `WorkerStopped`, whatever the
 * cancellation led to.
 */
export async function withHeartbeats<T>(details: unknown, work: (context: Context) => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(details), heartbeatInterval(context.info.heartbeatTimeoutMs));
  try {
    return await work(context);
  } catch (error) {
    throw context.cancellationDetails?.workerShutdown ? workerStopped() : error;
  } finally {
    clearInterval(heartbeat);
  }
}
