/** GET /metrics, on a port of its own: see docs/decisions/0049-metrics.md. */
import { type OperatingAddress, serveOperatingPort } from '../operating-port.ts';
import type { ExposedMetrics } from './metrics.ts';

/** Answers scrapes at /metrics, and nothing else. Throws as serveOperatingPort. */
export const serveMetrics = (metrics: Pick<ExposedMetrics, 'contentType' | 'expose'>, address: OperatingAddress) =>
  serveOperatingPort(
    async ({ url, method }) => {
      if (new URL(url).pathname !== '/metrics' || (method !== 'GET' && method !== 'HEAD'))
        return new Response(null, { status: 404 });
      const headers = { 'content-type': metrics.contentType, 'cache-control': 'no-store' };
      return new Response(await metrics.expose(), { headers });
    },
    address,
    { host: '--metrics-host', port: '--metrics-port' },
  );
