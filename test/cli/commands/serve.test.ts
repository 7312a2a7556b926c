/** The commands `narrows serve` and `narrows token`. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { StackStatus } from '../../../infra/stack/stack.ts';
import { type Project, project } from '../../support/command.ts';
import { until } from '../../support/until.ts';

let it: Project;
before(async () => {
  it = project();
  await it.json(['up', '--detach']);
});
after(() => it[Symbol.asyncDispose]());

interface Token {
  readonly token?: string;
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

const refused = async (args: readonly string[]) => {
  const { code, stderr } = await it.narrows([...args, '--output', 'json']);
  return [code, (JSON.parse(stderr.trim().split('\n').at(-1) as string) as { error: { code: string } }).error.code];
};

test('serve prints the URL of a running stack until Ctrl-C', async () => {
  const { dashboards } = await it.json<StackStatus>(['status']);
  const { code, stdout } = await it.narrows(['serve'], { signal: 'SIGINT', after: /Ctrl-C stops/ });
  assert.deepEqual([code, stdout.trim()], [130, dashboards]);
});

test('serve ends well when it is asked to end, and serves meanwhile as long as it is to drain', async () => {
  let output = '';
  const stop = new AbortController();
  const ended = it.narrows(['serve', '--port', '0', '--drain', '3s'], {
    ...{ interrupt: stop.signal, interruption: 'SIGTERM' },
    onOutput: (text) => {
      output = text;
    },
  });
  await until(() => /Ctrl-C stops/.test(output), 'it serves');
  const [url = ''] = /^http\S+/m.exec(output) ?? [];
  const probe = async (path: string) => (await fetch(url + path)).status;
  assert.deepEqual([await probe('/livez'), await probe('/readyz')], [200, 200]);
  stop.abort();
  await until(async () => (await probe('/readyz')) === 503, 'it is not ready');
  assert.deepEqual([await probe('/livez'), await probe('/api/session')], [200, 200]);
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
});

test('serve has its metrics on a port of their own, and those of the whole installation', async () => {
  let output = '';
  const stop = new AbortController();
  const ended = it.narrows(['serve', '--port', '0', '--metrics-port', '0'], {
    ...{ interrupt: stop.signal, interruption: 'SIGTERM' },
    onOutput: (text) => {
      output = text;
    },
  });
  await until(() => /Ctrl-C stops/.test(output), 'it serves');
  const [url = ''] = /^http\S+/m.exec(output) ?? [];
  const metrics = /serving metrics at (http:\S+\/metrics)/.exec(output)?.[1] ?? '';
  try {
    await until(async () => (await fetch(`${url}/api/sweeps`)).ok, 'the API answers');
    const response = await fetch(metrics);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      /^narrows_http_request_seconds_count\{method="GET",route="\/api\/sweeps",status="2xx"\} 1$/m,
      /^narrows_source_up\{source="database"\} 1$/m,
      /^narrows_source_up\{source="temporal"\} 1$/m,
      /^narrows_queue_workers\{role="trainer",class="cpu",engine=""\} [1-9]/m,
      /^narrows_check_ok\{check="schema"\} 1$/m,
      /^narrows_database_statement_seconds_count [1-9]/m,
    ])
      await until(async () => line.test(await (await fetch(metrics)).text()), `${line}`);
    assert.equal((await fetch(`${url}/metrics`)).status, 404);
    assert.equal((await fetch(new URL('/api/sweeps', metrics))).status, 404);
  } finally {
    stop.abort();
  }
  assert.equal((await ended).code, 0);
});

test('serve starts a server of its own where the environment asks for metrics, next to those of the stack', async () => {
  const { stdout, stderr } = await it.narrows(['serve'], {
    ...{ variables: { NARROWS_METRICS_PORT: '0' }, signal: 'SIGTERM', after: /serving metrics at|Ctrl-C stops/ },
  });
  // Its port may be in use: the metrics come first.
  assert.match(stdout + stderr, /serving metrics at http/);
});

test('serve starts a server on a free port, and rejects used and invalid ports', async () => {
  const { code, stdout } = await it.narrows(['serve', '--port', '0'], { signal: 'SIGINT', after: /Ctrl-C stops/ });
  assert.equal(code, 130);
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\n$/);
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  assert.deepEqual(await refused(['serve', '--port', String(port)]), [1, 'port-taken']);
  taken.close();
  assert.deepEqual(await refused(['serve', '--port', '70000']), [2, 'usage']);
});

test('serving other hosts requires tokens, which are created, listed and revoked', async () => {
  assert.deepEqual(await refused(['serve', '--host', '0.0.0.0', '--port', '0']), [2, 'tokens-needed']);
  const made = await it.json<Token>(['token', 'create', '--name', 'notebook', '--role', 'read', '--expires', '90d']);
  assert.match(made.token ?? '', /^nrw_/);
  const days = (Date.parse(made.expiresAt ?? '') - Date.now()) / 86_400_000;
  assert.ok(days > 89.9 && days <= 90);
  const plain = await it.narrows(['token', 'create', '--name', 'plain', '--role', 'admin']);
  assert.match(plain.stdout, /^nrw_[\w-]{43}\n$/, 'only the token on stdout');

  assert.deepEqual(await refused(['token', 'create', '--name', 'notebook', '--role', 'read']), [2, 'token-name-taken']);
  assert.deepEqual(await refused(['token', 'create', '--name', 'x', '--role', 'root']), [2, 'usage']);
  assert.deepEqual(await refused(['token', 'create', '--name', 'x', '--role', 'read', '--expires', 'soon']), [2, 'usage']);
  assert.deepEqual(await refused(['token', 'create', '--name', 'x', '--role', 'read', '--expires', '90']), [2, 'usage']);
  assert.deepEqual(await refused(['token', 'create', '--role', 'read']), [2, 'usage']);

  const listed = await it.json<Token[]>(['token', 'ls']);
  assert.deepEqual(
    listed.map(({ name, role, lastUsedAt }) => [name, role, lastUsedAt]),
    [
      ['notebook', 'read', null],
      ['plain', 'admin', null],
    ],
  );
  const { stdout } = await it.narrows(['token', 'ls']);
  assert.ok(!stdout.includes('nrw_') && !JSON.stringify(listed).includes('nrw_'));

  const stop = { signal: 'SIGINT', after: /Ctrl-C stops/ } as const;
  const served = await it.narrows(['serve', '--host', '0.0.0.0', '--port', '0'], stop);
  assert.equal(served.code, 130);
  assert.match(served.stdout, /^http:\/\/0\.0\.0\.0:\d+\n$/);

  assert.equal((await it.narrows(['token', 'revoke', 'plain'])).code, 0);
  assert.equal((await it.narrows(['token', 'revoke', made.id])).code, 0);
  assert.deepEqual(await refused(['token', 'revoke', 'plain']), [3, 'token-unknown']);
  assert.deepEqual(await it.json(['token', 'ls']), []);
});

test('a server without tokens starts with the one that a file holds', async () => {
  const file = join(it.directory, 'admin-token');
  const token = randomBytes(24).toString('base64');
  writeFileSync(file, `${token}\n`);
  const serve = ['serve', '--host', '0.0.0.0', '--port', '0'];
  const stop = { signal: 'SIGTERM', after: /Ctrl-C stops/ } as const;
  const byOption = await it.narrows([...serve, '--admin-token-file', file], stop);
  const byVariable = await it.narrows(serve, { ...stop, variables: { NARROWS_ADMIN_TOKEN_FILE: file } });
  for (const { code, stdout, stderr } of [byOption, byVariable]) {
    assert.equal(code, 0, stderr);
    assert.ok(!(stdout + stderr).includes(token), 'it is not printed');
  }
  const listed = await it.json<Token[]>(['token', 'ls']);
  assert.deepEqual(
    listed.map(({ name, role }) => [name, role]),
    [['admin-token', 'admin']],
  );
  writeFileSync(file, 'short\n');
  assert.deepEqual(await refused([...serve, '--admin-token-file', file]), [2, 'token-weak']);
  assert.deepEqual(await refused([...serve, '--admin-token-file', `${file}.gone`]), [2, 'environment-invalid']);
  const proxied = ['--admin-token-file', file, '--proxy-header', 'X-Role'];
  assert.deepEqual(await refused(['serve', ...proxied]), [2, 'admin-token-unused']);
  assert.equal((await it.narrows(['token', 'revoke', 'admin-token'])).code, 0);

  writeFileSync(file, `${token}\n`);
  const create = ['token', 'create', '--name', 'operations', '--role', 'admin', '--from-file', file];
  for (let i = 0; i < 2; i++) assert.equal((await it.narrows(create)).stdout, 'stored operations\n');
  const { expiresAt } = await it.json<Token>([...create, '--expires', '12h']);
  assert.ok(Date.parse(expiresAt ?? '') - Date.now() <= 12 * 3_600_000);
  assert.deepEqual(await refused([...create, '--expires', '0d']), [2, 'usage']);
  const renamed = ['token', 'create', '--name', 'other', '--role', 'admin', '--from-file', file];
  assert.deepEqual(await refused(renamed), [2, 'token-duplicate']);
  assert.equal((await it.narrows(['token', 'revoke', 'operations'])).code, 0);
});

test('serve exits when the stack stops', async () => {
  const { promise: printed, resolve: onOutput } = Promise.withResolvers<void>();
  const telling = it.narrows(['serve', '--output', 'json'], { onOutput: () => onOutput() });
  await printed;
  await it.narrows(['down']);
  const { code, stderr } = await telling;
  assert.deepEqual([code, /stack-down/.test(stderr)], [5, true], stderr);
});
