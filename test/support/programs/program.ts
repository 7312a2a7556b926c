import { join } from 'node:path';
import { type Child, startChild } from '../../../infra/processes/child.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { until } from '../until.ts';

export interface ProgramOptions {
  /** Folder that it runs in, and that its log is written to. */
  readonly folder: string;
  /** Part of its output that says that it serves. */
  readonly serving: string;
  readonly orphanSignal: NodeJS.Signals;
}

/** Starts a server of the machine; resolves once it serves. Throws where it ends instead. */
export async function startProgram(
  [command, ...args]: readonly [string, ...string[]],
  { folder, serving, orphanSignal }: ProgramOptions,
): Promise<Child> {
  const log = openLog(join(folder, 'log'));
  const child = await startChild({ command, args, variables: { LC_ALL: 'C' }, cwd: folder, log, orphanSignal });
  let ended = '';
  void child.exit.then((how) => {
    ended = how;
  });
  await until(() => child.output().includes(serving) || ended !== '', `${command} serves`);
  if (ended !== '') throw new Error(`${command} ended (${ended}): ${child.output()}`);
  return child;
}
