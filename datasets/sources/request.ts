/** GET requests of sources, over http and https, to the host that was named and nowhere else. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { checkedLookup, hostOf, type PrivateHosts, refuseAddress } from './addresses.ts';
import { followRedirect } from './source-url.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

interface SourceRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly privateHosts: PrivateHosts;
  readonly signal: AbortSignal;
}

/** Returns the response, whose body is not read yet. Throws an Error with the reason. */
export async function requestSource(url: string, request: SourceRequest): Promise<IncomingMessage> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await get(at, request);
    const { location } = response.headers;
    if (!REDIRECTS.includes(response.statusCode) || location === undefined) return response;
    response.destroy();
    at = followRedirect(at, location);
  }
  throw new Error(`it redirects more than ${MAX_REDIRECTS} times`);
}

async function get(url: URL, { headers, privateHosts, signal }: SourceRequest): Promise<IncomingMessage> {
  const host = hostOf(url);
  // Addresses are not looked up.
  const refusal = isIP(host) ? refuseAddress(host, host, privateHosts) : null;
  if (refusal !== null) throw new Error(refusal);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  send(url, {
    headers: { 'user-agent': 'narrows', 'accept-encoding': 'identity', ...headers },
    // Without one, connections are not shared with requests whose addresses were not checked.
    agent: false,
    lookup: checkedLookup(privateHosts),
    signal,
  })
    .once('response', resolve)
    .once('error', (cause) => reject(new Error('no connection', { cause })))
    .end();
  return promise;
}
