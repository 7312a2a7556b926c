/** GET /livez and /readyz: what supervisors and load balancers ask of a process. */
import { Hono } from 'hono';
import type { Health, HealthReport } from '../../../operations/health.ts';

type Probed = Pick<Health, 'live' | 'ready'>;

/** Answers probes, of anybody and under any host name: results of checks reveal nothing else. */
export function healthRoutes({ live, ready }: Probed): Hono {
  const app = new Hono();
  app.get('/livez', async () => healthResponse(await live()));
  app.get('/readyz', async () => healthResponse(await ready()));
  return app;
}

const healthResponse = (report: HealthReport): Response =>
  Response.json(report, { status: report.status === 'ok' ? 200 : 503, headers: { 'cache-control': 'no-store' } });
