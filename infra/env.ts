/** The only reader of process.env: other modules receive its values as arguments. */
import { statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseConnectionUrl, withVariables } from '../db/connection-url.ts';
import type { ObjectStoreSettings } from '../db/objects/store.ts';
import { NarrowsError } from '../errors.ts';
import { type BuildName, chooseBuild, runnableBuilds } from '../models/engines/kernel/loader.ts';
import { readDuration } from '../text/duration.ts';
import { parseBlobLocation, readObjectStore } from './blob-settings.ts';
import { LOG_FORMATS, type LogFormat } from './log-formats.ts';
import type { OperatingAddress } from './operating-port.ts';
import { LOOPBACK } from './processes/ports.ts';
import { registerSecret } from './redaction.ts';
import { readSecret, readSecretFile } from './secrets.ts';
import { VERSIONINGS, type Versioning } from './worker/role.ts';

export interface Environment {
  /** Private folder of the embedded servers: data, caches, logs, state. Absolute. */
  readonly home: string;
  /** True where the home folder is in a folder above the working directory. */
  readonly isHomeAbove: boolean;
  /** Caches shared by all projects of this user. Absolute. */
  readonly userCache: string;
  /** URL of an external Postgres; null = embedded. */
  readonly databaseUrl: string | null;
  /** URL of the same server without a pooler, where `databaseUrl` leads to one; else null. */
  readonly directDatabaseUrl: string | null;
  /** True where any of Temporal's own variables names a server, instead of the embedded one. */
  readonly externalTemporal: boolean;
  /** Variables of Temporal's own configuration. */
  readonly temporalVariables: Readonly<Record<string, string>>;
  /** URL of an external Temporal's web UI, as a browser reaches it. */
  readonly temporalUrl: string | null;
  /** Temporal CLI that is used before any other. */
  readonly temporalCli: string | null;
  /** Absolute directories of PATH, in order: others depend on where a command is called. */
  readonly path: readonly string[];
  /** True without colours and animated output: NO_COLOR or CI. */
  readonly noColor: boolean;
  readonly ci: boolean;
}

/** Temporal's own variables that name a server, as an API key does; a namespace alone does not. */
const TEMPORAL_POINTERS = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as not set. */
const read = (variables: Variables, name: string): string | null => variables[name] || null;

/** `reader`: readSecret where the URL may hold a secret, which is then kept out of logs. */
function readUrl(
  reader: typeof read,
  variables: Variables,
  name: string,
  schemes: RegExp,
  { kind, fix }: { readonly kind: string; readonly fix: string },
): string | null {
  const url = reader(variables, name);
  if (url === null || (schemes.test(url) && URL.canParse(url))) return url;
  throw new NarrowsError('environment-invalid', `${name} is not a valid ${kind}`, { path: name, fix });
}

/** Reads the URL with what libpq's own variables add to it. */
function readDatabaseUrl(variables: Variables, name: string): string | null {
  const url = readSecret(variables, name);
  if (url === null) return null;
  try {
    const completed = withVariables(url, variables);
    registerSecret(parseConnectionUrl(completed).password ?? '');
    return completed;
  } catch (error) {
    if (!(error instanceof NarrowsError)) throw error;
    throw new NarrowsError('environment-invalid', `${name} is not a valid Postgres URL`, {
      path: name,
      fix: 'write postgres://user:password@host:5432/database',
    });
  }
}

const withoutFinalSlash = (url: string | null): string | null => url?.replace(/\/+$/, '') ?? null;

