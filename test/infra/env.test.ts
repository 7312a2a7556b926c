import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  buildChildVariables,
  describeHome,
  readCacheLimit,
  readDrainPeriod,
  readEnvironment,
  readGracePeriod,
  readKernelBuild,
  readLogFormat,
  readNotificationSettings,
  readOperatingAddress,
  readThreads,
  readTracing,
  readVersioning,
  selectExternalVariables,
} from '../../infra/env.ts';
import { runnableBuilds } from '../../models/engines/kernel/loader.ts';
import { temporaryFolder } from './folders.ts';

test('without variables the home folder is in the working directory and the servers are embedded', () => {
  const environment = readEnvironment({ HOME: '/home/me' }, '/srv/project');
  assert.equal(environment.home, '/srv/project/.narrows');
  assert.equal(environment.databaseUrl, null);
  assert.equal(environment.externalTemporal, false);
  assert.equal(environment.temporalCli, null);
  assert.equal(environment.noColor, false);
});

test('below a project its home folder is used, and named', (t) => {
  const project = temporaryFolder(t);
  const below = join(project, 'runs', 'may');
  mkdirSync(below, { recursive: true });
  assert.equal(readEnvironment({}, below).home, join(below, '.narrows'));
  mkdirSync(join(project, '.narrows'));
  const environment = readEnvironment({}, below);
  assert.equal(environment.home, join(project, '.narrows'));
  assert.equal(describeHome(environment), `using the project in ${project}; NARROWS_HOME=.narrows makes one of this folder`);
  assert.equal(describeHome(readEnvironment({}, project)), null);
  assert.equal(readEnvironment({ NARROWS_HOME: '.narrows' }, below).home, join(below, '.narrows'));
  // Everybody could have put it there.
  chmodSync(project, 0o777);
  assert.equal(readEnvironment({}, below).home, join(below, '.narrows'));
  assert.equal(readEnvironment({}, project).home, join(project, '.narrows'));
});

test('programs are searched and cached in absolute folders only, whatever the working directory holds', () => {
  const environment = readEnvironment({ HOME: '/home/me', PATH: '.::bin:/usr/bin', XDG_CACHE_HOME: '.cache' }, '/srv/project');
  assert.deepEqual(environment.path, ['/usr/bin']);
  assert.match(environment.userCache, /^\/.*\/\.cache\/narrows$/);
});

test('empty variables count as not set', () => {
  const environment = readEnvironment(
    {
      NARROWS_HOME: 'state',
      NARROWS_DATABASE_URL: 'postgres://me:pw@db:5432/narrows',
      TEMPORAL_ADDRESS: 'temporal:7233',
      NARROWS_TEMPORAL_CLI: '',
      XDG_CACHE_HOME: '/var/cache/me',
      NO_COLOR: '1',
      CI: '',
      PATH: '/bin::/usr/bin',
    },
    '/srv/project',
  );
  assert.equal(environment.home, '/srv/project/state');
  assert.equal(environment.userCache, '/var/cache/me/narrows');
  assert.equal(environment.databaseUrl, 'postgres://me:pw@db:5432/narrows');
  assert.equal(environment.externalTemporal, true);
  assert.equal(environment.temporalCli, null);
  assert.equal(environment.noColor, true);
  assert.equal(environment.ci, false);
  assert.deepEqual(environment.path, ['/bin', '/usr/bin']);
});

test('a direct URL is completed by variables as the other is', () => {
  const variables = {
    NARROWS_DATABASE_URL: 'postgres://pooler/narrows',
    NARROWS_DATABASE_DIRECT_URL: 'postgres://db/narrows',
    PGSSLMODE: 'require',
  };
  assert.equal(readEnvironment(variables, '/').directDatabaseUrl, 'postgres://db/narrows?sslmode=require');
  assert.equal(readEnvironment({}, '/').directDatabaseUrl, null);
});

test('a namespace alone does not select an external server', () => {
  assert.equal(readEnvironment({ TEMPORAL_NAMESPACE: 'research' }, '/').externalTemporal, false);
});

test('an invalid database URL is rejected without being shown', () => {
  for (const url of ['mysql://me:hunter2@db/x', 'hunter2', 'postgres://me:hunter2@:port/']) {
    assert.throws(
      () => readEnvironment({ NARROWS_DATABASE_URL: url }, '/'),
      (error: Error & { code?: string; path?: string; kind?: string }) => {
        assert.equal(error.code, 'environment-invalid');
        assert.equal(error.path, 'NARROWS_DATABASE_URL');
        assert.equal(error.kind, 'invalid');
        assert.doesNotMatch(`${error.message}${error.stack}`, /hunter2/);
        return true;
      },
    );
  }
});

