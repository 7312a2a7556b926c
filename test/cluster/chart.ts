/**
 * `npm run test:chart`: renders the Helm chart with the real Helm, has a real API server check
 * every object, and installs it there: controllers make its pods, which run as processes against
 * Postgres and Temporal. The first build takes minutes; see docs/guides/kubernetes.md.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { connectTo } from '../../db/client.ts';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import { parseCommand } from '../cli/parse-command.ts';
import { emptyDatabase, type TestDatabase, urlFor } from '../db/database.ts';
import { readSource } from '../house/sources.ts';
import { startBareServers } from '../infra/bare-servers.ts';
import { until } from '../support/until.ts';
import { type ControlPlane, startControlPlane, withoutControlPlane } from './control-plane.ts';
import { CHART, type Helm, type KubernetesObject, openHelm, VALUES_FILES, valuesFrom } from './helm.ts';
import { withoutNetworks } from './network.ts';
import { type ClusterNode, startNode } from './node.ts';
import { type Container, commandOf, type PodRun, SUCCESS } from './pod.ts';
import { buildHelm, readDefinitions, withoutGo } from './programs.ts';
import { createNamespace, createSecret, inNamespace, NAMESPACE, openRelease, type Release } from './release.ts';

const note = (text: string) => console.error(text);

interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly [Container];
    readonly initContainers?: readonly Container[];
    readonly enableServiceLinks: boolean;
    readonly terminationGracePeriodSeconds: number;
  };
}

interface Workload extends KubernetesObject {
  readonly spec: { readonly replicas?: number; readonly template: PodTemplate };
}

interface Policy extends KubernetesObject {
  readonly spec: {
    readonly policyTypes: readonly string[];
    readonly egress: readonly { readonly ports: readonly { readonly port: number }[] }[];
  };
}

const isWorkload = (object: KubernetesObject): object is Workload => ['Deployment', 'Job'].includes(object.kind);

const containersOf = ({ spec }: PodTemplate): readonly Container[] => [...(spec.initContainers ?? []), ...spec.containers];

const variable = ({ env }: Container, name: string): string | undefined => env.find((one) => one.name === name)?.value;

/** Sets of values that the files of the chart do not have, and that change what is rendered. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  'an API key': ['--set', 'temporal.apiKey.secret=key', '--set', 'temporal.tls.serverName=temporal'],
  'certificates of a client': ['--set', 'database.tls.client.secret=a,temporal.tls.client.secret=b'],
  notifications: ['--set', 'notifications.webhook.secret=a,notifications.mail.secret=b,notifications.mail.to={a@b.c,d@e.f}'],
  'watched folders': ['--set', 'orchestrator.watchedFolders[0].claim=incoming,orchestrator.watchedFolders[0].path=/data'],
  'a proxy': ['--set', 'api.proxyHeaders.role=X-Role,api.proxyHeaders.user=X-User,api.proxyAddresses={10.0.0.0/8}'],
  'a pooler': ['--set', 'database.keys.apiDirect=direct-url,temporal.uiUrl=https://temporal.example.org'],
  'neither token nor metrics': ['--set', 'api.adminToken.secret=,metrics.enabled=false,networkPolicy.enabled=false'],
  'a bucket': [
    ...['--set', 'blobs.location=s3://bucket/narrows,blobs.endpoint=https://minio:9000,serviceAccount.annotations.role=x'],
    ...['--set', 'networkPolicy.egress[0].ports[0].port=4318,api.service.type=NodePort'],
  ],
  'another user': ['--set', 'user=null', '--set', 'listen=::'],
  'alerts that a label selects': ['--set', 'metrics.prometheusRule.enabled=true,metrics.prometheusRule.labels.release=x'],
  'scrape annotations': ['--set', 'metrics.annotations=true,podAnnotations.team=x,podLabels.team=x'],
};

const CASES: ReadonlyMap<string, readonly string[]> = new Map([
  ...VALUES_FILES.map((file) => [file, valuesFrom(file)] as const),
  ...Object.entries(VARIANTS),
]);

describe('the chart, rendered', { skip: withoutGo }, () => {
  let helm: Helm;

  before(async () => {
    helm = openHelm(await buildHelm(note));
  });

  for (const [name, args] of CASES) {
    test(`${name}: Helm finds nothing to improve`, async () => {
      const { code, output } = await helm.run('lint', CHART, '--strict', ...args);
      assert.equal(code, 0, output);
      assert.doesNotMatch(output, /warning/i);
    });

    test(`${name}: every container runs a command of narrows, without secrets in its variables`, async () => {
      const workloads = (await helm.render(...args)).filter(isWorkload);
      assert.ok(workloads.length >= 4);
      for (const container of workloads.flatMap(({ spec }) => containersOf(spec.template))) {
        await parseCommand(commandOf(container));
        assert.equal(new Set(container.env.map((one) => one.name)).size, container.env.length);
        for (const { name: own, value } of container.env)
          if (/URL|KEY|SECRET|TOKEN|CERT/.test(own) && !/UI_URL|PUBLIC_URL/.test(own))
            assert.match(value, /^\/run\/secrets\/narrows\//);
      }
      for (const { spec } of workloads) assert.equal(spec.template.spec.enableServiceLinks, false);
    });
  }

  test('values that no template knows are refused, with their names', async () => {
    for (const [typo, named] of [
      ['temporal.adress=temporal:7233', 'adress'],
      ['trainers.cpu.replica=3', 'replica'],
      ['trainers.gpu.autoscaling.enable=true', 'enable'],
      ['database.password=hunter2', 'password'],
      ['networkPolicy.api.form={}', 'form'],
      ['env.NARROWS_DATABASE_URL=postgres://u:p@h/d', 'NARROWS_DATABASE_URL'],
      ['trainers.GPU.replicas=1', 'GPU'],
      ['env.OTEL_EXPORTER_OTLP_HEADERS=authorization=x', 'OTEL_EXPORTER_OTLP_HEADERS'],
      ['versioning=sometimes', 'versioning'],
      ['ingress.enabled=true', 'host'],
    ]) {
      const { code, output } = await helm.run('template', 'narrows', CHART, '--set', typo as string);
      assert.equal(code, 1, typo);
      assert.match(output, new RegExp(named as string), typo);
    }
  });

  test('a class of trainers has the defaults, and what differs', async () => {
    const values = ['trainers.cpu=null', 'trainers.wide.replicas=0', 'trainers.wide.resources.limits.memory=32Gi'];
    const objects = await helm.render(...values.flatMap((value) => ['--set', value]), '--set', 'trainers.wide.engine=kernel');
    const trainers = objects.filter(isWorkload).filter(({ metadata }) => metadata.name.includes('trainer'));
    assert.deepEqual(
      trainers.map(({ metadata, spec }) => [metadata.name, spec.replicas]),
      [['narrows-trainer-wide', 0]],
    );
    const [container] = (trainers[0] as Workload).spec.template.spec.containers;
    assert.deepEqual(container.args, ['--class', 'wide', '--engine', 'kernel']);
    assert.deepEqual((container as Container & { resources: unknown }).resources, {
      requests: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '5Gi' },
      limits: { cpu: '2', memory: '32Gi' },
    });
  });

  test('a pod is killed no sooner than its process ends, and its cache has room', async () => {
    const objects = await helm.render('--values', `${CHART}/values-gpu.yaml`, '--set', 'orchestrator.graceSeconds=40');
    for (const { metadata, spec } of objects.filter(isWorkload)) {
      const { terminationGracePeriodSeconds: time, containers } = spec.template.spec;
      const grace = Number.parseInt(variable(containers[0], 'NARROWS_GRACE_PERIOD') ?? '0', 10);
      const drain = Number.parseInt(containers[0].args[containers[0].args.indexOf('--drain') + 1] ?? '0', 10) || 0;
      assert.ok(time >= grace + 5 && time >= drain + 5, `${metadata.name}: ${time}`);
    }
  });

  test('every pod has the role of a service account, which for the migration exists before it', async () => {
    const objects = await helm.render(...(VARIANTS['a bucket'] as readonly string[]));
    const accounts = new Map(objects.filter(({ kind }) => kind === 'ServiceAccount').map((one) => [one.metadata.name, one]));
    assert.deepEqual([...accounts.keys()].toSorted(), ['narrows', 'narrows-migration']);
    for (const { metadata } of accounts.values()) assert.equal(metadata.annotations?.role, 'x');
    for (const { kind, metadata, spec } of objects.filter(isWorkload)) {
      const { serviceAccountName } = spec.template.spec;
      assert.equal(serviceAccountName, kind === 'Job' ? 'narrows-migration' : 'narrows', metadata.name);
      const [own, its] = [metadata, accounts.get(serviceAccountName)?.metadata].map((one) => one?.annotations ?? {});
      assert.equal(its?.['helm.sh/hook'], own?.['helm.sh/hook'], metadata.name);
      if (kind === 'Job') assert.ok(Number(its?.['helm.sh/hook-weight']) < Number(own?.['helm.sh/hook-weight']));
    }
  });

  test('all pods and the migration may connect to the bucket, and where values say', async () => {
    for (const [values, ports] of [
      ['blobs.endpoint=', [53, 53, 5432, 7233, 443, 4318]],
      ['blobs.endpoint=http://minio', [53, 53, 5432, 7233, 80, 4318]],
      ['blobs.endpoint=http://[::1]:9000', [53, 53, 5432, 7233, 9000, 4318]],
      ['blobs.endpoint=https://minio:9000', [53, 53, 5432, 7233, 9000, 4318]],
      ['networkPolicy.blobs.port=9001', [53, 53, 5432, 7233, 9001, 4318]],
      ['blobs.location=', [53, 53, 5432, 7233, 4318]],
    ] as const) {
      const objects = await helm.render(...(VARIANTS['a bucket'] as readonly string[]), '--set', values);
      const policies = objects.filter((one): one is Policy => one.kind === 'NetworkPolicy');
      const out = policies.filter(({ spec }) => spec.policyTypes.includes('Egress'));
      assert.deepEqual(
        out.map(({ metadata, spec }) => [metadata.name, spec.egress.flatMap((rule) => rule.ports.map(({ port }) => port))]),
        ['narrows', 'narrows-migration'].map((name) => [name, ports]),
        values,
      );
    }
  });

  test('the alerts are those of the rules for Prometheus, and there where there are metrics', async () => {
    const rulesOf = async (...values: readonly string[]) => {
      const objects = await helm.render(...values.flatMap((value) => ['--set', value]));
      return objects.filter(({ kind }) => kind === 'PrometheusRule') as (KubernetesObject & { spec: unknown })[];
    };
    const enabled = 'metrics.prometheusRule.enabled=true';
    const [rule] = await rulesOf(enabled, 'metrics.prometheusRule.labels.release=x');
    assert.deepEqual(rule?.spec, parse(readSource('infra/helm/narrows/rules.yaml')));
    assert.equal(rule?.metadata.labels?.release, 'x');
    assert.deepEqual(await rulesOf(), []);
    assert.deepEqual(await rulesOf(enabled, 'metrics.enabled=false'), []);
  });

  test('a name that labels cannot hold is refused', async () => {
    const { code, output } = await helm.run(
      'template',
      'a-release-with-quite-a-long-name',
      CHART,
      '--set',
      `trainers.${'x'.repeat(32)}.replicas=1`,
    );
    assert.equal(code, 1);
    assert.match(output, /more than 63 characters/);
  });
});

const TOKEN = 'a-token-of-the-charts-test-01234567890';

/** Returns the path of an object's collection. */
function collection({ apiVersion, kind }: KubernetesObject): string {
  const plural = kind
    .toLowerCase()
    .replace(/y$/, 'ie')
    .replace(/([^e])s$/, '$1se');
  return `${inNamespace(apiVersion)}/${plural}s`;
}

