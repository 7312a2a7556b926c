/** Serves the HTTP API for bench/queries.ts: prints its port, ends with standard input. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { openDatabase } from '../../db/client.ts';
import { createReader } from './reader.ts';

const [url = '', connections = '8'] = process.argv.slice(2);
const { app } = createReader(await openDatabase(url, { max: Number(connections) }));
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (at: AddressInfo) => console.log(at.port));
process.stdin.on('end', () => {
  server.close();
  process.exit(0);
});
process.stdin.resume();
