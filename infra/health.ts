/** Health of this process: logged where it changes, and served on a port of its own. */
import { healthRoutes } from '../dashboards/server/routes/health.ts';
import { createHealth, type Health } from '../operations/health.ts';
import type { Logger } from './logger.ts';
import { type OperatingAddress, serveOperatingPort } from './operating-port.ts';

/** Creates the health of this process; `stopping` aborts at the start of its graceful stop. */
export const openHealth = (stopping: AbortSignal, logger: Logger): Health =>
  createHealth({
    stopping,
    onChange: (check, reason) => {
      if (reason === null) logger.info(`health: ${check} is ok again`);
      else logger.warn(`health: ${check} fails: ${(reason as Error).message}`);
    },
  });

/** Answers probes at /livez and /readyz, and nothing else. Throws as serveOperatingPort. */
export const serveHealth = (health: Health, address: OperatingAddress) =>
  serveOperatingPort(healthRoutes(health).fetch, address, { host: '--health-host', port: '--health-port' });
