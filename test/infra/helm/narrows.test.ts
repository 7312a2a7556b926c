/** The chart's values, schema and names; `npm run test:chart` renders and installs it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { findClassFault } from '../../../search/trainer-classes.ts';
import { ROOT, readSource } from '../../house/sources.ts';

const CHART = 'infra/helm/narrows';

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: { readonly pattern: string; readonly not?: { readonly pattern: string } };
  readonly definitions?: Readonly<Record<string, Schema>>;
}

type Values = { readonly [key: string]: unknown };

const schema = JSON.parse(readSource(`${CHART}/values.schema.json`)) as Schema;
const readValues = (file: string): Values => parse(readSource(`${CHART}/${file}`)) as Values;
const defaults = readValues('values.yaml');
const files = readdirSync(join(ROOT, CHART)).filter((file) => /^values.*\.yaml$/.test(file));
const templates = readdirSync(join(ROOT, CHART, 'templates')).map((file) => readSource(`${CHART}/templates/${file}`));

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns values with others added to them, as Helm does it. */
const merge = (values: Values, others: Values): Values => ({
  ...values,
  ...Object.fromEntries(
    Object.entries(others).map(([key, value]) => {
      const own = values[key];
      return [key, isMap(own) && isMap(value) ? merge(own, value) : value];
    }),
  ),
});

const validate: ValidateFunction = new Ajv({ strict: false }).compile(schema);

/** Returns the paths of values that the schema refuses. */
const faults = (values: Values): string[] =>
  validate(values) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath);

for (const file of files) {
  test(`${file} is valid`, () => assert.deepEqual(faults(merge(defaults, readValues(file))), []));
}

/** Returns a schema without references. */
function resolve({ $ref, allOf, ...own }: Schema): Schema {
  const referred = $ref === undefined ? {} : resolve(schema.definitions?.[$ref.replace('#/definitions/', '')] as Schema);
  return Object.assign({}, referred, ...(allOf ?? []).map(resolve), own);
}

/** Values that a person names, and maps that Kubernetes knows. */
const FREE = [
  'global',
  'env',
  'podLabels',
  'podAnnotations',
  'annotations',
  'labels',
  'nodeSelector',
  'affinity',
  'requests',
  'limits',
];

/** Returns the paths at which defaults and schema name different values. */
function differences(values: Values, given: Schema, path = ''): string[] {
  const { properties = {} } = resolve(given);
  return [...new Set([...Object.keys(values), ...Object.keys(properties)])].flatMap((key) => {
    if (FREE.includes(key) || key === 'trainers') return [];
    const [value, known] = [values[key], properties[key]];
    if (value === undefined || known === undefined) return [`${path}/${key}`];
    return isMap(value) ? differences(value, known, `${path}/${key}`) : [];
  });
}

test('every value has a default, and the schema knows it', () => assert.deepEqual(differences(defaults, schema), []));

/** Calls `visit` with each map of values that has known keys. */
function eachMap(values: Values, visit: (path: readonly string[]) => void, path: readonly string[] = []): void {
  visit(path);
  for (const [key, value] of Object.entries(values))
    if (isMap(value) && !FREE.includes(key)) eachMap(value, visit, [...path, key]);
}

test('a name that no template knows is refused anywhere', () => {
  const values = merge(defaults, { trainers: { cpu: defaults.trainerDefaults } });
  let maps = 0;
  eachMap(values, (path) => {
    if (path.join('/') === 'trainers') return;
    const typo = path.reduceRight<Values>((inner, key) => ({ [key]: inner }), { typo: 1 });
    assert.notDeepEqual(faults(merge(values, typo)), [], path.join('/'));
    maps += 1;
  });
  assert.ok(maps > 40);
});

