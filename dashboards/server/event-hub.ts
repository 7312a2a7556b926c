/** What changed, told to whoever follows: one line to the database for the whole server, and at most some messages a second about a sweep or a retraining. */
import type { Database } from '../../db/client.ts';
import { type RetrainingChange, subscribeToRetrainings } from '../../db/queries/retraining/change-feed.ts';
import { listRecentRevisions, type SweepChange, subscribeToSweeps } from '../../db/queries/sweeps/change-feed.ts';
import type { Event } from '../contract/system.ts';

/** What has news all the time is told of this often, in milliseconds. */
const PACE_MILLISECONDS = 250;
/** After a look at the revisions that failed. */
const AGAIN_MILLISECONDS = 500;

export interface Subscriber {
  send(event: Event): void;
  /** The server goes: there will be nothing more. */
  close(): void;
}

export interface EventHub {
  /** Returns what ends it. */
  subscribe(follower: Subscriber): () => void;
  /** The revisions as they stand: the first message of every line. */
  snapshot(): Promise<Event>;
  /** Ends every line. */
  close(): void;
}

/**
 * Listens from here on. After every connection to the database that was made anew, all followers get a new `hello`, which tells what they missed.
 * `log` is told of what fails meanwhile.
 */
export function openEventHub(db: Database, log: (error: unknown) => void): EventHub {
  const followers = new Set<Subscriber>();
  let closed = false;
  const tell = (event: Event) => {
    for (const follower of followers) follower.send(event);
  };
  const hello = async (): Promise<Event> => ({ kind: 'hello', sweeps: await listRecentRevisions(db.sql) });
  const greet = async () => {
    try {
      if (followers.size > 0) tell(await hello());
    } catch {
      if (!closed) setTimeout(greet, AGAIN_MILLISECONDS).unref();
    }
  };
  const sweeps = throttle<SweepChange>(PACE_MILLISECONDS, bySweep, (news) => tell({ kind: 'sweep', ...news }));
  const retrainings = throttle<RetrainingChange>(PACE_MILLISECONDS, byRetraining, (news) =>
    tell({ kind: 'retraining', ...news }),
  );
  const listening = [
    subscribeToSweeps(db.sql, sweeps.push, () => void greet()),
    subscribeToRetrainings(db.sql, retrainings.push),
  ];
  for (const one of listening) {
    one.catch((error) => {
      // The driver goes on trying; whoever asks for anything else is told meanwhile.
      if (!closed) log(error);
    });
  }
  return {
    subscribe(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    snapshot: hello,
    close() {
      closed = true;
      sweeps.stop();
      retrainings.stop();
      for (const follower of followers) follower.close();
      followers.clear();
    },
  };
}

export interface Throttle<News> {
  push(news: News): void;
  stop(): void;
}

/** What news is about, and whether it may take the place of what waits: transactions may announce in another order than they were numbered. */
interface ThrottleKey<News> {
  readonly keyOf: (news: News) => string;
  readonly follows: (news: News, waiting: News) => boolean;
}

export const bySweep: ThrottleKey<SweepChange> = {
  keyOf: ({ sweepId }) => sweepId,
  follows: (news, waiting) => news.revision >= waiting.revision,
};
const byRetraining: ThrottleKey<RetrainingChange> = { keyOf: ({ name }) => name, follows: () => true };

/** Passes news on at most once per `milliseconds` and key: the first at once, of what comes in between the last. */
export function throttle<News>(
  milliseconds: number,
  { keyOf, follows }: ThrottleKey<News>,
  pass: (news: News) => void,
): Throttle<News> {
  /** What was told of just now, each with the newest that has come since. */
  const resting = new Map<string, { waiting: News | null; readonly timer: NodeJS.Timeout }>();
  const send = (news: News) => {
    pass(news);
    const timer = setTimeout(() => {
      const waiting = resting.get(keyOf(news))?.waiting ?? null;
      resting.delete(keyOf(news));
      if (waiting) send(waiting);
    }, milliseconds);
    timer.unref();
    resting.set(keyOf(news), { waiting: null, timer });
  };
  return {
    push(news) {
      const rest = resting.get(keyOf(news));
      if (!rest) return send(news);
      if (rest.waiting === null || follows(news, rest.waiting)) rest.waiting = news;
    },
    stop() {
      for (const { timer } of resting.values()) clearTimeout(timer);
      resting.clear();
    },
  };
}