/** Throws NarrowsError `environment-invalid`, without the value, which may hold a password. */
export function readEnvironment(variables: Variables = process.env, cwd: string = process.cwd()): Environment {
  const one = (name: string) => read(variables, name);
  const home = one('NARROWS_HOME') === null ? findHome(cwd) : resolve(cwd, one('NARROWS_HOME') ?? '');
  const apiKey = readSecret(variables, 'TEMPORAL_API_KEY');
  const temporalUi = { kind: 'web address', fix: 'write http://host:8233, as a browser reaches it' };
  return {
    databaseUrl: readDatabaseUrl(variables, 'NARROWS_DATABASE_URL'),
    directDatabaseUrl: readDatabaseUrl(variables, 'NARROWS_DATABASE_DIRECT_URL'),
    home,
    isHomeAbove: one('NARROWS_HOME') === null && dirname(home) !== resolve(cwd),
    userCache: join(findCacheHome(one('XDG_CACHE_HOME')), 'narrows'),
    externalTemporal: apiKey !== null || TEMPORAL_POINTERS.some((name) => one(name) !== null),
    temporalVariables: {
      ...selectMatching(variables, /^(TEMPORAL_(?!API_KEY).*|HOME|XDG_CONFIG_HOME)$/),
      ...(apiKey !== null && { TEMPORAL_API_KEY: apiKey }),
    },
    temporalUrl: withoutFinalSlash(readUrl(read, variables, 'NARROWS_TEMPORAL_UI_URL', /^https?:\/\//, temporalUi)),
    temporalCli: one('NARROWS_TEMPORAL_CLI'),
    path: (variables.PATH ?? '').split(':').filter(isAbsolute),
    noColor: one('NO_COLOR') !== null || one('CI') !== null,
    ci: one('CI') !== null,
  };
}

/** A relative folder would be in the project; the XDG specification has it ignored. */
const findCacheHome = (named: string | null): string => (named !== null && isAbsolute(named) ? named : join(homedir(), '.cache'));

/**
 * Returns the home folder of the project that contains this folder, as git finds a repository; one
 * in this folder where none does. A user's home directory is not a project of what is below it.
 */
function findHome(cwd: string): string {
  const own = resolve(cwd, '.narrows');
  for (let folder = resolve(cwd); dirname(folder) !== folder; folder = dirname(folder)) {
    const isHere = dirname(own) === folder;
    if (!isHere && folder === homedir()) break;
    if (isTrusted(join(folder, '.narrows'), isHere ? null : folder)) return join(folder, '.narrows');
  }
  return own;
}

/** Whether a home folder exists that is this user's, and that nobody else could have put there. */
function isTrusted(home: string, parent: string | null): boolean {
  try {
    const found = statSync(home);
    const isShared = parent !== null && (statSync(parent).mode & 0o002) !== 0;
    return found.isDirectory() && found.uid === process.getuid?.() && !isShared;
  } catch {
    return false;
  }
}

/** Returns a note that the project of a folder above is used; null where it is that of this one. */
export const describeHome = ({ home, isHomeAbove }: Environment): string | null =>
  isHomeAbove ? `using the project in ${dirname(home)}; NARROWS_HOME=.narrows makes one of this folder` : null;

/** Channels for notifications of retrainings: secrets, held only by the worker that sends them. */
export interface NotificationSettings {
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly mail: { readonly url: string; readonly from: string; readonly to: readonly string[] } | null;
  /** URL of the dashboards for links, without a final slash. */
  readonly publicUrl: string | null;
}

/** Throws NarrowsError `environment-invalid`, without the values. */
export function readNotificationSettings(variables: Variables = process.env): NotificationSettings {
  const url = (reader: typeof read, name: string, schemes: RegExp, fix: string) =>
    readUrl(reader, variables, name, schemes, { kind: 'URL', fix });
  const required = (reader: typeof read, name: string, other: string) => {
    const value = reader(variables, name);
    if (value !== null) return value;
    throw new NarrowsError('environment-invalid', `${other} is set, and ${name} is not`, {
      path: name,
      fix: `set ${name} as well`,
    });
  };
  const webhook = url(readSecret, 'NARROWS_WEBHOOK_URL', /^https?:/, 'write https://host/path');
  const smtp = url(readSecret, 'NARROWS_SMTP_URL', /^smtps?:/, 'write smtp://user:password@host:587, or smtps://');
  return {
    webhook:
      webhook === null ? null : { url: webhook, secret: required(readSecret, 'NARROWS_WEBHOOK_SECRET', 'NARROWS_WEBHOOK_URL') },
    mail:
      smtp === null
        ? null
        : {
            url: smtp,
            to: required(read, 'NARROWS_MAIL_TO', 'NARROWS_SMTP_URL')
              .split(',')
              .map((address) => address.trim()),
            from: read(variables, 'NARROWS_MAIL_FROM') ?? `narrows@${hostname()}`,
          },
    publicUrl: withoutFinalSlash(url(read, 'NARROWS_PUBLIC_URL', /^https?:/, 'write https://host')),
  };
}

/** Returns the hosts of URL sources that may be inside a network; `*`: all but link-local ones. */
export const readPrivateSources = (variables: Variables = process.env): readonly string[] =>
  (read(variables, 'NARROWS_ALLOW_PRIVATE_SOURCES') ?? '')
    .split(/[\s,]+/)
    .filter((host) => host !== '')
    .map((host) => host.toLowerCase());

/**
 * Returns how workflows follow new builds of the workers; null: workers are not versioned. Throws
 * NarrowsError `environment-invalid`.
 */
export function readVersioning(variables: Variables = process.env): Versioning | null {
  const name = 'NARROWS_DEPLOYMENT';
  const text = read(variables, name);
  const found = VERSIONINGS.find((versioning) => versioning === text);
  if (text === null || found !== undefined) return found ?? null;
  throw new NarrowsError('environment-invalid', `${name} is not a valid kind of worker versioning: ${text}`, {
    path: name,
    fix: `set it to ${VERSIONINGS.join(' or ')}, or unset it`,
  });
}

/**
 * Returns the first administrator's token: that of the file which an option names, else of the
 * environment; null: none. Throws NarrowsError `environment-invalid`.
 */
export const readAdminToken = (file: string | undefined, variables: Variables = process.env): string | null =>
  file === undefined ? readSecret(variables, 'NARROWS_ADMIN_TOKEN') : readSecretFile(file, '--admin-token-file');

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** Settings of traces that OpenTelemetry's exporter does not read from its variables itself. */
export interface TracingSettings {
  readonly sampler: { readonly name: SamplerName; readonly ratio: number };
}

/**
 * Returns how this process traces; null: not at all, as no collector is named, or traces are
 * switched off. Throws NarrowsError `environment-invalid`.
 */
export function readTracing(variables: Variables = process.env): TracingSettings | null {
  const one = (name: string) => read(variables, name);
  const endpoint = one('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? one('OTEL_EXPORTER_OTLP_ENDPOINT');
  const isOff = one('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || one('OTEL_TRACES_EXPORTER') === 'none';
  if (endpoint === null || isOff) return null;
  const invalid = (name: string, kind: string, fix: string) =>
    new NarrowsError('environment-invalid', `${name} is not a valid ${kind}`, { path: name, fix });
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    throw invalid(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'web address',
      'write http://collector:4318, where traces are received over HTTP',
    );
  const name = SAMPLERS.find((sampler) => sampler === (one('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'));
  if (name === undefined) throw invalid('OTEL_TRACES_SAMPLER', 'sampler', `use ${SAMPLERS.join(', ')}`);
  const ratio = Number(one('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (!(ratio >= 0 && ratio <= 1)) throw invalid('OTEL_TRACES_SAMPLER_ARG', 'share', 'write a number from 0 to 1');
  return { sampler: { name, ratio } };
}

/** Purpose of a port apart from the API's, as options, variables and codes of errors name it. */
type Operating = 'health' | 'metrics';

const ANSWERED: Readonly<Record<Operating, string>> = { health: 'probes are', metrics: 'metrics are' };

/**
 * Returns where this process answers probes, or scrapes of its metrics, as the options of its
 * command say, else the environment; null: nowhere. Throws NarrowsError `environment-invalid`,
 * `health-port-missing`, `metrics-port-missing`.
 */
export function readOperatingAddress(
  purpose: Operating,
  { port, host }: { readonly port?: number | undefined; readonly host?: string | undefined },
  variables: Variables = process.env,
): OperatingAddress | null {
  const prefix = `NARROWS_${purpose.toUpperCase()}`;
  const chosenPort = port ?? readPort(variables, `${prefix}_PORT`);
  const chosenHost = host ?? read(variables, `${prefix}_HOST`);
  if (chosenPort !== null) return { port: chosenPort, host: chosenHost ?? LOOPBACK };
  if (chosenHost === null) return null;
  throw new NarrowsError(
    `${purpose}-port-missing`,
    `${ANSWERED[purpose]} to be answered on ${chosenHost}, and no port is named`,
    { path: `--${purpose}-port`, fix: `name it with --${purpose}-port or ${prefix}_PORT, or leave the host out` },
  );
}

/**
 * Returns the seconds in which a stopping worker hands its work back, as the option of its command
 * says, else the environment; null: neither. Throws NarrowsError `environment-invalid`,
 * `grace-too-short`.
 */
export function readGracePeriod(option: number | undefined, variables: Variables = process.env): number | null {
  const seconds = option ?? readSeconds(variables, 'NARROWS_GRACE_PERIOD');
  if (seconds !== 0) return seconds;
  throw new NarrowsError('grace-too-short', 'a worker cannot hand its work back in no time', {
    path: option === undefined ? 'NARROWS_GRACE_PERIOD' : '--grace',
    fix: 'give it 1s or more; 15s is the default',
  });
}

/**
 * Returns the seconds for which a stopping server goes on serving. Throws NarrowsError
 * `environment-invalid`.
 */
export const readDrainPeriod = (variables: Variables = process.env): number =>
  readSeconds(variables, 'NARROWS_DRAIN_PERIOD') ?? 0;

function readSeconds(variables: Variables, name: string): number | null {
  const text = read(variables, name);
  const seconds = text === null ? null : readDuration(text);
  if (text === null || seconds !== null) return seconds;
  throw new NarrowsError('environment-invalid', `${name} is not a valid duration: ${text}`, {
    path: name,
    fix: 'write one such as 30s or 2m',
  });
}

/**
 * Returns how a long-running process logs: as NARROWS_LOG_FORMAT says, else text on a terminal and
 * JSON lines elsewhere. Throws NarrowsError `environment-invalid`.
 */
export function readLogFormat(variables: Variables = process.env, isTerminal = process.stderr.isTTY === true): LogFormat {
  const text = read(variables, 'NARROWS_LOG_FORMAT');
  if (text === null) return isTerminal ? 'text' : 'json';
  const format = LOG_FORMATS.find((one) => one === text);
  if (format !== undefined) return format;
  throw new NarrowsError('environment-invalid', `NARROWS_LOG_FORMAT is not a valid format of logs: ${text}`, {
    path: 'NARROWS_LOG_FORMAT',
    fix: `set it to ${LOG_FORMATS.join(' or ')}, or unset it`,
  });
}

/**
 * Returns the number of training threads, as the option of a command says, else the environment;
 * null: neither. Throws NarrowsError `environment-invalid`.
 */
export function readThreads(option: number | undefined, variables: Variables = process.env): number | null {
  const text = read(variables, 'NARROWS_THREADS');
  if (option !== undefined || text === null) return option ?? null;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new NarrowsError('environment-invalid', `NARROWS_THREADS is not a valid number of threads: ${text}`, {
    path: 'NARROWS_THREADS',
    fix: 'write a whole number of at least 1, or leave it out for one thread per processor',
  });
}

function readPort(variables: Variables, name: string): number | null {
  const text = read(variables, name);
  if (text === null) return null;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new NarrowsError('environment-invalid', `${name} is not a valid port: ${text}`, {
    path: name,
    fix: 'write a number from 0 to 65535; 0 is any free port',
  });
}

/** Size of the cache of blobs where the environment sets none. */
const CACHE_BYTES = 10 * 2 ** 30;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/**
 * Returns the bytes that the cache of blobs may take on this machine; 0: none is kept. Throws
 * NarrowsError `environment-invalid`.
 */
export function readCacheLimit(variables: Variables = process.env): number {
  const name = 'NARROWS_CACHE_LIMIT';
  const text = read(variables, name);
  if (text === null) return CACHE_BYTES;
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmg]i?b)?$/i.exec(text) ?? [];
  if (count !== undefined) return Math.floor(Number(count) * (BYTES_PER_UNIT[unit.toUpperCase()] ?? 1));
  throw new NarrowsError('environment-invalid', `${name} is not a valid size: ${text}`, {
    path: name,
    fix: 'write a number of bytes, or one such as 500MB or 20GiB; 0 keeps no copies',
  });
}

/**
 * Returns the object store of the blobs: of the location, else of that in NARROWS_BLOBS; null: they
 * are in Postgres. Throws NarrowsError `environment-invalid`, without secrets.
 */
export function readBlobSettings(location?: string, variables: Variables = process.env): ObjectStoreSettings | null {
  const named = location ?? parseBlobLocation(variables.NARROWS_BLOBS);
  return named === null ? null : readObjectStore(named, variables);
}

/**
 * Returns the build of the kernel to train with: that of NARROWS_KERNEL, else the fastest that this
 * machine runs. Throws NarrowsError `environment-invalid`.
 */
export function readKernelBuild(variables: Variables = process.env): BuildName {
  const name = 'NARROWS_KERNEL';
  const text = read(variables, name);
  if (text === null) return chooseBuild();
  const builds = runnableBuilds();
  const named = builds.find((build) => build === text);
  if (named !== undefined) return named;
  throw new NarrowsError('environment-invalid', `${name} is not a valid build of the kernel on this machine: ${text}`, {
    path: name,
    fix: `use ${builds.join(', ')}, or leave it out for the fastest`,
  });
}

/** Returns the variables that external programs need, without secrets and settings. */
export function selectExternalVariables(variables: Variables = process.env): Record<string, string> {
  const selected = selectMatching(variables, /^(PATH|HOME|TMPDIR|XDG_.*|.*_proxy|.*_PROXY|SSL_CERT_.*|PIP_.*|PYENV_.*)$/);
  return { ...selected, LANG: 'C', LC_ALL: 'C' };
}

function selectMatching(variables: Variables, names: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined && names.test(entry[0])),
  );
}

/** Returns this process' variables for the project's own processes, with the given addresses. */
export function buildChildVariables(
  addresses: { readonly databaseUrl: string; readonly temporal: string; readonly namespace: string; readonly home: string },
  variables: Variables = process.env,
): Variables {
  // libpq's variables are about other servers.
  const others = Object.entries(variables).filter(([name]) => !/^(TEMPORAL_|PG[A-Z]|NARROWS_DATABASE_)/.test(name));
  return {
    ...Object.fromEntries(others),
    NARROWS_HOME: addresses.home,
    NARROWS_DATABASE_URL: addresses.databaseUrl,
    TEMPORAL_ADDRESS: addresses.temporal,
    TEMPORAL_NAMESPACE: addresses.namespace,
  };
}

/** Sets variables for processes that this one starts later. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

/** Returns whether NARROWS_DEBUG asks for stack traces of errors. */
export const readDebug = (variables: Variables = process.env): boolean => read(variables, 'NARROWS_DEBUG') !== null;