test('neither a secret nor a variable that the chart sets can be given in plain text', () => {
  const guide = readSource('docs/guides/operating.md');
  const listed = /`NARROWS_DATABASE_URL`, [^\n]+/.exec(guide)?.[0] ?? '';
  const secrets = [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
  assert.equal(secrets.length, 7);
  const set = templates.flatMap((text) =>
    [...text.matchAll(/\bname: ((?:NARROWS|TEMPORAL|PG)_?\w+)/g)].map(([, name]) => name as string),
  );
  assert.ok(set.length > 20);
  const others = ['PGPASSWORD', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'];
  for (const name of new Set([...secrets, ...secrets.map((secret) => `${secret}_FILE`), ...set, ...others]))
    assert.notDeepEqual(faults(merge(defaults, { env: { [name]: 'x' } })), [], name);
  assert.deepEqual(
    faults(merge(defaults, { env: { HTTPS_PROXY: 'http://proxy:3128', NARROWS_ALLOW_PRIVATE_SOURCES: 'files' } })),
    [],
  );
  assert.deepEqual(faults(merge(defaults, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' } })), []);
});

test('variables of the templates are read by the code, or by the SDK and libpq', () => {
  const sources = [
    'infra/env.ts',
    'infra/blob-settings.ts',
    'db/connection-url.ts',
    'node_modules/@temporalio/envconfig/lib/envconfig-toml.js',
  ];
  const code = sources.map(readSource).join('\n');
  const names = templates.flatMap((text) =>
    [...text.matchAll(/\bname: ((?:NARROWS|TEMPORAL|PG)_?\w+)/g)].map(([, name]) => name as string),
  );
  for (const name of new Set(names)) {
    const operating = /^NARROWS_(HEALTH|METRICS)_(PORT|HOST)$/.test(name);
    assert.ok(operating || code.includes(name.replace(/_FILE$/, '')), name);
  }
});

test('the classes that the chart accepts are classes, and names of objects', () => {
  const pattern = new RegExp(schema.properties?.trainers?.propertyNames?.pattern ?? '');
  for (const name of ['cpu', 'gpu-a100', 'x', 'a'.repeat(32)])
    assert.deepEqual([pattern.test(name), findClassFault(name)], [true, null]);
  for (const name of ['GPU', '1st', 'gpu_a', 'a'.repeat(33), '', 'gpu-']) assert.equal(pattern.test(name), false, name);
});

test('the chart is of the version of the package, and a trainer scales by the packs that it takes', () => {
  const { version } = JSON.parse(readSource('package.json')) as { version: string };
  const chart = parse(readSource(`${CHART}/Chart.yaml`)) as { version: string; appVersion: string };
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
  const [, packs] = /^export const PACKS_AT_ONCE = (\d+);/m.exec(readSource('infra/worker/polling.ts')) ?? [];
  const { trainerDefaults } = defaults as { trainerDefaults: { autoscaling: { packsPerTrainer: number } } };
  assert.equal(trainerDefaults.autoscaling.packsPerTrainer, Number(packs));
});

const guide = readSource('docs/guides/kubernetes.md');

test('the values of the guide are valid, and those that it names exist', () => {
  const blocks = Array.from(guide.matchAll(/```yaml\n([\s\S]*?)```/g), ([, block]) => parse(block as string) as Values);
  assert.equal(blocks.length, 4);
  for (const block of blocks) assert.deepEqual(faults(merge(defaults, block)), []);
  const named = [...guide.matchAll(/`((?:\*\.)?[a-z]\w*(?:\.\w+)+)`/gi)].map(([, path]) => (path as string).split('.'));
  const paths = named.filter(([first = '']) => first === '*' || first in defaults);
  assert.ok(paths.length > 10);
  for (const [first = '', ...rest] of paths) {
    const owners = first === '*' ? ['orchestrator', 'api', 'trainerDefaults'] : [first];
    for (const owner of owners) {
      const found = rest.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), defaults[owner]);
      assert.notEqual(found, undefined, `${owner}.${rest.join('.')}`);
    }
  }
});

test('the secrets that the guide creates are those that the defaults name', () => {
  const { database, api } = defaults as {
    database: { secret: string; keys: Values };
    api: { adminToken: { secret: string; key: string } };
  };
  const created = new Map(
    Array.from(guide.matchAll(/create secret generic (\S+)((?: \\\n)?(?: +--from-literal=\S+.*\n)+)/g), ([, name, text]) => [
      name,
      Array.from((text as string).matchAll(/--from-literal=([\w-]+)/g), ([, key]) => key),
    ]),
  );
  const { apiDirect, ...keys } = database.keys;
  assert.equal(apiDirect, '');
  assert.deepEqual(
    created,
    new Map([
      [database.secret, Object.values(keys)],
      [api.adminToken.secret, [api.adminToken.key]],
    ]),
  );
});