describe('the chart, in a cluster', { skip: withoutControlPlane }, () => {
  const cleanup = new AsyncDisposableStack();
  let cluster: ControlPlane;
  let helm: Helm;

  before(async () => {
    const program = await buildHelm(note);
    cluster = cleanup.use(await startControlPlane(note));
    helm = openHelm(program, cluster.kubeconfig);
    const definitions = [...(await readDefinitions('keda')), ...(await readDefinitions('prometheus'))];
    for (const text of definitions)
      await cluster.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', parse(text));
    await createNamespace(cluster);
    for (const [group, kind] of [
      ['keda.sh/v1alpha1', 'scaledobjects'],
      ['keda.sh/v1alpha1', 'triggerauthentications'],
      ['monitoring.coreos.com/v1', 'servicemonitors'],
      ['monitoring.coreos.com/v1', 'prometheusrules'],
    ] as const)
      await until(async () => (await cluster.call('GET', `${inNamespace(group)}/${kind}`)).status === 200, kind);
  });
  after(() => cleanup.disposeAsync());

  /** Has the API server check an object as if it were created; returns its objections. */
  async function objections(object: KubernetesObject): Promise<string[]> {
    const path = `${collection(object)}?dryRun=All&fieldValidation=Strict`;
    const { status, body, warnings } = await cluster.call<{ message?: string }>('POST', path, object);
    return [...(status === 201 ? [] : [body.message ?? String(status)]), ...warnings];
  }

  for (const [name, args] of CASES) {
    test(`${name}: the API server accepts every object, and warns of none`, async () => {
      for (const object of await helm.render(...args))
        assert.deepEqual(await objections(object), [], `${object.kind} ${object.metadata.name}`);
    });
  }

  test('it refuses misspelt fields, a pod with rights, and a scaled object without its target', async () => {
    const objects = await helm.render('--values', `${CHART}/values-gpu.yaml`);
    const find = (kind: string) =>
      structuredClone(objects.find((one) => one.kind === kind)) as KubernetesObject & { spec: never };
    const misspelt = find('Deployment') as { spec: { replica?: number } } & KubernetesObject;
    misspelt.spec.replica = 3;
    assert.match((await objections(misspelt)).join(), /unknown field "spec.replica"/);
    const { spec } = find('Deployment') as { spec: Workload['spec'] };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: { ...spec.template.spec, hostNetwork: true, serviceAccountName: 'default' },
    };
    assert.match((await objections(pod)).join(), /violates PodSecurity "restricted/);
    const scaled = find('ScaledObject') as { spec: { scaleTargetRef?: unknown } } & KubernetesObject;
    delete scaled.spec.scaleTargetRef;
    assert.match((await objections(scaled)).join(), /scaleTargetRef: Required/);
    const rules = (await helm.render(...(VARIANTS['alerts that a label selects'] as readonly string[]))).find(
      ({ kind }) => kind === 'PrometheusRule',
    ) as KubernetesObject & { spec: { groups: [{ rules: [{ expression?: string }] }] } };
    rules.spec.groups[0].rules[0].expression = 'up == 0';
    assert.match((await objections(rules)).join(), /unknown field "spec.groups\[0\].rules\[0\].expression"/);
  });

  describe('installed', { skip: withoutNetworks }, () => {
    let database: TestDatabase;
    let node: ClusterNode;
    let release: Release;
    /** Address of Temporal, as pods reach it. */
    let temporal: string;

    before(async () => {
      const servers = cleanup.use(await startBareServers());
      database = await emptyDatabase();
      cleanup.defer(() => database.close());
      node = cleanup.use(await startNode(cluster));
      release = openRelease(cluster, helm, node);
      const { host, port } = await node.network.open(Number(servers.address.split(':')[1]));
      temporal = `${host}:${port}`;
      const url = new URL(database.url);
      const postgres = await node.network.open(Number(url.port));
      url.host = `${postgres.host}:${postgres.port}`;
      await createSecret(cluster, 'narrows-database', {
        'owner-url': url.href,
        'worker-url': urlFor(url.href, 'worker'),
        'api-url': urlFor(url.href, 'api'),
        'reader-url': urlFor(url.href, 'read'),
      });
      await createSecret(cluster, 'narrows-admin-token', { token: TOKEN });
    });

    /** Installs or upgrades a small cluster with other `values`; waits until all is ready. */
    const apply = (command: 'install' | 'upgrade', ...values: readonly string[]) =>
      release.apply(command, 'values-small.yaml', `temporal.address=${temporal}`, ...values);

    const api = (): PodRun => node.podsOf('api')[0] as PodRun;

    /** Asks the API under a host name; resolves to the status. */
    const ask = (host: string, token: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { host, authorization: `Bearer ${token}` };
        const sent = request(`http://${api().address}:8622/api/sweeps`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.once('error', reject);
        sent.end();
      });

    test('it migrates, then starts pods that become ready', async () => {
      const notes = await apply('install');
      assert.match(notes, /port-forward deployment\/narrows-api 8622/);
      for (const component of ['orchestrator', 'api', 'trainer']) assert.equal(node.podsOf(component).length, 1, component);
      const { items } = await cluster.ask<{ items: unknown[] }>('GET', `${inNamespace('batch/v1')}/jobs`);
      assert.deepEqual(items, []);
    });

    test('its pods train the demo, and the API serves it to those with the token', async () => {
      const [orchestrator] = node.podsOf('orchestrator') as [PodRun];
      const comparison = JSON.parse(await orchestrator.exec('demo', '--output', 'json')) as Comparison;
      assert.ok(comparison.rows.length > 0 && comparison.rows.every(({ trials }) => trials > 0));
      const asked = [
        ['localhost:8622', TOKEN, 200],
        ['narrows-api.xray.svc', TOKEN, 200],
        ['narrows-api.xray.svc', 'another', 401],
        ['elsewhere.example', TOKEN, 403],
      ] as const;
      for (const [host, token, status] of asked) assert.equal(await ask(host, token), status, host);
      for (const component of ['orchestrator', 'api', 'trainer']) {
        const metrics = await fetch(`http://${(node.podsOf(component)[0] as PodRun).address}:9464/metrics`);
        assert.match(await metrics.text(), /narrows_build_info/);
      }
    });

    test('a second upgrade migrates nothing, and replaces what has changed', async () => {
      const before = node.podsOf('trainer').map(({ pod }) => pod.metadata.name);
      const orchestrators = node.podsOf('orchestrator').map(({ pod }) => pod.metadata.name);
      await apply('upgrade', 'trainers.cpu.replicas=2', 'trainers.cpu.graceSeconds=20');
      const after = node.podsOf('trainer').map(({ pod }) => pod.metadata.name);
      assert.equal(after.length, 2);
      assert.deepEqual(
        after.filter((name) => before.includes(name)),
        [],
      );
      assert.deepEqual(
        node.podsOf('orchestrator').map(({ pod }) => pod.metadata.name),
        orchestrators,
      );
    });

    test('budgets keep one of two', async () => {
      type Budget = { status: { expectedPods: number; currentHealthy: number; disruptionsAllowed: number } };
      const path = `${inNamespace('policy/v1')}/poddisruptionbudgets/narrows-trainer-cpu`;
      await until(async () => (await cluster.ask<Budget>('GET', path)).status.currentHealthy === 2, 'both are counted');
      const { status } = await cluster.ask<Budget>('GET', path);
      assert.deepEqual([status.expectedPods, status.disruptionsAllowed], [2, 1]);
      const evict = async ({ pod: { metadata } }: PodRun) => {
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name } };
        return (await cluster.call('POST', `${inNamespace('v1')}/pods/${metadata.name}/eviction`, eviction)).status;
      };
      const [first, second] = node.podsOf('trainer') as [PodRun, PodRun];
      assert.deepEqual([await evict(first), await evict(second)], [201, 429]);
    });

    test('a rollback returns to what was before', async () => {
      await release.run('rollback', '1', '--wait', '--timeout', '10m');
      await until(() => node.podsOf('trainer').length === 1, 'one trainer is left');
      const [{ pod }] = node.podsOf('trainer') as [PodRun];
      assert.equal(variable(pod.spec.containers[0], 'NARROWS_GRACE_PERIOD'), '60s');
    });

    test('a migration that fails stops the upgrade, and the pods stay', async () => {
      const names = node.podsOf('orchestrator').map(({ pod }) => pod.metadata.name);
      const { code, output } = await helm.run(
        ...['upgrade', 'narrows', CHART, '--namespace', NAMESPACE, '--values', `${CHART}/values-small.yaml`, '--timeout', '10m'],
        ...[
          '--set',
          `temporal.address=${temporal},database.keys.owner=reader-url,versioning=pinned,migration.deadlineSeconds=20`,
        ],
      );
      assert.equal(code, 1, output);
      assert.match(output, /hook|migration/i);
      assert.deepEqual(
        node.podsOf('orchestrator').map(({ pod }) => pod.metadata.name),
        names,
      );
    });

    test('scaled classes leave the number of trainers to KEDA, whose query the reader may ask', async () => {
      const scaling = ['autoscaling.enabled=true', 'autoscaling.max=3'].map((value) => `trainers.cpu.${value}`);
      await apply('upgrade', ...scaling);
      type Scaled = { spec: { triggers: [{ metadata: { query: string } }]; maxReplicaCount: number } };
      const scaled = await cluster.ask<Scaled>('GET', `${inNamespace('keda.sh/v1alpha1')}/scaledobjects/narrows-trainer-cpu`);
      assert.equal(scaled.spec.maxReplicaCount, 3);
      const sql = connectTo(urlFor(database.url, 'read'), 1);
      try {
        const [row] = await sql.unsafe(scaled.spec.triggers[0].metadata.query);
        assert.deepEqual(Object.values(row ?? {}), [0]);
      } finally {
        await sql.end();
      }
      // As KEDA does: to zero without packs, and back.
      const scale = `${inNamespace('apps/v1')}/deployments/narrows-trainer-cpu/scale`;
      await cluster.ask('PATCH', scale, { spec: { replicas: 0 } }, 'merge');
      await until(() => node.podsOf('trainer').length === 0, 'no trainer is left');
      await cluster.ask('PATCH', scale, { spec: { replicas: 1 } }, 'merge');
      await until(() => node.podsOf('trainer').length === 1, 'a trainer is back');
    });

    test('uninstalled, nothing is left, and every process has ended in order', async () => {
      await release.uninstall();
      await until(() => ['orchestrator', 'api', 'trainer'].every((one) => node.podsOf(one).length === 0), 'all have ended');
      for (const path of [`${inNamespace('apps/v1')}/deployments`, `${inNamespace('networking.k8s.io/v1')}/networkpolicies`])
        assert.deepEqual((await cluster.ask<{ items: unknown[] }>('GET', path)).items, []);
      assert.ok(node.ends.length > 3);
      assert.deepEqual(new Set(node.ends), new Set([SUCCESS]), node.logs());
    });
  });
});
