/** Encryption of connections as libpq's parameters ask for it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type ConnectionOptions as TlsOptions,
} from 'node:tls';
import { connectionUrlError } from './connection-url.ts';

type Parameters = Readonly<Record<string, string>>;

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const SSL_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[];

/** Returns the value if it is one of `values`. Throws NarrowsError `database-url-invalid`. */
export function oneOf<const T extends string>(parameter: string, value: string, values: readonly T[]): T {
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw connectionUrlError(`"${value}" is not a valid ${parameter} of a database URL`, `use ${values.join(', ')}`);
}

/**
 * Returns the driver's option for the parameters; `hosts`: names of the server on its certificate.
 * Files are read now, and again by connections after they have changed. Throws NarrowsError
 * `database-url-invalid`, which names the file.
 */
export function tlsOptions(parameters: Parameters, hosts: readonly string[]): false | 'prefer' | 'require' | TlsOptions {
  const mode = sslMode(parameters);
  if (mode === 'disable') return false;
  const files = findFiles(parameters, mode);
  const hasFiles = files.ca !== null || files.cert !== null || files.crl !== null;
  // libpq tries without encryption first under "allow"; either way both are accepted.
  if (!hasFiles && (mode === 'allow' || mode === 'prefer')) return 'prefer';
  if (!hasFiles && mode === 'require') return 'require';
  const context = watchContext(parameters, files);
  return {
    rejectUnauthorized: files.ca !== null || mode === 'verify-full',
    checkServerIdentity: mode === 'verify-full' ? identityCheck(hosts) : () => undefined,
    // Read by the driver for each connection.
    get secureContext() {
      return context();
    },
  };
}

/** Reads `sslmode`, or `ssl` as the driver and PGSSL have it. */
function sslMode({ sslmode, ssl, sslrootcert, sslcert, sslkey, channel_binding }: Parameters): SslMode {
  const isSystem = sslrootcert === 'system';
  const hasFiles = [sslrootcert, sslcert, sslkey].some((file) => file !== undefined);
  const preset = isSystem ? 'verify-full' : hasFiles || channel_binding === 'require' ? 'require' : 'disable';
  const mode = sslmode === undefined ? readSwitch(ssl, preset) : oneOf('sslmode', sslmode, SSL_MODES);
  if (!isSystem || mode === 'verify-full' || mode === 'disable') return mode;
  throw connectionUrlError(
    `sslmode=${mode} is too weak for sslrootcert=system: anyone can have a certificate of a public authority`,
    'use sslmode=verify-full, or name the file of your own authority in sslrootcert',
  );
}

function readSwitch(ssl: string | undefined, preset: SslMode): SslMode {
  if (ssl === undefined) return preset;
  if (['true', '1', 'on', 'yes'].includes(ssl)) return preset === 'verify-full' ? preset : 'require';
  if (['false', '0', 'off', 'no'].includes(ssl)) return 'disable';
  return oneOf('ssl', ssl, SSL_MODES);
}

