/** Delivery of notifications, apart from the runs, which it must not delay. */
import {
  type EventRow,
  ensurePendingMessages,
  listEventsOfRun,
  recordAttempt,
} from '../../db/queries/retraining/notifications.ts';
import { NarrowsError } from '../../errors.ts';
import { escapeControls } from '../../text/controls.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

/**
 * Sends the undelivered events of a run over this worker's channels. Throws NarrowsError
 * `message-undelivered` where one is not accepted; the others are sent all the same, and nothing is
 * sent twice. A worker that dies between sending and recording sends once more, with the same event
 * id.
 */
export async function deliverNotifications({ db, messengers, publicUrl }: RetrainPorts, { runId }: RetrainRun): Promise<void> {
  const { sql } = db;
  const failures: string[] = [];
  const channels = messengers.map(({ channel }) => channel);
  for (const event of await listEventsOfRun(sql, runId)) {
    const pending = await ensurePendingMessages(sql, event.id, channels);
    for (const messenger of messengers.filter(({ channel }) => pending.includes(channel))) {
      const error = await messenger.send({ ...event, text: escapeControls(event.text), link: linkOf(publicUrl, event) }).then(
        () => null,
        (reason: Error) => reason.message,
      );
      await recordAttempt(sql, event.id, messenger.channel, error);
      if (error !== null) failures.push(`${messenger.channel}: ${error}`);
    }
  }
  if (failures.length > 0) throw new NarrowsError('message-undelivered', failures.join('; '));
}

/** Returns the page of the run; for a roll-back, which has no run, that of the retraining. */
function linkOf(publicUrl: string | null, { kind, name, runId }: EventRow): string | null {
  if (publicUrl === null) return null;
  const page = `${publicUrl}/retrainings/${encodeURIComponent(name)}`;
  return kind === 'rollback' ? page : `${page}/runs/${encodeURIComponent(runId)}`;
}
