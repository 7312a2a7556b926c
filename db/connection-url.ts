/** URLs of databases as libpq reads them: several hosts, sockets, parameters and variables. */
import { NarrowsError } from '../errors.ts';

/** A URL in its parts. Text is decoded; `null` is what the URL leaves to the defaults. */
export interface ConnectionUrl {
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  /** In order of preference; a host that starts with '/' is the folder of a socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Other parameters by libpq's name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 5432;

/** libpq's variables that give a parameter where the URL does not; PGSSL is the driver's. */
const PARAMETERS_BY_VARIABLE: Readonly<Record<string, string>> = {
  PGHOST: 'host',
  PGHOSTADDR: 'hostaddr',
  PGPORT: 'port',
  PGDATABASE: 'dbname',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGPASSFILE: 'passfile',
  PGSSLMODE: 'sslmode',
  PGSSL: 'ssl',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGSSLCRL: 'sslcrl',
  PGSSLCRLDIR: 'sslcrldir',
  PGSSLMINPROTOCOLVERSION: 'ssl_min_protocol_version',
  PGSSLMAXPROTOCOLVERSION: 'ssl_max_protocol_version',
  PGSSLNEGOTIATION: 'sslnegotiation',
  PGCHANNELBINDING: 'channel_binding',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGOPTIONS: 'options',
};

export function connectionUrlError(message: string, fix: string): NarrowsError {
  return new NarrowsError('database-url-invalid', message, { path: 'NARROWS_DATABASE_URL', fix });
}

const unreadableError = (): NarrowsError =>
  // Without the URL, which may hold a password.
  connectionUrlError(
    'the database URL cannot be read',
    'write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters percent-encoded',
  );

/**
 * Parses postgres://user:password@host:port,host:port/database?parameter=value. Throws NarrowsError
 * `database-url-invalid`, without the URL.
 */
export function parseConnectionUrl(url: string): ConnectionUrl {
  const [, authority, path = '', query = ''] = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url) ?? [];
  if (authority === undefined) throw unreadableError();
  const at = authority.lastIndexOf('@');
  const [user = '', password] = at < 0 ? [] : splitOnce(authority.slice(0, at), ':');
  const { host, hostaddr, port, dbname, user: ownUser, password: ownPassword, ...parameters } = parseQuery(query);
  const given = parseHosts(authority.slice(at + 1));
  return {
    user: ownUser ?? (decode(user) || null),
    password: ownPassword ?? (password === undefined ? null : decode(password)),
    database: dbname ?? (decode(path) || null),
    hosts: combine(
      (hostaddr ?? host)?.split(',') ?? given.map((one) => one.host),
      port?.split(',') ?? given.map((one) => one.port),
    ),
    // The name on the certificate of a server that is reached by its address.
    parameters: { ...parameters, ...(hostaddr !== undefined && host !== undefined && { host }) },
  };
}

/** Splits at the first separator; the second part is absent where there is none. */
function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadableError();
  }
}

function parseQuery(query: string): Record<string, string> {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name, value] = splitOnce(pair, '=');
      if (value === undefined) throw unreadableError();
      return [decode(name), decode(value)];
    }),
  );
}

/** Parses 'host:port,[::1],host'; parts that are empty are left to the defaults. */
function parseHosts(text: string): { host: string; port: string }[] {
  return text.split(',').map((part) => {
    const [, bracketed, plain = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(part) ?? [];
    if (bracketed === undefined && part !== '' && plain === '' && !part.startsWith(':')) throw unreadableError();
    return { host: decode(bracketed ?? plain), port };
  });
}

/** Pairs hosts with their ports; one port counts for every host. */
function combine(hosts: readonly string[], ports: readonly string[]): ConnectionUrl['hosts'] {
  return hosts.map((host, i) => {
    const port = ports[i] ?? ports[0] ?? '';
    if (!/^\d{0,5}$/.test(port) || Number(port) > 65_535) throw unreadableError();
    return { host: host || DEFAULT_HOST, port: Number(port) || DEFAULT_PORT };
  });
}

/** Returns the URL with the parameters that libpq's variables give and the URL does not. */
export function withVariables(url: string, variables: Readonly<Record<string, string | undefined>>): string {
  const { user, password, database, parameters } = parseConnectionUrl(url);
  const [base, query = ''] = splitOnce(url, '?');
  const [, hosts = ''] = /^\w+:\/\/(?:[^/]*@|(?=[^@]*$))([^/]*)/.exec(base) ?? [];
  const hasHost = hosts !== '' || /(^|&)host(addr)?=/.test(query);
  const known = {
    ...parameters,
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(database !== null && { dbname: database }),
    ...(hasHost && { host: '', hostaddr: '', port: '' }),
  };
  const added = Object.entries(PARAMETERS_BY_VARIABLE).flatMap(([variable, name]) => {
    const value = variables[variable];
    return value && !(name in known) ? [`${name}=${encodeURIComponent(value)}`] : [];
  });
  if (added.length === 0) return url;
  return `${base}?${[...(query === '' ? [] : [query]), ...added].join('&')}`;
}

/** Returns 'host:port/database', safe to print, of a URL that may be malformed. */
export function redactAddress(url: string): string {
  try {
    const { hosts, database } = parseConnectionUrl(url);
    return `${hosts.map(formatHost).join(',')}${database === null ? '' : `/${database}`}`;
  } catch {
    const address = url.slice(url.lastIndexOf('@') + 1).replace(/^\w+:\/\//, '');
    const [, host = '', database = ''] = /^([^/?#]*)(\/[^?#]*)?/.exec(address) ?? [];
    return `${host}${/:\d+$/.test(host) ? '' : ':5432'}${database}`;
  }
}

/** Returns 'postgres://user@host:port/database', without password and parameters. */
export function redactUrl(url: string): string {
  const { user } = parseConnectionUrl(url);
  return `postgres://${user === null ? '' : `${encodeURIComponent(user)}@`}${redactAddress(url)}`;
}

const formatHost = ({ host, port }: ConnectionUrl['hosts'][number]): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
