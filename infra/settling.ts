/** Notices workflows that were ended from outside, while nobody looks. */
import type { Servers } from '../operations/servers.ts';
import { createSettler } from '../operations/settle.ts';
import { repeat } from './repeat.ts';

/** Time between two looks: each unfinished sweep is one request to Temporal. */
const INTERVAL_MS = 15_000;

/** Looks at once, and then repeatedly, until the returned function is called. */
export const settlePeriodically = (servers: Servers, intervalMs = INTERVAL_MS): (() => void) =>
  repeat(createSettler(servers), intervalMs);
