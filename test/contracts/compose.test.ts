/** The services of infra/compose.yaml: their commands, variables, secrets and order of start. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { connectTo } from '../../db/client.ts';
import { SETTINGS } from '../../infra/temporal/settings.ts';
import { parseCommand } from '../cli/parse-command.ts';
import { closedDatabase, urlFor } from '../db/database.ts';
import { ROOT, readSource } from '../house/sources.ts';
import { temporaryFolder } from '../infra/folders.ts';
import { ROLE_PASSWORD } from '../support/runner/servers.ts';

type Condition = 'service_healthy' | 'service_completed_successfully';

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string; readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

const FILE = 'infra/compose.yaml';
const DATA_SOURCES = 'infra/grafana/provisioning/datasources/narrows.yaml';
const compose = parse(readSource(FILE), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const { configs } = parse(readSource(FILE)) as { readonly configs: Readonly<Record<string, { readonly file: string }>> };
const containerfile = readSource('infra/images/Containerfile');

/** Returns the words that an image of ours puts before a service's command. */
function entrypoint(target: string): string[] {
  const stage = containerfile.split(/^FROM /m).find((text) => text.includes(` AS ${target}\n`)) ?? '';
  const words = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(stage)?.[1] ?? '[]') as string[];
  assert.deepEqual(words.slice(0, 2), ['node', '/opt/narrows/bin/narrows.js'], target);
  return words.slice(2);
}

/** Replaces ${NAME:-default} by the default. */
const interpolate = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

test('Temporal has the settings of the embedded server', () => {
  const { file } = configs['temporal-settings'] ?? { file: '' };
  const settings = parse(readSource(join('infra', file))) as Record<string, readonly { readonly value: unknown }[]>;
  assert.deepEqual(Object.fromEntries(Object.entries(settings).map(([name, [own]]) => [name, own?.value])), { ...SETTINGS });
});

for (const [name, { build, command = [] }] of ours) {
  const words = [...entrypoint(build?.target ?? ''), ...command.map(interpolate)];
  test(`the command of ${name} parses: narrows ${words.join(' ')}`, () => parseCommand(words));
}

/** The reference implementation of Compose files, which checks their schema and references. */
const COMPOSE_GO = 'github.com/compose-spec/compose-go/v2';
const COMPOSE_GO_VERSION = 'v2.16.2';

const runGo = (...args: string[]) => spawnSync('go', args, { cwd: ROOT, encoding: 'utf8' });

/** Returns the reason for skipping what needs compose-go; false where it can be run. */
function findMissingGo(): string | false {
  if (runGo('version').status !== 0) return 'go is not installed';
  const isFound = runGo('list', '-m', `${COMPOSE_GO}@${COMPOSE_GO_VERSION}`).status === 0;
  return !isFound && 'go cannot reach its module proxy';
}

test('the reference implementation of Compose accepts the file', { skip: findMissingGo() }, () => {
  const { status, stdout, stderr } = runGo('run', `${COMPOSE_GO}/cmd@${COMPOSE_GO_VERSION}`, FILE);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /warn/i);
  const loaded = parse(stdout) as { services: Record<string, unknown> };
  assert.deepEqual(Object.keys(loaded.services).toSorted(), Object.keys(compose.services).toSorted());
});

test('variables of our services are those that the guides describe', () => {
  const guides = ['operating', 'serving', 'several-machines'].map((name) => readSource(`docs/guides/${name}.md`)).join('\n');
  const names = new Set(ours.flatMap(([, { environment = {} }]) => Object.keys(environment)));
  const unknown = [...names].filter((name) => !new RegExp(`\\b${name.replace(/_FILE$/, '')}\\b`).test(guides));
  assert.deepEqual(unknown, []);
  assert.ok(names.has('NARROWS_DATABASE_URL_FILE') && names.has('TEMPORAL_ADDRESS'));
});

