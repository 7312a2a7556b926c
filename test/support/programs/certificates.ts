/** Certificates for tests, by the openssl of the machine. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reason to skip tests that need certificates; false where none is needed. */
export const withoutOpenssl: string | false =
  spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed (apt-get install openssl)';

function openssl(folder: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

export interface Authority {
  /** File of its certificate. */
  readonly certificate: string;
  /** Issues a certificate; `names`: its alternative names, such as DNS:host. */
  issue(name: string, names?: readonly string[]): { readonly certificate: string; readonly key: string };
  /** Writes a list in which the certificate is revoked; returns its file. */
  revoke(certificate: string): string;
}

/** Creates an authority, whose files are in `folder`. */
export function createAuthority(folder: string, name: string): Authority {
  const fileOf = (file: string) => join(folder, file);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const [certificate, key] = [fileOf(`${name}.crt`), fileOf(`${name}.key`)];
  openssl(folder, ['req', '-x509', ...newKey, '-keyout', key, '-out', certificate, '-subj', `/CN=${name}`, '-days', '2']);
  return {
    certificate,
    issue(subject, names = []) {
      const issued = { certificate: fileOf(`${subject}.crt`), key: fileOf(`${subject}.key`) };
      const request = fileOf(`${subject}.csr`);
      const extensions = fileOf(`${subject}.ext`);
      // Without an extension it would be of X.509's version 1, which Temporal's SDK refuses.
      const others = names.length === 0 ? [] : [`subjectAltName = ${names.join(', ')}`];
      writeFileSync(extensions, ['basicConstraints = CA:FALSE', ...others, ''].join('\n'));
      openssl(folder, ['req', ...newKey, '-keyout', issued.key, '-out', request, '-subj', `/CN=${subject}`]);
      const signer = ['-CA', certificate, '-CAkey', key, '-CAcreateserial'];
      openssl(folder, [
        'x509',
        '-req',
        '-in',
        request,
        ...signer,
        '-out',
        issued.certificate,
        '-days',
        '2',
        '-extfile',
        extensions,
      ]);
      return issued;
    },
    revoke(revoked) {
      const [settings, index, list] = [fileOf(`${name}.cnf`), fileOf(`${name}.index`), fileOf(`${name}.crl`)];
      writeFileSync(index, '');
      writeFileSync(settings, `[ca]\ndefault_ca = own\n[own]\ndatabase = ${index}\ndefault_md = sha256\ndefault_crl_days = 2\n`);
      const signer = ['ca', '-config', settings, '-cert', certificate, '-keyfile', key];
      openssl(folder, [...signer, '-revoke', revoked]);
      openssl(folder, [...signer, '-gencrl', '-out', list]);
      return list;
    },
  };
}
