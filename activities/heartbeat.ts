import { Context } from '@temporalio/activity';

/**
 * A heartbeat carries a cancellation back: twice within the second that a cancellation may take.
 */
const HEARTBEAT_MILLISECONDS = 400;

/**
 * Sends heartbeats with these details for as long as the work takes. `details` is for whoever looks
 * at the server's page of the activity.
 */
export async function withHeartbeats<T>(details: unknown, work: (context: Context) => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(details), HEARTBEAT_MILLISECONDS);
  try {
    return await work(context);
  } finally {
    clearInterval(heartbeat);
  }
}
