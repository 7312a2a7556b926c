/**
 * A pod as processes of this machine, in a network and a folder of its own: a checkout in place of
 * its images, secrets as files, probes, SIGTERM and the grace period. Rights and resources are not
 * those of a container.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from '../../infra/processes/child.ts';
import { openLog } from '../../infra/processes/rotating-log.ts';
import { readSource } from '../house/sources.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Namespace } from './network.ts';

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe & { readonly periodSeconds: number; readonly failureThreshold: number };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds: number;
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly containers: readonly [Container];
    readonly initContainers?: readonly Container[];
    readonly terminationGracePeriodSeconds: number;
    readonly volumes: readonly {
      readonly name: string;
      readonly projected?: { readonly sources: readonly { readonly secret: SecretFiles }[] };
    }[];
  };
}

interface SecretFiles {
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

export interface PodRun {
  readonly pod: Pod;
  readonly address: string;
  /** Whether it runs: it has neither ended by itself nor been stopped. */
  isRunning(): boolean;
  /** Whether its readiness probe has succeeded once. */
  hasBeenReady(): boolean;
  /** Whether a process of it has failed, or was killed by its liveness probe. */
  hasFailed(): boolean;
  /** Asks the probes: reports a change of readiness, and kills a process that does not live. */
  probe(): Promise<void>;
  /** Runs a command of narrows as `kubectl exec` does; returns its output. */
  exec(...args: readonly string[]): Promise<string>;
  /** Stops the processes as a kubelet does; returns how each has ended. */
  stop(): Promise<string[]>;
  /** Output of its containers so far. */
  log(): string;
}

/** End of a process that succeeded. */
export const SUCCESS = 'exit code 0';

/** Folders of a container. */
const [CACHE, SECRETS] = ['/var/cache/narrows', '/run/secrets/narrows'];

const containerfile = readSource('infra/images/Containerfile');

/** Stages of the Containerfile by name: what each is made from, and its text. */
const stages = new Map(
  containerfile
    .split(/^FROM /m)
    .slice(1)
    .map((text) => {
      const [, base = '', name = ''] = /^(\S+) AS (\S+)/.exec(text) ?? [];
      return [name, { base, text }];
    }),
);

/** Returns the words before the arguments of an image. Throws where no stage gives any. */
function entrypoint(target: string): string[] {
  const stage = stages.get(target);
  if (stage === undefined) throw new Error(`${target} has no entry point`);
  const [, words] = /^ENTRYPOINT (.+)$/m.exec(stage.text) ?? [];
  return words === undefined ? entrypoint(stage.base) : (JSON.parse(words) as string[]);
}

/** Returns the arguments of narrows with which a container starts. */
export function commandOf({ image, args }: Container): string[] {
  const [, target = ''] = /narrows-([\w-]+):/.exec(image) ?? [];
  // Before them are Node and the program.
  return [...entrypoint(target).slice(2), ...args];
}

export interface PodOptions {
  readonly namespace: Namespace;
  readonly folder: string;
  /** Returns the root of the checkout with the code of images of a tag. */
  readonly checkoutOf: (tag: string) => string;
}

