/** The thread of new-rows.ts: one comparison. */
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf, findNewRows, type MovedRows, type NewRowsAnswer } from './new-rows.ts';

const moved = workerData as MovedRows;
const answer: NewRowsAnswer = { ...moved, ...(await findNewRows(moved.known, moved.own)) };
parentPort?.postMessage(answer, buffersOf(moved));
