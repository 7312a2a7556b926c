/** Placeholder of a figure of validation scores before there is any. */
import { Empty } from '../../parts/load-states.tsx';

export const NoScores = () => (
  <Empty>
    <p>No configuration has a validation score yet.</p>
  </Empty>
);
