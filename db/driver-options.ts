/** Settings of the driver for a database's URL. Nothing is left to variables of the process. */
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connectionUrlError, parseConnectionUrl } from './connection-url.ts';
import { findPassword } from './passfile.ts';
import { oneOf, tlsOptions } from './tls.ts';

type Parameters = Readonly<Record<string, string>>;

const SESSIONS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;

/** Parameters of libpq that the driver has no use for, or that say what it does anyway. */
const IGNORED = [
  ...['channel_binding', 'client_encoding', 'fallback_application_name', 'gssdelegation', 'gsslib'],
  ...['keepalives_interval', 'keepalives_count', 'tcp_user_timeout', 'load_balance_hosts', 'krbsrvname', 'sslcompression'],
  ...['sslcertmode', 'sslsni', 'passfile', 'requiressl'],
] as const;

/** Parameters that ask for what the driver cannot do. */
const UNSUPPORTED: Readonly<Record<string, RegExp>> = {
  service: /./,
  servicefile: /./,
  replication: /^(1|on|yes|true|database)$/,
  gssencmode: /^require$/,
  require_auth: /./,
  requirepeer: /./,
  sslcrldir: /./,
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
    ssl: socket ? false : tlsOptions(others, certificateName === undefined ? hosts.map(({ host }) => host) : [certificateName]),
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
