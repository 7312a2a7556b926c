import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSites, type Site, siteElement } from '../../../datasets/descriptors/sites.ts';
import { framesOf } from '../../support/structures.ts';

const text = (comment: string, tags = [0, 0, 1, 1]) =>
  `4\nProperties=species:S:1:pos:R:3:tags:I:1 ${comment}\n${['Fe', 'O', 'Fe', 'O'].map((symbol, i) => `${symbol} 0 0 ${2 * i} ${tags[i]}\n`).join('')}`;

async function sitesOf(site: Site, ...texts: readonly string[]): Promise<number[][]> {
  const frames = await framesOf(texts.join(''));
  return frames.map((frame) => findSites(site, frame, frames[0] ?? frame));
}

test('a key of the comment line gives the absorber of each frame', async () => {
  const site = { key: 'absorber' };
  assert.deepEqual(await sitesOf(site, text('absorber=2'), text('absorber=0'), text('absorber="0 2"'), text('absorber=[2, 0]')), [
    [2],
    [0],
    [0, 2],
    [0, 2],
  ]);
  assert.deepEqual(await sitesOf(site, text('absorber=Fe')), [[0, 2]]);
  const [frame] = await framesOf(text('absorber=3'));
  assert.equal(frame && siteElement(site, frame), 'O');
});

test('tags give the absorbers', async () => {
  assert.deepEqual(await sitesOf({ tags: 1 }, text('', [0, 0, 1, 0]), text('', [1, 0, 1, 0])), [[2], [0, 2]]);
});

test('sites that are not there, or of another element, are refused with their frame', async () => {
  const site = { key: 'absorber' };
  const unfit = (message: RegExp, fix?: RegExp) => ({ code: 'structures-unfit', path: 'a.xyz:1', message, ...(fix && { fix }) });
  await assert.rejects(sitesOf(site, text('id=3')), unfit(/no key "absorber"/, /this one has id/));
  await assert.rejects(sitesOf(site, text('absorber=4')), unfit(/4 atoms and no atom 4/));
  await assert.rejects(sitesOf(site, text('absorber=Cu')), unfit(/absorber="Cu" does not name an atom/, /from 0/));
  await assert.rejects(sitesOf({ tags: 7 }, text('')), unfit(/no atom with the tag 7/, /its tags are 0, 1/));
  await assert.rejects(sitesOf({ tags: 1 }, '1\n\nH 0 0 0\n'), unfit(/no column "tags"/, /tags:I:1/));
  await assert.rejects(sitesOf(site, text('absorber=0'), text('absorber=1')), {
    code: 'structures-unfit',
    path: 'a.xyz:7',
    message: /atom 1 is O, but Fe in frame 0/,
  });
});
