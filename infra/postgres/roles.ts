/** Roles of the embedded Postgres, whose superuser is for the supervisor alone. */
import { connectTo } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { createRoleStatements, DATABASE_ROLES, type DatabaseRole, databaseStatements, roleName } from '../../db/roles.ts';
import type { Environment } from '../env.ts';
import { type Home, resolveHome } from '../home.ts';
import { ensurePassword, passwordFile } from './passwords.ts';

export { rolesScript } from '../../db/roles.ts';

export type RoleUrls = Readonly<Record<DatabaseRole, string>>;

/**
 * Creates the roles, or gives those that exist their passwords, migrates as the owner, and grants
 * the others their rights. In clusters of earlier versions the superuser made the tables: they
 * become the owner's. Returns the URL of each role.
 */
export async function prepareRoles(home: Home, superuserUrl: string): Promise<RoleUrls> {
  const passwords = Object.fromEntries(DATABASE_ROLES.map((role) => [role, ensurePassword(home, role)])) as RoleUrls;
  await execute(superuserUrl, [
    ...DATABASE_ROLES.flatMap((role) => [
      ...createRoleStatements(role),
      `alter role ${roleName(role)} password '${passwords[role]}'`, // hexadecimal
    ]),
    ...databaseStatements(),
    'revoke connect on database template1 from public',
  ]);
  const urls = Object.fromEntries(DATABASE_ROLES.map((role) => [role, loginAs(superuserUrl, role, passwords[role])])) as RoleUrls;
  await migrate(urls.owner, { regrant: true });
  return urls;
}

/** Returns the URL with the login of a role. */
export function loginAs(url: string, role: DatabaseRole, password: string): string {
  const changed = new URL(url);
  changed.username = roleName(role);
  changed.password = password;
  return changed.href;
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const sql = connectTo(url, 1);
  try {
    await sql.begin((transaction) => transaction.unsafe(statements.join(';\n')));
  } finally {
    await sql.end();
  }
}

const PURPOSES: Readonly<Record<DatabaseRole, string>> = {
  owner: 'migrations and commands',
  worker: 'workers',
  api: 'dashboards and HTTP API',
  read: 'Grafana, notebooks: no tokens, no addresses of sources',
};

export interface RoleDescription {
  readonly role: DatabaseRole;
  readonly user: string;
  readonly purpose: string;
  /** File with the password; null for a database of one's own. */
  readonly passwordFile: string | null;
}

export function describeRoles({ home, databaseUrl }: Pick<Environment, 'home' | 'databaseUrl'>): RoleDescription[] {
  return DATABASE_ROLES.map((role) => ({
    role,
    user: roleName(role),
    purpose: PURPOSES[role],
    passwordFile: databaseUrl === null ? passwordFile(resolveHome(home), role) : null,
  }));
}