test('external programs get neither addresses nor secrets', () => {
  const variables = selectExternalVariables({
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    NARROWS_DATABASE_URL: 'secret',
    TEMPORAL_API_KEY: 'secret',
    LANG: 'de_DE',
  });
  assert.deepEqual(variables, { PATH: '/bin', HTTPS_PROXY: 'http://proxy', LANG: 'C', LC_ALL: 'C' });
});

test('workers of the stack get its addresses despite other Temporal configuration', () => {
  const addresses = { databaseUrl: 'postgres://x', temporal: '127.0.0.1:1', namespace: 'default', home: '/h' };
  const variables = buildChildVariables(addresses, {
    PATH: '/bin',
    TEMPORAL_TLS: 'true',
    TEMPORAL_PROFILE: 'cloud',
    TEMPORAL_ADDRESS: 'elsewhere',
    PGSSLMODE: 'verify-full',
    PGHOST: 'elsewhere',
    NARROWS_DATABASE_DIRECT_URL: 'postgres://elsewhere',
  });
  assert.deepEqual(variables, {
    PATH: '/bin',
    NARROWS_HOME: '/h',
    NARROWS_DATABASE_URL: 'postgres://x',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    TEMPORAL_NAMESPACE: 'default',
  });
});

test('notification channels are absent or completely configured', () => {
  assert.deepEqual(readNotificationSettings({}), { webhook: null, mail: null, publicUrl: null });
  const settings = readNotificationSettings({
    NARROWS_WEBHOOK_URL: 'https://hooks.example/narrows',
    NARROWS_WEBHOOK_SECRET: 'shared',
    NARROWS_SMTP_URL: 'smtps://me:pw@mail.example',
    NARROWS_MAIL_TO: 'a@example.org, b@example.org',
    NARROWS_MAIL_FROM: 'narrows@example.org',
    NARROWS_PUBLIC_URL: 'https://narrows.example/',
  });
  assert.deepEqual(settings, {
    webhook: { url: 'https://hooks.example/narrows', secret: 'shared' },
    mail: { url: 'smtps://me:pw@mail.example', from: 'narrows@example.org', to: ['a@example.org', 'b@example.org'] },
    publicUrl: 'https://narrows.example',
  });
});

const invalid: [string, Record<string, string>, string][] = [
  ['no secret', { NARROWS_WEBHOOK_URL: 'https://hooks.example/token' }, 'NARROWS_WEBHOOK_SECRET'],
  ['no recipient', { NARROWS_SMTP_URL: 'smtp://me:token@mail.example' }, 'NARROWS_MAIL_TO'],
  ['no webhook address', { NARROWS_WEBHOOK_URL: 'hooks.example/token', NARROWS_WEBHOOK_SECRET: 'x' }, 'NARROWS_WEBHOOK_URL'],
  ['no mail server', { NARROWS_SMTP_URL: 'https://token', NARROWS_MAIL_TO: 'a@example.org' }, 'NARROWS_SMTP_URL'],
];
for (const [title, variables, path] of invalid) {
  test(`notification settings with ${title} are rejected without showing values`, () => {
    assert.throws(
      () => readNotificationSettings(variables),
      (error: Error & { code?: string; path?: string }) =>
        error.code === 'environment-invalid' && error.path === path && !error.message.includes('token'),
    );
  });
}

test("libpq's variables complete an external URL, and only that", () => {
  const variables = { PGPASSWORD: 'pw', PGSSLMODE: 'require', PGHOST: 'other' };
  assert.equal(
    readEnvironment({ ...variables, NARROWS_DATABASE_URL: 'postgres://me@db/n' }, '/').databaseUrl,
    'postgres://me@db/n?password=pw&sslmode=require',
  );
  assert.equal(readEnvironment(variables, '/').databaseUrl, null);
});

test('workers are versioned where the environment says how', () => {
  const versioningOf = (text?: string) => readVersioning({ NARROWS_DEPLOYMENT: text });
  assert.deepEqual([undefined, '', 'pinned', 'auto-upgrade'].map(versioningOf), [null, null, 'pinned', 'auto-upgrade']);
  assert.throws(() => versioningOf('yes'), {
    code: 'environment-invalid',
    path: 'NARROWS_DEPLOYMENT',
    message: 'NARROWS_DEPLOYMENT is not a valid kind of worker versioning: yes',
  });
});

