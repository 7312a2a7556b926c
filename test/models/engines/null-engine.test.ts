import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { engineContract } from './contract.ts';

engineContract('the null engine', () => createNullEngine({ secondsPerTrial: 0.001 }), {
  deviations: [
    {
      reason: 'it trains nothing: endings are set by its options',
      tests: [
        'ends a trial that diverges or cannot be trained with a report, and trains the others',
        'ends a warm start whose model does not fit with a report',
      ],
    },
  ],
});
