/**
 * Roles of Postgres, each with the rights that its work needs. One URL of an owner works without
 * them; where they exist in the cluster, every migration grants them what is listed here.
 */
import { NarrowsError } from '../errors.ts';
import type { Queryable } from './client.ts';
import { VIEWS } from './views.ts';

/** `owner` migrates and runs commands; `read` is for Grafana and notebooks. */
export const DATABASE_ROLES = ['owner', 'worker', 'api', 'read'] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** Roles that own no table. */
type Grantee = Exclude<DatabaseRole, 'owner'>;
const GRANTEES: readonly Grantee[] = ['worker', 'api', 'read'];

export const roleName = (role: DatabaseRole): string => `narrows_${role}`;

type Right = 'select' | 'insert' | 'update' | 'delete' | `${'select' | 'update'} (${string})`;
type Rights = Readonly<Record<Grantee, readonly Right[]>>;

const READ = ['select'] as const;
const APPEND = ['select', 'insert'] as const;
const WRITE = ['select', 'insert', 'update'] as const;
const REPLACE = [...WRITE, 'delete'] as const;

/** Content is stored once and never changed. */
const CONTENT: Rights = { worker: APPEND, api: APPEND, read: READ };
/**
 * Workers write results; only those of removed sweeps are deleted. A second delivery of a report
 * updates its row.
 */
const APPENDED_RESULT: Rights = { worker: APPEND, api: READ, read: READ };
const RESULT: Rights = { worker: WRITE, api: READ, read: READ };
/** Results that better or newer ones replace. */
const REPLACED_RESULT: Rights = { worker: REPLACE, api: READ, read: READ };

/** Rights on every table; a test finds a table without a row. */
export const TABLE_RIGHTS: Readonly<Record<string, Rights>> = {
  trainers: { worker: REPLACE, api: READ, read: READ },
  trainer_speeds: { worker: WRITE, api: READ, read: READ },
  installation: { worker: READ, api: READ, read: READ },
  blobs: CONTENT,
  blob_parts: CONTENT,
  dataset_versions: { worker: [...APPEND, 'update (imported_at)'], api: [...APPEND, 'update (imported_at)'], read: READ },
  sweeps: { worker: WRITE, api: WRITE, read: READ },
  // Each is given its observation once.
  proposals: RESULT,
  trials: RESULT,
  // Each is given its revision as it commits.
  writes: RESULT,
  covered_variances: APPENDED_RESULT,
  test_errors: APPENDED_RESULT,
  test_rows: APPENDED_RESULT,
  rung_scores: RESULT,
  // With `latents: best`, those of trials that are no longer among the best are deleted.
  latents: { worker: [...APPEND, 'delete'], api: READ, read: READ },
  components: APPENDED_RESULT,
  learning_curves: RESULT,
  checkpoints: REPLACED_RESULT,
  models: REPLACED_RESULT,
  baselines: APPENDED_RESULT,
  baseline_errors: APPENDED_RESULT,
  comparisons: RESULT,
  interpretations: REPLACED_RESULT,
  fields: APPENDED_RESULT,
  // The options hold addresses of sources.
  retrainings: { worker: READ, api: WRITE, read: ['select (name, dataset, target, created_at, removed_at, identity)'] },
  source_urls: { worker: READ, api: ['select (name)', 'delete'], read: [] },
  // The API, too, notices runs whose workflow was ended from outside.
  retrain_runs: { ...RESULT, api: ['select', 'update (outcome, message, finished_at)'] },
  champions: { worker: WRITE, api: WRITE, read: READ },
  // The folder of a shard may be the address of its source.
  shards: { worker: WRITE, api: READ, read: ['select (name, content, outcome, version, seen_at)'] },
  events: { worker: APPEND, api: APPEND, read: READ },
  messages: { worker: WRITE, api: READ, read: ['select (event_id, channel, state, attempts, delivered_at)'] },
  api_tokens: { worker: [], api: ['select', 'update (last_used_at)'], read: [] },
  api_sessions: { worker: [], api: REPLACE, read: [] },
  api_requests: { worker: [], api: REPLACE, read: [] },
  sweep_starters: { worker: [], api: APPEND, read: [] },
};

/** Functions, and the roles that may call them in addition to the owner. */
const FUNCTION_RIGHTS: Readonly<Record<string, readonly Grantee[]>> = {
  'discard_sweep(text)': ['api'],
  // Commands alone remove sweeps, as the owner.
  'purge_sweep(text,integer)': [],
  // A trigger calls it.
  'take_revision()': [],
};

