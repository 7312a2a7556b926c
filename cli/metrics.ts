/** Options of long-running commands for their metrics. */
import { readOperatingAddress } from '../infra/env.ts';
import type { MetricsOptions, OpenMetrics } from '../infra/metrics/open.ts';
import { option, parsePort } from './command.ts';
import type { CliContext } from './context.ts';

export interface MetricsInputs {
  readonly metricsPort?: number;
  readonly metricsHost?: string;
}

export const metricsOptions = () => [
  option('--metrics-port <port>', 'serve metrics for Prometheus at /metrics here; 0 for any free port (default: nowhere)', {
    parse: parsePort,
  }),
  option('--metrics-host <address>', 'address of that port (default: 127.0.0.1)'),
];

/** Serves the metrics where options or environment say; null: nowhere. Throws as openMetrics. */
export async function serveMetricsOf(
  context: CliContext,
  { metricsPort: port, metricsHost: host }: MetricsInputs,
  process: Omit<MetricsOptions, 'address'>,
): Promise<OpenMetrics | null> {
  const address = readOperatingAddress('metrics', { port, host });
  if (address === null) return null;
  // Loaded here: no other process needs it.
  const { openMetrics } = await import('../infra/metrics/open.ts');
  const opened = await openMetrics({ ...process, address });
  context.note(`serving metrics at ${opened.url}`);
  return opened;
}
