import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { boundsFor } from '../../../datasets/box/bounds.ts';
import type { Message, Request } from '../../../datasets/box/messages.ts';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { BUNDLED, bundleOf } from '../../../libraries.ts';
import { temporaryFolder } from '../../infra/folders.ts';
import { matrixOf } from '../../support/data.ts';
import { buildLibraries } from '../../support/modules/libraries.ts';
import { recordModules } from '../../support/modules/recording.ts';

const CHILD = fileURLToPath(new URL('../../../datasets/box/child.ts', import.meta.url));

buildLibraries();

test('a box loads the libraries of its task alone, each from one file', async (t) => {
  const folder = temporaryFolder(t);
  const directory = join(folder, 'dataset');
  const scratch = join(folder, 'scratch');
  for (const path of [directory, scratch]) mkdirSync(path);
  writeFileSync(join(directory, 'X.npy'), writeNpy(matrixOf(20, 2, (row, column) => Math.sin(1 + row * (column + 1)))));
  writeFileSync(
    join(directory, 'dataset.yaml'),
    `name: a\ntitle: a\nlicence: a\nsource: a\ndescriptors: { file: X.npy, columns: [{ name: a, unit: "" }, { name: b, unit: "" }] }
targets: { y: { file: X.npy, unit: "1" } }\n`,
  );
  const size = { bytes: 1000, structures: 0 };
  const bounds = boundsFor(size, { cores: 1, isBackground: false });
  const request: Request<'check'> = {
    kind: 'check',
    task: { directory },
    subject: directory,
    folder: scratch,
    bounds,
    size,
  };
  const modules = recordModules(folder);
  const box = fork(CHILD, { execArgv: [modules.flag], env: {}, serialization: 'advanced' });
  const kinds: Message['kind'][] = [];
  box.on('message', (message: Message) => {
    kinds.push(message.kind);
    if (message.kind !== 'reading') box.disconnect();
  });
  box.send(request);
  await once(box, 'exit');
  assert.equal(kinds.at(-1), 'done');
  assert.deepEqual(modules.packages(), ['fastest-levenshtein']);
  assert.deepEqual(
    modules.modules().filter((file) => file.includes('/libraries/')),
    BUNDLED.map((library) => bundleOf(library).href),
  );
});
