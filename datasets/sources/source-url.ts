/** The URL of a source: how it is shown, and where it may lead. */
import { NarrowsError } from '../../errors.ts';

/**
 * Returns the URL as everyone may see it: without the query, which may hold a token, and without a
 * user's name and password.
 */
export function showUrl(url: string): string {
  const [base = ''] = url.split(/[?#]/, 1);
  const plain = base.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
  return url.includes('?') ? `${plain}?...` : plain;
}

/** Throws NarrowsError `url-unfit`, without the URL. */
export function requireSourceUrl(url: string): void {
  const unfit = (message: string) =>
    new NarrowsError('url-unfit', message, { path: 'url', fix: 'write https://host/archive.zip' });
  // A URL has neither; parsers read them as something else.
  const isOdd = /[\s\\\p{Cc}]/u.test(url);
  if (isOdd || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw unfit('the source is not a valid http or https URL');
  const { username, password } = new URL(url);
  if (username || password) throw unfit('the URL holds a password, which would be stored and shown');
}

/** Returns where a redirect leads. Throws an Error where it leaves the host that was named. */
export function followRedirect(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new Error('it redirects to what is not a valid URL');
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw new Error(`it redirects to the protocol ${to.protocol}`);
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === '';
  if (to.hostname !== from.hostname || (to.origin !== from.origin && !isUpgrade) || to.username || to.password)
    throw new Error(`it redirects to ${to.origin}, and only the host that was named is asked`);
  return to;
}