test('the file for object storage adds settings to all of our processes, with its keys as secrets', () => {
  const file = parse(readSource('infra/compose.object-storage.yaml')) as typeof compose;
  const guide = readSource('docs/guides/object-storage.md');
  assert.deepEqual(new Set(Object.keys(file.services)), new Set(ours.map(([name]) => name)));
  for (const { environment = {}, secrets = [] } of Object.values(file.services)) {
    for (const [name, value] of Object.entries(environment)) {
      assert.ok(guide.includes(`\`${name.replace(/_FILE$/, '')}\``), name);
      if (name.startsWith('AWS_')) assert.match(value, /^\/run\/secrets\//);
    }
    for (const secret of secrets) assert.ok(secret in file.secrets && guide.includes(`infra/secrets/${secret}`), secret);
  }
});

test('a secret that a service names is mounted there, and no password is in the file', () => {
  for (const [name, { environment = {}, command = [], secrets = [], volumes = [] }] of services) {
    const provisioned = volumes.some((volume) => volume.startsWith('./grafana/provisioning:')) ? readSource(DATA_SOURCES) : '';
    const text = [...Object.values(environment), ...command, provisioned].join('\n');
    const named = [...text.matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, secret]) => secret as string);
    assert.deepEqual(new Set(secrets), new Set(named), name);
    for (const secret of secrets) assert.ok(secret in compose.secrets, secret);
    for (const [variable, value] of Object.entries(environment)) {
      if (/PASSWORD|PWD|TOKEN|DATABASE_URL/.test(variable)) assert.match(value, /^\/run\/secrets\//, `${name}: ${variable}`);
    }
  }
});

test('a service waits only for those that report what it waits for', () => {
  for (const [name, { depends_on: conditions = {} }] of services) {
    for (const [other, { condition }] of Object.entries(conditions)) {
      const service = compose.services[other];
      assert.ok(service, `${name} waits for ${other}`);
      if (condition === 'service_healthy') assert.ok(service.healthcheck, `${other} has a health check`);
      else assert.match(service.restart, /^on-failure/, `${other} ends`);
      const shared = service.networks.some((network) => compose.services[name]?.networks.includes(network));
      assert.ok(shared || condition === 'service_completed_successfully', `${name} reaches ${other}`);
    }
  }
});

test('our services write nowhere but into their cache, and have no capabilities', () => {
  for (const [name, { read_only: isReadOnly, cap_drop: dropped }] of ours)
    assert.deepEqual([isReadOnly, dropped], [true, ['ALL']], name);
});

test('ports are open to this machine alone, and databases to nobody', () => {
  for (const [name, { ports = [], image }] of services) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
    if (image.includes('postgres')) assert.deepEqual(ports, []);
  }
});

test('Prometheus scrapes our services at the port of their metrics, and Grafana reaches its data sources', () => {
  const { scrape_configs: jobs } = parse(readSource('infra/prometheus/prometheus.yaml')) as {
    scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
  };
  const scraped = jobs.flatMap(({ dns_sd_configs: found }) =>
    found.flatMap(({ names, port }) => names.map((name) => [name, port])),
  );
  const serving = ours.filter(([, { restart }]) => restart === 'unless-stopped');
  assert.deepEqual(
    scraped.toSorted(),
    serving.map(([name, { environment = {} }]) => [name, Number(environment.NARROWS_METRICS_PORT)]).toSorted(),
  );
  const { datasources } = parse(readSource(DATA_SOURCES)) as { datasources: { url: string; user?: string; jsonData: object }[] };
  const { grafana } = compose.services;
  for (const { url } of datasources) {
    const host = url.replace(/^\w+:\/\//, '').split(':')[0] as string;
    const shared = compose.services[host]?.networks.filter((network) => grafana?.networks.includes(network));
    assert.notEqual(shared?.length ?? 0, 0, host);
  }
});

const psql = spawnSync('psql', ['--version']).status === 0;

test('the role of Grafana is made, or given its password, by the script of its service', {
  skip: !psql && 'without psql',
}, async (t) => {
  const database = await closedDatabase();
  t.after(() => database.close());
  const file = join(temporaryFolder(t), 'reader-password');
  writeFileSync(file, `${ROLE_PASSWORD}\n`);
  const script = compose.services.reader?.command?.at(-1) ?? '';
  const [, sql = ''] = /<<'SQL'\n([\s\S]*)\nSQL\n$/.exec(script) ?? [];
  const input = sql.replace('/run/secrets/reader-password', file);
  assert.notEqual(input, sql);
  const { status, stderr } = spawnSync('psql', [database.url, '--set', 'ON_ERROR_STOP=1'], { input, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const reader = connectTo(urlFor(database.url, 'read'), 1);
  await reader`select from pack_demand`;
  await reader.end();
});

test('images of others have a version', () => {
  const others = services.filter(([, { build }]) => build === undefined).map(([, { image }]) => image);
  for (const image of others) assert.match(image, /^docker\.io\/[\w-]+\/[\w-]+:v?\d/);
});

test('the version in the labels of the images is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const versions = [...containerfile.matchAll(/^ARG VERSION=(.+)$/gm)].map(([, named]) => named);
  assert.ok(versions.length > 0);
  assert.deepEqual(new Set(versions), new Set([version]));
});
