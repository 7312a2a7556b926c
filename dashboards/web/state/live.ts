/** The event stream of a tab: changes of sweeps and retrainings, and if the server responds. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Event } from '../../contract/system.ts';
import { mustSignIn, refreshSession, session } from './session.ts';

/** The newest known revision of each sweep. */
export const revisions = signal<ReadonlyMap<string, number>>(new Map());
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** Number of events about each retraining; '' counts reconnections, which may have missed some. */
const retrainings = signal<ReadonlyMap<string, number>>(new Map());

/** The server sends a heartbeat every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 40_000;
const RECONNECT_MS = [500, 1000, 2000, 4000];

let source: EventSource | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;
let attempts = 0;

/** Connects once, and reconnects whenever the connection breaks. */
export function connectEvents(): void {
  if (source) return;
  source = new EventSource('/api/events');
  source.onopen = () => {
    attempts = 0;
    connection.value = 'live';
    restartSilence();
  };
  source.onerror = reconnect;
  source.onmessage = ({ data }) => {
    restartSilence();
    applyEvent(JSON.parse(data as string) as Event);
  };
}

function restartSilence(): void {
  clearTimeout(silence);
  silence = setTimeout(reconnect, SILENCE_MS);
}

function close(): void {
  source?.close();
  source = null;
  clearTimeout(silence);
}

/** Not left to the browser, which gives up on any response that is not a stream. */
function reconnect(): void {
  close();
  connection.value = 'lost';
  const wait = RECONNECT_MS[Math.min(attempts++, RECONNECT_MS.length - 1)];
  setTimeout(async () => {
    await refreshSession();
    if (!mustSignIn(session.value)) connectEvents();
  }, wait);
}

/** Disconnects after signing out. */
export function disconnectEvents(): void {
  close();
  connection.value = 'connecting';
}

function applyEvent(event: Event): void {
  if (event.kind === 'beat') return;
  if (event.kind !== 'sweep') {
    const name = event.kind === 'hello' ? '' : event.name;
    retrainings.value = new Map(retrainings.value).set(name, (retrainings.value.get(name) ?? 0) + 1);
  }
  if (event.kind === 'retraining') return;
  const changed = event.kind === 'hello' ? event.sweeps : [event];
  const next = new Map(revisions.value);
  for (const { sweepId, revision } of changed) next.set(sweepId, Math.max(revision, next.get(sweepId) ?? 0));
  revisions.value = next;
}

/** Calls `onReconnected` once the connection is back after it was lost; only while `isWaiting`. */
export function useReconnected(isWaiting: boolean, onReconnected: () => void): void {
  const latest = useRef(onReconnected);
  latest.current = onReconnected;
  useEffect(() => {
    if (!isWaiting) return;
    let wasLost = connection.peek() !== 'live';
    return connection.subscribe((now) => {
      if (now === 'live' && wasLost) latest.current();
      if (now === 'lost') wasLost = true;
    });
  }, [isWaiting]);
}

/** Returns the revision of a sweep, throttled, for `useLoad`; `known`: the one loaded before. */
export function useRevision(sweepId: string, milliseconds = 1000, known = 0): number {
  return useThrottled(Math.max(known, revisions.value.get(sweepId) ?? 0), milliseconds);
}

/** Returns a number that rises with changes of a retraining, or of any (null), for `useLoad`. */
export function useRetrainingVersion(name: string | null): number {
  const counts = retrainings.value;
  const relevant = name === null ? [...counts.values()] : [counts.get('') ?? 0, counts.get(name) ?? 0];
  const events = relevant.reduce((sum, count) => sum + count, 0);
  return useThrottled(events, 1000);
}

/** Throttles a value: the last one always arrives, if the tab is hidden once it is visible. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [shown, setShown] = useState(value);
  const changedAt = useRef(0);
  useEffect(() => {
    if (Object.is(value, shown)) return;
    const show = () => {
      if (document.hidden) return;
      changedAt.current = Date.now();
      setShown(() => value);
    };
    const timer = setTimeout(show, Math.max(0, changedAt.current + milliseconds - Date.now()));
    document.addEventListener('visibilitychange', show);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', show);
    };
  }, [value, shown, milliseconds]);
  return shown;
}
