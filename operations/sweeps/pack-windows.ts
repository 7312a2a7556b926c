/** Windows of packs: how many each running sweep may have scheduled at a time. */
import type { Queryable } from '../../db/client.ts';
import { listRunningWeights } from '../../db/queries/sweeps/sweeps.ts';
import { countSlots } from '../../db/queries/trainers.ts';
import { packWindow } from '../../search/pack-window.ts';
import { windowSignal } from '../../workflows/messages.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import type { Servers } from '../servers.ts';

/** Returns the function from a sweep's weight to its window, by what runs now. */
async function planWindows(sql: Queryable) {
  const [slots, running] = await Promise.all([countSlots(sql), listRunningWeights(sql)]);
  const weights = running.map(({ weight }) => weight);
  return { running, windowOf: (weight: number) => packWindow(slots, weight, weights) };
}

/** Returns the window with which a sweep of this weight begins. */
export const firstWindow = async (sql: Queryable, weight: number): Promise<number> => (await planWindows(sql)).windowOf(weight);

/** Returns a function that sends running sweeps the windows that changed since its last call. */
export function createWindowSender({ db, temporal }: Servers): () => Promise<void> {
  let sent: ReadonlyMap<string, number> = new Map();

  /** Returns false where no workflow took it. */
  const send = (workflowId: string, window: number): Promise<boolean> =>
    temporal.workflow
      .getHandle(workflowId)
      .signal(windowSignal, window)
      .then(
        () => true,
        () => false,
      );

  return async () => {
    const { running, windowOf } = await planWindows(db.sql);
    const current = new Map<string, number>();
    for (const row of running) {
      const [workflowId, window] = [sweepWorkflowId(row), windowOf(row.weight)];
      if (sent.get(workflowId) === window || (await send(workflowId, window))) current.set(workflowId, window);
    }
    sent = current;
  };
}
