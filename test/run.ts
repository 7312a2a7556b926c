/**
 * `npm test`: the checks, then every test on one Postgres and with the Temporal CLI at hand. Arguments choose test files: `npm test -- test/search/*.test.ts`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../infra/env.ts';
import { openHome } from '../infra/home.ts';
import { POSTGRES_SHUTDOWN, preparePostgres, startPostgres } from '../infra/postgres/server.ts';
import { openLog } from '../infra/processes/rotating-log.ts';
import { findTemporalCli } from '../infra/temporal/cli.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Test files at once: most wait for servers and processes most of the time. */
const FILES_AT_ONCE = 2;

function run(command: string, args: readonly string[], variables: Record<string, string> = {}): Promise<number> {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...variables } });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const chosen = process.argv.slice(2);
if (chosen.length === 0) {
  const code = await run('npm', ['run', '--silent', 'check']);
  if (code !== 0) process.exit(code);
}

const environment = readEnvironment();
const cli = await findTemporalCli(environment, { onDownload: () => console.error('fetching the Temporal CLI') });
const home = openHome(mkdtempSync(join(tmpdir(), 'narrows-test-')));
await preparePostgres(home);
const postgres = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
try {
  process.exitCode = await run(
    process.execPath,
    ['--test', `--test-concurrency=${FILES_AT_ONCE}`, ...(chosen.length > 0 ? chosen : ['test/**/*.test.ts'])],
    {
      NARROWS_TEMPORAL_CLI: cli.path,
      NARROWS_TEST_DATABASE_URL: postgres.url,
      // A process for each file, and many more for commands: none compiles what another has.
      NODE_COMPILE_CACHE: join(environment.userCache, 'compiled'),
    },
  );
} finally {
  await postgres.child.stop(POSTGRES_SHUTDOWN);
  rmSync(home.directory, { recursive: true, force: true });
}
