/** Settings of the driver for a database's URL. Nothing is left to variables of the process. */
import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, type ConnectionOptions as TlsOptions } from 'node:tls';
import { connectionUrlError, parseConnectionUrl } from './connection-url.ts';
import { findPassword } from './passfile.ts';

type Parameters = Readonly<Record<string, string>>;

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const SESSIONS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;

/** Parameters of libpq that the driver has no use for, or that say what it does anyway. */
const IGNORED = [
  ...['channel_binding', 'client_encoding', 'fallback_application_name', 'gssdelegation', 'gsslib'],
  ...['keepalives_interval', 'keepalives_count', 'tcp_user_timeout', 'load_balance_hosts', 'krbsrvname', 'sslcompression'],
  ...['sslcertmode', 'sslsni', 'sslcrl', 'sslcrldir', 'passfile', 'requiressl', 'ssl_max_protocol_version'],
] as const;

/** Parameters that ask for what the driver cannot do. */
const UNSUPPORTED: Readonly<Record<string, RegExp>> = {
  service: /./,
  servicefile: /./,
  replication: /^(1|on|yes|true|database)$/,
  gssencmode: /^require$/,
  require_auth: /./,
  requirepeer: /./,
};

/** Options of the driver that narrows sets itself. */
const OWN = ['max', 'backoff', 'debug', 'fetch_types', 'publications', 'keep_alive', 'timeout'] as const;

const DRIVER_NUMBERS = ['idle_timeout', 'max_lifetime', 'max_pipeline'] as const;

/** Options of one value for each that the driver would else read from a variable such as PGSSL. */
export function driverOptions(url: string, connectSeconds: number) {
  const { hosts, user, password, database, parameters } = parseConnectionUrl(url);
  const name = user ?? userInfo().username;
  const {
    connect_timeout,
    target_session_attrs,
    keepalives,
    keepalives_idle,
    prepare,
    host: certificateName,
    ...others
  } = parameters;
  for (const [parameter, values] of Object.entries(UNSUPPORTED)) {
    if (values.test(others[parameter] ?? '')) throw unsupportedError(parameter);
  }
  const socket = hosts.find(({ host }) => host.startsWith('/'));
  const [{ host = '', port = 0 } = {}] = hosts;
  const login = { host: certificateName ?? host, port, database: database ?? name, user: name };
  const session = oneOf('target_session_attrs', target_session_attrs ?? 'any', SESSIONS);
  return {
    host: hosts.map(({ host }) => host),
    port: hosts.map(({ port }) => port),
    ...(socket && { path: `${socket.host}/.s.PGSQL.${socket.port}` }),
    user: name,
    password: password ?? findPassword(others.passfile ?? join(homedir(), '.pgpass'), login) ?? '',
    database: login.database,
    ssl: socket ? false : sslOf(others, certificateName ?? (hosts.length === 1 ? hosts[0]?.host : undefined)),
    sslnegotiation: others.sslnegotiation === 'direct' ? 'direct' : null,
    idle_timeout: null,
    max_lifetime: () => 60 * (30 + Math.random() * 30),
    max_pipeline: 100,
    keep_alive: keepalives === '0' ? null : numberOf('keepalives_idle', keepalives_idle ?? '60'),
    prepare: prepare !== 'false',
    publications: 'alltables',
    ...Object.fromEntries(
      DRIVER_NUMBERS.flatMap((key) => (others[key] === undefined ? [] : [[key, numberOf(key, others[key])]])),
    ),
    connect_timeout: connect_timeout === undefined ? connectSeconds : numberOf('connect_timeout', connect_timeout),
    target_session_attrs: session === 'any' ? undefined : session,
    connection: { application_name: 'narrows', ...serverSettings(others) },
  };
}

/** Returns the parameters that are settings of the session, such as `options`. */
function serverSettings(parameters: Parameters): Parameters {
  const known = new Set<string>([...IGNORED, ...OWN, ...DRIVER_NUMBERS, ...Object.keys(UNSUPPORTED)]);
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !known.has(name) && !/^ssl/.test(name)));
}

/** `name`: that of the server on its certificate; absent: that by which it is reached. */
function sslOf(parameters: Parameters, name: string | undefined): false | 'prefer' | 'require' | TlsOptions {
  const { sslrootcert, sslcert, sslkey, sslpassword, ssl_min_protocol_version, channel_binding } = parameters;
  const hasFiles = [sslrootcert, sslcert, sslkey].some((file) => file !== undefined);
  const mode = sslMode(parameters, hasFiles || channel_binding === 'require' ? 'require' : 'disable');
  // libpq tries without encryption first under "allow"; either way both are accepted.
  if (mode === 'disable') return false;
  if (!hasFiles && (mode === 'allow' || mode === 'prefer')) return 'prefer';
  if (!hasFiles && mode === 'require') return 'require';
  const isVerified = mode.startsWith('verify') || sslrootcert !== undefined;
  return {
    rejectUnauthorized: isVerified,
    ...(sslrootcert !== undefined && sslrootcert !== 'system' && { ca: readCertificate('sslrootcert', sslrootcert) }),
    ...(sslcert !== undefined && { cert: readCertificate('sslcert', sslcert) }),
    ...(sslkey !== undefined && { key: readCertificate('sslkey', sslkey) }),
    ...(sslpassword !== undefined && { passphrase: sslpassword }),
    ...(ssl_min_protocol_version !== undefined && { minVersion: ssl_min_protocol_version as 'TLSv1.2' }),
    ...(mode === 'verify-full' || sslrootcert === 'system'
      ? // Node would check the certificate of a server that is reached by its address for "localhost".
        name !== undefined && { checkServerIdentity: (_: string, certificate) => checkServerIdentity(name, certificate) }
      : { checkServerIdentity: () => undefined }),
  };
}

/** Reads `sslmode`, or `ssl` as the driver and PGSSL have it. */
function sslMode({ sslmode, ssl, sslrootcert }: Parameters, preset: SslMode): SslMode {
  if (sslmode !== undefined) return oneOf('sslmode', sslmode, SSL_MODES);
  if (ssl === undefined) return sslrootcert === 'system' ? 'verify-full' : preset;
  if (['true', '1', 'on', 'yes'].includes(ssl)) return 'require';
  if (['false', '0', 'off', 'no'].includes(ssl)) return 'disable';
  return oneOf('ssl', ssl, SSL_MODES);
}

function readCertificate(parameter: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw connectionUrlError(`the file ${file} of ${parameter} cannot be read (${code})`, 'name a file that exists');
  }
}

function oneOf<T extends string>(parameter: string, value: string, values: readonly T[]): T {
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw connectionUrlError(`"${value}" is not a valid ${parameter} of a database URL`, `use ${values.join(', ')}`);
}

function numberOf(parameter: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw connectionUrlError(`"${value}" is not a valid ${parameter} of a database URL`, 'use a number of seconds');
}

function unsupportedError(parameter: string) {
  return connectionUrlError(
    `the database URL asks for ${parameter}, which narrows does not support`,
    `leave ${parameter} out, and name host, user and database in the URL`,
  );
}
