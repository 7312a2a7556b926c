/** A release of the chart in a namespace of a cluster, whose pods a node runs. */
import assert from 'node:assert/strict';
import type { ControlPlane } from './control-plane.ts';
import { CHART, type Helm, type KubernetesObject } from './helm.ts';
import type { ClusterNode } from './node.ts';

export const NAMESPACE = 'xray';
const RELEASE = 'narrows';

/** Longest wait of Helm, on a busy machine. */
const TIMEOUT = '10m';

/** Returns the path of the namespace in a group of the API. */
export const inNamespace = (group: string) => `${group === 'v1' ? '/api/v1' : `/apis/${group}`}/namespaces/${NAMESPACE}`;

/** Creates the namespace, which refuses pods with more rights than `restricted` grants. */
export async function createNamespace(cluster: ControlPlane): Promise<void> {
  const levels = ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']);
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE, labels: Object.fromEntries(levels) } });
}

export const createSecret = (cluster: ControlPlane, name: string, stringData: Readonly<Record<string, string>>) =>
  cluster.ask('POST', `${inNamespace('v1')}/secrets`, { metadata: { name }, stringData });

interface Deployment extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

export interface Release {
  /** Runs a command of Helm about the release; throws where it fails. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  /** Installs or upgrades it with values; waits until all is ready. */
  apply(command: 'install' | 'upgrade', file: string, ...values: readonly string[]): Promise<string>;
  /** Removes it; waits until its objects are gone. */
  uninstall(): Promise<string>;
  /** Replaces all pods, as `kubectl rollout restart` does. */
  restart(): Promise<void>;
  /** Whether every pod is of the newest kind and available, and none of another is left. */
  isRolledOut(): Promise<boolean>;
}

export function openRelease(cluster: ControlPlane, helm: Helm, node: Pick<ClusterNode, 'logs'>): Release {
  const path = `${inNamespace('apps/v1')}/deployments`;
  const listDeployments = async () => (await cluster.ask<{ items: Deployment[] }>('GET', path)).items;
  const run: Release['run'] = async (command, ...args) => {
    const { code, output } = await helm.run(command, RELEASE, ...args, '--namespace', NAMESPACE);
    assert.equal(code, 0, `${output}\n${node.logs()}`);
    return output;
  };
  return {
    run,
    apply: (command, file, ...values) =>
      run(
        command,
        CHART,
        ...['--values', `${CHART}/${file}`, '--wait', '--timeout', TIMEOUT],
        ...values.flatMap((value) => ['--set', value]),
      ),
    uninstall: () => run('uninstall', '--wait', '--timeout', TIMEOUT),
    async restart() {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
      const change = { spec: { template: { metadata: { annotations } } } };
      for (const { metadata } of await listDeployments())
        await cluster.ask('PATCH', `${path}/${metadata.name}`, change, 'strategic-merge');
    },
    async isRolledOut() {
      return (await listDeployments()).every(({ metadata, spec, status }) => {
        const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
        return status.observedGeneration === metadata.generation && counts.every((count) => (count ?? 0) === spec.replicas);
      });
    },
  };
}