test('the limit of the cache is a size; without one it is 10 GiB', () => {
  const limitOf = (text?: string) => readCacheLimit({ NARROWS_CACHE_LIMIT: text });
  assert.equal(limitOf(), 10 * 2 ** 30);
  assert.deepEqual(['0', '123', '500MB', '1.5 GiB', '2kb'].map(limitOf), [0, 123, 5e8, 1.5 * 2 ** 30, 2000]);
  for (const text of ['much', '-1', '5 XB', '1e9'])
    assert.throws(() => limitOf(text), { code: 'environment-invalid', path: 'NARROWS_CACHE_LIMIT' }, text);
});

test('the build of the kernel is the one named, among those that run here, else the fastest', () => {
  assert.equal(readKernelBuild({ NARROWS_KERNEL: 'wasm-simd' }), 'wasm-simd');
  assert.equal(readKernelBuild({}), runnableBuilds().at(-1));
  assert.throws(() => readKernelBuild({ NARROWS_KERNEL: 'vax' }), { code: 'environment-invalid', path: 'NARROWS_KERNEL' });
});

test('probes are answered where options or the environment say, by default on this machine alone', () => {
  const variables = { NARROWS_HEALTH_PORT: '8080', NARROWS_HEALTH_HOST: '0.0.0.0' };
  assert.equal(readOperatingAddress('health', {}, {}), null);
  assert.deepEqual(readOperatingAddress('health', { port: 0 }, {}), { port: 0, host: '127.0.0.1' });
  assert.deepEqual(readOperatingAddress('health', {}, variables), { port: 8080, host: '0.0.0.0' });
  assert.deepEqual(readOperatingAddress('health', { port: 9, host: '::1' }, variables), { port: 9, host: '::1' });
  assert.throws(() => readOperatingAddress('health', { host: '::' }, {}), { code: 'health-port-missing' });
  for (const text of ['x', '-1', '65536', '1e3'])
    assert.throws(() => readOperatingAddress('health', {}, { NARROWS_HEALTH_PORT: text }), { code: 'environment-invalid' }, text);
});

test('metrics have options and variables of their own', () => {
  const variables = { NARROWS_HEALTH_PORT: '8080', NARROWS_METRICS_PORT: '9464' };
  assert.deepEqual(readOperatingAddress('metrics', {}, variables), { port: 9464, host: '127.0.0.1' });
  assert.throws(() => readOperatingAddress('metrics', {}, { NARROWS_METRICS_HOST: '::' }), {
    code: 'metrics-port-missing',
    path: '--metrics-port',
  });
});

test('threads, grace and drain are those of options, else of the environment', () => {
  const variables = { NARROWS_THREADS: '3', NARROWS_GRACE_PERIOD: '1m', NARROWS_DRAIN_PERIOD: '5' };
  assert.deepEqual([readThreads(undefined, {}), readGracePeriod(undefined, {}), readDrainPeriod({})], [null, null, 0]);
  assert.deepEqual(
    [readThreads(undefined, variables), readGracePeriod(undefined, variables), readDrainPeriod(variables)],
    [3, 60, 5],
  );
  assert.deepEqual([readThreads(2, variables), readGracePeriod(20, variables)], [2, 20]);
  assert.throws(() => readGracePeriod(0, {}), { code: 'grace-too-short', path: '--grace' });
  for (const text of ['0', '1.5', '-1', 'all'])
    assert.throws(() => readThreads(undefined, { NARROWS_THREADS: text }), { code: 'environment-invalid' }, text);
});

test('logs are text on a terminal and JSON elsewhere, unless the environment decides', () => {
  assert.deepEqual([readLogFormat({}, true), readLogFormat({}, false)], ['text', 'json']);
  assert.deepEqual(
    [readLogFormat({ NARROWS_LOG_FORMAT: 'json' }, true), readLogFormat({ NARROWS_LOG_FORMAT: 'text' }, false)],
    ['json', 'text'],
  );
  assert.throws(() => readLogFormat({ NARROWS_LOG_FORMAT: 'xml' }, true), { code: 'environment-invalid' });
});

test('traces begin with the address of a collector, and follow the variables of OpenTelemetry', () => {
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  assert.deepEqual(readTracing(collector), { sampler: { name: 'parentbased_always_on', ratio: 1 } });
  const share = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };
  assert.deepEqual(readTracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces', ...share }), {
    sampler: { name: 'parentbased_traceidratio', ratio: 0.1 },
  });
  for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }])
    assert.equal(readTracing({ ...collector, ...off }), null);
  for (const [name, value] of [
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
    ['OTEL_TRACES_SAMPLER', 'half'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ] as const)
    assert.throws(() => readTracing({ ...collector, [name]: value }), { code: 'environment-invalid', path: name });
});