interface TlsFiles {
  /** File of authorities, or `system`; null: the server's certificate is not checked. */
  readonly ca: string | null;
  readonly crl: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/**
 * Finds the files that the parameters name, and those that libpq looks for without them where
 * encryption is required.
 */
function findFiles({ sslrootcert, sslcrl, sslcert, sslkey }: Parameters, mode: SslMode): TlsFiles {
  const findPreset = (name: string) => (mode === 'allow' || mode === 'prefer' ? null : findIfPresent(presetFile(name)));
  const ca = sslrootcert ?? findPreset('root.crt');
  if (ca === null && mode === 'verify-ca') {
    throw connectionUrlError(
      'sslmode=verify-ca needs the certificate of an authority, and there is none',
      `name its file in sslrootcert, or put it at ${presetFile('root.crt')}; sslmode=verify-full alone trusts public authorities`,
    );
  }
  const cert = sslcert ?? findPreset('postgresql.crt');
  const key = cert === null ? null : (sslkey ?? findPreset('postgresql.key'));
  if (cert === null && sslkey !== undefined)
    throw connectionUrlError(`sslkey names the key ${sslkey}, and sslcert no certificate`, 'name its certificate in sslcert');
  if (cert !== null && key === null)
    throw connectionUrlError(`there is no key to the certificate ${cert}`, 'name its file in sslkey');
  return { ca, crl: sslcrl ?? null, cert, key };
}

const presetFile = (name: string): string => join(homedir(), '.postgresql', name);

const findIfPresent = (file: string): string | null => (existsSync(file) ? file : null);

/**
 * Returns a function that yields the context of the files, read again where one has changed: those
 * of short-lived certificates are replaced while a process runs.
 */
function watchContext(parameters: Parameters, files: TlsFiles): () => SecureContext {
  let [version, context] = [versionOf(files), readContext(parameters, files)];
  return () => {
    const now = versionOf(files);
    if (now === version) return context;
    try {
      [version, context] = [now, readContext(parameters, files)];
    } catch {
      // Certificate and key are replaced one after the other: the former ones serve meanwhile.
    }
    return context;
  };
}

const versionOf = (files: TlsFiles): string =>
  Object.values(files)
    .map((file: string | null) => {
      const found = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
      return found && `${found.ino}:${found.mtimeMs}`;
    })
    .join();

function readContext(parameters: Parameters, { ca, crl, cert, key }: TlsFiles): SecureContext {
  const { sslpassword: passphrase, ssl_min_protocol_version: min, ssl_max_protocol_version: max } = parameters;
  let options: SecureContextOptions = {
    ...(min !== undefined && { minVersion: oneOf('ssl_min_protocol_version', min, SSL_VERSIONS) }),
    ...(max !== undefined && { maxVersion: oneOf('ssl_max_protocol_version', max, SSL_VERSIONS) }),
    ...(ca === 'system' && { ca: [...getCACertificates('default'), ...getCACertificates('system')] }),
    ...(passphrase !== undefined && { passphrase }),
  };
  let context = createSecureContext(options);
  const add = (parameter: string, file: string, toOptions: (content: Buffer) => SecureContextOptions) => {
    options = { ...options, ...toOptions(readFile(parameter, file)) };
    try {
      context = createSecureContext(options);
    } catch (error) {
      throw unusableError(parameter, file, (error as Error).message);
    }
  };
  if (ca !== null && ca !== 'system')
    add('sslrootcert', ca, (content) => ({ ca: requireCertificate('sslrootcert', ca, content) }));
  if (crl !== null) add('sslcrl', crl, (content) => ({ crl: content }));
  if (cert !== null) add('sslcert', cert, (content) => ({ cert: requireCertificate('sslcert', cert, content) }));
  if (key !== null) {
    requirePrivate(key);
    add('sslkey', key, (content) => ({ key: content }));
  }
  return context;
}

function readFile(parameter: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw connectionUrlError(`the file ${file} of ${parameter} cannot be read (${code})`, 'name a file that exists');
  }
}

/** Node takes a file without a certificate for an empty list. */
function requireCertificate(parameter: string, file: string, content: Buffer): Buffer {
  if (content.includes('-----BEGIN ') && content.includes('CERTIFICATE-----')) return content;
  throw unusableError(parameter, file, 'it holds no certificate in PEM');
}

/** As libpq does, refuses a key that other users can read; root's may be read by its group. */
function requirePrivate(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & (found.uid === 0 ? 0o037 : 0o077)) === 0) return;
  throw connectionUrlError(`other users can read or change the key ${file} of sslkey`, `chmod 600 ${file}`);
}

const unusableError = (parameter: string, file: string, reason: string) =>
  connectionUrlError(
    `the file ${file} of ${parameter} cannot be used: ${reason}`,
    parameter === 'sslkey'
      ? 'name the key of the certificate in sslcert, as PEM; the password of an encrypted one is sslpassword'
      : 'name a file in PEM',
  );

/** Accepts the certificate of the host that was reached, which Node does not name by address. */
const identityCheck =
  (hosts: readonly string[]) =>
  (reached: string, certificate: PeerCertificate): Error | undefined => {
    const candidates = hosts.includes(reached)
      ? [reached]
      : hosts.length === 1
        ? hosts
        : hosts.filter((host) => isIP(host) !== 0);
    const errors = candidates.map((host) => checkServerIdentity(host, certificate));
    return errors.includes(undefined) ? undefined : (errors[0] ?? checkServerIdentity(reached, certificate));
  };
