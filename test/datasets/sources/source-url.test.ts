import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followRedirect, requireSourceUrl, showUrl } from '../../../datasets/sources/source-url.ts';

test('what is shown of a URL has neither its query nor a password', () => {
  assert.equal(showUrl('https://host/a.zip'), 'https://host/a.zip');
  assert.equal(showUrl('https://host:8443/a@b.zip?token=secret#part'), 'https://host:8443/a@b.zip?...');
  assert.equal(showUrl('https://me:secret@host/a.zip#secret'), 'https://host/a.zip');
  assert.equal(showUrl('http://me:sec@ret@host/'), 'http://host/');
});

test('other protocols, passwords and what parsers read differently are refused', () => {
  for (const url of [
    'ftp://host/a',
    'file:///etc/passwd',
    'data:,x',
    'host/a.zip',
    'https://me:secret@host/',
    'http:\\\\host\\a',
    ' http://host/',
  ])
    assert.throws(() => requireSourceUrl(url), { code: 'url-unfit', message: /^(?!.*secret)/ }, url);
  requireSourceUrl('https://host/a.zip?token=secret');
});

test('redirects stay on the host that was named, over http or https', () => {
  const from = new URL('https://host/a.zip');
  assert.equal(followRedirect(from, '/b.zip?x=1').href, 'https://host/b.zip?x=1');
  assert.equal(followRedirect(new URL('http://host/a'), 'https://host/a').href, 'https://host/a');
  for (const to of [
    'https://other/',
    '//other/',
    'https://host.evil/',
    'https://host:6379/',
    'http://host/',
    'file:///etc/passwd',
    'gopher://host/',
    'http://127.0.0.1/',
    'https://me:secret@host/',
    'http://[',
  ])
    assert.throws(() => followRedirect(from, to), /it redirects to/, to);
});
