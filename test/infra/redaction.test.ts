import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { redactFields, redactText, registerSecret } from '../../infra/redaction.ts';

test('registered secrets are replaced wherever and however they occur', () => {
  registerSecret('correct "horse" battery');
  registerSecret('https://hooks.example/services/T0/B0/xyz');
  registerSecret('smtps://me:p%40stapler@mail.example');
  for (const text of [
    'it was correct "horse" battery, they say',
    JSON.stringify({ message: 'correct "horse" battery' }),
    `?x=${encodeURIComponent('correct "horse" battery')}`,
    'POST https://hooks.example/services/T0/B0/xyz failed',
    'the server refused p@stapler',
    'the server refused p%40stapler',
  ])
    assert.doesNotMatch(redactText(text), /horse|xyz|stapler/, text);
  registerSecret('narrows');
  assert.equal(redactText('narrows is ready'), 'narrows is ready', 'a short one is a word of other texts');
});

test('secrets are recognised by their form and by their name', () => {
  const nested = (value: unknown) => JSON.stringify({ message: JSON.stringify(value) });
  for (const text of [
    'postgres://narrows:hush@db.example/narrows',
    "postgres://u:pa'hush@h/db",
    'Bearer hush',
    'nrw_hush',
    'Authorization: Basic aHVzaA==hush',
    inspect({ authorization: 'Basic hush' }),
    'https://example.org/?x=1&access_token=hush&y=2',
    'client_secret=hush',
    'PGPASSWORD=hush narrows worker',
    "password='hush hush'",
    ...['x-api-key', 'api-key', 'apiKey', 'private_key', 'accessKey', 'passwd', 'dbPassword'].flatMap((name) => [
      JSON.stringify({ [name]: 'hush' }),
      JSON.stringify({ [name]: 'a"hush\\' }),
      nested({ [name]: 'hush' }),
      nested({ [name]: 'a "hush" b' }),
      inspect({ [name]: 'hush' }),
      inspect({ [name]: `it's "hush"` }),
      inspect(new Map([[name, 'hush']])),
    ]),
    '"token":"hush without an end',
  ])
    assert.doesNotMatch(redactText(text), /hush/, text);
});

test('what follows a secret stays', () => {
  for (const [text, expected] of [
    ['header "Bearer abc" refused', 'header "Bearer ***" refused'],
    ['GET "/events?token=abc"', 'GET "/events?token=***"'],
    ['cannot connect with "host=h password=x"', 'cannot connect with "host=h password=***"'],
    ['{"token":"a\\"b","sweep":"s1"}', '{"token":"***","sweep":"s1"}'],
    ['postgres://me:pw@db.example:5432/n', 'postgres://me:***@db.example:5432/n'],
  ] as const)
    assert.equal(redactText(text), expected);
});

test('other texts stay as they are', () => {
  for (const text of [
    '{"tokens":[1],"token":null,"at":"http://db.example:5432/x","k":"a:b@c"}',
    'unexpected token: the key of a spec',
    'a basic test of postgres://me@db.example/narrows',
  ])
    assert.equal(redactText(text), text);
});

test('fields are redacted by name and by text, at any depth, as JSON shows them', () => {
  const error = Object.assign(new Error('hush of Bearer hush'), { apiKey: 'hush', cause: new Error('token=hush') });
  error.message = 'refused Bearer hush';
  const loop: Record<string, unknown> = { secret: ['hush'], password: null, bytes: Buffer.from('hush') };
  loop.self = loop;
  const fields = {
    ...{ 'x-api-key': 'hush', attempt: 2, at: new Date(0), url: new URL('https://u:hush@h/'), list: ['nrw_hush', 'plain'] },
    ...{ error, loop },
  };
  const redacted = redactFields(fields, ({ message, ...others }) => ({ message, ...others }));
  assert.deepEqual(redacted, {
    'x-api-key': '***',
    attempt: 2,
    at: '1970-01-01T00:00:00.000Z',
    url: 'https://u:***@h/',
    list: ['nrw_***', 'plain'],
    error: { message: 'refused Bearer ***', apiKey: '***', cause: { message: 'token=***' } },
    loop: { secret: '***', password: null, bytes: '[4 bytes]', self: '[shown before]' },
  });
});

test('a very long text is cut, and says so', () => {
  const text = redactText('x'.repeat(1_000_000));
  assert.ok(text.length < 20_000);
  assert.match(text, /x\.\.\. \(983616 more characters\)$/);
  const atTheEnd = redactText(`${'x'.repeat(16_380)} postgres://u:${'hush'.repeat(20)}@h ${'y'.repeat(9)}`);
  assert.doesNotMatch(atTheEnd, /hush/);
});
