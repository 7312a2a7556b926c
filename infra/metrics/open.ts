/** The metrics of a command that runs a process, on the port that it was given. */
import type { Health } from '../../operations/health.ts';
import { readCodeVersion } from '../code-version.ts';
import type { OperatingAddress } from '../operating-port.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { exposeDisk, exposeHealth } from './process.ts';
import { serveMetrics } from './server.ts';
import type { MetricScope } from './table.ts';

export interface MetricsOptions {
  readonly scope: Exclude<MetricScope, 'all'>;
  readonly role: string;
  /** Folder of caches and uploads. */
  readonly home: string;
  /** Absent: shown later, by what creates it. */
  readonly health?: Pick<Health, 'ready'>;
  readonly address: OperatingAddress;
}

export interface OpenMetrics extends AsyncDisposable {
  readonly metrics: Metrics;
  readonly url: string;
}

/** Answers scrapes until disposed of. Throws as serveMetrics. */
export async function openMetrics({ scope, role, home, health, address }: MetricsOptions): Promise<OpenMetrics> {
  const metrics = createMetrics(scope, { role, version: readCodeVersion() });
  exposeDisk(metrics, home);
  if (health) exposeHealth(metrics, health);
  const server = await serveMetrics(metrics, address);
  return { metrics, url: `${server.url}/metrics`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
