import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChecks } from '../../infra/doctor.ts';
import { setVariables } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { KEY, startS3 } from '../support/programs/s3-server.ts';
import { environmentIn, temporaryFolder } from './folders.ts';

test('every check passes and reports details on a machine that runs these tests', async (t) => {
  const findings = await runChecks(environmentIn(temporaryFolder(t)));
  const names = findings.map(({ check }) => check);
  const embedded = ['postgres', 'temporal', 'ports', 'local-users'];
  assert.deepEqual(names, ['node', 'kernel', 'engine', 'memory', 'home', 'disk', 'cache', 'blobs', ...embedded, 'servers']);
  assert.deepEqual(
    findings.filter(({ result }) => result === 'failed'),
    [],
  );
  for (const { detail, fix, result } of findings) {
    assert.notEqual(detail, '');
    assert.equal(fix === null, result === 'ok', 'a failed check has a fix');
  }
});

test('doctor looks only: it creates nothing, and changes no rights', async (t) => {
  const folder = temporaryFolder(t);
  const environment = environmentIn(folder, { userCache: join(folder, 'cache') });
  await runChecks(environment);
  assert.deepEqual(readdirSync(folder), [], 'neither a home folder nor a cache');
  for (const [mode, result] of [
    [0o1777, 'failed'],
    [0o755, 'warning'],
    [0o700, 'ok'],
  ] as const) {
    chmodSync(folder, mode);
    const findings = await runChecks({ ...environment, home: folder });
    const home = findings.find(({ check }) => check === 'home');
    assert.equal(home?.result, result, home?.detail);
    assert.equal(statSync(folder).mode & 0o7777, mode);
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('a failed check has a fix and does not hide other checks', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const environment = environmentIn(folder, { home: join(folder, 'file', 'home'), temporalCli: '/nonexistent/temporal' });
  const findings = new Map((await runChecks(environment)).map((finding) => [finding.check, finding]));
  assert.equal(findings.get('home')?.result, 'failed');
  assert.match(findings.get('home')?.fix ?? '', /NARROWS_HOME/);
  assert.equal(findings.get('temporal')?.result, 'failed');
  assert.equal(findings.get('node')?.result, 'ok');
});

test('a missing Temporal CLI is a warning that the first start downloads it', async (t) => {
  const folder = temporaryFolder(t);
  const environment = environmentIn(folder, { path: [], userCache: join(folder, 'cache'), temporalCli: null });
  const finding = (await runChecks(environment)).find(({ check }) => check === 'temporal');
  assert.equal(finding?.result, 'warning');
  assert.match(finding?.fix ?? '', /NARROWS_TEMPORAL_CLI/);
});

test('the bucket of the arrays is tried, and its keys are not shown', async (t) => {
  const s3 = await startS3();
  t.after(() => s3.close());
  const environment = environmentIn(temporaryFolder(t));
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  const check = async () => (await runChecks(environment)).find((finding) => finding.check === 'blobs');
  setVariables(s3.variables);
  assert.equal((await check())?.result, 'ok');
  assert.deepEqual(
    readdirSync(s3.folder).filter((name) => name.startsWith('probe')),
    [],
    'nothing stays',
  );
  setVariables({ AWS_ACCESS_KEY_ID: 'unknown', AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
  const refused = await check();
  assert.deepEqual([refused?.result, /AWS_SECRET_ACCESS_KEY/.test(refused?.fix ?? '')], ['failed', true]);
  assert.doesNotMatch(JSON.stringify(refused), /not-the-secret/);
  setVariables({ NARROWS_BLOBS: 's3://no-such-bucket', ...{ AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: KEY } });
  assert.match((await check())?.detail ?? '', /has no bucket "no-such-bucket"/);
});

test('unreachable servers and processes left by a crash are found', async (t) => {
  const folder = temporaryFolder(t);
  const external = environmentIn(folder, {
    databaseUrl: 'postgres://me:hunter2@127.0.0.1:1/x',
    externalTemporal: true,
    temporalVariables: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });
  const findings = await runChecks(external);
  const servers = findings.find(({ check }) => check === 'servers');
  assert.equal(servers?.result, 'failed');
  assert.match(servers?.detail ?? '', /127\.0\.0\.1:1/);
  assert.doesNotMatch(JSON.stringify(findings), /hunter2/);
  assert.ok(
    !findings.some(({ check }) => check === 'postgres'),
    'embedded servers are not checked when external ones are configured',
  );
  mkdirSync(resolveHome(external.home).directory, { recursive: true });
});
