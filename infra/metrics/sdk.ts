/**
 * The metrics of Temporal's SDK, whose native part serves them on a port of its own: of loopback,
 * from where the process reads them into its own.
 */
import { freePort, LOOPBACK } from '../processes/ports.ts';

/** Less than the time that Prometheus gives a scrape. */
const TIMEOUT_MS = 3000;

/** Attempts to find a port: another program may take one before it is bound. */
const MOST_ATTEMPTS = 5;

/** Returns the options of the SDK's runtime for its metrics on this address. */
export const sdkMetricsOptions = (bindAddress: string) => ({
  // The conventions of Prometheus for units and counters.
  prometheus: { bindAddress, useSecondsForDurations: true, unitSuffix: true, countersTotalSuffix: true },
  // Processes differ by their target.
  attachServiceName: false,
});

/** Starts the runtime with an address that is free; returns the address. */
export async function startOnFreeAddress(start: (address: string) => void): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const address = `${LOOPBACK}:${await freePort()}`;
    try {
      start(address);
      return address;
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** Returns the SDK's metrics in the text format; null where it does not answer in time. */
export async function readSdkMetrics(address: string): Promise<string | null> {
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}
