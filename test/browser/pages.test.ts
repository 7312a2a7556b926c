/**
 * The pages in a browser, by one stack and one Chromium. The list of sweeps comes first, as it
 * starts empty; the retrainings, which add versions to the dataset, come after sweeps to compare.
 */
import './sweeps.ts';
import './frame.ts';
import './trial.ts';
import './explorer.ts';
import './retraining.ts';
import './sweep.ts';
