import { type Command, InvalidArgumentError } from 'commander';
import { readSecretFile } from '../../infra/secrets.ts';
import { withStorage } from '../../infra/sessions.ts';
import {
  createToken,
  hasExpired,
  listAllTokens,
  ROLES,
  type Role,
  revokeToken,
  storeToken,
  type TokenRow,
} from '../../operations/tokens.ts';
import { findNameFault } from '../../search/names.ts';
import { addCommand, lacksUnit, option, parseDuration } from '../command.ts';
import { formatTable, localTime } from '../output/table.ts';

export function register(program: Command): void {
  const token = program.command('token').description('Create, list and revoke the tokens of the HTTP API.');

  addCommand<{ name: string; role: Role; expires?: number; fromFile?: string }>(token, {
    name: 'create',
    options: [
      option('--name <name>', 'whose it is', { parse: parseName, mandatory: true }),
      option('--role <role>', 'read; submit: start and control too; admin: cancel what others started', {
        choices: ROLES,
        mandatory: true,
      }),
      option('--expires <time>', 'after this time: 90d, 12h', { parse: parseLifetime }),
      option('--from-file <file>', "store this file's token in place of a random one; again, to set when it expires"),
    ],
    description: 'Create a token; it is printed once.',
    examples: ['narrows token create --name notebook --role read --expires 90d'],
    run: (context, { name, role, expires, fromFile }) =>
      withStorage(context, async ({ db }) => {
        const expiresAt = expires === undefined ? null : new Date(Date.now() + 1000 * expires);
        if (fromFile !== undefined) {
          const token = readSecretFile(fromFile, '--from-file');
          const row = await storeToken(db, { token, name, role, expiresAt });
          return context.print(toJson(row), () => `stored ${row.name}`);
        }
        const { token: text, row } = await createToken(db, { name, role, expiresAt });
        context.print({ token: text, ...toJson(row) }, () => text);
        context.note(`It is not shown again. Scripts send it as "Authorization: Bearer …", a browser signs in with it.`);
      }),
  });

  addCommand(token, {
    name: 'ls',
    description: 'List tokens by name and role; the tokens themselves are not stored.',
    examples: ['narrows token ls'],
    run: (context) =>
      withStorage(context, async ({ db }) => {
        const rows = await listAllTokens(db);
        context.printList(rows.map(toJson), () =>
          rows.length === 0
            ? 'no token yet: narrows token create --name NAME --role read'
            : formatTable(rows, {
                name: ({ name }) => name,
                role: ({ role }) => role,
                id: ({ id }) => id,
                created: ({ createdAt }) => localTime(createdAt),
                expires: formatExpiry,
                'last used': ({ lastUsedAt }) => (lastUsedAt ? localTime(lastUsedAt) : 'never'),
              }),
        );
      }),
  });

  addCommand<{ token: string }>(token, {
    name: 'revoke',
    arguments: [['<token>', 'name or id']],
    description: 'Revoke a token: it is not accepted any more.',
    examples: ['narrows token revoke notebook'],
    run: (context, { token: nameOrId }) =>
      withStorage(context, async ({ db }) => {
        await revokeToken(db, nameOrId);
        context.print({ revoked: nameOrId }, () => `revoked ${nameOrId}`);
      }),
  });
}

const toJson = ({ id, name, role, createdAt, expiresAt, lastUsedAt }: TokenRow) => ({
  id,
  name,
  role,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

function formatExpiry(row: TokenRow): string {
  if (row.expiresAt === null) return 'never';
  return hasExpired(row, new Date()) ? `expired ${localTime(row.expiresAt)}` : localTime(row.expiresAt);
}

function parseName(text: string): string {
  const name = text.trim();
  const fault = findNameFault(name);
  if (fault !== null) throw new InvalidArgumentError(`The name ${fault}.`);
  return name;
}

const MAX_LIFETIME_SECONDS = 3650 * 86_400;

/** Reads '90d' as seconds. A number without a unit is refused. */
function parseLifetime(text: string): number {
  const seconds = lacksUnit(text) ? 0 : parseDuration(text);
  if (seconds > 0 && seconds <= MAX_LIFETIME_SECONDS) return seconds;
  throw new InvalidArgumentError(`"${text}" is not a valid lifetime. Use one such as 90d, 12h or 30m, of ten years at most.`);
}
