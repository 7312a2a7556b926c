/** Notices workflows that were ended from outside, while nobody looks. */
import type { Servers } from '../operations/servers.ts';
import { createSettler } from '../operations/settle.ts';

/** Time between two looks: each unfinished sweep is one request to Temporal. */
const INTERVAL_MS = 15_000;

/** Looks at once, and then repeatedly, until the returned function is called. */
export function settlePeriodically(servers: Servers, intervalMs = INTERVAL_MS): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const settle = createSettler(servers);
  const look = async () => {
    // An outage is reported by what needs the servers; the next look comes.
    await settle().catch(() => {});
    if (!isStopped) timer = setTimeout(look, intervalMs);
  };
  void look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
