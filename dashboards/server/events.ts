/** What changed, told to whoever follows: one line to the database for the whole server, and at most some messages a second about a sweep. */
import type { Database } from '../../db/client.ts';
import { currentRevisions, listenToSweeps, type SweepNews } from '../../db/queries/events.ts';
import type { Event } from '../contract/system.ts';

/** A sweep that has news all the time is told of this often, in milliseconds. */
const PACE_MILLISECONDS = 250;
/** After a look at the revisions that failed. */
const AGAIN_MILLISECONDS = 500;

export interface Follower {
  tell(event: Event): void;
  /** The server goes: there will be nothing more. */
  end(): void;
}

export interface SweepEvents {
  /** Returns what ends it. */
  follow(follower: Follower): () => void;
  /** The revisions as they stand: the first message of every line. */
  hello(): Promise<Event>;
  /** Ends every line. */
  close(): void;
}

/**
 * Listens from here on. After every connection to the database that was made anew, all followers get a new `hello`, which tells what they missed.
 * `log` is told of what fails meanwhile.
 */
export function openEvents(db: Database, log: (error: unknown) => void): SweepEvents {
  const followers = new Set<Follower>();
  let closed = false;
  const tell = (event: Event) => {
    for (const follower of followers) follower.tell(event);
  };
  const hello = async (): Promise<Event> => ({ kind: 'hello', sweeps: await currentRevisions(db.sql) });
  const greet = async () => {
    try {
      if (followers.size > 0) tell(await hello());
    } catch {
      if (!closed) setTimeout(greet, AGAIN_MILLISECONDS).unref();
    }
  };
  const paced = pace(PACE_MILLISECONDS, (news) => tell({ kind: 'sweep', ...news }));
  listenToSweeps(db.sql, paced.take, () => void greet()).catch((error) => {
    // The driver goes on trying; whoever asks for anything else is told meanwhile.
    if (!closed) log(error);
  });
  return {
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    hello,
    close() {
      closed = true;
      paced.stop();
      for (const follower of followers) follower.end();
      followers.clear();
    },
  };
}

export interface Pace {
  take(news: SweepNews): void;
  stop(): void;
}

/** Passes news on at most once per `milliseconds` and sweep: the first at once, of what comes in between the last. */
export function pace(milliseconds: number, pass: (news: SweepNews) => void): Pace {
  /** Sweeps that were told of just now, each with the newest that has come since. */
  const resting = new Map<string, { waiting: SweepNews | null; readonly timer: NodeJS.Timeout }>();
  const send = (news: SweepNews) => {
    pass(news);
    const timer = setTimeout(() => {
      const waiting = resting.get(news.sweepId)?.waiting ?? null;
      resting.delete(news.sweepId);
      if (waiting) send(waiting);
    }, milliseconds);
    timer.unref();
    resting.set(news.sweepId, { waiting: null, timer });
  };
  return {
    take(news) {
      const rest = resting.get(news.sweepId);
      if (!rest) return send(news);
      // Transactions may announce in another order than they were numbered.
      if (rest.waiting === null || news.revision >= rest.waiting.revision) rest.waiting = news;
    },
    stop() {
      for (const { timer } of resting.values()) clearTimeout(timer);
      resting.clear();
    },
  };
}
