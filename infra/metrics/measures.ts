/** Functions that what a process is composed of calls, so that it is measured. */
import type { MeasuredResponse } from '../../dashboards/server/middleware/measure.ts';
import type { Metrics } from './metrics.ts';

type Recorder = Pick<Metrics, 'add' | 'observe'>;

/** Measures of what every process does. */
export const processMeasures = (metrics: Recorder) => ({
  onResult: (seconds: number) => metrics.observe('narrows_database_statement_seconds', {}, seconds),
  onBoxEnd: (outcome: string) => metrics.add('narrows_boxes_total', { outcome }, 1),
});

export const serverMeasures = (metrics: Recorder) => ({
  ...processMeasures(metrics),
  onResponse({ method, route, status, seconds }: MeasuredResponse): void {
    const labels = { method, route, status: `${Math.floor(status / 100)}xx` };
    metrics.observe('narrows_http_request_seconds', labels, seconds);
  },
});
