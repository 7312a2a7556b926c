/** The runtime of Temporal's SDK, which all workers of a process share. */
import { DefaultLogger, GracefulShutdownPeriodExpiredError, Runtime, type RuntimeOptions } from '@temporalio/worker';
import type { Logger, LogLevel } from '../logger.ts';
import { sdkMetricsOptions, startOnFreeAddress } from '../metrics/sdk.ts';
import { fieldsOf } from './log-fields.ts';

/** Null: it is not installed yet. */
let runtime: { readonly metricsAddress: string | null } | null = null;

/**
 * Installs the runtime of the SDK, which logs warnings and errors of all workers of this process
 * with one logger. Returns the address of its metrics; null: they are not measured.
 */
export async function installRuntime(logger: Logger, isMeasured: boolean): Promise<string | null> {
  if (runtime === null) {
    const install = (address: string | null) => Runtime.install(runtimeOptions(logger, address));
    const metricsAddress = isMeasured ? await startOnFreeAddress(install) : null;
    if (metricsAddress === null) install(null);
    runtime = { metricsAddress };
  }
  return runtime.metricsAddress;
}

const runtimeOptions = (logger: Logger, metricsAddress: string | null): RuntimeOptions => ({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    // It is a warning of ours.
    if (meta?.error instanceof GracefulShutdownPeriodExpiredError) return;
    logger.log(level.toLowerCase() as LogLevel, message, fieldsOf(meta));
  }),
  telemetryOptions: {
    logging: { filter: { core: 'WARN', other: 'ERROR' } },
    ...(metricsAddress !== null && { metrics: sdkMetricsOptions(metricsAddress) }),
  },
  shutdownSignals: [], // the caller of the worker decides when it stops
});
