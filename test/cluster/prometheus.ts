/** Prometheus, over the pods that the cluster names behind the service `narrows-metrics`. */
import { spawnSync } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, LOOPBACK } from '../../infra/processes/ports.ts';
import { startProgram } from '../support/programs/program.ts';
import type { ControlPlane } from './control-plane.ts';
import { inNamespace } from './release.ts';

/** Reason to skip tests that need it; false where none is needed. */
export const withoutPrometheus: string | false =
  spawnSync('prometheus', ['--version']).status !== 0 && 'prometheus is not installed (apt-get install prometheus)';

export interface Target {
  /** Whether the last scrape succeeded. */
  readonly health: 'up' | 'down' | 'unknown';
  readonly labels: Readonly<Record<string, string>>;
}

export interface Prometheus extends AsyncDisposable {
  /** Returns what it scrapes. */
  targets(): Promise<readonly Target[]>;
  /** Evaluates an expression now; returns the labels and the value of each series. */
  query(expression: string): Promise<readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]>;
}

interface EndpointSlice {
  readonly ports: readonly { readonly port: number }[];
  readonly endpoints: readonly { readonly addresses: readonly string[]; readonly targetRef: { readonly name: string } }[];
}

/** Starts it; it scrapes what the service leads to now. Debian's cannot ask Kubernetes itself. */
export async function startPrometheus(cluster: Pick<ControlPlane, 'ask'>): Promise<Prometheus> {
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(mkdtempDisposableSync(join(tmpdir(), 'narrows-prometheus-')));
  const path = `${inNamespace('discovery.k8s.io/v1')}/endpointslices?labelSelector=kubernetes.io/service-name%3Dnarrows-metrics`;
  const { items } = await cluster.ask<{ items: EndpointSlice[] }>('GET', path);
  const targets = items.flatMap(({ ports, endpoints }) =>
    endpoints.map(({ addresses, targetRef }) => ({
      targets: [`${addresses[0]}:${ports[0]?.port}`],
      labels: { pod: targetRef.name },
    })),
  );
  const job = { job_name: 'narrows', static_configs: targets };
  const file = join(folder, 'prometheus.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ global: { scrape_interval: '5s', scrape_timeout: '5s' }, scrape_configs: [job] }));
  const address = `${LOOPBACK}:${await freePort()}`;
  const options = { 'config.file': file, 'storage.tsdb.path': join(folder, 'data'), 'web.listen-address': address };
  const words = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const child = await startProgram(['prometheus', ...words], {
    folder,
    serving: 'Server is ready to receive web requests',
    orphanSignal: 'SIGKILL',
  });
  resources.defer(async () => void (await child.stop([['SIGKILL', 60_000]])));
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { data: T }).data;
  };
  const kept = resources.move();
  return {
    targets: async () => (await ask<{ activeTargets: Target[] }>('targets?state=active')).activeTargets,
    async query(expression) {
      type Sample = { metric: Record<string, string>; value: [number, string] };
      const { result } = await ask<{ result: Sample[] }>(`query?${new URLSearchParams({ query: expression })}`);
      return result.map(({ metric, value }) => [metric, Number(value[1])] as const);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
