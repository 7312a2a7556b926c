/** Commands for who administers the database. */
import type { Command } from 'commander';
import { migrateServers, planMigration } from '../../infra/connect.ts';
import { readEnvironment } from '../../infra/env.ts';
import { describeRoles, rolesScript } from '../../infra/postgres/roles.ts';
import { readStackStatus } from '../../infra/stack/stack.ts';
import { addCommand, option, parseDuration, printTable } from '../command.ts';
import type { CliContext } from '../context.ts';

export function register(program: Command): void {
  addCommand<MigrateOptions>(program, {
    name: 'migrate',
    options: [
      option('--dry-run', 'show what would be applied, and change nothing'),
      option('--lock-timeout <duration>', 'maximum wait for locks of other processes (default: 30s)', { parse: parseDuration }),
    ],
    description:
      'Make the tables of a database of your own, or bring them up to date, as their owner; grant the roles of "db roles" their rights.',
    examples: ['NARROWS_DATABASE_URL=postgres://narrows_owner@db.example/narrows narrows migrate'],
    run: runMigration,
  });
  const db = program.command('db').description('Roles of the database.');
  addCommand<{ sql?: boolean }>(db, {
    name: 'roles',
    options: [option('--sql', 'print the script that creates them in a database of your own')],
    description: 'Show the roles of Postgres, each with the rights that its work needs.',
    examples: ['narrows db roles', 'narrows db roles --sql | psql "$ADMIN_URL"'],
    run: showRoles,
  });
}

interface MigrateOptions {
  readonly dryRun?: boolean;
  readonly lockTimeout?: number;
}

async function runMigration(context: CliContext, { dryRun = false, lockTimeout }: MigrateOptions): Promise<void> {
  const environment = readEnvironment();
  const { note, signal } = context;
  const migration = dryRun
    ? await planMigration(environment)
    : await migrateServers(environment, { note, signal, lockSeconds: lockTimeout });
  const { database, applied, pending } = migration;
  context.print(migration, () =>
    [
      ...applied.map((name) => `applied ${name}`),
      ...pending.map((name) => `would apply ${name}`),
      ...(pending.length === 0 ? [`${database} is up to date`] : []),
    ].join('\n'),
  );
}

async function showRoles(context: CliContext, { sql = false }: { readonly sql?: boolean }): Promise<void> {
  if (sql) return context.print({ sql: rolesScript() }, rolesScript);
  const environment = readEnvironment();
  const roles = describeRoles(environment);
  printTable(context, roles, {
    role: ({ role }) => role,
    user: ({ user }) => user,
    for: ({ purpose }) => purpose,
    'password in': ({ passwordFile }) => passwordFile,
  });
  const { database } = readStackStatus(environment);
  if (database !== null) context.note(`the embedded Postgres is at ${database.replace(/^.*@/, '')}`);
}
