/** Tokens of the HTTP API: who may reach it from other machines, and do what. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ROLES, type Role } from '../../db/enums.ts';
import { deleteToken, listTokens, type TokenRow } from '../../db/queries/api/tokens.ts';
import { NarrowsError } from '../../errors.ts';
import { createToken, hasExpired } from '../../operations/tokens.ts';
import { action, example } from '../command.ts';
import { localTime, table } from '../output/table.ts';
import { withDatabase } from '../servers.ts';

export function registerToken(program: Command): void {
  const token = program.command('token').description('Make, list and revoke the tokens of the HTTP API.');

  example(
    token
      .command('create')
      .requiredOption('--name <name>', 'whose it is', tokenName)
      .addOption(
        new Option('--role <role>', 'read; submit: start and steer too; admin: cancel what others started')
          .choices(ROLES)
          .makeOptionMandatory(),
      )
      .option('--expires <time>', 'after so long: 90d, 12h', lifetime)
      .description('Make a token; it is printed once.')
      .action(
        action<{ name: string; role: Role; expires?: number }>(async (context, { name, role, expires }) =>
          withDatabase(context, async ({ db }) => {
            const expiresAt = expires === undefined ? null : new Date(Date.now() + expires);
            const { token: text, row } = await createToken(db, { name, role, expiresAt });
            context.print({ token: text, ...shown(row) }, () => text);
            context.note(`It is not shown again. Scripts send it as "Authorization: Bearer …", a browser signs in with it.`);
          }),
        ),
      ),
    'narrows token create --name notebook --role read --expires 90d',
  );

  example(
    token
      .command('ls')
      .description('List tokens: names and roles, never what they are.')
      .action(
        action(async (context) =>
          withDatabase(context, async ({ db }) => {
            const rows = await listTokens(db.sql);
            context.printList(rows.map(shown), () =>
              rows.length === 0
                ? 'no token yet: narrows token create --name NAME --role read'
                : table(rows, [
                    { title: 'name', value: ({ name }) => name },
                    { title: 'role', value: ({ role }) => role },
                    { title: 'id', value: ({ id }) => id },
                    { title: 'made', value: ({ createdAt }) => localTime(createdAt) },
                    { title: 'expires', value: expiry },
                    { title: 'last used', value: ({ lastUsedAt }) => (lastUsedAt ? localTime(lastUsedAt) : 'never') },
                  ]),
            );
          }),
        ),
      ),
    'narrows token ls',
  );

  example(
    token
      .command('revoke')
      .argument('<token>', 'name or id')
      .description('Revoke a token: from now on it counts for nothing.')
      .action(
        action(async (context, _options, nameOrId) =>
          withDatabase(context, async ({ db }) => {
            if (!(await deleteToken(db.sql, nameOrId as string))) {
              throw new NarrowsError('token-unknown', `there is no token "${nameOrId}"`, {
                path: 'token',
                fix: 'see "narrows token ls"',
                kind: 'not-found',
              });
            }
            context.print({ revoked: nameOrId }, () => `revoked ${nameOrId}`);
          }),
        ),
      ),
    'narrows token revoke notebook',
  );
}

const shown = ({ id, name, role, createdAt, expiresAt, lastUsedAt }: TokenRow) => ({
  id,
  name,
  role,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

function expiry(row: TokenRow): string {
  if (row.expiresAt === null) return 'never';
  return hasExpired(row, new Date()) ? `expired ${localTime(row.expiresAt)}` : localTime(row.expiresAt);
}

function tokenName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 80) throw new InvalidArgumentError('A name has 1 to 80 characters.');
  return name;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** '90d' -> milliseconds. */
function lifetime(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit] ?? 0);
  if (!(milliseconds > 0) || milliseconds > 3650 * 86_400_000)
    throw new InvalidArgumentError(`"${text}" is no time such as 90d, 12h or 30m, of ten years at most.`);
  return milliseconds;
}
