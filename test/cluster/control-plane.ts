/** A Kubernetes control plane of this machine: etcd, API server, controllers and scheduler. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempDisposableSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../infra/processes/child.ts';
import { freePorts } from '../../infra/processes/ports.ts';
import { openLog } from '../../infra/processes/rotating-log.ts';
import { until } from '../support/until.ts';
import { buildControlPlane, withoutGo } from './programs.ts';

/** Reason to skip tests that need a control plane; false where one can be started. */
export const withoutControlPlane: string | false =
  withoutGo || (spawnSync('etcd', ['--version']).status !== 0 && 'etcd is not installed (apt-get install etcd-server)');

const ADMIN = 'admin-of-the-test';

/** An answer of the API server. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
  /** Warnings, of deprecated fields or rights that a namespace does not grant, for example. */
  readonly warnings: readonly string[];
}

export interface ControlPlane extends AsyncDisposable {
  /** File with which Helm reaches it. */
  readonly kubeconfig: string;
  /** Sends a request; `patch`: the kind of a patch, else `body` is the object. */
  call<T>(method: string, path: string, body?: unknown, patch?: 'merge' | 'strategic-merge'): Promise<Answer<T>>;
  /** As `call`, and throws where the answer is an error. */
  ask<T>(method: string, path: string, body?: unknown, patch?: 'merge' | 'strategic-merge'): Promise<T>;
}

export async function startControlPlane(note: (text: string) => void): Promise<ControlPlane> {
  const program = await buildControlPlane(note);
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(mkdtempDisposableSync(join(tmpdir(), 'narrows-cluster-')));
  const file = (name: string) => join(folder, name);
  const start = async (command: string, args: readonly string[]) => resources.use(await startProcess(command, args, folder));
  const component = (name: string, args: readonly string[]) => {
    symlinkSync(program, file(name));
    return start(file(name), args);
  };

  const [client, peer, port] = await freePorts(3);
  const etcd = `http://127.0.0.1:${client}`;
  await start('etcd', [
    ...['--data-dir', file('etcd'), '--listen-client-urls', etcd, '--advertise-client-urls', etcd],
    ...['--listen-peer-urls', `http://127.0.0.1:${peer}`, '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`],
    ...['--initial-cluster', `default=http://127.0.0.1:${peer}`, '--unsafe-no-fsync'],
  ]);

  writeFileSync(file('tokens.csv'), `${ADMIN},admin,admin,system:masters\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const server = await component('kube-apiserver', [
    ...['--etcd-servers', etcd, '--bind-address', '127.0.0.1', '--secure-port', `${port}`, '--cert-dir', file('certificates')],
    ...['--token-auth-file', file('tokens.csv'), '--authorization-mode', 'RBAC', '--service-cluster-ip-range', '10.96.0.0/16'],
    ...['--service-account-issuer', 'https://narrows.example', '--service-account-key-file', file('accounts.key')],
    ...['--service-account-signing-key-file', file('accounts.key')],
    // Nodes of tests are ready from the start.
    ...['--disable-admission-plugins', 'TaintNodesByCondition'],
  ]);

  const url = `https://127.0.0.1:${port}`;
  const agent = new Agent({ keepAlive: true });
  resources.defer(() => agent.destroy());
  let authority: Buffer | undefined;
  const call: ControlPlane['call'] = (method, path, body, patch) =>
    new Promise((resolve, reject) => {
      authority ??= readFileSync(file('certificates/apiserver.crt'));
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${ADMIN}`,
        'content-type': patch === undefined ? 'application/json' : `application/${patch}-patch+json`,
        // Node gives the body of a DELETE none, and the server would read it as the next request.
        'content-length': Buffer.byteLength(text),
      };
      const sent = request(`${url}${path}`, { method, headers, agent, ca: authority }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          const isJson = response.headers['content-type']?.startsWith('application/json') === true;
          const warnings = [response.headers.warning ?? []].flat().map(String);
          resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer, warnings });
        });
      });
      sent.once('error', reject);
      sent.end(text);
    });

  await until(async () => {
    server.requireRunning();
    return call('GET', '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  }, 'the API server is ready');

  const cluster = { server: url, 'certificate-authority': file('certificates/apiserver.crt') };
  writeFileSync(
    file('kubeconfig'),
    // JSON is YAML.
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'admin', user: { token: ADMIN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    }),
  );
  const shared = ['--kubeconfig', file('kubeconfig'), '--leader-elect=false', '--secure-port', '0'];
  await component('kube-controller-manager', [
    ...shared,
    ...['--service-account-private-key-file', file('accounts.key'), '--use-service-account-credentials=false'],
    // It would miss the heartbeats of nodes that are no machines.
    ...['--controllers', '*,-node-lifecycle-controller'],
  ]);
  await component('kube-scheduler', shared);

  const kept = resources.move();
  return {
    kubeconfig: file('kubeconfig'),
    call,
    async ask<T>(method: string, path: string, body?: unknown, patch?: 'merge' | 'strategic-merge') {
      const { status, body: answer } = await call<T>(method, path, body, patch);
      if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
      return answer;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Starts a part of the control plane, which logs to a file of its name. */
async function startProcess(command: string, args: readonly string[], folder: string) {
  const name = command.split('/').at(-1) as string;
  const { PATH, HOME } = process.env;
  const log = openLog(join(folder, `${name}.log`));
  const child = await startChild({ command, args, variables: { PATH, HOME }, cwd: folder, log, orphanSignal: 'SIGKILL' });
  return {
    requireRunning() {
      const { exitCode, signalCode } = child.process;
      if (exitCode !== null || signalCode !== null) throw new Error(`${name} has ended: ${child.output().slice(-4000)}`);
    },
    async [Symbol.asyncDispose]() {
      // Nothing of it is kept.
      await child.stop([['SIGKILL', 60_000]]);
    },
  };
}
