/** The metrics of a process, and their exposition in the text format of Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { type LabelsOf, METRICS, type MetricName, type MetricScope, type NameOf } from './table.ts';

export interface Sample<Name extends MetricName> {
  readonly labels: LabelsOf<Name>;
  readonly value: number;
}

export interface Metrics {
  /** Adds to a counter, or to a gauge, where it may be negative. */
  add<Name extends NameOf<'counter' | 'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Replaces all values of a gauge. */
  replace<Name extends NameOf<'gauge'>>(name: Name, samples: readonly Sample<Name>[]): void;
  /** Calls this before each exposition, to set gauges; its errors are its own business. */
  beforeExposition(collect: () => Promise<void>): void;
  /** Adds metrics of another source, whose names begin with `temporal_`; null: none now. */
  append(read: () => Promise<string | null>): void;
}

export interface ExposedMetrics extends Metrics {
  readonly contentType: string;
  expose(): Promise<string>;
}

type Instrument = Counter<string> | Gauge<string> | Histogram<string>;

/** Creates the metrics of a process, with those of Node. */
export function createMetrics(
  scope: Exclude<MetricScope, 'all'>,
  { role, version }: LabelsOf<'narrows_build_info'>,
): ExposedMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = new Map<MetricName, Instrument>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    if (METRICS[name].scope === 'all' || METRICS[name].scope === scope) instruments.set(name, createInstrument(name, registry));
  }
  const instrument = <Kind extends Instrument>(name: MetricName): Kind => {
    const found = instruments.get(name);
    if (!found) throw new Error(`a process of the kind ${scope} has no metric ${name}`);
    return found as Kind;
  };
  const collectors: (() => Promise<void>)[] = [];
  const appended: (() => Promise<string | null>)[] = [];
  const metrics: ExposedMetrics = {
    add: (name, labels, value) => instrument<Counter<string> | Gauge<string>>(name).inc(labels, value),
    observe: (name, labels, value) => instrument<Histogram<string>>(name).observe(labels, value),
    replace(name, samples) {
      const gauge = instrument<Gauge<string>>(name);
      gauge.reset();
      // A reset gauge without labels is 0.
      if (METRICS[name].labels.length === 0) gauge.remove({});
      for (const { labels, value } of samples) gauge.set(labels, value);
    },
    beforeExposition: (collect) => void collectors.push(collect),
    append: (read) => void appended.push(read),
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    async expose() {
      const [others] = await Promise.all([
        Promise.all(appended.map((read) => read())),
        Promise.all(collectors.map((collect) => collect())),
      ]);
      return [await registry.metrics(), ...others.filter((text) => text !== null)].join('\n');
    },
  };
  metrics.replace('narrows_build_info', [{ labels: { role, version }, value: 1 }]);
  return metrics;
}

function createInstrument(name: MetricName, registry: Registry): Instrument {
  const { kind, help, labels } = METRICS[name];
  const configuration = { name, help, labelNames: [...labels] as string[], registers: [registry] };
  switch (kind) {
    case 'counter':
      return new Counter(configuration);
    case 'gauge':
      return new Gauge(configuration);
    case 'histogram':
      return new Histogram({ ...configuration, buckets: [...METRICS[name as NameOf<'histogram'>].buckets] });
  }
}
