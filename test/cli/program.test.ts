import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, describe, type TestContext, test } from 'node:test';
import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';
import { bundleOf } from '../../libraries.ts';
import { temporaryFolder } from '../infra/folders.ts';
import { project } from '../support/command.ts';
import { buildLibraries } from '../support/modules/libraries.ts';
import { recordModules } from '../support/modules/recording.ts';

function leaves(command: Command, path: string[] = []): { path: string[]; command: Command }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
  });
  command.outputHelp();
  return text;
}

const program = await createProgram();

for (const { path, command } of leaves(program)) {
  test(`${path.join(' ')} --help has a description, --output and an example of itself`, () => {
    const help = helpOf(command);
    assert.ok(command.description().length > 10);
    assert.match(help, /--output <format>/);
    assert.match(help, new RegExp(`Example:\\n(.*\\n)?\\s+\\$ .*narrows ${path.join(' ')}`));
    for (const line of help.split('\n')) if (!line.includes('$ ')) assert.ok(line.length <= 80, line);
  });
}

test('every file of commands is in the table of the program', () => {
  const table = readFileSync(new URL('../../cli/program.ts', import.meta.url), 'utf8');
  const loaded = [...table.matchAll(/import\('\.\/commands\/(.+?)'\)/g)].map(([, file]) => file);
  assert.deepEqual(loaded.toSorted(), readdirSync(new URL('../../cli/commands/', import.meta.url)).toSorted());
});

test('the commands of the contract are there', () => {
  const names = leaves(program).map(({ path }) => path.join(' '));
  for (const name of [
    ...[
      'init',
      'doctor',
      'up',
      'down',
      'status',
      'demo',
      'data import',
      'data ls',
      'data show',
      'data verify',
      'results',
      'compare',
      'model ls',
    ],
    ...[
      'sweep plan',
      'sweep start',
      'sweep ls',
      'sweep show',
      'sweep watch',
      'sweep pause',
      'sweep resume',
      'sweep cancel',
      'sweep retry',
    ],
    ...['predict', 'encode', 'expand', 'reconstruct', 'export', 'worker'],
  ]) {
    assert.ok(names.includes(name), name);
  }
});

test('a call that names its command loads only that command, with the same help; any other call loads all', async () => {
  const namesOf = async (...args: string[]) => (await createProgram(args)).commands.map((command) => command.name());
  const all = program.commands.map((command) => command.name());
  for (const command of program.commands) {
    const name = command.name();
    const alone = await createProgram([name, '--help']);
    const found = alone.commands.find((one) => one.name() === name);
    assert.ok(found, name);
    assert.equal(helpOf(found), helpOf(command));
  }
  assert.deepEqual(await namesOf('data', 'ls'), ['data']);
  assert.deepEqual(await namesOf('--output', 'json', 'data', 'ls'), ['data']);
  assert.deepEqual(await namesOf('--output=json', 'up'), ['up', 'down', 'status', 'doctor']);
  for (const args of [[], ['--help'], ['help', 'data'], ['dta'], ['--output', 'data'], ['--what', 'data']]) {
    assert.deepEqual(await namesOf(...args), all, args.join(' '));
  }
});

describe('a command loads', () => {
  before(buildLibraries);

  const load = async (t: TestContext, args: string[]) => {
    const modules = recordModules(temporaryFolder(t));
    await using place = project();
    const { code, stderr } = await place.narrows(args, { variables: { NODE_OPTIONS: modules.flag } });
    assert.deepEqual([code, stderr], [0, '']);
    return modules;
  };

  for (const args of [['--version'], ['init', '--help']]) {
    test(`no library but those of every command: ${args.join(' ')}`, async (t) => {
      const modules = await load(t, args);
      assert.deepEqual(modules.packages(), ['commander', 'fastest-levenshtein', 'picocolors']);
    });
  }

  for (const args of [['status'], ['sweep', '--help'], ['data', '--help'], ['results', '--help'], ['export', '--help']]) {
    test(`no library that it may not need: ${args.join(' ')}`, async (t) => {
      const modules = await load(t, args);
      const lazy = /^(@temporalio\/(client|worker|workflow)|drizzle-orm|hono|@hono\/.*|hyparquet.*|pino|protobufjs|zod)$/;
      assert.deepEqual(
        modules.packages().filter((name) => lazy.test(name)),
        [],
      );
      assert.deepEqual(
        modules.modules().filter((module) => module === bundleOf('yaml').href),
        [],
      );
    });
  }
});