/** Starts a pod whose secrets the cluster holds, and reports its state there. */
export function runPod(cluster: ControlPlane, pod: Pod, { namespace: network, folder, checkoutOf }: PodOptions): PodRun {
  const { namespace, name } = pod.metadata;
  const [main] = pod.spec.containers;
  const processes: Child[] = [];
  let phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' = 'Pending';
  let isReady = false;
  let hasBeenReady = false;
  let stopping: Promise<string[]> | null = null;
  let fault = '';

  /** Replaces the folders that only exist in a container. */
  const word = (text: string): string => text.replace(SECRETS, join(folder, 'secrets')).replace(CACHE, join(folder, 'cache'));

  /** Returns the command line of narrows with the code of the container's image. */
  const commandLine = ({ image }: Container, args: readonly string[]) =>
    network.enter(process.execPath, [join(checkoutOf(image.split(':').at(-1) ?? ''), 'bin/narrows.js'), ...args]);

  function variablesOf({ env }: Container): Record<string, string> {
    const ofImage = [...containerfile.matchAll(/\b(HOME|NARROWS_HOME|TMPDIR)=(\S+)/g)].map(([, one, value]) => [one, value]);
    const { PATH = '', HOME = '', XDG_CACHE_HOME = join(HOME, '.cache') } = process.env;
    const own = [...ofImage, ...env.map((one) => [one.name, one.value])] as [string, string][];
    // The cache has bundles and pages, which images bring along.
    return { PATH, XDG_CACHE_HOME, ...Object.fromEntries(own.map(([one, value]) => [one, word(value)])) };
  }

  async function startContainer(container: Container): Promise<Child> {
    const [command, ...args] = commandLine(container, commandOf(container).map(word));
    const started = await startChild({
      command,
      args,
      variables: variablesOf(container),
      cwd: folder,
      log: openLog(join(folder, `${container.name}.log`)),
      orphanSignal: 'SIGKILL',
    });
    processes.push(started);
    return started;
  }

  /** Starts the containers; those that begin the pod end one after another, and have to succeed. */
  async function start(): Promise<void> {
    mkdirSync(join(folder, 'cache'), { mode: 0o700 });
    await writeSecrets(cluster, pod, join(folder, 'secrets'));
    for (const container of pod.spec.initContainers ?? []) {
      if (stopping !== null) return;
      const { exit } = await startContainer(container);
      if ((await exit) !== SUCCESS) return report('Failed');
    }
    if (stopping !== null) return;
    const { exit } = await startContainer(main);
    await report('Running');
    const end = await exit;
    if (stopping === null) await report(end === SUCCESS ? 'Succeeded' : 'Failed');
  }

  async function report(current: typeof phase): Promise<void> {
    phase = current;
    const ready = phase === 'Running' && isReady;
    const now = new Date().toISOString();
    const condition = (type: string, holds = true) => ({ type, status: holds ? 'True' : 'False', lastTransitionTime: now });
    const state = phase === 'Running' ? { running: {} } : { terminated: { exitCode: phase === 'Succeeded' ? 0 : 1 } };
    const status = {
      phase,
      podIP: network.address,
      podIPs: [{ ip: network.address }],
      conditions: [
        condition('PodScheduled'),
        condition('Initialized'),
        condition('ContainersReady', ready),
        condition('Ready', ready),
      ],
      containerStatuses: [{ name: main.name, image: main.image, imageID: '', ready, restartCount: 0, state }],
    };
    await cluster.call('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status }, 'merge');
  }

  start().catch((error: Error) => {
    fault = error.message;
    return report('Failed');
  });

  /** Asks a probe; returns whether the answer is good. */
  async function ask({ httpGet, timeoutSeconds }: Probe): Promise<boolean> {
    const port = main.ports?.find((one) => one.name === httpGet.port)?.containerPort;
    const signal = AbortSignal.timeout(1000 * timeoutSeconds);
    const answer = await fetch(`http://${network.address}:${port}${httpGet.path}`, { signal }).catch(() => null);
    return answer?.ok ?? false;
  }

  async function probeReadiness(probe: Probe): Promise<void> {
    const answered = await ask(probe);
    if (stopping !== null || phase !== 'Running' || answered === isReady) return;
    isReady = answered;
    hasBeenReady ||= answered;
    await report('Running');
  }

  let livenessAt = performance.now();
  let failures = 0;
  async function probeLiveness(probe: NonNullable<Container['livenessProbe']>): Promise<void> {
    if (performance.now() - livenessAt < 1000 * probe.periodSeconds) return;
    livenessAt = performance.now();
    failures = (await ask(probe)) ? 0 : failures + 1;
    if (failures < probe.failureThreshold || stopping !== null) return;
    fault = `it has not answered ${failures} liveness probes`;
    for (const child of processes) child.process.kill('SIGKILL');
  }

  return {
    pod,
    address: network.address,
    hasFailed: () => phase === 'Failed',
    isRunning: () => phase === 'Running' && stopping === null,
    hasBeenReady: () => hasBeenReady,
    async probe() {
      if (phase !== 'Running' || stopping !== null) return;
      const { readinessProbe, livenessProbe } = main;
      await Promise.all([readinessProbe && probeReadiness(readinessProbe), livenessProbe && probeLiveness(livenessProbe)]);
    },
    async exec(...args) {
      const options = { env: variablesOf(main), cwd: folder, maxBuffer: 1 << 26 };
      const [command, ...words] = commandLine(main, args);
      return (await promisify(execFile)(command, words, options)).stdout;
    },
    stop() {
      const grace = 1000 * pod.spec.terminationGracePeriodSeconds;
      stopping ??= Promise.all(
        processes.map(async (child) => {
          await child.stop([
            ['SIGTERM', grace],
            ['SIGKILL', grace],
          ]);
          return await child.exit;
        }),
      );
      return stopping;
    },
    log: () => [...processes.map(({ output }) => output()), fault].join('\n'),
  };
}

/** Writes the files of the pod's projected volumes. Throws where a secret or a key is missing. */
async function writeSecrets(cluster: ControlPlane, { metadata, spec }: Pod, folder: string): Promise<void> {
  mkdirSync(folder);
  for (const { secret } of spec.volumes.flatMap(({ projected }) => projected?.sources ?? [])) {
    const path = `/api/v1/namespaces/${metadata.namespace}/secrets/${secret.name}`;
    const { data } = await cluster.ask<{ data: Readonly<Record<string, string>> }>('GET', path);
    for (const { key, path: file } of secret.items) {
      const value = data[key];
      if (value === undefined) throw new Error(`the secret ${secret.name} has no key ${key}`);
      writeFileSync(join(folder, file), Buffer.from(value, 'base64'), { mode: 0o440 });
    }
  }
}
