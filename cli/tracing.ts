/** Traces of a command: docs/guides/monitoring.md#traces. */
import { readTracing } from '../infra/env.ts';

/**
 * Runs a command within a span, where a collector is named; a service, which runs for long, traces
 * what it does instead.
 */
export async function traceCommand<T>(command: string, isService: boolean, run: () => T | Promise<T>): Promise<T> {
  const settings = readTracing();
  if (settings === null) return run();
  // Loaded here: no process without traces needs it.
  const { openTracing } = await import('../infra/tracing/open.ts');
  await using tracing = openTracing(command, settings);
  if (isService) return await run();
  return await tracing.trace({ name: `narrows ${command}`, kind: 'internal' }, async () => run());
}
