/** Changes of sweeps and retrainings, passed from one connection of the database to all streams. */
import type { Database, Sql } from '../../db/client.ts';
import { subscribe } from '../../db/listen.ts';
import { type RetrainingChange, retrainingChannel } from '../../db/queries/retraining/change-feed.ts';
import { listRecentRevisions, type SweepChange, sweepChannel } from '../../db/queries/sweeps/change-feed.ts';
import { NarrowsError } from '../../errors.ts';
import type { Event } from '../contract/system.ts';

/** Minimum interval between two events about the same sweep or retraining. */
const THROTTLE_MILLISECONDS = 250;
/** Delay after a failed query of the revisions. */
const RETRY_MILLISECONDS = 500;

interface Subscriber {
  send(event: Event): void;
  /** The server shuts down: no event follows. */
  close(): void;
}

export interface EventHub {
  /** Returns the function that unsubscribes. */
  subscribe(subscriber: Subscriber): () => void;
  /** Returns the current revisions: the first event of every stream. */
  snapshot(): Promise<Event>;
  /** Closes every stream. */
  close(): void;
}

/**
 * Listens to the database over connections as those of `source`; after a reconnection a snapshot
 * covers the events that were lost.
 */
export function openEventHub(db: Database, log: (error: unknown) => void, source: Sql = db.sql): EventHub {
  const subscribers = new Set<Subscriber>();
  let closed = false;
  const broadcast = (event: Event) => {
    for (const subscriber of subscribers) subscriber.send(event);
  };
  const snapshot = async (): Promise<Event> => ({ kind: 'hello', sweeps: await listRecentRevisions(db.sql) });
  const broadcastSnapshot = async () => {
    try {
      if (subscribers.size > 0) broadcast(await snapshot());
    } catch {
      if (!closed) setTimeout(broadcastSnapshot, RETRY_MILLISECONDS).unref();
    }
  };
  const sweeps = throttle<SweepChange>(THROTTLE_MILLISECONDS, bySweep, (news) => broadcast({ kind: 'sweep', ...news }));
  const retrainings = throttle<RetrainingChange>(THROTTLE_MILLISECONDS, byRetraining, (news) =>
    broadcast({ kind: 'retraining', ...news }),
  );
  const handlers = { ...sweepChannel(sweeps.push), ...retrainingChannel(retrainings.push) };
  const listener = subscribe(
    source,
    handlers,
    () => void broadcastSnapshot(),
    () => log(listenPooledError(db.address)),
  );
  listener.connected.catch((error) => {
    // Further attempts go on; requests are answered with the error meanwhile.
    if (!closed) log(error);
  });
  return {
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    snapshot,
    close() {
      closed = true;
      void listener.close();
      sweeps.stop();
      retrainings.stop();
      for (const subscriber of subscribers) subscriber.close();
      subscribers.clear();
    },
  };
}

const listenPooledError = (address: string): NarrowsError =>
  new NarrowsError('database-pooled', `the pooler at ${address} may not pass on notifications: pages may show changes late`, {
    path: 'NARROWS_DATABASE_DIRECT_URL',
    fix: 'set NARROWS_DATABASE_DIRECT_URL to the URL of Postgres itself',
    kind: 'failure',
  });

interface ThrottleKey<News> {
  readonly keyOf: (news: News) => string;
  /** Whether news may replace pending news: transactions may notify out of order. */
  readonly isNewer: (news: News, pending: News) => boolean;
}

export const bySweep: ThrottleKey<SweepChange> = {
  keyOf: ({ sweepId }) => sweepId,
  isNewer: (news, pending) => news.revision >= pending.revision,
};
const byRetraining: ThrottleKey<RetrainingChange> = { keyOf: ({ name }) => name, isNewer: () => true };

/** Passes on at most one item per key and interval: the first at once, then the newest since. */
export function throttle<News>(milliseconds: number, { keyOf, isNewer }: ThrottleKey<News>, pass: (news: News) => void) {
  /** Keys within their interval, each with the newest item since its start. */
  const intervals = new Map<string, { pending: News | null; readonly timer: NodeJS.Timeout }>();
  const send = (news: News) => {
    pass(news);
    const timer = setTimeout(() => {
      const pending = intervals.get(keyOf(news))?.pending ?? null;
      intervals.delete(keyOf(news));
      if (pending) send(pending);
    }, milliseconds);
    timer.unref();
    intervals.set(keyOf(news), { pending: null, timer });
  };
  return {
    push(news: News) {
      const interval = intervals.get(keyOf(news));
      if (!interval) return send(news);
      if (interval.pending === null || isNewer(news, interval.pending)) interval.pending = news;
    },
    stop() {
      for (const { timer } of intervals.values()) clearTimeout(timer);
      intervals.clear();
    },
  };
}
