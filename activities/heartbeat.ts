import { Context } from '@temporalio/activity';
import { workerStopped } from './failures.ts';

/** Heartbeats bring cancellations back, which must take effect within a second. */
const HEARTBEAT_MILLISECONDS = 400;

/**
 * Runs the work and sends heartbeats; `details` are shown on the server's page. Work that is
 * cancelled because its worker stops fails as `WorkerStopped`, whatever the cancellation led to.
 */
export async function withHeartbeats<T>(details: unknown, work: (context: Context) => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(details), HEARTBEAT_MILLISECONDS);
  try {
    return await work(context);
  } catch (error) {
    throw context.cancellationDetails?.workerShutdown ? workerStopped() : error;
  } finally {
    clearInterval(heartbeat);
  }
}
