/** The command `narrows worker` on servers of one's own, each behind a proxy that can be cut. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BareServers, startBareServers } from '../../infra/bare-servers.ts';
import { type Project, project } from '../../support/command.ts';
import { type Proxy as ServerProxy, startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';

let it: Project;
let servers: BareServers;
let postgres: ServerProxy;
let temporal: ServerProxy;
before(async () => {
  it = project();
  servers = await startBareServers();
  postgres = await startProxy(servers.databaseUrl);
  temporal = await startProxy(`http://${servers.address}`);
});
after(async () => {
  for (const one of [postgres, temporal, servers, it]) await one?.[Symbol.asyncDispose]();
});

const variables = () => ({ NARROWS_DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: new URL(temporal.url).host });

interface Probed {
  readonly status: number;
  readonly checks: Readonly<Record<string, string>>;
}

async function probe(url: string): Promise<Probed> {
  const response = await fetch(url);
  const { checks } = (await response.json()) as Probed;
  return { status: response.status, checks };
}

const checkOf = (check: string, value: number) => new RegExp(`^narrows_check_ok\\{check="${check}"\\} ${value}$`, 'm');

for (const role of ['orchestrator', 'trainer'] as const) {
  test(`probes of a ${role} follow its servers`, async () => {
    const stop = new AbortController();
    let output = '';
    const ports = ['--health-port', '0', '--metrics-port', '0'];
    const ended = it.narrows(['worker', '--role', role, '--engine', 'null', ...ports], {
      variables: variables(),
      ...{ interrupt: stop.signal, interruption: 'SIGTERM' },
      onOutput: (text) => {
        output = text;
      },
    });
    try {
      await until(() => /taking work/.test(output), 'it takes work');
      const url = /probes at (http:\/\/127\.0\.0\.1:\d+)\/livez/.exec(output)?.[1];
      const ready = () => probe(`${url}/readyz`);
      const good = { process: 'ok', postgres: 'ok', schema: 'ok', temporal: 'ok', pollers: 'ok' };
      assert.deepEqual(await ready(), { status: 200, checks: good });
      assert.deepEqual(await probe(`${url}/livez`), { status: 200, checks: { process: 'ok', workers: 'ok' } });

      const metrics = /serving metrics at (http:\/\/127\.0\.0\.1:\d+\/metrics)/.exec(output)?.[1] ?? '';
      const scrape = async () => (await fetch(metrics)).text();
      const scraped = await scrape();
      assert.match(scraped, new RegExp(`^narrows_build_info\\{role="${role}",version="\\S+"\\} 1$`, 'm'));
      for (const name of ['postgres', 'temporal', 'pollers']) assert.match(scraped, checkOf(name, 1));
      for (const name of ['narrows_disk_available_bytes', 'process_cpu_seconds_total', 'temporal_num_pollers'])
        assert.match(scraped, new RegExp(`^${name}[ {]`, 'm'));
      assert.match(scraped, /^narrows_database_connections\{state="idle"\} [1-6]$/m);

      await postgres.disconnect();
      assert.deepEqual(await ready(), { status: 503, checks: { ...good, postgres: 'failing', schema: 'failing' } });
      assert.equal((await probe(`${url}/livez`)).status, 200, 'an outage is no reason for a restart');
      assert.match(await scrape(), checkOf('postgres', 0));
      await postgres.reconnect();
      await until(async () => (await ready()).status === 200, 'it is ready again');

      await temporal.disconnect();
      assert.deepEqual(await ready(), { status: 503, checks: { ...good, temporal: 'failing' } });
      await temporal.reconnect();
      await until(async () => (await ready()).status === 200, 'it is ready again');
    } finally {
      stop.abort();
    }
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { role: string; level: string; msg: string });
    assert.deepEqual([...new Set(lines.map((line) => line.role))], [role], 'all lines are JSON, of this process');
    const told = (level: string, msg: RegExp) => lines.some((line) => line.level === level && msg.test(line.msg));
    assert.ok(told('warn', /^health: postgres fails: /) && told('info', /^health: postgres is ok again$/), stderr);
  });
}

test('settings that are not valid are refused', async () => {
  for (const [args, extra, expected] of [
    [['--health-host', '0.0.0.0'], {}, [2, 'health-port-missing']],
    [['--health-port', 'many'], {}, [2, 'usage']],
    [['--metrics-host', '0.0.0.0'], {}, [2, 'metrics-port-missing']],
    [['--metrics-port', '0', '--metrics-host', '192.0.2.1'], {}, [2, 'host-invalid']],
    [[], { NARROWS_HEALTH_PORT: '70000' }, [2, 'environment-invalid']],
    [[], { NARROWS_LOG_FORMAT: 'xml' }, [2, 'environment-invalid']],
    [['--role', 'orchestrator', '--threads', '2'], {}, [2, 'threads-unused']],
    [['--engine', 'tfjs', '--threads', '2'], {}, [2, 'threads-unused']],
    [['--role', 'orchestrator', '--class', 'gpu'], {}, [2, 'class-unused']],
    [['--class', 'GPU'], {}, [2, 'usage']],
    [['--class', ''], {}, [2, 'usage']],
    [[], { NARROWS_THREADS: '0' }, [2, 'environment-invalid']],
    [['--grace', '0s'], {}, [2, 'grace-too-short']],
    [[], { NARROWS_GRACE_PERIOD: 'long' }, [2, 'environment-invalid']],
  ] as const) {
    const { code, stderr } = await it.narrows(['worker', ...args, '--output', 'json'], {
      variables: { ...variables(), ...extra },
    });
    assert.deepEqual([code, JSON.parse(stderr).error.code], expected, stderr);
  }
});

test('Ctrl-C interrupts a worker, whose work is handed back all the same', async () => {
  const { code, stderr } = await it.narrows(['worker', '--engine', 'null'], {
    ...{ variables: variables(), signal: 'SIGINT', after: /taking work/ },
  });
  assert.deepEqual([code, /^interrupted$/m.test(stderr)], [130, true], stderr);
});
