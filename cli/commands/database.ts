/** Commands for who administers the database. */
import type { Command } from 'commander';
import { migrateServers } from '../../infra/connect.ts';
import { readEnvironment } from '../../infra/env.ts';
import { describeRoles, rolesScript } from '../../infra/postgres/roles.ts';
import { readStackStatus } from '../../infra/stack/stack.ts';
import { addCommand, option, printTable } from '../command.ts';
import type { CliContext } from '../context.ts';

export function register(program: Command): void {
  addCommand(program, {
    name: 'migrate',
    description: 'Bring the tables up to date as their owner, and grant the roles of "db roles" their rights.',
    examples: ['NARROWS_DATABASE_URL=postgres://narrows_owner@db.example/narrows narrows migrate'],
    run: async (context) => {
      const database = await migrateServers(readEnvironment(), context);
      context.print({ database }, () => `${database} is up to date`);
    },
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
