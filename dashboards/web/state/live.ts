/** One line to the server for all of a tab: which sweeps changed, and whether the line stands. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Event } from '../../contract/system.ts';
import { mustSignIn, refreshSession, session } from './session.ts';

/** The newest revision that the server told of each sweep. */
export const revisions = signal<ReadonlyMap<string, number>>(new Map());
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** How often the server told of each retraining; '' counts those times that the line was made anew, when what was told in between is lost. */
const retrainings = signal<ReadonlyMap<string, number>>(new Map());

/** The server is heard every 15 s at least; a line that is silent for longer is dead, though nobody said so. */
const SILENCE_MS = 40_000;
const REOPEN_MS = [500, 1000, 2000, 4000];

let source: EventSource | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;
let attempts = 0;

/** Opens the line once; it is opened again when it breaks, and `hello` then tells what was missed. */
export function connectEvents(): void {
  if (source) return;
  source = new EventSource('/api/events');
  source.onopen = () => {
    attempts = 0;
    connection.value = 'live';
    heard();
  };
  source.onerror = reopen;
  source.onmessage = ({ data }) => {
    heard();
    take(JSON.parse(data as string) as Event);
  };
}

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(reopen, SILENCE_MS);
}

/** Not left to the browser, which gives up for good on an answer that is no stream: a server that restarts, a session that ended. */
function reopen(): void {
  source?.close();
  source = null;
  clearTimeout(silence);
  connection.value = 'lost';
  const wait = REOPEN_MS[Math.min(attempts++, REOPEN_MS.length - 1)];
  setTimeout(async () => {
    await refreshSession();
    if (!mustSignIn(session.value)) connectEvents();
  }, wait);
}

/** Closes the line: nobody is signed in any more. */
export function disconnectEvents(): void {
  source?.close();
  source = null;
  clearTimeout(silence);
  connection.value = 'connecting';
}

function take(event: Event): void {
  if (event.kind === 'beat') return;
  if (event.kind !== 'sweep') {
    const name = event.kind === 'hello' ? '' : event.name;
    retrainings.value = new Map(retrainings.value).set(name, (retrainings.value.get(name) ?? 0) + 1);
  }
  if (event.kind === 'retraining') return;
  const told = event.kind === 'hello' ? event.sweeps : [event];
  const next = new Map(revisions.value);
  for (const { sweepId, revision } of told) next.set(sweepId, Math.max(revision, next.get(sweepId) ?? 0));
  revisions.value = next;
}

/**
 * The revision of a sweep that a page is to show: at most one new one in `every` ms, none while the tab is hidden; `known`, of which the page has its data,
 * before a higher one was told. To be handed to `useLoad` as its `version`.
 */
export function useRevision(sweepId: string, every = 1000, known = 0): number {
  return useThrottled(Math.max(known, revisions.value.get(sweepId) ?? 0), every);
}

/** Rises with what is written about a retraining, or (null) about any: to be handed to `useLoad` as its `version`. */
export function useRetrainingVersion(name: string | null, every = 1000): number {
  const told = retrainings.value;
  const of = name === null ? [...told.values()] : [told.get('') ?? 0, told.get(name) ?? 0];
  return useThrottled(
    of.reduce((sum, times) => sum + times, 0),
    every,
  );
}

/** `value`, at most one new one in `every` ms, none while the tab is hidden; the last one always arrives. */
export function useThrottled<T>(value: T, every: number): T {
  const [shown, setShown] = useState(value);
  const changedAt = useRef(0);
  useEffect(() => {
    if (Object.is(value, shown)) return;
    const show = () => {
      if (document.hidden) return;
      changedAt.current = Date.now();
      setShown(() => value);
    };
    const timer = setTimeout(show, Math.max(0, changedAt.current + every - Date.now()));
    document.addEventListener('visibilitychange', show);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', show);
    };
  }, [value, shown, every]);
  return shown;
}