/** Returns statements that give a role its rights on tables and views, and no other. */
function grantStatements(role: Grantee, schema: string): string[] {
  const name = roleName(role);
  const tables = Object.entries(TABLE_RIGHTS).flatMap(([table, { [role]: rights }]) =>
    rights.length === 0 ? [] : [`grant ${rights.join(', ')} on ${table} to ${name}`],
  );
  const views = role === 'read' ? VIEWS.map((view) => `grant select on ${view} to ${name}`) : [];
  const functions = Object.entries(FUNCTION_RIGHTS).flatMap(([signature, roles]) =>
    roles.includes(role) ? [`grant execute on function ${signature} to ${name}`] : [],
  );
  return [
    `revoke all on all tables in schema ${schema} from ${name}`,
    `grant usage on schema ${schema}, drizzle to ${name}`,
    ...tables,
    ...views,
    ...functions,
    // Every process compares the version of the database with its own.
    `grant select on drizzle.__drizzle_migrations to ${name}`,
  ];
}

/** SQLSTATE. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Grants the roles that exist in the cluster their rights, as the owner of the tables, in a
 * transaction that has locked the schema. Throws NarrowsError `not-owner`.
 */
export async function grantRights(sql: Queryable): Promise<void> {
  const [place] = await sql<[{ schema: string }]>`select quote_ident(current_schema()) as schema`;
  const present = await sql<
    { name: string }[]
  >`select rolname as name from pg_roles where rolname = any(${GRANTEES.map(roleName)}::text[])`;
  const names = new Set(present.map(({ name }) => name));
  const statements = GRANTEES.filter((role) => names.has(roleName(role))).flatMap((role) => grantStatements(role, place.schema));
  if (statements.length === 0) return;
  try {
    await sql.unsafe(statements.join(';\n'));
  } catch (error) {
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new NarrowsError('not-owner', `this user may not grant rights on the tables: ${(error as Error).message}`, {
      path: 'NARROWS_DATABASE_URL',
      fix: `connect as the owner of the tables, e.g. ${roleName('owner')}`,
      cause: error,
    });
  }
}

/** Attributes without which a role could do more than its rights on tables. */
const LIMITS = 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls';

/** Returns statements that create the role where it is missing, without a password. */
export const createRoleStatements = (role: DatabaseRole): string[] => [
  `do $$ begin create role ${roleName(role)}; exception when duplicate_object then null; end $$`,
  `alter role ${roleName(role)} ${LIMITS}`,
];

const OWNER = roleName('owner');

/** Makes all tables, views and functions the owner's, and the schema of its migrations. */
const TAKE_OWNERSHIP = `do $$ declare statement text; begin
  for statement in
    select format('alter table %s owner to ${OWNER}', c.oid::regclass) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v') and (n.nspname = 'drizzle' or n.nspname = current_schema() and c.relname in (${quoted([...Object.keys(TABLE_RIGHTS), ...VIEWS])}))
    union all
    select format('alter function %s owner to ${OWNER}', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = current_schema() and p.oid::regprocedure::text in (${quoted(Object.keys(FUNCTION_RIGHTS))})
    union all
    select 'alter schema drizzle owner to ${OWNER}' from pg_namespace where nspname = 'drizzle'
  loop execute statement; end loop;
end $$`;

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

/** Returns statements that let only these roles into the database, and the owner change it. */
export const databaseStatements = (): string[] => [
  `do $$ begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to ${DATABASE_ROLES.map(roleName).join(', ')}', current_database());
  execute format('grant create on database %I to ${OWNER}', current_database());
end $$`,
  'revoke create on schema public from public',
  `grant usage, create on schema public to ${OWNER}`,
  TAKE_OWNERSHIP,
];

/**
 * Returns the script with which an administrator prepares a database: roles, and the owner of the
 * tables that exist. It may be run again. Rights follow with the next migration.
 */
export function rolesScript(): string {
  const statements = [...DATABASE_ROLES.flatMap(createRoleStatements), ...databaseStatements()];
  return [
    '-- Run as an administrator, in the database of narrows; it is then for these roles alone.',
    ...statements.map((statement) => `${statement};`),
    '-- Give each role a password (in psql: \\password narrows_owner), then, as the owner: narrows migrate',
    '',
  ].join('\n');
}
