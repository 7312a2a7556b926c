/** A node of a cluster, which runs pods as processes of this machine. */
import { mkdirSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from '../house/sources.ts';
import type { ControlPlane } from './control-plane.ts';
import { createNetwork, type Namespace, type Network } from './network.ts';
import { type Pod, type PodOptions, type PodRun, runPod } from './pod.ts';

export interface ClusterNode extends AsyncDisposable {
  /** The network of its pods, of which each has a namespace. */
  readonly network: Network;
  /** Returns the running pods of a component, and where named a class. */
  podsOf(component: string, trainerClass?: string): PodRun[];
  /** How the processes of pods that were deleted, and had been ready, have ended. */
  readonly ends: readonly string[];
  /** Names of pods that failed once they were ready: one that does not start is begun again. */
  failed(): string[];
  /** Output of all pods so far, for messages about failures. */
  logs(): string;
}

const NAME = 'node-of-the-test';
const PAUSE_MS = 150;

/** Adds a node to the cluster; images of every tag have the code of this checkout by default. */
export async function startNode(cluster: ControlPlane, checkoutOf: PodOptions['checkoutOf'] = () => ROOT): Promise<ClusterNode> {
  await using resources = new AsyncDisposableStack();
  const network = resources.use(createNetwork());
  const { path: folder } = resources.use(mkdtempDisposableSync(join(tmpdir(), 'narrows-node-')));

  await cluster.ask('POST', '/api/v1/nodes', { metadata: { name: NAME, labels: { 'kubernetes.io/hostname': NAME } } });
  const capacity = { cpu: '64', memory: '256Gi', pods: '110', 'ephemeral-storage': '1Ti' };
  const status = { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True' }] };
  await cluster.ask('PATCH', `/api/v1/nodes/${NAME}/status`, { status }, 'merge');

  const runs = new Map<string, PodRun & { readonly namespace: Namespace }>();
  const removed = new Set<string>();
  const ends: string[] = [];

  function start(pod: Pod): void {
    const namespace = network.createNamespace();
    const own = join(folder, pod.metadata.uid);
    mkdirSync(own);
    runs.set(pod.metadata.uid, { ...runPod(cluster, pod, { namespace, folder: own, checkoutOf }), namespace });
  }

  async function remove({ metadata: { namespace, name, uid } }: Pod): Promise<void> {
    if (removed.has(uid)) return;
    removed.add(uid);
    const run = runs.get(uid);
    // Before that a process may not handle signals yet.
    const wasReady = run?.hasBeenReady() === true;
    const ended = (await run?.stop()) ?? [];
    if (wasReady) ends.push(...ended);
    run?.namespace.remove();
    await cluster.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, { gracePeriodSeconds: 0 });
  }

  async function look(): Promise<void> {
    const { items } = await cluster.ask<{ items: Pod[] }>('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${NAME}`);
    for (const pod of items) {
      if (pod.metadata.deletionTimestamp !== undefined) remove(pod).catch(() => removed.delete(pod.metadata.uid));
      else if (!runs.has(pod.metadata.uid)) start(pod);
    }
    await Promise.all([...runs.values()].map((run) => run.probe()));
  }

  const stop = new AbortController();
  const looking = (async () => {
    // A request that fails is repeated with the next look.
    for (; !stop.signal.aborted; await setTimeout(PAUSE_MS)) await look().catch(() => {});
  })();

  const kept = resources.move();
  return {
    network,
    ends,
    failed: () => [...runs.values()].filter((run) => run.hasFailed() && run.hasBeenReady()).map(({ pod }) => pod.metadata.name),
    podsOf: (component, trainerClass) =>
      [...runs.values()].filter(({ pod: { metadata }, isRunning }) => {
        const { 'app.kubernetes.io/component': ownComponent, 'narrows/trainer-class': ownClass } = metadata.labels;
        return isRunning() && ownComponent === component && (trainerClass ?? ownClass) === ownClass;
      }),
    logs: () => [...runs.values()].map(({ pod, log }) => `--- ${pod.metadata.name}\n${log()}`).join('\n'),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await looking;
      await Promise.all([...runs.values()].map((run) => run.stop()));
      await kept.disposeAsync();
    },
  };
}
