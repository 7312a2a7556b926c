import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NarrowsError } from '../../errors.ts';
import type { LogFormat } from '../../infra/log-formats.ts';
import { createLogger, logErrors } from '../../infra/logger.ts';
import { readSecret } from '../../infra/secrets.ts';

function logOf(format: LogFormat) {
  const lines: string[] = [];
  return { lines, logger: createLogger('trainer', format, (line) => lines.push(line)) };
}

test('a line of JSON has time, level, role, message and what it is about', () => {
  const { lines, logger } = logOf('json');
  logger.info('taking work');
  logger.warn('trial failed', { sweep: 's1', trial: 's1-7', workflowId: 'sweep-s1', runId: 'r1' });
  logger.error('broken', { error: new Error('out of order') });
  const [info, warn, error] = lines.map((line) => JSON.parse(line)) as [
    Record<string, unknown>,
    Record<string, unknown>,
    Record<string, { message: string; stack: string }>,
  ];
  assert.ok(Math.abs(Date.parse(String(info.time)) - Date.now()) < 60_000);
  assert.deepEqual({ ...info, time: null }, { level: 'info', time: null, role: 'trainer', msg: 'taking work' });
  assert.deepEqual(
    { ...warn, time: null },
    {
      level: 'warn',
      time: null,
      role: 'trainer',
      sweep: 's1',
      trial: 's1-7',
      workflowId: 'sweep-s1',
      runId: 'r1',
      msg: 'trial failed',
    },
  );
  assert.equal(error.error?.message, 'out of order');
  assert.match(error.error?.stack ?? '', /logger\.test/);
});

test('text shows news as they are, and faults with time, level and details', () => {
  const { lines, logger } = logOf('text');
  logger.info('taking work');
  logger.warn('trial failed', { trial: 's1-7' });
  assert.equal(lines[0], 'taking work');
  assert.match(lines[1] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z \[WARN\] trial failed \{ trial: 's1-7' \}$/);
});

test('secrets are removed, and lines stay JSON', () => {
  const secrets = {
    url: 'postgres://narrows:hush-1@db.example/narrows',
    header: 'Authorization: Bearer hush-2',
    token: 'nrw_hush-3',
    apiKey: 'hush-4"\\',
    query: 'https://example.org/?token=hush-5&x=1',
    nested: { webhookSecret: 'hush-6' },
  };
  for (const format of ['json', 'text'] as const) {
    const { lines, logger } = logOf(format);
    logger.error('refused smtp://user:hush-7@mail.example', secrets);
    const [line = ''] = lines;
    assert.doesNotMatch(line, /hush/);
    assert.match(line, /postgres:\/\/narrows:\*\*\*@db\.example\/narrows/);
    if (format === 'json') assert.equal(JSON.parse(line).apiKey, '***');
  }
});

test('lines stay JSON where a quote follows a secret', () => {
  const { lines, logger } = logOf('json');
  const quoted = ['Bearer abc', '/events?token=abc', 'host=h password=abc', 'Authorization: Basic abc'];
  for (const secret of quoted) logger.warn(`"${secret}" refused`, { error: new Error(`refused "${secret}"`) });
  for (const line of lines) {
    const { msg, error } = JSON.parse(line);
    assert.match(msg, /^"[^"]*\*\*\*" refused$/);
    assert.match(error.message, /^refused "[^"]*\*\*\*"$/);
    assert.doesNotMatch(error.stack, /abc/);
  }
});

test('secrets of this process are removed from lines of either format', () => {
  assert.equal(readSecret({ HOOK: 'https://hooks.example/T0/hush' }, 'HOOK'), 'https://hooks.example/T0/hush');
  for (const format of ['json', 'text'] as const) {
    const { lines, logger } = logOf(format);
    logger.error('POST https://hooks.example/T0/hush', { error: new Error('no way to https://hooks.example/T0/hush') });
    assert.doesNotMatch(lines.join(), /hush/);
  }
});

test('errors that a person can act on have code and fix, others their stack', () => {
  const { lines, logger } = logOf('json');
  const log = logErrors(logger);
  log(new NarrowsError('database-pooled', 'notifications may be lost', { fix: 'set the direct URL' }));
  log(new TypeError('no function'));
  const [known, unknown] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [known.msg, known.code, known.fix, known.error],
    ['notifications may be lost', 'database-pooled', 'set the direct URL', undefined],
  );
  assert.deepEqual([unknown.msg, unknown.error.type], ['no function', 'TypeError']);
});
