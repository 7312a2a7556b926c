/** Encrypted connections to a real Postgres, with certificates that the test makes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { connectTo, openDatabase } from '../../db/client.ts';
import { tlsOptions } from '../../db/tls.ts';
import type { NarrowsError } from '../../errors.ts';
import { readEnvironment } from '../../infra/env.ts';
import { project } from '../support/command.ts';
import { type Authority, createAuthority, withoutOpenssl } from '../support/programs/certificates.ts';
import { type SharedPostgres, startSharedPostgres } from '../support/runner/servers.ts';
import { until } from '../support/until.ts';

const OPTIONS = { skip: withoutOpenssl };

/** Database whose clients need certificates. */
const GUARDED = 'guarded';

let folder: string;
let server: SharedPostgres;
let ours: Authority;
let theirs: Authority;
/** Certificate of the server, and of clients. */
let files: Record<'server' | 'client' | 'next' | 'stranger', { certificate: string; key: string }>;
let revocations: string;

before(async () => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'narrows-tls-'));
  // Postgres may run as another user.
  chmodSync(folder, 0o755);
  ours = createAuthority(folder, 'ours');
  theirs = createAuthority(folder, 'theirs');
  files = {
    server: ours.issue('server', ['IP:127.0.0.1', 'DNS:db.example']),
    client: ours.issue('client'),
    next: ours.issue('next'),
    stranger: theirs.issue('stranger'),
  };
  revocations = ours.revoke(files.server.certificate);
  server = await startSharedPostgres();
  const admin = connectTo(server.url, 1);
  await admin.unsafe(`create database ${GUARDED}`);
  const settings = { ssl_cert_file: files.server.certificate, ssl_key_file: files.server.key, ssl_ca_file: ours.certificate };
  for (const [name, value] of Object.entries({ ...settings, ssl: 'on' }))
    await admin.unsafe(`alter system set ${name} = '${value}'`);
  const [row] = await admin<{ hba: string }[]>`select current_setting('hba_file') as hba`;
  const all = 'all 127.0.0.1/32 scram-sha-256';
  writeFileSync(row?.hba as string, `hostssl ${GUARDED} ${all} clientcert=verify-ca\nhostssl all ${all}\n`);
  await admin`select pg_reload_conf()`;
  await admin.end();
  const ready = () =>
    openDatabase(`${server.url}?sslmode=require`, { max: 1 }).then(
      async (db) => {
        await db.close();
        return true;
      },
      () => false,
    );
  await until(ready, 'the server takes encrypted connections');
});
after(async () => {
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

function urlWith(parameters: Record<string, string>, database = server.template ?? ''): string {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  const { host, ...others } = parameters;
  // Reaches the server by its address, under another name.
  const query = { ...others, ...(host !== undefined && { host, hostaddr: '127.0.0.1', port: url.port }) };
  if (host !== undefined) url.host = '';
  const base = host === undefined ? url.href : `postgres://${url.username}:${url.password}@/${database}`;
  return `${base}?${new URLSearchParams(query)}`;
}

/** Opens the database, and returns whether the connection is encrypted. */
async function isEncrypted(url: string): Promise<boolean> {
  const db = await openDatabase(url, { max: 1 });
  try {
    const [row] = await db.sql<{ ssl: boolean }[]>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    return row?.ssl === true;
  } finally {
    await db.close();
  }
}

const refused = (url: string, code: string, message: RegExp) =>
  assert.rejects(
    async () => openDatabase(url),
    (error: NarrowsError) => {
      assert.deepEqual([error.name, error.code], ['NarrowsError', code], error.message);
      assert.match(error.message, message);
      assert.ok(error.fix);
      return true;
    },
  );

test('sslmode decides whether the server is checked, and what for', OPTIONS, async () => {
  const [own, other] = [ours.certificate, theirs.certificate];
  const accepted: readonly Record<string, string>[] = [
    { sslmode: 'allow' },
    { sslmode: 'prefer' },
    { sslmode: 'require' },
    { sslmode: 'require', sslrootcert: own },
    { sslrootcert: own },
    { sslmode: 'verify-ca', sslrootcert: own },
    { sslmode: 'verify-ca', sslrootcert: own, host: 'other.example' },
    { sslmode: 'verify-full', sslrootcert: own },
    { sslmode: 'verify-full', sslrootcert: own, host: 'db.example' },
    { sslmode: 'verify-full', sslrootcert: own, ssl_min_protocol_version: 'TLSv1.2' },
  ];
  for (const parameters of accepted) assert.equal(await isEncrypted(urlWith(parameters)), true, JSON.stringify(parameters));
  const unaccepted: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ sslmode: 'disable' }, /it wants an encrypted connection/],
    [{ sslmode: 'require', sslrootcert: other }, /its certificate is not accepted/],
    [{ sslmode: 'verify-ca', sslrootcert: other }, /its certificate is not accepted/],
    [{ sslmode: 'verify-full', sslrootcert: own, host: 'other.example' }, /its certificate is not accepted: .*other\.example/],
    [{ sslmode: 'verify-full' }, /its certificate is not accepted/],
    [{ sslmode: 'verify-ca', sslrootcert: own, sslcrl: revocations }, /its certificate is not accepted: .*revoked/],
  ];
  for (const [parameters, message] of unaccepted) await refused(urlWith(parameters), 'database-unreachable', message);
});

