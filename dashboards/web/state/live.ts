/** One line to the server for all of a tab: which sweeps changed, and whether the line stands. */
import { signal } from '@preact/signals';
import type { Event } from '../../contract/system.ts';

/** The newest revision that the server told of each sweep. */
export const revisions = signal<ReadonlyMap<string, number>>(new Map());
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

let source: EventSource | null = null;

/** Opens the line once; the browser opens it again by itself when it breaks, and `hello` then tells what was missed. */
export function followEvents(): void {
  if (source) return;
  source = new EventSource('/api/events');
  source.onopen = () => {
    connection.value = 'live';
  };
  source.onerror = () => {
    connection.value = 'lost';
    // A browser gives up on an answer that is no stream (a server that restarts, a session that ended): then it is asked again here.
    if (source?.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(followEvents, 2000);
    }
  };
  source.onmessage = ({ data }) => take(JSON.parse(data as string) as Event);
}

function take(event: Event): void {
  if (event.kind === 'beat') return;
  const told = event.kind === 'hello' ? event.sweeps : [event];
  const next = new Map(revisions.value);
  for (const { sweepId, revision } of told) next.set(sweepId, Math.max(revision, next.get(sweepId) ?? 0));
  revisions.value = next;
}
