/** Starts the servers that all test files share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo, type Sql } from '../../../db/client.ts';
import { migrate } from '../../../db/migrate.ts';
import { createRoleStatements, DATABASE_ROLES, roleName } from '../../../db/roles.ts';
import { readEnvironment } from '../../../infra/env.ts';
import { openHome } from '../../../infra/home.ts';
import { preparePostgres, startPostgres } from '../../../infra/postgres/server.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';

/** Name of a migrated database; copying it is faster than migrating. */
const TEMPLATE = 'narrows_template';

/** Password of every role on the shared server. */
export const ROLE_PASSWORD = 'role';

export interface SharedPostgres {
  readonly url: string;
  /** Name of a migrated database to copy, or null. */
  readonly template: string | null;
  stop(): Promise<void>;
}

/** Creates the roles of databases, with ROLE_PASSWORD. */
export async function createRoles(admin: Sql): Promise<void> {
  for (const role of DATABASE_ROLES) {
    await admin.unsafe(createRoleStatements(role).join(';'));
    await admin.unsafe(`alter role ${roleName(role)} password '${ROLE_PASSWORD}'`);
  }
}

/** Starts a Postgres server whose data need not survive it. */
export async function startSharedPostgres(): Promise<SharedPostgres & { readonly template: string }> {
  const home = openHome(mkdtempSync(join(tmpdir(), 'narrows-test-')));
  await preparePostgres(home, readEnvironment());
  const { url, child } = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
  const admin = connectTo(url, 1);
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
    await admin.unsafe(`alter system set ${setting} = off`);
  await admin`select pg_reload_conf()`;
  await createRoles(admin);
  await admin.unsafe(`create database ${TEMPLATE}`);
  await admin.end();
  const template = new URL(url);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href);
  return {
    url,
    template: TEMPLATE,
    async stop() {
      // The cluster is not read again, so no checkpoint is needed.
      await child.stop([
        ['SIGQUIT', 5000],
        ['SIGKILL', 2000],
      ]);
      rmSync(home.directory, { recursive: true, force: true });
    },
  };
}