test('a client shows its certificate', OPTIONS, async () => {
  const shown = ({ certificate, key }: { certificate: string; key: string }) =>
    urlWith({ sslmode: 'verify-full', sslrootcert: ours.certificate, sslcert: certificate, sslkey: key }, GUARDED);
  assert.equal(await isEncrypted(shown(files.client)), true);
  await refused(
    urlWith({ sslmode: 'require' }, GUARDED),
    'database-unreachable',
    /it wants a certificate of the client; sslcert/,
  );
  await refused(
    shown(files.stranger),
    'database-unreachable',
    /with sslcert=\S+stranger\.crt does not answer: (encryption failed: .*unknown ca|the connection was lost)/,
  );
});

test('errors name the file', OPTIONS, async () => {
  const { certificate, key } = files.client;
  const text = join(folder, 'text.pem');
  writeFileSync(text, 'text', { mode: 0o600 });
  const open = join(folder, 'open.key');
  copyFileSync(key, open);
  chmodSync(open, 0o644);
  const missing = join(folder, 'missing.pem');
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ sslrootcert: missing }, `the file ${missing} of sslrootcert cannot be read (ENOENT)`],
    [{ sslrootcert: text }, `the file ${text} of sslrootcert cannot be used: it holds no certificate`],
    [{ sslcert: missing, sslkey: key }, `the file ${missing} of sslcert cannot be read (ENOENT)`],
    [{ sslcert: certificate, sslkey: missing }, `the file ${missing} of sslkey cannot be read (ENOENT)`],
    [{ sslcert: certificate, sslkey: text }, `the file ${text} of sslkey cannot be used`],
    [{ sslcert: certificate, sslkey: files.next.key }, `the file ${files.next.key} of sslkey cannot be used`],
    [{ sslcert: certificate, sslkey: open }, `other users can read or change the key ${open}`],
    [{ sslcert: certificate }, `there is no key to the certificate ${certificate}`],
    [{ sslkey: key }, `sslkey names the key ${key}, and sslcert no certificate`],
    [{ sslcrl: text }, `the file ${text} of sslcrl cannot be used`],
    [{ sslrootcert: 'system', sslmode: 'require' }, 'sslmode=require is too weak for sslrootcert=system'],
    [{ sslmode: 'verify-ca' }, 'sslmode=verify-ca needs the certificate of an authority'],
    [{ sslcrldir: folder }, 'the database URL asks for sslcrldir, which narrows does not support'],
  ];
  for (const [parameters, message] of cases) {
    const escaped = new RegExp(message.replaceAll(/[.()]/g, '\\$&'));
    await refused(urlWith({ sslmode: 'require', ...parameters }), 'database-url-invalid', escaped);
  }
});

test("libpq's variables and files in the home directory count where the URL is silent", OPTIONS, async () => {
  const variables = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: ours.certificate, PGSSLCERT: files.client.certificate };
  const { databaseUrl } = readEnvironment(
    { NARROWS_DATABASE_URL: urlWith({}, GUARDED), ...variables, PGSSLKEY: files.client.key },
    folder,
  );
  assert.equal(await isEncrypted(databaseUrl ?? ''), true);

  const { HOME } = process.env;
  process.env.HOME = join(folder, 'home');
  try {
    const store = join(folder, 'home', '.postgresql');
    mkdirSync(store, { recursive: true });
    copyFileSync(ours.certificate, join(store, 'root.crt'));
    copyFileSync(files.client.certificate, join(store, 'postgresql.crt'));
    copyFileSync(files.client.key, join(store, 'postgresql.key'));
    chmodSync(join(store, 'postgresql.key'), 0o600);
    assert.equal(await isEncrypted(urlWith({ sslmode: 'verify-ca' }, GUARDED)), true);
    copyFileSync(theirs.certificate, join(store, 'root.crt'));
    await refused(urlWith({ sslmode: 'require' }, GUARDED), 'database-unreachable', /its certificate is not accepted/);
  } finally {
    process.env.HOME = HOME;
  }
});

