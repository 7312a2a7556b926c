/** Gauges of a process: its checks, its connections to Postgres, its disk. */
import { statfs } from 'node:fs/promises';
import type { PoolState } from '../../db/client.ts';
import type { Health } from '../../operations/health.ts';
import type { Metrics } from './metrics.ts';

/** Shows the results of the checks of /readyz. */
export function exposeHealth(metrics: Pick<Metrics, 'beforeExposition' | 'replace'>, health: Pick<Health, 'ready'>): void {
  metrics.beforeExposition(async () => {
    const { checks } = await health.ready();
    const samples = Object.entries(checks).map(([check, result]) => ({ labels: { check }, value: Number(result === 'ok') }));
    metrics.replace('narrows_check_ok', samples);
  });
}

/** Shows the state of a pool of connections. */
export function exposePool(metrics: Pick<Metrics, 'beforeExposition' | 'replace'>, pool: () => PoolState): void {
  metrics.beforeExposition(async () => {
    const { used, idle, waiting } = pool();
    metrics.replace('narrows_database_connections', [
      { labels: { state: 'used' }, value: used },
      { labels: { state: 'idle' }, value: idle },
    ]);
    metrics.replace('narrows_database_statements_waiting', [{ labels: {}, value: waiting }]);
  });
}

/** Shows the space of the file system of a folder, once it exists. */
export function exposeDisk(metrics: Pick<Metrics, 'beforeExposition' | 'replace'>, folder: string): void {
  metrics.beforeExposition(async () => {
    const found = await statfs(folder).catch(() => null);
    if (found === null) return;
    metrics.replace('narrows_disk_size_bytes', [{ labels: {}, value: found.blocks * found.bsize }]);
    metrics.replace('narrows_disk_available_bytes', [{ labels: {}, value: found.bavail * found.bsize }]);
  });
}
