/** The only reader of process.env. Everything else is told what it needs. */
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { NarrowsError } from '../errors.ts';

export interface Environment {
  /** Private folder of the embedded servers: data, caches, logs, state. Absolute. */
  readonly home: string;
  /** Caches that all projects of this user share. Absolute. */
  readonly userCache: string;
  /** Postgres of the person's own; null = embedded. */
  readonly databaseUrl: string | null;
  /** True when any of Temporal's own variables names a server: then the embedded one is not used. */
  readonly externalTemporal: boolean;
  /** What Temporal's own configuration is read from. */
  readonly temporalVariables: Readonly<Record<string, string>>;
  /** Temporal's own pages, where a server of the person's own has some that a browser reaches. */
  readonly temporalUrl: string | null;
  /** A Temporal CLI to use, whatever else is there. */
  readonly temporalCli: string | null;
  /** Directories of PATH, in order. */
  readonly path: readonly string[];
  /** Colours and moving output are unwanted: NO_COLOR or CI. */
  readonly noColor: boolean;
  readonly ci: boolean;
}

/** Temporal's own variables that point somewhere; a namespace alone does not. */
const TEMPORAL_POINTERS = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_API_KEY'] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as one that is not set. */
const optional = z
  .string()
  .optional()
  .transform((text) => (text === '' || text === undefined ? null : text));

const postgresUrl = optional.refine((url) => url === null || (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)));

/** Throws NarrowsError `environment-invalid`; the value itself is not shown, it may hold a password. */
export function readEnvironment(variables: Variables = process.env, cwd: string = process.cwd()): Environment {
  const databaseUrl = postgresUrl.safeParse(variables.NARROWS_DATABASE_URL);
  if (!databaseUrl.success) {
    throw new NarrowsError('environment-invalid', 'NARROWS_DATABASE_URL is no Postgres URL', {
      path: 'NARROWS_DATABASE_URL',
      fix: 'write postgres://user:password@host:5432/database',
    });
  }
  const read = (name: string): string | null => optional.parse(variables[name]);
  return {
    home: resolve(cwd, read('NARROWS_HOME') ?? '.narrows'),
    userCache: join(read('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'narrows'),
    databaseUrl: databaseUrl.data,
    externalTemporal: TEMPORAL_POINTERS.some((name) => read(name) !== null),
    temporalVariables: selectMatching(variables, /^(TEMPORAL_.*|HOME|XDG_CONFIG_HOME)$/),
    temporalUrl: parseWebAddress(read('NARROWS_TEMPORAL_UI_URL')),
    temporalCli: read('NARROWS_TEMPORAL_CLI'),
    path: (variables.PATH ?? '').split(':').filter((directory) => directory !== ''),
    noColor: read('NO_COLOR') !== null || read('CI') !== null,
    ci: read('CI') !== null,
  };
}

/** Where people are told of what a retraining did. Secrets: they stay in the process of the worker that sends. */
export interface NotificationSettings {
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly mail: { readonly url: string; readonly from: string; readonly to: readonly string[] } | null;
  /** Address of the dashboards, for links; no slash at its end. */
  readonly publicUrl: string | null;
}

/** Throws NarrowsError `environment-invalid`, without the values. */
export function readNotificationSettings(variables: Variables = process.env): NotificationSettings {
  const read = (name: string): string | null => optional.parse(variables[name]);
  const url = (name: string, schemes: RegExp, fix: string) => {
    const value = read(name);
    if (value === null || (URL.canParse(value) && schemes.test(value))) return value;
    throw new NarrowsError('environment-invalid', `${name} is no URL that can be used`, { path: name, fix });
  };
  const beside = (name: string, other: string) => {
    const value = read(name);
    if (value !== null) return value;
    throw new NarrowsError('environment-invalid', `${other} is set, and ${name} is not`, {
      path: name,
      fix: `set ${name} as well`,
    });
  };
  const webhook = url('NARROWS_WEBHOOK_URL', /^https?:/, 'write https://host/path');
  const smtp = url('NARROWS_SMTP_URL', /^smtps?:/, 'write smtp://user:password@host:587, or smtps://');
  return {
    webhook: webhook === null ? null : { url: webhook, secret: beside('NARROWS_WEBHOOK_SECRET', 'NARROWS_WEBHOOK_URL') },
    mail:
      smtp === null
        ? null
        : {
            url: smtp,
            to: beside('NARROWS_MAIL_TO', 'NARROWS_SMTP_URL')
              .split(',')
              .map((address) => address.trim()),
            from: read('NARROWS_MAIL_FROM') ?? `narrows@${hostname()}`,
          },
    publicUrl: url('NARROWS_PUBLIC_URL', /^https?:/, 'write https://host')?.replace(/\/+$/, '') ?? null,
  };
}

function parseWebAddress(text: string | null): string | null {
  if (text === null || (/^https?:\/\//.test(text) && URL.canParse(text))) return text?.replace(/\/+$/, '') ?? null;
  throw new NarrowsError('environment-invalid', 'NARROWS_TEMPORAL_UI_URL is no web address', {
    path: 'NARROWS_TEMPORAL_UI_URL',
    fix: 'write http://host:8233, as a browser reaches it',
  });
}

/** For servers and tools that are not ours: enough to run, and nothing that changes what they do or that they should not know. */
export function selectExternalVariables(variables: Variables = process.env): Record<string, string> {
  const kept = selectMatching(variables, /^(PATH|HOME|TMPDIR|XDG_.*|.*_proxy|.*_PROXY|SSL_CERT_.*|PIP_.*|PYENV_.*)$/);
  return { ...kept, LANG: 'C', LC_ALL: 'C' };
}

function selectMatching(variables: Variables, names: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined && names.test(entry[0])),
  );
}

/** For narrows' own processes: everything that this one has, with the addresses they are to use. */
export function buildChildVariables(
  addresses: { readonly databaseUrl: string; readonly temporal: string; readonly namespace: string; readonly home: string },
  variables: Variables = process.env,
): Variables {
  const others = Object.entries(variables).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(others),
    NARROWS_HOME: addresses.home,
    NARROWS_DATABASE_URL: addresses.databaseUrl,
    TEMPORAL_ADDRESS: addresses.temporal,
    TEMPORAL_NAMESPACE: addresses.namespace,
  };
}

/** Sets variables for the processes that this one starts from now on. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

/** NARROWS_DEBUG: errors are shown with their stack traces. */
export function readDebug(variables: Variables = process.env): boolean {
  return optional.parse(variables.NARROWS_DEBUG) !== null;
}
