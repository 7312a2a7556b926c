import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectionUrl, parseConnectionUrl, redactAddress, redactUrl, withVariables } from '../../db/connection-url.ts';

const SECRET = 'hunter2';

test('a redacted address contains neither user nor password, even of malformed URLs', () => {
  assert.equal(redactAddress(`postgres://me:${SECRET}@db.example:6000/narrows?sslmode=require`), 'db.example:6000/narrows');
  assert.equal(redactAddress('postgres://db.example/narrows'), 'db.example:5432/narrows');
  assert.equal(redactAddress(`postgres://me:${SECRET}/@h@[::1]:7000/n`), '[::1]:7000/n');
  assert.equal(redactAddress(`postgres://me:${SECRET}@b?x@host:1/n`), 'host:1/n');
  assert.equal(redactAddress(`postgres://host/n?password=${SECRET}`), 'host:5432/n');
});

const NOTHING: ConnectionUrl = {
  user: null,
  password: null,
  database: null,
  hosts: [{ host: 'localhost', port: 5432 }],
  parameters: {},
};

const readable: readonly [string, Partial<ConnectionUrl>][] = [
  ['postgres://', {}],
  ['postgresql://me@/n', { user: 'me', database: 'n' }],
  ['postgres://me:p%40ss%3A@db:6000/n', { user: 'me', password: 'p@ss:', database: 'n', hosts: [{ host: 'db', port: 6000 }] }],
  ['postgres://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
  ['postgres://%2Fvar%2Frun/n', { database: 'n', hosts: [{ host: '/var/run', port: 5432 }] }],
  ['postgres:///n?host=/tmp&port=6000', { database: 'n', hosts: [{ host: '/tmp', port: 6000 }] }],
  [
    'postgres://a:1,b:2/n',
    {
      database: 'n',
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    },
  ],
  [
    'postgres://?host=a,b&port=7&user=me&password=x&dbname=n',
    {
      user: 'me',
      password: 'x',
      database: 'n',
      hosts: [
        { host: 'a', port: 7 },
        { host: 'b', port: 7 },
      ],
    },
  ],
  [
    'postgres://h/n?sslmode=require&options=-c%20a%3Db',
    { database: 'n', hosts: [{ host: 'h', port: 5432 }], parameters: { sslmode: 'require', options: '-c a=b' } },
  ],
];
for (const [url, parts] of readable) {
  test(`${url} is read`, () => assert.deepEqual(parseConnectionUrl(url), { ...NOTHING, ...parts }));
}

for (const url of [
  'mysql://h/n',
  'h/n',
  `postgres://me:${SECRET}@h:port/n`,
  `postgres://me:${SECRET}%@h/n`,
  'postgres://h/n?sslmode',
  'postgres://h:70000/n',
]) {
  test(`${url} is refused without being shown`, () => {
    assert.throws(
      () => parseConnectionUrl(url),
      (error: Error & { code?: string }) => error.code === 'database-url-invalid' && !error.message.includes(SECRET),
    );
  });
}

test('variables give what the URL leaves open, and nothing else', () => {
  const url = (from: string, variables: Record<string, string>) => withVariables(from, variables);
  assert.equal(
    url('postgres://me:pw@h/n', { PGUSER: 'x', PGPASSWORD: 'x', PGHOST: 'x', PGPORT: '1', PGDATABASE: 'x' }),
    'postgres://me:pw@h/n',
  );
  assert.equal(url('postgres://me@h/n', { PGPASSWORD: 'p w' }), 'postgres://me@h/n?password=p%20w');
  assert.equal(
    url('postgres://h/n?sslmode=prefer', { PGSSLMODE: 'require', PGTARGETSESSIONATTRS: 'any' }),
    'postgres://h/n?sslmode=prefer&target_session_attrs=any',
  );
  for (const base of ['postgres://', 'postgres://me@', 'postgres://me:pw@']) {
    const { hosts } = parseConnectionUrl(url(`${base}/n`, { PGHOST: 'db', PGPORT: '6000' }));
    assert.deepEqual(hosts, [{ host: 'db', port: 6000 }]);
  }
  assert.deepEqual(parseConnectionUrl(url('postgres:///n', { PGHOST: '/tmp', PGPORT: '6000' })).hosts, [
    { host: '/tmp', port: 6000 },
  ]);
});

test('a URL is shown without password and parameters', () => {
  assert.equal(redactUrl(`postgres://me:${SECRET}@h/n?password=${SECRET}`), 'postgres://me@h:5432/n');
  assert.equal(redactUrl('postgres://a:1,b:2/n'), 'postgres://a:1,b:2/n');
});
