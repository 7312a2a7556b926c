/**
 * Views for Grafana, autoscalers and notebooks, which only the role `read` needs. A view reads
 * tables with the rights of its owner. Migrations define them; docs/guides/monitoring.md promises
 * their names and columns.
 */
export const VIEWS = [
  'sweep_overview',
  'method_overview',
  'throughput',
  'retraining_overview',
  'trainer_overview',
  'sweep_demand',
  'pack_demand',
] as const;
