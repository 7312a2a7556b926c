/**
 * Downloads a version of the Temporal CLI into a folder with the SDK. Runs in its own process,
 * because the download cannot be interrupted.
 */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { freePort } from '../processes/ports.ts';

const [, , downloadDir = '', version = ''] = process.argv;

Runtime.install({ logger: new DefaultLogger('ERROR') });
const runtime = Runtime.instance();
const server = await runtime.createEphemeralServer({
  type: 'dev-server',
  exe: {
    type: 'cached-download',
    downloadDir,
    version: `v${version}`,
    ttl: 3_600_000,
    sdkName: 'sdk-typescript',
    sdkVersion: '1.24.0',
  },
  namespace: 'default',
  ip: '127.0.0.1',
  port: await freePort(),
  uiPort: null,
  dbFilename: null,
  ui: false,
  log: { format: 'pretty', level: 'never' },
  extraArgs: [],
});
// The SDK downloads only to start a server; the start proves that the binary runs here.
await runtime.shutdownEphemeralServer(server);
await runtime.shutdown();