test('sslrootcert=system trusts the authorities of the machine, and checks the name', OPTIONS, () => {
  const connect = (host: string, variables: Record<string, string>) => {
    const code = `import { openDatabase } from ${JSON.stringify(new URL('../../db/client.ts', import.meta.url).href)};
      const db = await openDatabase(process.argv[1]);
      await db.close();`;
    const url = urlWith({ sslrootcert: 'system', host });
    return spawnSync(process.execPath, ['--input-type=module', '-e', code, url], {
      env: { ...process.env, ...variables },
      encoding: 'utf8',
    });
  };
  const trusted = { SSL_CERT_FILE: ours.certificate };
  const accepted = connect('db.example', trusted);
  assert.equal(accepted.status, 0, accepted.stderr);
  assert.match(connect('other.example', trusted).stderr, /its certificate is not accepted/);
  assert.match(connect('db.example', {}).stderr, /its certificate is not accepted/);
});

test('a pool shows the certificate that its files hold now', OPTIONS, async () => {
  const [certificate, key] = [join(folder, 'rotated.crt'), join(folder, 'rotated.key')];
  const place = (from: { certificate: string; key: string }, seconds: number) => {
    for (const [source, target] of [
      [from.certificate, certificate],
      [from.key, key],
    ] as const) {
      copyFileSync(source, `${target}.new`);
      chmodSync(`${target}.new`, 0o600);
      utimesSync(`${target}.new`, seconds, seconds);
      renameSync(`${target}.new`, target);
    }
  };
  place(files.client, 1);
  const sql = connectTo(urlWith({ sslmode: 'require', sslcert: certificate, sslkey: key }, GUARDED), 1);
  const shown = async () => {
    const [row] = await sql<{ name: string }[]>`select client_dn as name from pg_stat_ssl where pid = pg_backend_pid()`;
    return row?.name;
  };
  const admin = connectTo(urlWith({ sslmode: 'require' }), 1);
  /** Ends the connection, and returns what the next one shows. */
  const shownNext = async () => {
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${GUARDED}`;
    let name: string | undefined;
    await until(async () => {
      name = await shown().catch(() => undefined);
      return name !== undefined;
    }, 'the next connection');
    return name;
  };
  assert.equal(await shown(), '/CN=client');
  place(files.next, 2);
  assert.equal(await shown(), '/CN=client', 'a connection keeps its certificate');
  assert.equal(await shownNext(), '/CN=next');
  // The files fit no longer: those before serve.
  copyFileSync(files.client.key, key);
  assert.equal(await shownNext(), '/CN=next');
  await Promise.all([sql.end(), admin.end()]);
});

test('commands connect with certificates, and say which file is at fault', OPTIONS, async () => {
  await using it = project();
  const variables = { NARROWS_DATABASE_URL: urlWith({}), TEMPORAL_ADDRESS: '127.0.0.1:1', PGSSLMODE: 'verify-full' };
  const list = (file: string) =>
    it.narrows(['data', 'ls', '--output', 'json'], { variables: { ...variables, PGSSLROOTCERT: file } });
  const listed = await list(ours.certificate);
  assert.deepEqual([listed.code, listed.stdout.trim()], [0, '[]'], listed.stderr);
  const failed = await list('/nowhere/ca.pem');
  const { error } = JSON.parse(failed.stderr);
  assert.deepEqual([failed.code, error.code], [2, 'database-url-invalid']);
  assert.match(error.message, /\/nowhere\/ca\.pem of sslrootcert/);
});

test('of several hosts the one that was reached is on the certificate', OPTIONS, () => {
  const check = (hosts: readonly string[], reached: string, names: string) => {
    const tls = tlsOptions({ sslmode: 'verify-full', sslrootcert: ours.certificate }, hosts) as ConnectionOptions;
    return tls.checkServerIdentity?.(reached, { subject: {}, subjectaltname: names } as PeerCertificate) === undefined;
  };
  assert.equal(check(['a.example', 'b.example'], 'b.example', 'DNS:b.example'), true);
  assert.equal(check(['a.example', 'b.example'], 'b.example', 'DNS:a.example'), false);
  // Node names a server "localhost" that is reached by its address.
  assert.equal(check(['10.0.0.1', '10.0.0.2'], 'localhost', 'IP Address:10.0.0.2'), true);
  assert.equal(check(['10.0.0.1', '10.0.0.2'], 'localhost', 'DNS:localhost'), false);
});
